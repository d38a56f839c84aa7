// Package drill is the practice server: an incident made of real parts, so that the whole runbook can be walked through
// the same code as on a bad day. A spool with a stolen account's spam, a mail service in a process of its own
// (drill/smartermail), a DNS server on loopback that plays the blocklists, and a bounce to read.
//
// What the operator does has its consequences: started again with the stolen password, the service takes in spam again
// within ten seconds; a list that was asked for removal lets go a little later; and new spam puts the address back.
package drill
