package cli

import (
	"errors"
	"testing"
)

func TestUnseenServices(t *testing.T) {
	for _, c := range []struct {
		err     string
		systemd bool
		want    string
	}{
		{"list the units of this server: systemctl:  (status 1)", false, "systemd does not run here"},
		{"list the units of this server: systemctl: Failed to list unit files (status 1)", false, "systemd does not run here"},
		{"list the units of this server: systemctl:  (status 1)", true, "list the units of this server: systemctl said nothing (status 1)"},
		{"list the units of this server: systemctl: Access denied (status 4)", true, "list the units of this server: systemctl: Access denied (status 4)"},
		{"denied", false, "denied"},
	} {
		if got := unseen(errors.New(c.err), c.systemd); got != c.want {
			t.Errorf("unseen(%q, %v) = %q, want %q", c.err, c.systemd, got, c.want)
		}
	}
}
