package smartermail

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// usualMessages is the size of a drill for which the shares below were chosen. A server that nobody abuses has little waiting.
const (
	usualMessages = 3912
	quietMessages = 40

	busiestOrdinary = 74
	usualOrdinary   = 316 + busiestOrdinary
)

// spamBegan is how long before the drill's start the thief began to send; his forwarding rule is a little older.
const (
	spamBegan    = 72 * time.Minute
	forwardBegan = 75 * time.Minute
	historyFrom  = 8 * 24 * time.Hour // how far back the logs of ordinary mail go
)

// Options say what to lay out.
type Options struct {
	Seed     uint64
	Messages int       // complete pairs in the spool; 0: the usual 3912, of a quiet server 40
	Quiet    bool      // nobody's password was stolen: the mail is ordinary, all of it
	Now      time.Time // the drill's beginning; zero: now
}

// World is what was laid out, to check against and to tell the operator of.
type World struct {
	SpoolDir string    `json:"spool"`
	LogsDir  string    `json:"logs"`
	Stolen   string    `json:"stolen"`
	Messages int       `json:"messages"` // complete pairs
	Spam     int       `json:"spam"`     // by the stolen account, in forged names
	OwnMail  int       `json:"ownMail"`  // by the stolen account's owner
	Bounces  int       `json:"bounces"`  // that came back to the stolen account
	Reports  int       `json:"reports"`  // bounces of this server's own, to the senders that the spam forged
	Ordinary int       `json:"ordinary"` // by everybody else
	Orphans  int       `json:"orphans"`
	Clients  []string  `json:"clients"` // the addresses the thief has used
	Began    time.Time `json:"began"`   // the first spam message
}

// Seed lays out a server in dir, as it stands a good hour after a mailbox was stolen: Spool, Logs and Domains.
// The same options always give the same bytes. A folder that is already there is an error.
func Seed(dir string, o Options) (World, error) {
	switch {
	case o.Messages > 0:
	case o.Quiet:
		o.Messages = quietMessages
	default:
		o.Messages = usualMessages
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	w := World{SpoolDir: filepath.Join(dir, "Spool"), LogsDir: filepath.Join(dir, "Logs"), Stolen: StolenAccount, Messages: o.Messages}
	if err := layOut(dir, w); err != nil {
		return World{}, err
	}
	s := seeding{author: newAuthor(o.Seed, 0), world: w, now: sameSecond(o.Now)}
	all, unusual := seedAccounts(o.Seed, s.now.Add(-forwardBegan)), s.oddities
	if o.Quiet {
		all.quiet()
		s.world.Ordinary, s.world.Stolen, unusual = o.Messages, "", func() error { return nil }
	} else {
		s.share()
	}
	s.spool()
	s.history()
	for _, l := range s.letters {
		if err := l.store(w.SpoolDir); err != nil {
			return World{}, err
		}
	}
	err := errors.Join(
		noteGood(dir, s.letters...),
		unusual(),
		appendLogs(w.LogsDir, s.lines),
		all.save(dir),
	)
	return s.world, err
}

// layOut makes the folders.
func layOut(dir string, w World) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("lay out the practice server: %w", err)
	}
	folders := []string{w.SpoolDir, w.LogsDir, filepath.Join(dir, "Domains")}
	for n := range subSpools {
		folders = append(folders, filepath.Join(w.SpoolDir, fmt.Sprintf("SubSpool%d", n)))
	}
	for _, folder := range folders {
		if err := os.Mkdir(folder, 0o750); err != nil {
			return fmt.Errorf("lay out the practice server: %w", err)
		}
	}
	return nil
}

// seeding is a server being made up.
type seeding struct {
	*author
	world   World
	now     time.Time
	letters []letter
	lines   []logLine
}

// part is a part of the spool that has n messages in a usual drill.
func (s *seeding) part(n int) int { return (n*s.world.Messages + usualMessages/2) / usualMessages }

// share says how much of the spool is whose, where a mailbox was stolen, and where the thief comes from.
func (s *seeding) share() {
	w, share := &s.world, s.part
	w.OwnMail, w.Bounces, w.Reports = share(19), share(212)-share(25), share(25)
	w.Ordinary = share(usualOrdinary)
	w.Spam = max(0, w.Messages-w.OwnMail-w.Bounces-w.Reports-w.Ordinary)

	clients := map[string]bool{}
	for len(clients) < 61 {
		if ip := s.thiefAddress(); !clients[ip] {
			clients[ip] = true
			w.Clients = append(w.Clients, ip)
		}
	}
}

// spool makes up what is queued.
func (s *seeding) spool() {
	w := &s.world
	for i := range w.Spam {
		at := s.now.Add(-spamBegan + time.Duration(i)*spamBegan/time.Duration(w.Spam))
		ip := w.Clients[i%len(w.Clients)]
		if i >= len(w.Clients) {
			ip = s.pick(w.Clients)
		}
		s.queue(s.spam(at, ip, s.session()))
	}
	if w.Spam > 0 {
		w.Began = s.letters[0].env.created
		s.addEscapes(&s.letters[w.Spam/2])
	}
	for range w.OwnMail {
		s.queue(s.business(owner(), s.recently()))
	}
	for range w.Bounces {
		s.queue(s.bounce(s.recently()))
	}
	for range w.Reports {
		s.queue(s.backscatter(s.recently()))
	}
	for i := range w.Ordinary {
		switch {
		case i == 1:
			s.queue(s.webMail(s.people[2], s.recently()))
		case i < s.part(busiestOrdinary):
			s.queue(s.business(s.people[0], s.recently()))
		default:
			s.queue(s.business(s.somebody(), s.recently()))
		}
	}
}

// recently is some time since the spam began.
func (s *seeding) recently() time.Time {
	return s.now.Add(-time.Duration(s.rng.Int64N(int64(spamBegan))))
}

// queue puts a letter into the spool, tried as often as its age allows, and what happened to it into the logs.
func (s *seeding) queue(l letter) {
	age := s.now.Sub(l.env.created)
	l.env.retries = min(4, int(age/(15*time.Minute)))
	if l.env.retries > 0 {
		l.env.nextTry = s.now.Add(time.Duration(s.rng.IntN(900)) * time.Second)
	}
	if l.env.ip != "" {
		s.lines = append(s.lines, l.smtpLines(s.world.SpoolDir)...)
	}
	for n := range l.env.retries {
		s.lines = append(s.lines, l.deferred(l.env.created.Add(time.Duration(n*15)*time.Minute+20*time.Second), s.pick(deferrals))...)
	}
	s.letters = append(s.letters, l)
}

// deferrals are what other servers say to a server that sends spam.
var deferrals = []string{
	"421 4.7.0 [TSS04] Messages from " + ServerIP + " temporarily deferred due to unexpected volume or user complaints",
	"421-4.7.0 [" + ServerIP + "] Our system has detected an unusual rate of unsolicited mail",
	"451 4.7.650 The mail server [" + ServerIP + "] has been temporarily rate limited due to IP reputation",
	"450 4.7.1 Service unavailable; Client host [" + ServerIP + "] blocked using zen.spamhaus.org",
}

// addEscapes gives a message a subject that would take over a terminal that shows it raw.
func (s *seeding) addEscapes(l *letter) {
	before, rest, _ := bytes.Cut(l.text, []byte("Subject: "))
	_, after, _ := bytes.Cut(rest, []byte("\r\n"))
	hostile := "\x1b[2J\x1b[31mYour account is locked\x1b]0;owned\x07\x1b[8m"
	l.text = bytes.Join([][]byte{before, []byte("Subject: " + hostile + "\r\n"), after}, nil)
}

// history is the ordinary mail of the last eight days that was delivered long ago: what the logs know of everybody's
// usual rate. The thief's own logins end it.
func (s *seeding) history() {
	until, busiest := lastHour, s.part(busiestOrdinary)
	all, one := 8*time.Minute, 3*time.Minute
	if s.world.Ordinary > usualOrdinary { // who has more mail waiting has always sent more; one hour a day says so, and leaves room on the disk
		until = firstHour
		all, one = 2*spamBegan/time.Duration(s.world.Ordinary-busiest), 2*spamBegan/time.Duration(busiest)
	}
	s.delivered(all, until, s.somebody)
	s.delivered(5*time.Minute, lastHour, owner)
	s.delivered(one, until, func() person { return s.people[0] })
	if len(s.world.Clients) == 0 {
		return
	}
	thief := s.world.Clients[0]
	began := s.now.Add(-forwardBegan)
	s.lines = append(s.lines,
		adminLine(began.Add(-time.Minute), thief, "Webmail Attempting to login user: "+StolenAccount),
		adminLine(began.Add(-time.Minute+time.Second), thief, "Webmail Login successful: With user "+StolenAccount))
}

// The first and the last hour of a day in which people send mail.
const (
	firstHour = 7
	lastHour  = 19
)

// delivered is ordinary mail by day, up to an hour of it, about so often, until the spam began.
func (s *seeding) delivered(every time.Duration, until int, from func() person) {
	for at := s.now.Add(-historyFrom); at.Before(s.now.Add(-spamBegan)); at = at.Add(every/2 + time.Duration(s.rng.Int64N(int64(every)))) {
		if at.Hour() < firstHour || at.Hour() > until {
			continue
		}
		l := s.business(from(), at)
		s.lines = append(s.lines, l.smtpLines(s.world.SpoolDir)...)
		s.lines = append(s.lines, l.delivered(at.Add(3*time.Second))...)
	}
}

// oddities are what a real spool has besides pairs: orphans, a pair still being received, a file nobody knows.
func (s *seeding) oddities() error {
	half := s.business(s.somebody(), s.now.Add(-20*time.Minute))
	lost := s.spam(s.now.Add(-33*time.Minute), s.world.Clients[0], s.session())
	stray := s.business(s.somebody(), s.now.Add(-41*time.Minute))
	arriving := s.spam(s.now.Add(-2*time.Second), s.world.Clients[1], s.session())
	arriving.env.status = statusWriting
	s.world.Orphans = 3
	var errs []error
	write := func(name string, b []byte) { errs = append(errs, os.WriteFile(name, b, 0o640)) }
	write(half.base(s.world.SpoolDir)+".hdr", half.env.hdr())
	write(lost.base(s.world.SpoolDir)+".eml", lost.text)
	write(stray.base(s.world.SpoolDir)+".eml", stray.text)
	write(arriving.base(s.world.SpoolDir)+".hdr", arriving.env.hdr())
	write(arriving.base(s.world.SpoolDir)+".em_", arriving.text[:len(arriving.text)/2])
	write(filepath.Join(s.world.SpoolDir, "SubSpool4", "recount.loc"), []byte("1\r\n"))
	return errors.Join(errs...)
}
