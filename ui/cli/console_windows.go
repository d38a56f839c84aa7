package cli

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// takesEscapes tries whether this console can be switched to escape codes, and leaves it as it is. Consoles before Windows
// Server 2016, and those of some remote tools, cannot.
func takesEscapes() error {
	console := windows.Handle(os.Stdout.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return fmt.Errorf("its mode cannot be read: %w", err)
	}
	if err := windows.SetConsoleMode(console, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING); err != nil {
		return fmt.Errorf("it does not take escape codes: %w", err)
	}
	return windows.SetConsoleMode(console, mode)
}

// codePage is the console's code page for what is written; 0 where there is none.
func codePage() uint32 {
	page, err := windows.GetConsoleOutputCP()
	if err != nil {
		return 0
	}
	return page
}

// mayAct says in words whether this user may control services and read SmarterMail's files.
func mayAct() (bool, string) {
	if windows.GetCurrentProcessToken().IsElevated() {
		return true, "you are an administrator"
	}
	return false, "you are not an administrator here; start delist by a right click, Run as administrator"
}
