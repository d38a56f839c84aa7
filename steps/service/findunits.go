package service

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"delist/spool/message"
)

// findUnits returns the units whose name begins with smartermail. The vendor documents `service smartermail stop`; that
// a systemd unit of this name stands behind it is inferred.
func findUnits(ctx context.Context, call systemctl) ([]Found, error) {
	out, err := call(ctx, "list-unit-files", "--no-pager", "--no-legend", "--plain", "--type=service", "smartermail*")
	var e *systemctlError
	if errors.Is(err, ErrNoManager) || errors.As(err, &e) && e.unmanaged() {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the units of this server: %w", err)
	}
	var found []Found
	for line := range strings.Lines(out) {
		unit, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, ok := strings.CutSuffix(unit, ".service")
		if !ok || checkName(name) != nil || strings.HasSuffix(name, "@") {
			continue // a template (name@) is no service before it gets an instance
		}
		f := Found{Name: name, Ground: fmt.Sprintf("systemd has a unit %s", unit)}
		if out, err := call(ctx, "show", "--no-pager", "--property=ExecStart,WorkingDirectory", "--", unit); err == nil {
			p := properties(out)
			f.Image = execPath(p["ExecStart"])
			f.Folder = unitFolder(p["WorkingDirectory"], f.Image)
		}
		if f.Image != "" {
			f.Ground += " that runs " + f.Image
		}
		found = append(found, f)
	}
	// the plain name first, whatever stands beside it
	slices.SortStableFunc(found, func(a, b Found) int { return len(a.Name) - len(b.Name) })
	return found, nil
}

// execPath reads the program from ExecStart as `systemctl show` prints it: { path=/opt/x/y ; argv[]=... }.
func execPath(execStart string) string {
	_, rest, ok := strings.Cut(execStart, "path=")
	if !ok {
		return ""
	}
	program, _, _ := strings.Cut(rest, " ;")
	return message.Printable(program)
}

// unitFolder is where the unit works, or else where its program lies. systemd marks a folder that may be missing by "-"
// or "!".
func unitFolder(workingDirectory, image string) string {
	if dir := strings.TrimLeft(workingDirectory, "-!"); path.IsAbs(dir) && dir != "/" {
		return message.Printable(path.Clean(dir))
	}
	if image == "" {
		return ""
	}
	return path.Dir(image)
}
