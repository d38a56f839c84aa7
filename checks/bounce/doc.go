// Package bounce reads what a bounce says: who refused the mail, on which
// grounds, and what to do about it. It takes a whole delivery report (RFC 3464
// or not), the text of one, a log line, or a bare SMTP reply.
package bounce
