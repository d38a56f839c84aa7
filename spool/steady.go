package spool

import (
	"cmp"
	"maps"
	"slices"

	"delist/spool/message"
)

// A client that relays without a log-in for everybody relays for whom it is meant for, too: a machine that sends orders as
// one mailbox, say, from the same address. Spam claims another sender with nearly each message. A sender that many more
// messages claim than others, and whose mail is like that of no other, may be an honest one.
const (
	manySenders  = 10 // from how many on there is something to compare with
	steadySender = 5  // how many messages one has at least, and how many times as many as the middle one of all
)

// asksNoLogin says that a query is for mail that nobody logged in to send.
func (q Query) asksNoLogin() bool {
	return slices.ContainsFunc(q.terms, func(t term) bool { return t.field == fieldClass && t.value == classNoLogin && !t.negate })
}

// sender is who a message without a log-in says that it is from.
func sender(m *Message) string {
	return cmp.Or(message.Address(m.MailFrom), message.Address(m.From))
}

// steadySenders are those among the hits.
func (r *Results) steadySenders(snap *Snapshot) map[string]bool {
	sent, campaigns, shared := map[string]int{}, map[string]string{}, map[string]bool{}
	for i := range r.Hits {
		m, ok := snap.Find(r.Hits[i].ID)
		if !ok || r.Hits[i].Bounce {
			continue
		}
		from, campaign := sender(&m), CampaignName(&m)
		sent[from]++
		if first, known := campaigns[campaign]; !known {
			campaigns[campaign] = from
		} else if first != from {
			shared[first], shared[from] = true, true
		}
	}
	if len(sent) < manySenders {
		return nil
	}
	counts := make([]int, 0, len(sent))
	for _, n := range sent {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	least := steadySender * counts[len(counts)/2]
	steady := map[string]bool{}
	for from, n := range sent {
		if n >= least && !shared[from] {
			steady[from] = true
		}
	}
	return steady
}

// SteadySenders names the steady senders of the hits, in order.
func (r *Results) SteadySenders() []string {
	if r == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(r.Steady))
}

// SpareSteady makes the hits doubtful that steady senders sent without a log-in, those of an earlier search too: once the
// spam is in quarantine there is nothing left to tell them from. Those that are spared already are left alone.
func (r *Results) SpareSteady(snap *Snapshot, earlier map[string]bool) {
	if len(earlier) == 0 || !r.Query.asksNoLogin() {
		return
	}
	spared := maps.Clone(r.Steady)
	for i := range r.Hits {
		h := &r.Hits[i]
		m, ok := snap.Find(h.ID)
		if from := sender(&m); ok && !h.Bounce && earlier[from] && spared[from] == 0 {
			h.Doubtful = true
			if r.Steady == nil {
				r.Steady = map[string]int{}
			}
			r.Steady[from]++
		}
	}
	r.counts.known = false
	r.counts = r.counted()
}
