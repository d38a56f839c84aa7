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
	mark := incident.SuspectMarked{Account: account, Why: why}
	if snap == nil {
		return mark
	}
	t := newTold(account)
	for i := range snap.Len() {
		t.add(snap.At(i))
	}
	mark.IPs, mark.Forged = t.IPs, t.Forged
	return mark
}

// claimed is what some messages of these accounts tell of thieves.
func claimed(snap *spool.Snapshot, ids []spool.ID, accounts []string) []incident.Claim {
	of := map[string]*told{}
	for _, account := range accounts {
		of[account] = newTold(account)
	}
	for _, id := range ids {
		if m, ok := snap.Find(id); ok && of[m.Account] != nil {
			of[m.Account].add(m)
		}
	}
	var claims []incident.Claim
	for _, account := range accounts {
		if t := of[account]; len(t.IPs)+len(t.Forged) > 0 {
			claims = append(claims, t.Claim)
		}
	}
	return claims
}

// told collects what the forged mail of an account tells of a thief: the client addresses that it came from, and the
// senders that it claimed, since an answer to one of them answers the spam. The owner's own mail does not count.
type told struct {
	incident.Claim
	ips     map[netip.Addr]bool
	senders map[string]bool
}

func newTold(account string) *told {
	return &told{Claim: incident.Claim{Account: account}, ips: map[netip.Addr]bool{}, senders: map[string]bool{}}
}

func (t *told) add(m spool.Message) {
	if m.Account != t.Account || !forged(m) {
		return
	}
	if ip := m.ClientIP; ip.IsValid() && !t.ips[ip] && len(t.IPs) < maxThiefIPs {
		t.ips[ip] = true
		t.IPs = append(t.IPs, ip)
	}
	if from := message.Address(m.MailFrom); from != "" && from != t.Account && !t.senders[from] && len(t.Forged) < maxForged {
		t.senders[from] = true
		t.Forged = append(t.Forged, from)
	}
}

// maxThiefIPs bounds the addresses kept in the record; a botnet has no end of them.
const maxThiefIPs = 2000

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
