package smartermail

import (
	"context"
	"fmt"
	"os"
	"time"
)

// The rhythm of the service at pace 1: what Look shows as +41/min in and -6/min out.
const (
	spamEvery     = 60 * time.Second / 39
	ordinaryEvery = time.Minute
	bounceEvery   = time.Minute
	deferEvery    = 2 * time.Second
	settleEvery   = 400 * time.Millisecond
	tryLoginEvery = 3 * time.Second // the thief, while he has too few connections
	deliverEvery  = 10 * time.Second
	drainEvery    = time.Second // delivery, once the spam is out of its way
	lookEvery     = time.Second // at the spool, for what others put there

	firstOrdinary = 5 * time.Second
	sessionLife   = 18 * time.Second // how long the thief keeps a connection
	openSessions  = 6                // as many he likes to have
	clogged       = 50               // spam messages that keep ordinary mail waiting
	acceptsOneIn  = 30               // tries of spam by a server that sends as much of it
	reportsOneIn  = 3                // bounces go to a sender that the spam forged
	retryAfter    = 15 * time.Minute // written to the HDR of a deferred message; not paced
)

// HeadStart is how long after a start the thief comes back at the earliest, at any pace: a new password that is ready
// by then comes before him.
const HeadStart = time.Second

// session is one connection of somebody who has logged in. It stays as it is when the password changes.
type session struct {
	ip, id, account string
	until           time.Time
}

// chore is something the service does again and again.
type chore struct {
	every time.Duration
	next  time.Time
	do    func(now time.Time)
}

// work does every chore at its time until ctx ends.
func (s *server) work(ctx context.Context) {
	now := time.Now()
	after := func(first, every time.Duration, do func(time.Time)) *chore {
		return &chore{every: paced(every, s.Pace), next: now.Add(paced(first, s.Pace)), do: do}
	}
	chores := []*chore{
		after(tryLoginEvery, tryLoginEvery, s.thiefLogsIn),
		after(tryLoginEvery+spamEvery/2, spamEvery, s.thiefSends),
		after(firstOrdinary, ordinaryEvery, s.ordinaryArrives),
		after(bounceEvery, bounceEvery, s.bounceArrives),
		after(deferEvery, deferEvery, s.trySpam),
		after(drainEvery, deliverEvery, s.deliverSlowly),
		after(drainEvery, drainEvery, s.deliverFreely),
		after(settleEvery, settleEvery, func(time.Time) { s.settle() }),
		after(lookEvery, lookEvery, func(time.Time) { s.lookAtSpool() }),
	}
	chores[0].next = now.Add(max(HeadStart, paced(tryLoginEvery, s.Pace)))
	for {
		due := chores[0]
		for _, c := range chores[1:] {
			if c.next.Before(due.next) {
				due = c
			}
		}
		if !pause(ctx, time.Until(due.next)) {
			return
		}
		s.mu.Lock()
		now = time.Now()
		due.do(now)
		s.mu.Unlock()
		if due.next = due.next.Add(due.every); due.next.Before(now) { // a slow disk: do not rush after it
			due.next = now.Add(due.every)
		}
	}
}

// thiefLogsIn opens one more connection with the stolen password, if that still works.
func (s *server) thiefLogsIn(now time.Time) {
	s.forget(func(c session) bool { return now.After(c.until) })
	if len(s.sessions) >= openSessions || s.accounts.Quiet {
		return
	}
	c := session{ip: s.author.thiefAddress(), id: s.author.session(), account: StolenAccount}
	if !s.accounts.logIn(c.account, stolenPassword) {
		s.log(c.refusal(now)...)
		return
	}
	c.until = now.Add(paced(sessionLife, s.Pace))
	s.sessions = append(s.sessions, c)
	s.log(c.greeting(now, "["+c.ip+"]")...)
}

// thiefSends begins to take in a spam message over one of the thief's connections.
func (s *server) thiefSends(now time.Time) {
	s.forget(func(c session) bool { return now.After(c.until) })
	if len(s.sessions) == 0 {
		return
	}
	c := s.sessions[s.author.rng.IntN(len(s.sessions))]
	s.receive(s.author.spam(now, c.ip, c.id))
	if s.Spam != nil {
		s.Spam()
	}
}

// forget drops the connections that match.
func (s *server) forget(match func(session) bool) {
	kept := s.sessions[:0]
	for _, c := range s.sessions {
		if !match(c) {
			kept = append(kept, c)
		}
	}
	s.sessions = kept
}

// ordinaryArrives takes in a message of an ordinary account, now and then of the stolen account's owner:
// her mail program still has the old password.
func (s *server) ordinaryArrives(now time.Time) {
	from := s.author.somebody()
	switch s.author.rng.IntN(6) {
	case 0:
		from = s.author.people[0]
	case 1:
		from = owner()
		if !s.accounts.logIn(from.address, stolenPassword) {
			s.log(session{ip: from.ip, id: s.author.session()}.refusal(now)...)
			return
		}
	}
	l := s.author.business(from, now)
	s.log(session{ip: l.env.ip, id: l.env.session, account: l.env.auth}.greeting(now, l.env.helo)...)
	s.receive(l)
}

// bounceArrives puts another report of undeliverable spam into the queue, as long as there is spam: most go to the stolen
// account, now and then one to the sender that the spam forged.
func (s *server) bounceArrives(now time.Time) {
	switch {
	case s.spamQueued() == 0:
	case s.author.rng.IntN(reportsOneIn) == 0:
		s.receive(s.author.backscatter(now))
	default:
		s.receive(s.author.bounce(now))
	}
}

// receive begins a message: an HDR that says Writing, and the text as .em_.
func (s *server) receive(l letter) {
	writing := l.env
	writing.status = statusWriting
	base := l.base(s.spool)
	if err := os.WriteFile(base+".hdr", writing.hdr(), 0o640); err != nil {
		s.keep(fmt.Errorf("receive message: %w", err))
		return
	}
	if err := os.WriteFile(base+".em_", l.text, 0o640); err != nil {
		s.keep(fmt.Errorf("receive message: %w", err))
		return
	}
	s.receiving = append(s.receiving, l)
}

// settle ends what is being received: .em_ becomes .eml, the HDR says Written.
func (s *server) settle() {
	for _, l := range s.receiving {
		base := l.base(s.spool)
		if err := os.Rename(base+".em_", base+".eml"); err != nil {
			s.keep(fmt.Errorf("receive message: %w", err))
			continue
		}
		if err := rewrite(base+".hdr", l.env.hdr()); err != nil {
			s.keep(fmt.Errorf("receive message: %w", err))
			continue
		}
		if l.env.ip != "" {
			s.log(l.dataLines(s.spool)...)
		}
		s.keep(noteGood(s.Dir, l))
		l.text = nil
		s.queue[base] = l
	}
	s.receiving = s.receiving[:0]
}

// lookAtSpool takes up the pairs that others have put into the spool, as an operator does who restores mail.
func (s *server) lookAtSpool() {
	for n := range subSpools {
		s.keep(s.takeUp(n))
	}
}

// trySpam tries one spam message. Nobody out there wants it at the first try, and the next try is put into its HDR.
// Later a few get through, and all of them once the server sends so little that nobody holds it up any more.
func (s *server) trySpam(now time.Time) {
	for base, l := range s.queue {
		if !l.env.forged() {
			continue
		}
		if l.env.retries > 0 && (s.spamQueued() <= clogged || s.author.rng.IntN(acceptsOneIn) == 0) {
			out := &outlet{addr: s.Sink}
			defer out.close()
			s.keep(s.handOver(now, out, base, l))
			return
		}
		l.env.retries++
		l.env.nextTry = sameSecond(now.Add(retryAfter))
		if err := rewrite(base+".hdr", l.env.hdr()); err != nil {
			delete(s.queue, base) // gone: not ours any more
			s.keep(err)
			return
		}
		s.queue[base] = l
		s.log(l.deferred(now, s.author.pick(deferrals))...)
		return
	}
}

// deliverSlowly gets one ordinary message past the spam that fills the queue.
func (s *server) deliverSlowly(now time.Time) {
	if s.spamQueued() > clogged {
		s.deliver(now, 1)
	}
}

// deliverFreely empties a queue that holds ordinary mail only, within a minute or two.
func (s *server) deliverFreely(now time.Time) {
	if spam := s.spamQueued(); spam <= clogged {
		s.deliver(now, 1+(len(s.queue)-spam)/20)
	}
}

// deliver sends up to n messages that are not spam on their way.
func (s *server) deliver(now time.Time, n int) {
	out := &outlet{addr: s.Sink}
	defer out.close()
	for base, l := range s.queue {
		if n == 0 {
			return
		}
		if l.env.forged() {
			continue
		}
		n--
		if err := s.handOver(now, out, base, l); err != nil {
			s.keep(err)
			return // the rest would fare no better
		}
	}
}

// handOver gives one message to its recipients. Once they have it, it leaves the spool: HDR first, then the text.
// One that cannot be handed over waits on.
func (s *server) handOver(now time.Time, out *outlet, base string, l letter) error {
	if _, whole := readPair(base); !whole {
		delete(s.queue, base) // moved away meanwhile: not ours any more
		return nil
	}
	if !l.env.local() {
		if err := out.send(base, l); err != nil {
			return err
		}
	}
	delete(s.queue, base)
	if err := os.Remove(base + ".hdr"); err != nil {
		s.keep(fmt.Errorf("deliver message: %w", err))
		return nil // then its text is not ours to remove
	}
	if err := os.Remove(base + ".eml"); err != nil {
		s.keep(fmt.Errorf("deliver message: %w", err))
	}
	s.log(l.delivered(now)...)
	return nil
}

// spamQueued counts the messages in forged names.
func (s *server) spamQueued() int {
	n := 0
	for _, l := range s.queue {
		if l.env.forged() {
			n++
		}
	}
	return n
}

// rewrite replaces the text of a file that is there, in one write, so that a reader sees the old text or the new.
// A file that has gone stays gone.
func rewrite(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("rewrite hdr: %w", err)
	}
	_, err = f.WriteAt(text, 0)
	if err == nil {
		err = f.Truncate(int64(len(text)))
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("rewrite hdr: %w", err)
	}
	return nil
}
