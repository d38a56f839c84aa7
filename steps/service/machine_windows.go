package service

import "golang.org/x/sys/windows"

func thisMachine() machine {
	return machine{windows: true, drives: fixedDrives(), disk: localDisk{}}
}

// fixedDrives lists the letters of the disks in this machine. Network drives and media are left out: a search must not
// hang on them.
func fixedDrives() []string {
	mask, err := windows.GetLogicalDrives()
	if err != nil {
		return []string{"C:"}
	}
	var drives []string
	for i := range 26 {
		if mask&(1<<i) == 0 {
			continue
		}
		drive := string(rune('A'+i)) + ":"
		root, err := windows.UTF16PtrFromString(drive + `\`)
		if err == nil && windows.GetDriveType(root) == windows.DRIVE_FIXED {
			drives = append(drives, drive)
		}
	}
	return drives
}
