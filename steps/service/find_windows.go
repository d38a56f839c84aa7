package service

import (
	"context"
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

// Find returns the services of this machine whose program is SmarterMail's MailService.exe.
func Find(ctx context.Context) ([]Found, error) {
	var all []string
	err := withManager(windows.SC_MANAGER_CONNECT|windows.SC_MANAGER_ENUMERATE_SERVICE, func(m *mgr.Mgr) (err error) {
		all, err = m.ListServices()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the services of this server: %w", err)
	}
	var found []Found
	for _, name := range all {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		c, err := queryConfig(name)
		if err != nil {
			continue // some services of Windows itself may not be read by anybody
		}
		image := imagePath(c.image)
		if folder, ok := smarterMailFolder(image); ok {
			found = append(found, Found{Name: name, Image: image, Folder: folder,
				Ground: fmt.Sprintf("the Windows service %s runs %s", name, image)})
		}
	}
	return found, nil
}
