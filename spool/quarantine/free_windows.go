package quarantine

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// Room is how many bytes are free for us on the volume that will hold dir, which need not exist yet.
func Room(dir string) (uint64, error) {
	name, err := windows.UTF16PtrFromString(standing(dir))
	if err != nil {
		return 0, &fs.PathError{Op: "ask for the room at", Path: dir, Err: err}
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, &fs.PathError{Op: "ask for the room at", Path: dir, Err: err}
	}
	return free, nil
}
