package traffic

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
)

// Report is what the logs say at one moment. It does not change any more.
type Report struct {
	At       time.Time // when it was made
	From     time.Time // of the oldest line that was read; zero when none was
	Newest   time.Time // and of the newest
	Hours    int       // clock hours of history that the logs cover: all but the last day's
	Accounts []Account // who sent most in the last hour first, then in the busiest hour of the last day
	Unread   []string  // what could not be read or not be understood, a sentence each. Not Printable

	Files []FileCount // how many lines of each file are understood

	Remotes       map[string]int // the newest deliveries, at most 500, by the host that took them, as it named itself
	RemoteDomains int            // of their recipients

	byName map[string]int
	gaps   []gap

	detailed bool // see book
	nameless bool // no file of the folder is named as SMTP logs are
}

// FileCount is how much of a file is understood.
type FileCount struct {
	Name              string
	Lines, Understood int // lines that go on with the one before are not counted
}

// Account is the traffic of one account.
type Account struct {
	Name       string // in lower case; "" for logins whose line names nobody. Not Printable
	Messages   int    // sent, in all that was read
	ByDelivery int    // of those: told by the delivery log alone, by the sender that they claim, so web mail and phones
	LastHour   int    // sent in the 60 minutes before the report
	Busiest    int    // sent in the clock hour with the most, within the last day
	BusiestAt  time.Time
	Usual      float64 // messages an hour, see Report.Judge; means nothing without History
	History    bool    // the logs reach far enough back to say what is usual
	First      time.Time
	Last       time.Time
	Clients    []Client // who sent or logged in last first; at most 2,000

	Why     []string // what is odd about its mail of the last day, a sentence each
	Suspect bool     // it looks stolen

	recent counts
}

// Client is one address that an account sent or logged in from, by one protocol.
type Client struct {
	IP        netip.Addr // invalid where the log has none
	Protocol  string     // as the log has it: SMTP, IMAP, Webmail. Not Printable
	Logins    int
	Messages  int
	First     time.Time
	Last      time.Time
	LastLogin time.Time // zero when it only sent
}

// report sums up the book.
func (b *book) report(now time.Time, gaps []gap) *Report {
	r := &Report{At: now, From: b.oldest, Newest: b.newest, Unread: unread(gaps), byName: map[string]int{}, gaps: gaps, detailed: b.detailed}
	to := hour(now) - aDay
	from := to - int64(b.days*24) + aDay
	for h := range b.hours {
		if h < from-2*aDay {
			delete(b.hours, h)
		} else if h >= from && h < to {
			r.Hours++
		}
	}
	r.Remotes, r.RemoteDomains = b.remotes.counted()
	pages := maps.Clone(b.accounts)
	claimed := map[string]int{}
	if b.joins() {
		for name, claim := range b.claims {
			if domain := domainOf(name); domain == name || !b.hosted[domain] {
				continue
			}
			pages[name], claimed[name] = pages[name].plus(claim), claim.messages
		}
	}
	alias := b.aliases(pages)
	for short, full := range alias {
		pages[full] = pages[full].plus(pages[short])
		delete(pages, short)
	}
	for name, p := range pages {
		a := p.account(now, from, to)
		a.Name, a.ByDelivery, a.History = name, claimed[name], r.Hours >= minHistory
		a.suspect(now)
		r.Accounts = append(r.Accounts, a)
	}
	slices.SortFunc(r.Accounts, func(a, b Account) int {
		return cmp.Or(cmp.Compare(b.LastHour, a.LastHour), cmp.Compare(b.Busiest, a.Busiest), cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Name, b.Name))
	})
	for i, a := range r.Accounts {
		r.byName[a.Name] = i
	}
	for short, full := range alias {
		r.byName[short] = r.byName[full]
	}
	if b.full {
		r.Unread = append(r.Unread, "the logs name more accounts than are kept")
	}
	if b.nameless > 0 {
		r.Unread = append(r.Unread, fmt.Sprintf("SMTP log-ins whose account cannot be read: %s; what they sent is not known", humanize.Comma(int64(b.nameless))))
	}
	return r
}

// account sums up a page; history is from..to, in hours.
func (p *page) account(now time.Time, from, to int64) Account {
	a := Account{Messages: p.messages, First: p.first, Last: p.last, Usual: p.hours.between(from, to).median()}
	a.recent = slices.Clone(p.recent.between(second(now)-3600+1, second(now)+clockSlack))
	a.LastHour = a.recent.sum()
	if top := p.hours.between(to, hour(now)+1).largest(); top.n > 0 {
		a.Busiest, a.BusiestAt = top.n, time.Unix(top.slot*3600, 0).In(now.Location())
	}
	for _, c := range p.clients {
		a.Clients = append(a.Clients, *c)
	}
	slices.SortFunc(a.Clients, func(x, y Client) int {
		return cmp.Or(y.Last.Compare(x.Last), x.IP.Compare(y.IP), cmp.Compare(x.Protocol, y.Protocol))
	})
	return a
}

// clockSlack is how far ahead of the report a line may be, in seconds: the two were not written at one instant.
const clockSlack = 60

// Account finds an account by name, nil when the logs do not know it. The case of letters does not matter.
func (r *Report) Account(name string) *Account {
	if r == nil {
		return nil
	}
	if i, ok := r.byName[accountName([]byte(name))]; ok && name != "" {
		return &r.Accounts[i]
	}
	return nil
}

// Login is somebody who got in.
type Login struct {
	Account  string // "" where the log does not name it
	Protocol string
	IP       netip.Addr
	At       time.Time
}

// Logins are the logins after a time from certain addresses, the newest of each account, protocol and address; the
// oldest of them first.
func (r *Report) Logins(after time.Time, from []netip.Addr) []Login {
	if r == nil || len(from) == 0 {
		return nil
	}
	of := make(map[netip.Addr]bool, len(from))
	for _, ip := range from {
		of[ip.Unmap()] = ip.IsValid()
	}
	var found []Login
	for _, a := range r.Accounts {
		for _, c := range a.Clients {
			if c.LastLogin.After(after) && of[c.IP] {
				found = append(found, Login{a.Name, c.Protocol, c.IP, c.LastLogin})
			}
		}
	}
	slices.SortFunc(found, func(a, b Login) int { return a.At.Compare(b.At) })
	return found
}
