package spool

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
)

// Client is what one client address has waiting in the spool.
type Client struct {
	Bulk
	IP      netip.Addr
	Query   string // selects its mail
	Why     []string
	Suspect bool
}

// severalAccounts is how many accounts one client address has to log in as to be odd: an office shares an address, a
// thief with a list of passwords uses many.
const severalAccounts = 5

// Clients returns the client addresses with the most mail, the fullest first, at most 500. Web mail has none.
func (s *Snapshot) Clients() []Client {
	queued := map[netip.Addr]int{}
	for i := range s.Len() {
		if m := s.At(i); m.ClientIP.IsValid() && !m.Bounce {
			queued[m.ClientIP]++
		}
	}
	fullest := make([]netip.Addr, 0, len(queued))
	for ip := range queued {
		fullest = append(fullest, ip)
	}
	slices.SortFunc(fullest, func(a, b netip.Addr) int { return cmp.Or(cmp.Compare(queued[b], queued[a]), a.Compare(b)) })
	fullest = fullest[:min(len(fullest), maxRows)]
	rows := make(map[netip.Addr]*bulkTally, len(fullest))
	for _, ip := range fullest {
		rows[ip] = newBulkTally(s.TakenAt())
	}
	forged, known := map[netip.Addr]int{}, claims{}
	for i := range s.Len() {
		m := s.At(i)
		row := rows[m.ClientIP]
		if row == nil || m.Bounce {
			continue
		}
		row.add(&m)
		if known.foreign(claim{m.Account, m.MailFrom, m.From}) {
			forged[m.ClientIP]++
		}
	}
	out := make([]Client, len(fullest))
	waiting := s.Waiting()
	for i, ip := range fullest {
		out[i] = Client{Bulk: rows[ip].finish(waiting), IP: ip, Query: term{field: fieldIP, value: ip.String()}.String()}
		out[i].judge(forged[ip])
	}
	return out
}

// judge looks for the signs of a thief's machine.
func (c *Client) judge(forged int) {
	if forged > 0 && float64(forged) >= forgedShare*float64(c.Queued) {
		c.Why = append(c.Why, fmt.Sprintf("%s of its messages claim senders that are not the account's own", number(forged)))
	}
	if c.AccountCount >= severalAccounts {
		c.Why = append(c.Why, fmt.Sprintf("it sends under %s names", number(c.AccountCount)))
	}
	if c.Recipients >= manyRecipients && c.Recipients >= perMessage*c.Queued {
		c.Why = append(c.Why, fmt.Sprintf("its mail goes to %s recipients", number(c.Recipients)))
	}
	c.Suspect = forged >= 3 && len(c.Why) > 0 && float64(forged) >= forgedShare*float64(c.Queued)
}
