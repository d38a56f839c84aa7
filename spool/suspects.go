package spool

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"delist/spool/message"
)

// The signs by which an account is suspected. Two kinds: signs of theft, that an owner's own mail rarely shows, and
// signs of volume, that a busy account shows just as well. An account is a suspect when it has at least one sign of
// theft and two signs in all, so that neither a newsletter (much mail, one client, its own sender) nor a traveller (many
// clients, little mail) is one.
const (
	// minQueued is the fewest waiting messages that say anything about an account.
	minQueued = 20

	// manyIPs (theft) is more client addresses than a person's office, home and phone make in the time that mail
	// waits. Stolen passwords are used from botnets: dozens.
	manyIPs = 8

	// forgedSenders (theft) is how many senders that are not the account's own an account must use, and forgedShare in
	// how much of its mail they must be of a foreign domain. A second name or two is ordinary.
	forgedSenders = 3
	forgedShare   = 0.5

	// largeShare and largeQueue (volume): that part of the spool, and that many messages.
	largeShare = 0.25
	largeQueue = 50

	// manyRecipients and perMessage (volume): to so many people in all, and to so many with each message.
	manyRecipients = 500
	perMessage     = 5

	// manyBounces (volume) is more bounces than ordinary correspondence brings back at once.
	manyBounces = 10
)

// judge looks for the signs, writes them down in words, and decides.
func (s *Sender) judge() {
	if s.Account == "" || s.Queued < minQueued {
		return
	}
	theft, signs := 0, 0
	note := func(isTheft bool, format string, args ...any) {
		signs++
		if isTheft {
			theft++
		}
		s.Why = append(s.Why, fmt.Sprintf(format, args...))
	}
	if s.IPCount >= manyIPs { // mail that nobody logged in to send has its name from whoever sent it
		note(2*s.noLogin < s.Queued, "its mail came from %s client addresses", number(s.IPCount))
	}
	if s.Basis.Proven() && s.MailFroms >= forgedSenders && float64(s.foreign) >= forgedShare*float64(s.Queued) {
		note(true, "it used %s senders that are not its own, such as %s", number(s.MailFroms), message.Printable(s.exampleOfForeign))
	}
	if s.Share >= largeShare && s.Queued >= largeQueue {
		note(false, "%s of what waits in the spool is its mail", Percent(s.Share))
	}
	if s.Recipients >= manyRecipients && s.Recipients >= perMessage*s.Queued {
		note(false, "its mail goes to %s recipients", number(s.Recipients))
	}
	if s.ReturnedBounces >= manyBounces {
		note(false, "%s bounces came back to it", number(s.ReturnedBounces))
	}
	s.Suspect = theft > 0 && signs >= 2
}

// number writes a count as people read it: "28,489".
func number(n int) string { return humanize.Comma(int64(n)) }
