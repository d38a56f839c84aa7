package steps

import (
	"net/netip"
	"slices"

	"delist/spool"
	"delist/spool/message"
	"delist/steps/incident"
)

// markOf takes an account to be stolen, with what the spool holds of its thief.
func markOf(snap *spool.Snapshot, account string, why []string) incident.SuspectMarked {
	return incident.SuspectMarked{Account: account, Why: why, IPs: thiefIPs(snap, account), Forged: forgedSenders(snap, account)}
}

// thiefIPs are the client addresses that a suspect's forged mail came from; the owner's own mail does not count.
func thiefIPs(snap *spool.Snapshot, account string) []netip.Addr {
	if snap == nil {
		return nil
	}
	seen := map[netip.Addr]bool{}
	var ips []netip.Addr
	for i := range snap.Len() {
		m := snap.At(i)
		if m.Account == account && forged(m) && m.ClientIP.IsValid() && !seen[m.ClientIP] && len(ips) < maxThiefIPs {
			seen[m.ClientIP] = true
			ips = append(ips, m.ClientIP)
		}
	}
	return ips
}

// maxThiefIPs bounds the addresses kept in the record; a botnet has no end of them.
const maxThiefIPs = 2000

// forgedSenders are the senders that a suspect's mail claimed and that are not the account's own: an answer to one of
// them answers the spam.
func forgedSenders(snap *spool.Snapshot, account string) []string {
	if snap == nil {
		return nil
	}
	seen := map[string]bool{}
	var senders []string
	for i := range snap.Len() {
		m := snap.At(i)
		from := message.Address(m.MailFrom)
		if m.Account == account && forged(m) && from != "" && from != account && !seen[from] && len(senders) < maxForged {
			seen[from] = true
			senders = append(senders, from)
		}
	}
	return senders
}

// maxForged bounds the forged senders kept in the record.
const maxForged = 5000

// noteForged keeps the senders that the spam claimed since it was found, before it is moved: what answers them belongs to
// it, and the spool then no longer tells.
func (r *Runbook) noteForged() error {
	s := r.State()
	known, snap := asSet(s.Incident.Forged), s.Purged()
	fresh := func(senders []string) bool {
		return slices.ContainsFunc(senders, func(sender string) bool { return !known[sender] })
	}
	for _, p := range s.Incident.Suspects {
		if fact := markOf(snap, p.Account, p.Why); fresh(fact.Forged) {
			if err := r.record(fact); err != nil {
				return err
			}
		}
	}
	for _, c := range s.Incident.Causes {
		if f := s.Live.Found.About(c.Name); f != nil && f.Class == c.Class && (fresh(f.Forged) || f.Count > c.Count) {
			c.Count = max(c.Count, f.Count)
			if err := r.record(incident.CauseFound{Cause: c, Forged: f.Forged}); err != nil {
				return err
			}
		}
	}
	return nil
}
