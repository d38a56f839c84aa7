package incident

import (
	"time"
)

// Forwarding is the forwarding rule of a mailbox: a thief's favourite leftover.
type Forwarding struct {
	Known           bool // false: the server did not tell
	Addresses       []string
	DeleteOnForward bool
}

// Mailbox is what the mail server says about one account.
type Mailbox struct {
	Account       string
	Exists        bool
	LocalPassword bool // false: Active Directory holds it, SmarterMail cannot set it
	Admin         bool
	Disabled      bool
	Forwarding    Forwarding
	ReadAt        time.Time
}
