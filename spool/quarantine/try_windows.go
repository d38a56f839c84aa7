package quarantine

import (
	"errors"

	"golang.org/x/sys/windows"
)

// mayMove opens the folder with the rights that a rename out of it and back needs. Its own DELETE stands for that of its
// files, which inherit; no file is opened, which would stand in SmarterMail's way.
func mayMove(dir string) error {
	p, err := windows.UTF16PtrFromString(long(dir))
	if err != nil {
		return err
	}
	const (
		addFile = 0x2 // FILE_ADD_FILE
		all     = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	)
	h, err := windows.CreateFile(p, windows.FILE_LIST_DIRECTORY|addFile|windows.DELETE, all, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		return nil // rights are looked at first: they are there, and somebody has the folder open
	}
	if err != nil {
		return err
	}
	return windows.CloseHandle(h)
}
