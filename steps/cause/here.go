package cause

import (
	"delist/checks/traffic"
	"delist/spool"
)

// Here are the domains whose mailboxes are on this server: an account has logged in from them.
func Here(snap *spool.Snapshot, logs *traffic.Report) map[string]bool {
	here := map[string]bool{}
	for _, row := range snap.Senders() {
		if row.Basis.Proven() {
			here[domainOf(row.Account)] = true
		}
	}
	if logs != nil {
		for i := range logs.Accounts {
			here[domainOf(logs.Accounts[i].Name)] = true
		}
	}
	delete(here, "")
	return here
}
