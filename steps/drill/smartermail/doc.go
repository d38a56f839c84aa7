// Package smartermail stands in for a SmarterMail server in a practice drill: it lays out a spool, its logs and its
// accounts as current builds (100.0.NNNN) do, and runs the mail service that works on them.
//
// It imports nothing else of this module, so that the drill puts delist's own readers to a real test.
// Everything it makes up follows a seed; its addresses and names are the ones reserved for documentation
// (RFC 5737, RFC 2606).
package smartermail
