package quarantine

import "golang.org/x/sys/windows"

// Free is how many bytes are free for us on the volume that will hold dir, which need not exist yet; 0 when not known.
func Free(dir string) uint64 {
	name, err := windows.UTF16PtrFromString(standing(dir))
	if err != nil {
		return 0
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0
	}
	return free
}
