// Package outbound looks which programs of this machine speak to mail servers elsewhere. A mail server's own program does.
// Another that does may send spam that never passes the mail server: then its spool and its logs are quiet, and its
// address is listed all the same.
//
// A look sees what is open at that moment, on this machine only. What it could not see it says.
package outbound
