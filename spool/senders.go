package spool

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/spool/message"
)

// Sender is one row of the table that finds the culprit: what one account has waiting in the spool. Its strings are not
// Printable, save those of Why.
type Sender struct {
	Account string // "" for bounces, and for messages that name nobody
	Basis   Basis  // the best ground on which any of its messages names it
	Bounces bool   // the row of all bounces: null sender, no login

	Queued           int
	Unread           int `json:",omitempty"` // of those queued, of a layout that is not understood
	Bytes            int64
	Recipients       int          // of all its messages together, as far as they are known
	IPs              []netip.Addr // distinct clients, sorted; at most MaxIPs
	IPCount          int          // distinct clients, the true number
	MailFroms        int          // distinct envelope senders and From addresses that are not the account
	FirstSeen        time.Time    // creation of its oldest message
	LastSeen         time.Time    // and of its newest
	NewestSubject    string
	Share            float64 // of all that waits, read or not, 0 to 1
	ReturnedBounces  int     // bounces in the spool that are addressed to the account
	Arrivals         Chart   // of its waiting mail
	Why              []string
	Suspect          bool
	foreign          int    // messages whose envelope sender or From is of another domain than the account
	noLogin          int    // messages that nobody logged in to send, by an envelope that could tell
	exampleOfForeign string // one such address
}

// MaxIPs bounds the addresses that a Sender lists.
const MaxIPs = 1000

// Senders returns a row for each account, one for all bounces and one for what names nobody, the fullest first.
func (s *Snapshot) Senders() []Sender {
	rows := map[senderKey]*tally{}
	returned := map[string]int{}
	for r := range s.entries() {
		key := senderKey{r.account, r.bounce, r.basis == BasisAmbiguous}
		t := rows[key]
		if t == nil {
			t = &tally{ips: map[ref]struct{}{}, froms: map[string]struct{}{}, claims: map[[2]ref]bool{}, newest: noTime}
			t.row = Sender{Account: r.texts.at(r.account), Basis: r.basis, Bounces: r.bounce}
			rows[key] = t
		}
		t.add(r)
		t.row.Arrivals.add(fromNanos(r.created), s.takenAt)
		if r.bounce {
			for to := range strings.SplitSeq(r.texts.at(r.recipients), "\n") {
				returned[message.Address(to)]++
			}
		}
	}
	out := make([]Sender, 0, len(rows))
	waiting, tells := s.Waiting(), false
	for _, t := range rows {
		tells = tells || t.row.Basis.Proven()
	}
	for _, t := range rows {
		row := t.finish(s.texts, waiting)
		if !tells { // no envelope here names a login: that one does not says nothing
			row.noLogin = 0
		}
		if row.Account != "" {
			row.ReturnedBounces = returned[row.Account]
		}
		row.judge()
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b Sender) int {
		return cmp.Or(cmp.Compare(b.Queued, a.Queued), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Basis, b.Basis))
	})
	return out
}

type senderKey struct {
	account           ref
	bounce, ambiguous bool
}

// tally counts one row.
type tally struct {
	row    Sender
	ips    map[ref]struct{}
	froms  map[string]struct{} // addresses that are not the account
	claims map[[2]ref]bool     // whether a pair of MAIL FROM and From is of a foreign domain: few pairs, many messages
	newest int64
}

func (t *tally) add(r entry) {
	row := &t.row
	row.Queued++
	row.Bytes += r.emlSize
	if r.layout == LayoutUnknown {
		row.Unread++
	} else {
		row.Recipients += int(r.recipientCount)
	}
	if noLogin(r.basis, r.layout) {
		row.noLogin++
	}
	if better(r.basis, row.Basis) {
		row.Basis = r.basis
	}
	if r.ip != 0 {
		t.ips[r.ip] = struct{}{}
	}
	created := fromNanos(r.created)
	if row.FirstSeen.IsZero() || created.Before(row.FirstSeen) {
		row.FirstSeen = created
	}
	if r.created >= t.newest {
		t.newest, row.LastSeen, row.NewestSubject = r.created, created, r.texts.at(r.subject)
	}
	if row.Account != "" && t.claimsForeign(r) {
		row.foreign++
	}
}

func better(a, b Basis) bool { return a != BasisNone && a < b }

// claimsForeign notes the addresses that a message claims to be from, and reports whether one is of another domain than
// the account.
func (t *tally) claimsForeign(r entry) bool {
	key := [2]ref{r.mailFrom, r.from}
	if foreign, known := t.claims[key]; known {
		return foreign
	}
	foreign := false
	for _, text := range []string{r.texts.at(r.mailFrom), r.texts.at(r.from)} {
		address := message.Address(text)
		if address == "" || address == t.row.Account {
			continue
		}
		t.froms[address] = struct{}{}
		if !message.Akin(domain(address), domain(t.row.Account)) {
			foreign = true
			t.row.exampleOfForeign = cmp.Or(t.row.exampleOfForeign, address)
		}
	}
	t.claims[key] = foreign
	return foreign
}

func (t *tally) finish(in texts, waiting int) Sender {
	row := t.row
	row.MailFroms = len(t.froms)
	row.IPCount = len(t.ips)
	for ip := range t.ips {
		row.IPs = append(row.IPs, entry{record: &record{ip: ip}, texts: in}.clientIP())
	}
	slices.SortFunc(row.IPs, netip.Addr.Compare)
	row.IPs = row.IPs[:min(len(row.IPs), MaxIPs)]
	row.Share = share(row.Queued, waiting)
	return row
}

// domain returns what follows the last "@" of an address.
func domain(address string) string {
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return ""
}
