// Command delist leads through the hour after a stolen mailbox sent spam through a SmarterMail server, and gets the
// server off the blocklists.
package main

import (
	"os"

	"delist/ui/cli"
)

func main() { os.Exit(cli.Main(cli.System())) }
