package cli

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

// systemdRuns says whether systemd manages this system, the way sd_booted(3) does; other systems have no say.
func systemdRuns() bool {
	_, err := os.Lstat("/run/systemd/system")
	return runtime.GOOS != "linux" || !errors.Is(err, fs.ErrNotExist)
}

// unseen says in words why the services could not be looked at. A systemctl that has no systemd to ask, as in a
// container, ends with a status and often without a word.
func unseen(err error, systemd bool) string {
	text := sentence(err)
	if !systemd && strings.Contains(text, "systemctl") {
		return "systemd does not run here"
	}
	return strings.Replace(text, "systemctl:  (", "systemctl said nothing (", 1)
}
