package cli

import "runtime"

// examplesOf are the examples that the help of a command shows; each is a command line that works, and a word of what for.
func examplesOf(command string) string {
	switch command {
	case "delist":
		return `  delist                                the wizard on this server
  delist --service by-hand              you stop and start mail yourself
  delist --read-only                    only look, and write a report for those who may do more
  delist drill                          practise first`
	case "drill":
		return `  delist drill                          practise on a server made for it
  delist drill --auto                   watch it play through by itself
  delist drill --scenario direct        the spam passes SmarterMail by: find what sends it
  delist drill --keep ` + folder("practice", `C:\practice`) + `          keep it, and go on with it later by the same command`
	case "check":
		return `  delist check 203.0.113.25             an address
  delist check 203.0.113.0/28 --json    a network, for another program
  delist check example.com              a domain: its lists, SPF, DMARC and MX`
	case "watch":
		return `  delist watch 203.0.113.25             until all lists are clear
  delist watch 203.0.113.25 --guard     go on then, and report new listings`
	case "bounce":
		return `  delist bounce returned.eml            a saved bounce
  delist bounce -                       paste one, or one line of it`
	case "senders":
		return `  delist senders                        by account
  delist senders --by campaign          mail that is alike
  delist senders --logs ` + folder("/var/log/smartermail", `C:\SmarterMail\Logs`)
	case "logs":
		return `  delist logs sales@example.com         the newest conversations of an account
  delist logs 198.51.100.7              of a client address
  delist logs message:67518204          of a message in the spool, with its delivery
  delist logs account:sales@example.com client:198.51.100.7 --json`
	case "search":
		return `  delist search account:sales@example.com
  delist search -- account:sales@example.com -to:example.net    -- lets a word begin with -
  delist search class:bounce --files`
	case "quarantine":
		return `  delist quarantine account:sales@example.com --dry-run     show what would be moved
  delist quarantine account:sales@example.com
  delist quarantine --delete 7F3A       delete for good what incident 7F3A has moved`
	case "restore":
		return `  delist restore 7F3A to:anna@example.net
  delist restore 7F3A --all`
	case "report":
		return `  delist report --list
  delist report 7F3A
  delist report 7F3A --format csv`
	case "doctor":
		return `  delist doctor
  delist doctor --spool ` + folder("/var/lib/smartermail/Spool", `D:\SmarterMail\Spool`)
	}
	return ""
}

// folder is an example of one that could be on this system.
func folder(unix, windows string) string {
	if runtime.GOOS == "windows" {
		return windows
	}
	return unix
}
