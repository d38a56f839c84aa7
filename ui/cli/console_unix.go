//go:build unix

package cli

import "os"

// wideLines says that this console draws lines two cells wide; only Windows code pages do.
func wideLines() bool { return false }

// mayAct says in words whether this user may control services and read SmarterMail's files.
func mayAct() (bool, string) {
	if os.Geteuid() == 0 {
		return true, "you are root"
	}
	return false, "you are not root; start delist with sudo to stop services and to read the spool"
}
