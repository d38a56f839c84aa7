package spool

// User is another program that has a message file of the spool open.
type User struct {
	PID     int
	Program string // its name; printable only through message.Printable
	Files   int    // message files of this spool that it has open
}
