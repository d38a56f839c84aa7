// Package cli puts delist together and is its command line: flags and configuration, what is found on this server, the
// wiring of the runbook's hands, one file a command, and the exit statuses.
//
// The rules of its output: the answer goes to standard output, everything else to standard error; with --json standard
// output holds JSON alone; a failure is one sentence that ends with a next step, never a stack trace; questions default
// to no; text from mail, DNS, logs or an API is made printable before it is shown.
package cli
