package traffic

import (
	"net/netip"
	"time"
)

// Bounds on what is kept of hostile logs.
const (
	maxAccounts = 50_000    // and as many senders that only the delivery log names
	maxClients  = 2_000     // of one account
	maxSessions = 100_000   // that are logged in
	maxIDs      = 4_000_000 // of messages
	maxPending  = 2_000_000 // deliveries whose messages are still to be found
)

// book joins what the logs say: who logged in to a session with what the session sent, and what was delivered with what
// came in.
type book struct {
	days     int              // of history that are kept
	accounts map[string]*page // by name; "" for logins whose line names nobody
	claims   map[string]*page // what only the delivery log knows, by envelope sender
	hosted   map[string]bool  // the domains of this server
	received map[string]bool  // accounts that mail was delivered to here
	sessions recent[string, session]

	written   recent[uint64, struct{}] // messages that came in, by joint
	delivered recent[uint64, struct{}] // deliveries that were looked at
	pending   []claim                  // deliveries of the day that is being read
	joined    int                      // deliveries whose message came in by SMTP
	strangers int                      // and the others

	hours         map[int64]bool // that the logs cover
	oldest, first time.Time      // line of all, and of the smtpLog
	newest        time.Time
	full          bool // more accounts than are kept
	nameless      int  // log-ins of the smtpLog whose account cannot be read
	detailed      bool // the smtpLog shows what clients say

	remotes remotes

	// wrote hears of each file that a session wrote, and as whom it had logged in, "" where nobody had. nil: nobody listens.
	wrote func(name, account string, at time.Time)
}

// page is what is known of one account.
type page struct {
	hours       counts // messages by hour
	recent      counts // and by second, of the newest hour or so
	clients     map[clientKey]*Client
	messages    int
	first, last time.Time
}

type clientKey struct {
	protocol string
	ip       netip.Addr
}

// session is a connection that is logged in.
type session struct {
	account string // "" where no line names it
	told    bool   // that it has no name is counted
	last    string // the message that was written last
	counted bool   // the message under way is counted
}

// claim is a delivery that is to be joined with its message.
type claim struct {
	id     uint64
	sender string
	at     time.Time
}

func newBook(days int) *book {
	return &book{
		days: days, accounts: map[string]*page{}, claims: map[string]*page{}, hosted: map[string]bool{}, received: map[string]bool{},
		sessions: newRecent[string, session](maxSessions), written: newRecent[uint64, struct{}](maxIDs),
		delivered: newRecent[uint64, struct{}](maxIDs), hours: map[int64]bool{},
		remotes: remotes{greeted: newRecent[string, string](maxSessions)},
	}
}

// hour numbers the hours since 1970, second the seconds.
func hour(t time.Time) int64   { return t.Unix() / 3600 }
func second(t time.Time) int64 { return t.Unix() }

// covers notes that the logs tell of all that was between two lines.
func (b *book) covers(from, to time.Time) {
	for h, n := hour(from), 0; h <= hour(to) && n < 48; h, n = h+1, n+1 {
		b.hours[h] = true
	}
}

// spans keeps the times of the oldest and the newest line.
func (b *book) spans(from, to time.Time) {
	if b.oldest.IsZero() || from.Before(b.oldest) {
		b.oldest = from
	}
	if to.After(b.newest) {
		b.newest = to
	}
}

// page finds an account's page, or begins one; nil when there are too many.
func (b *book) page(pages map[string]*page, name string) *page {
	p := pages[name]
	if p == nil {
		if len(pages) >= maxAccounts {
			b.full = true
			return nil
		}
		p = &page{clients: map[clientKey]*Client{}}
		pages[name] = p
	}
	return p
}

// sent counts a message.
func (p *page) sent(at time.Time, days int) {
	p.messages++
	p.hours = p.hours.add(hour(at), 24*(days+1))
	p.recent = p.recent.add(second(at), 2*3600)
	p.seen(at)
}

func (p *page) seen(at time.Time) {
	if p.first.IsZero() || at.Before(p.first) {
		p.first = at
	}
	if at.After(p.last) {
		p.last = at
	}
}

// client finds an account's client, or begins one; nil when there are too many.
func (p *page) client(protocol string, ip netip.Addr, at time.Time) *Client {
	k := clientKey{protocol, ip}
	c := p.clients[k]
	if c == nil {
		if len(p.clients) >= maxClients {
			return nil
		}
		c = &Client{IP: ip, Protocol: protocol, First: at, Last: at}
		p.clients[k] = c
	}
	if at.Before(c.First) {
		c.First = at
	}
	if at.After(c.Last) {
		c.Last = at
	}
	return c
}

// login notes that an account got in.
func (b *book) login(protocol, account string, ip netip.Addr, at time.Time) {
	p := b.page(b.accounts, account)
	if p == nil {
		return
	}
	if domain := domainOf(account); domain != account {
		b.hosted[domain] = true
	}
	p.seen(at)
	if c := p.client(protocol, ip, at); c != nil {
		c.Logins++
		if at.After(c.LastLogin) {
			c.LastLogin = at
		}
	}
}

// protocolSMTP is how the smtpLog's logins are named.
const protocolSMTP = "SMTP"

// smtp takes in a line of the smtpLog.
func (b *book) smtp(l smtpLine, at func() time.Time) {
	id, wrote := l.written()
	switch {
	case wrote:
		if id != "" {
			b.written.put(joint(id), struct{}{})
			if b.wrote != nil {
				s, _ := b.sessions.get(l.key())
				b.wrote(id, s.account, at())
			}
		}
		b.message(l, id, at)
	case l.quits(), l.greets():
		b.sessions.drop(l.key())
	case l.begins():
		b.detailed = true
		key := l.key()
		if s, ok := b.sessions.get(key); ok && s.counted {
			s.counted = false
			b.sessions.put(key, s)
		}
	default:
		switch account, ok := l.login(); {
		case account != "":
			b.sessions.put(l.key(), session{account: account})
			b.login(protocolSMTP, account, l.ip(), at())
		case ok:
			if s, known := b.sessions.get(l.key()); !known || s.account == "" && !s.told {
				if !l.said() { // behind a 235 its name may still come
					s.told = true
					b.nameless++
				}
				b.sessions.put(l.key(), s)
			}
		}
	}
}

// message counts a message of a session that is logged in, once: builds write one or two lines about it.
func (b *book) message(l smtpLine, id string, at func() time.Time) {
	key := l.key()
	s, ok := b.sessions.get(key)
	if !ok || id != "" && s.last == id || id == "" && s.counted {
		return
	}
	s.last, s.counted = id, true
	if s.account == "" && !s.told {
		s.told = true
		b.nameless++
	}
	b.sessions.put(key, s)
	if s.account == "" {
		return
	}
	if p := b.page(b.accounts, s.account); p != nil {
		t := at()
		p.sent(t, b.days)
		if c := p.client(protocolSMTP, l.ip(), t); c != nil {
			c.Messages++
		}
	}
}

// key names a session: its number is used again one day, so its client belongs to it.
func (l smtpLine) key() string { return string(l.client) + " " + string(l.session) }

// delivery takes in a line of the delivery log.
func (b *book) delivery(l deliveryLine, at func() time.Time) {
	b.remotes.delivery(l)
	if account := l.local(); account != "" {
		if domain := domainOf(account); domain != account && len(b.received) < maxAccounts {
			b.hosted[domain], b.received[account] = true, true
		}
		return
	}
	sender := l.sender()
	if sender == "" {
		return
	}
	id := joint(l.id)
	if _, known := b.delivered.get(id); known {
		return
	}
	b.delivered.put(id, struct{}{})
	if len(b.pending) >= maxPending {
		b.full = true
		return
	}
	b.pending = append(b.pending, claim{id, sender, at()})
}

// settle joins the deliveries with what came in. What did not come by SMTP was written in web mail or on a phone, came
// back, or was forwarded. What went out before the smtpLog begins tells nothing.
func (b *book) settle() {
	for _, c := range b.pending {
		if !b.first.IsZero() && c.at.Before(b.first) {
			continue
		}
		if _, came := b.written.get(c.id); came {
			b.joined++
			continue
		}
		b.strangers++
		if p := b.page(b.claims, c.sender); p != nil {
			p.sent(c.at, b.days)
		}
	}
	b.pending = b.pending[:0]
}

// joins says that deliveries can be told from what came by SMTP. Where next to none finds its message, the two logs do
// not fit together as they should, and counting both would count everything twice.
func (b *book) joins() bool {
	const tenth = 10
	return b.joined == 0 && len(b.written.young)+len(b.written.old) == 0 || b.joined*tenth >= b.joined+b.strangers
}

// administrative takes in a line of the administrative log. Where there is an smtpLog, logins by SMTP stand there, too.
func (b *book) administrative(l administrativeLine, at func() time.Time) {
	if protocol, account, ok := l.login(); ok && (protocol != protocolSMTP || b.first.IsZero()) {
		b.login(protocol, account, l.ip(), at())
	}
}
