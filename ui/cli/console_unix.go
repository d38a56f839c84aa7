//go:build unix

package cli

import "os"

// takesEscapes is not asked here: a terminal that does not take escape codes says so by TERM.
func takesEscapes() error { return nil }

// codePage is 0: only Windows has them.
func codePage() uint32 { return 0 }

// mayAct says in words whether this user may control services and read SmarterMail's files.
func mayAct() (bool, string) {
	if os.Geteuid() == 0 {
		return true, "you are root"
	}
	return false, "you are not root; start delist with sudo to stop services and to read the spool"
}
