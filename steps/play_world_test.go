package steps_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/checks/outbound"
	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/service"
)

// setup is a server as an incident finds it. It is drawn at random, and small, so that a run takes some milliseconds.
type setup struct {
	Control  steps.Control
	API      bool // mailboxes are changed by API, else by hand
	Logs     logsKind
	Thieves  int // accounts that are stolen at the start, at most 2
	Spam     int // waiting of each
	Good     int // ordinary mail that waits
	Nobody   int // mail without an account
	Bounces  int // of ours, to senders that the spam forged
	Forwards bool
	Relayed  int // mail that waits of a client that nobody logged in at; whether it is spam the operator says
}

// relayIP is the client that relays.
const relayIP = "10.20.0.7"

// logsKind is what there is of logs.
type logsKind int

const (
	noLogs    logsKind = iota
	fullLogs           // of all that is received
	quietLogs          // of logins at best
)

// kind is what a message is in truth, which delist does not know.
type kind int

const (
	good   kind = iota
	spam        // of the thief
	answer      // a bounce of ours to a sender that the spam forged
)

// mail is a message in truth.
type mail struct {
	id        spool.ID
	kind      kind
	account   string
	forged    string // the sender that spam claims, or that a bounce answers
	born      time.Time
	delivered time.Time
	seen      bool // it lay in the spool long enough for a look, with the spool in sight
}

const (
	serverTick = 3*time.Second + 137*time.Millisecond // never at the instant of a look
	spamEvery  = 7                                    // ticks between two raids of a thief
	settled    = 5 * time.Second                      // before a message leaves, it lies in the spool for so long
	perTick    = 6                                    // messages leave at once
)

var thieves = []string{"sales@harbourlight.example", "info@quayside.example"}

// playground is a simulated server: a real spool, and everything else in memory, moved on by simulated time. What it holds is
// the truth that the wizard's words are compared with.
type playground struct {
	t         testing.TB
	setup     setup
	root      string // of the spool
	home      string
	catalogue *dnsbl.Catalogue // reading it takes longer than a run
	dice      *rand.Rand

	skewed sync.Mutex
	skew   time.Duration // of the wall clock

	mu        sync.Mutex
	runs      bool // mail, in truth
	next      int
	mails     []*mail // that wait, oldest first
	gone      []*mail // delivered
	passwords map[string]string
	made      map[string]string // the last password that delist made, by account
	disabled  map[string]bool
	changed   map[string]bool // with a password that was made here and set by the API, or shown and confirmed
	forwards  map[string]bool
	pages     int
	ticks     int
	inSight   int         // for so many ticks
	hidden    int         // so many things keep the spool out of sight
	killed    func() bool // that delist was, and nobody has come back to it yet

	growth   int  // ordinary messages a tick
	deaf     bool // the API gives no answer for long
	refuses  bool // the API lets nobody in
	dies     bool // the API breaks off after a password is set
	stuck    bool // the service does not stop or start
	unseen   bool // the service cannot be looked at
	locked   bool // the spool cannot be read
	noLog    bool // the logs cannot be read
	sessions int
	speaks   time.Time // since when a program speaks past the mail service; zero: none does
}

func newPlayground(t testing.TB, s setup, catalogue *dnsbl.Catalogue, home string) *playground {
	p := &playground{t: t, catalogue: catalogue, setup: s, home: home, root: filepath.Join(home, "mail", "Spool"), runs: s.Control != steps.NoService, dice: rand.New(rand.NewPCG(1, 2)),
		passwords: map[string]string{}, made: map[string]string{}, disabled: map[string]bool{}, changed: map[string]bool{}, forwards: map[string]bool{}}
	for _, thief := range thieves {
		p.passwords[thief], p.forwards[thief] = "stolen", s.Forwards
	}
	for i := range 10 {
		if err := os.MkdirAll(filepath.Join(p.root, fmt.Sprintf("SubSpool%d", i)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.history()
	for i := range s.Thieves {
		p.raid(thieves[i], s.Spam)
	}
	for range s.Good {
		p.arrive(good, "")
	}
	for range s.Nobody {
		p.arrive(good, "-")
	}
	for range s.Relayed {
		p.arrive(good, relayIP)
	}
	for range s.Bounces {
		p.arrive(answer, "-")
	}
	return p
}

// clock is what this server's clock shows. Setting it moves its wall time and leaves its running time, as in real life:
// simulated time has none, so that the parts of a time are put together here.
func (p *playground) clock() time.Time {
	p.skewed.Lock()
	defer p.skewed.Unlock()
	now := time.Now()
	t := now.Add(p.skew)
	const (
		hasRunning = 1 << 63
		secondsAt  = 30         // the bit of the wall word where they begin
		from1885   = 2682288000 // to 1970, in seconds
	)
	parts := (*struct {
		wall    uint64
		running int64
	})(unsafe.Pointer(&t))
	parts.wall = hasRunning | uint64(t.Unix()+from1885)<<secondsAt | uint64(t.Nanosecond())
	parts.running = int64(now.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)))
	return t
}

// arrive puts a message into the spool.
func (p *playground) arrive(k kind, account string) {
	p.next++
	m := &mail{id: spool.NewID(fmt.Sprintf("SubSpool%d", p.next%10), fmt.Sprintf("%08d", 10_000_000+p.next)), kind: k, born: time.Now()}
	pair := spooltest.Pair{ID: m.id, Created: p.clock(), IP: "192.0.2.8"}
	switch {
	case k == spam:
		m.account = account
		m.forged = forger(p.next)
		pair.Auth, pair.MailFrom = account, m.forged
		pair.IP, pair.Subject = fmt.Sprintf("198.51.100.%d", 1+p.next%61), fmt.Sprintf("Invoice %d overdue", 48000+p.next)
	case k == answer:
		m.forged = forger(p.next)
		pair.Auth, pair.MailFrom, pair.To, pair.IP = "-", "<>", []string{m.forged}, "-"
		pair.From, pair.Subject = "System Administrator <postmaster@mail.example.com>", "Delivery Failure"
	case account == relayIP:
		pair.Auth, pair.IP, pair.MailFrom = "-", relayIP, fmt.Sprintf("hr%d@corp%d.test", p.next, p.next%9)
		pair.To, pair.Subject = []string{fmt.Sprintf("u%d@web%d.test", p.next, p.next%11)}, fmt.Sprintf("Payment %d", p.next)
	case account == "-": // from outside
		pair.Auth, pair.MailFrom, pair.IP = "-", fmt.Sprintf("friend%d@elsewhere.test", p.next%5), "203.0.113.200"
	default:
		m.account = fmt.Sprintf("user%d@quayside.example", p.next%8)
		pair.Auth, pair.Subject = m.account, fmt.Sprintf("Minutes %d", p.next)
	}
	spooltest.Write(p.t, p.root, pair)
	p.mails = append(p.mails, m)
	if m.account != "" {
		p.log(p.clock(), m.account, pair.IP, 1)
	}
}

// forger is a sender that the spam claims.
func forger(n int) string { return fmt.Sprintf("pay%d@bank.test", n%5) }

// raid is what a thief sends at once.
func (p *playground) raid(account string, n int) {
	for range n {
		p.arrive(spam, account)
	}
}

// log writes what the smtpLog has of a session.
func (p *playground) log(at time.Time, account, ip string, messages int) {
	if p.setup.Logs != fullLogs {
		return
	}
	p.pages++
	var b strings.Builder
	stamp := at.Format("15:04:05.000")
	fmt.Fprintf(&b, "%s [%s][%d] Authenticated as %s\r\n", stamp, ip, p.pages, account)
	for range messages {
		fmt.Fprintf(&b, "%s [%s][%d] Successfully wrote to the HDR file. (C:/Spool/SubSpool1/%08d.hdr)\r\n", stamp, ip, p.pages, p.pages)
	}
	f, err := os.OpenFile(filepath.Join(p.home, "logs", at.Format("2006.01.02")+"-smtpLog.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Error(err)
		return
	}
	_, err = f.WriteString(b.String())
	if err = errors.Join(err, f.Close()); err != nil {
		p.t.Error(err)
	}
}

// history is what the logs have of the days before.
func (p *playground) history() {
	if err := os.MkdirAll(filepath.Join(p.home, "logs"), 0o755); err != nil {
		p.t.Fatal(err)
	}
	for day := 4; day >= 2; day-- {
		for _, account := range append([]string{"user1@quayside.example"}, thieves...) {
			for h := range 3 {
				p.log(time.Now().AddDate(0, 0, -day).Add(time.Duration(h)*time.Hour), account, "192.0.2.8", 3)
			}
		}
	}
}

// live moves the server on until ctx ends.
func (p *playground) live(ctx context.Context) {
	tick := time.NewTicker(serverTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p.mu.Lock()
		p.ticks++
		looks := p.hidden == 0 && !p.killed()
		if looks && p.inSight > 0 {
			for _, m := range p.mails {
				m.seen = m.seen || time.Since(m.born) >= serverTick
			}
		}
		p.inSight++
		if !looks {
			p.inSight = 0
		}
		if p.runs && !p.locked {
			p.deliver()
			for range p.growth {
				p.arrive(good, "")
			}
			if p.ticks%spamEvery == 0 {
				for i := range p.setup.Thieves {
					if p.passwords[thieves[i]] == "stolen" && !p.disabled[thieves[i]] {
						p.raid(thieves[i], 4+p.dice.IntN(3))
					}
				}
			}
		}
		p.mu.Unlock()
	}
}

// deliver lets the oldest messages leave.
func (p *playground) deliver() {
	left := perTick
	p.mails = slices.DeleteFunc(p.mails, func(m *mail) bool {
		if left == 0 || time.Since(m.born) < settled || os.Remove(filepath.Join(p.root, m.id.HDR())) != nil {
			return false
		}
		left--
		if err := os.Remove(filepath.Join(p.root, m.id.EML())); err != nil {
			p.t.Error(err)
		}
		m.delivered = time.Now()
		p.gone = append(p.gone, m)
		return true
	})
}

// set turns mail on or off.
func (p *playground) set(runs bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runs = runs && p.setup.Control != steps.NoService
}

// lock keeps everybody from reading the spool: a folder is replaced by a file.
func (p *playground) lock(locked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if locked == p.locked {
		return
	}
	p.locked = locked
	from, to := p.root, p.root+".away"
	if !locked {
		from, to = to, from
	}
	if err := os.Rename(from, to); err != nil {
		p.t.Error(err)
	}
}

// behave ends all mischief.
func (p *playground) behave() {
	p.lock(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.growth, p.deaf, p.refuses, p.dies, p.stuck, p.unseen, p.noLog = 0, false, false, false, false, false, false
	p.speak(false)
}

// speak begins or ends the speech of a program past the mail service. The caller holds mu.
func (p *playground) speak(on bool) {
	switch {
	case !on:
		p.speaks = time.Time{}
	case p.speaks.IsZero():
		p.speaks = time.Now()
	}
}

// playedOutbound sees the program while it speaks.
type playedOutbound struct{ *playground }

func (p playedOutbound) Sample(context.Context) (outbound.Sample, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.speaks.IsZero() {
		return outbound.Sample{}, nil
	}
	return outbound.Sample{Programs: []outbound.Program{mailer}}, nil
}

// hands are what a new process sees and acts with.
func (p *playground) hands() (steps.Hands, error) {
	sp, err := spool.Open(p.root)
	if err != nil {
		return steps.Hands{}, err
	}
	h := steps.Hands{Spool: sp, Reporter: fakeReporter{}, Clock: p.clock, NewPassword: p.newPassword,
		Mailboxes: &playedMailboxes{p}, Lists: playedLists{p.catalogue}, Outbound: playedOutbound{p},
		ReadBounce: bounce.ReadText}
	switch p.setup.Control {
	case steps.ByHand:
		h.Service = service.NewByHand("MailService", p.ports)
	case steps.NoService:
		h.Service = service.None{}
	default:
		h.Service = &playedService{p}
	}
	if p.setup.Logs != noLogs {
		h.Traffic = &playedLogs{p, traffic.Open(filepath.Join(p.home, "logs"), traffic.Options{Clock: p.clock})}
	}
	return h, nil
}

func (p *playground) ports(context.Context) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.runs {
		return []string{"port 25 (127.0.0.1)"}
	}
	return nil
}

func (p *playground) newPassword() (steps.Secret, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions++
	return steps.NewSecret(fmt.Sprintf("Kq7-Rw4x-%06d", p.sessions)), nil
}

// where says where the files of a message are; each place has its folder.
func (p *playground) where(places map[string]string, m *mail) []string {
	var at []string
	for name, dir := range places {
		if _, err := os.Lstat(filepath.Join(dir, m.id.HDR())); err == nil {
			at = append(at, name)
		}
	}
	slices.SortFunc(at, cmp.Compare)
	return at
}
