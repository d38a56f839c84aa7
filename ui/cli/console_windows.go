package cli

import "golang.org/x/sys/windows"

// wideLines says that this console draws lines two cells wide: its code page is Japanese, Chinese or Korean.
func wideLines() bool {
	page, err := windows.GetConsoleOutputCP()
	if err != nil {
		return false
	}
	switch page {
	case 932, 936, 949, 950:
		return true
	}
	return false
}

// mayAct says in words whether this user may control services and read SmarterMail's files.
func mayAct() (bool, string) {
	if windows.GetCurrentProcessToken().IsElevated() {
		return true, "you are an administrator"
	}
	return false, "you are not an administrator here; start delist by a right click, Run as administrator"
}
