package spool

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// IsNetworkShare reports whether root lies on a network share, and on what ground, in words: other machines may write
// there, too. When it cannot be told, the answer is true, since unknown is not safe.
func IsNetworkShare(root string) (bool, string) {
	path, err := filepath.Abs(root)
	if err != nil {
		return true, "its path cannot be made out: " + err.Error()
	}
	if real, err := filepath.EvalSymlinks(path); err == nil { // a folder may be a link to a share
		path = real
	}
	volume := filepath.VolumeName(path)
	local := strings.HasPrefix(volume, `\\?\`) || strings.HasPrefix(volume, `\\.\`)
	if strings.HasPrefix(strings.ToUpper(volume), `\\?\UNC`) || strings.HasPrefix(volume, `\\`) && !local {
		return true, "it lies on the network share " + volume
	}
	drive, err := windows.UTF16PtrFromString(volume + `\`)
	if err != nil {
		return true, "its drive cannot be asked: " + err.Error()
	}
	switch windows.GetDriveType(drive) {
	case windows.DRIVE_REMOTE:
		return true, "drive " + volume + " is a network share"
	case windows.DRIVE_UNKNOWN, windows.DRIVE_NO_ROOT_DIR:
		return true, "nobody knows what drive " + volume + " is"
	}
	return false, "drive " + volume + " is of this machine"
}
