package spool

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"
)

// Bulk is mail that is counted together: of one campaign, or from one client address. Its strings are not Printable.
type Bulk struct {
	Queued     int
	Bytes      int64
	Unread     int     // of those queued, of a layout that is not understood
	Recipients int     // of all its messages together, as far as they are known
	Share      float64 // of all that waits, read or not, 0 to 1

	Accounts      []string // those that it was sent as, sorted; at most MaxNames
	AccountCount  int
	MailFroms     []string // envelope senders, sorted; at most MaxNames
	MailFromCount int
	IPs           []netip.Addr // distinct clients, sorted; at most MaxIPs
	IPCount       int

	FirstSeen, LastSeen time.Time // creation of its oldest and its newest message
	NewestSubject       string
	Arrivals            Chart
}

const (
	// MaxNames bounds the accounts and the envelope senders that a Bulk lists.
	MaxNames = 100

	// maxDistinct bounds what is told apart in one Bulk: what is more counts as so many.
	maxDistinct = 10_000
)

// bulkTally counts one Bulk.
type bulkTally struct {
	bulk            Bulk
	accounts, froms map[string]struct{}
	ips             map[netip.Addr]struct{}
	end             time.Time // of the chart
}

func newBulkTally(end time.Time) *bulkTally {
	return &bulkTally{accounts: map[string]struct{}{}, froms: map[string]struct{}{}, ips: map[netip.Addr]struct{}{}, end: end}
}

// add counts one message. It reports whether that is the newest so far.
func (t *bulkTally) add(m *Message) bool {
	b := &t.bulk
	b.Queued++
	b.Bytes += m.Size
	if m.Layout == LayoutUnknown { // its addresses have no roles
		b.Unread++
	} else {
		b.Recipients += m.RecipientCount
	}
	if m.Account != "" {
		note(t.accounts, m.Account)
	}
	if m.MailFrom != "" {
		note(t.froms, m.MailFrom)
	}
	if m.ClientIP.IsValid() {
		note(t.ips, m.ClientIP)
	}
	b.Arrivals.add(m.Created, t.end)
	if b.FirstSeen.IsZero() || m.Created.Before(b.FirstSeen) {
		b.FirstSeen = m.Created
	}
	if m.Created.Before(b.LastSeen) {
		return false
	}
	b.LastSeen, b.NewestSubject = m.Created, m.Subject
	return true
}

func note[K comparable](set map[K]struct{}, key K) {
	if len(set) < maxDistinct {
		set[key] = struct{}{}
	}
}

// finish fills in what is known only at the end.
func (t *bulkTally) finish(waiting int) Bulk {
	b := t.bulk
	b.AccountCount, b.MailFromCount, b.IPCount = len(t.accounts), len(t.froms), len(t.ips)
	b.Accounts, b.MailFroms = firstNames(t.accounts), firstNames(t.froms)
	for ip := range t.ips {
		b.IPs = append(b.IPs, ip)
	}
	slices.SortFunc(b.IPs, netip.Addr.Compare)
	b.IPs = b.IPs[:min(len(b.IPs), MaxIPs)]
	b.Share = share(b.Queued, waiting)
	return b
}

func share(n, waiting int) float64 { return float64(n) / float64(max(waiting, 1)) }

// Percent is a share in words: "85 %". Only all of it is 100 %.
func Percent(share float64) string {
	percent := math.Round(100 * share)
	if share < 1 {
		percent = min(percent, 99)
	}
	return fmt.Sprintf("%.0f %%", percent)
}

func firstNames(set map[string]struct{}) []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Clone(names[:min(len(names), MaxNames)])
}
