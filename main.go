// Command delist leads through the hour after a stolen mailbox sent spam through a SmarterMail server, and gets the
// server off the blocklists.
package main

import (
	"os"
	"runtime/debug"

	"delist/ui/cli"
)

func main() {
	debug.SetGCPercent(25) // a spool in memory is large and has few pointers: collecting often is cheap, room to spare is not
	os.Exit(cli.Main(cli.System()))
}
