package spool

import (
	"slices"

	"delist/spool/message"
)

// What of a stolen account's mail may be its owner's? The owner goes on working while the thief sends. The thief's mail
// is recognised first: much of it is alike, and either claims foreign senders, or comes from many clients, or is most of
// what the account sent. The rest is the owner's where it is unlike that mail and under the account's own name, or comes
// from a client or program (HELO) that the owner's mail comes from and the thief's does not. So is what was not read to its
// end: nobody knows it to be the thief's.
const (
	// minAlike is how many messages of one account have to be alike to be the thief's: nobody writes so many by hand.
	minAlike = 8

	// thiefsClients is from how many client addresses on such mail is no newsletter, that one machine sends.
	thiefsClients = 4
)

// doubt says whether a message may be its account's owner's.
type doubt uint8

const (
	noDoubt   doubt = iota
	ifStolen        // it may, if the account is stolen; the spool holds nothing of a thief to tell it from
	isDoubted       // it may, and the account sent mail like a thief's, or nobody knows what it is
)

// ownerMail says of each message whether it may be its account's owner's.
func ownerMail(traits []trait) []doubt {
	o := ownerTest{traits: traits}
	o.findSeries()
	o.findPlaces()
	doubts := make([]doubt, len(traits))
	for i := range traits {
		t := &traits[i]
		switch {
		case t.unread:
			doubts[i] = isDoubted
		case t.account == 0 || !o.maybeOwn(t):
		case o.stolen[t.account]:
			doubts[i] = isDoubted
		default:
			doubts[i] = ifStolen
		}
	}
	return doubts
}

// ownerTest collects what tells the owner's mail from the thief's.
type ownerTest struct {
	traits   []trait
	series   map[uint64]*series // mail of one account that is alike, where it is much
	stolen   map[uint64]bool    // accounts with mail like a thief's
	clients  map[uint64]balance
	programs map[uint64]balance
}

// series is mail of one account that is alike.
type series struct {
	messages, foreign int
	clients           map[uint64]struct{} // at most thiefsClients
	thiefs            bool
}

// balance counts, for a client or a program, the mail like the owner's and that like the thief's.
type balance struct{ owner, thief int }

func (t *trait) seriesKey() uint64 { return t.alike ^ t.account*0x9e3779b97f4a7c15 }

// findSeries finds the thief's series.
func (o *ownerTest) findSeries() {
	o.stolen = map[uint64]bool{}
	keys := make([]uint64, 0, len(o.traits))
	sent := map[uint64]int{}
	for i := range o.traits {
		if t := &o.traits[i]; t.account != 0 {
			keys = append(keys, t.seriesKey())
			sent[t.account]++
		}
	}
	o.series = map[uint64]*series{}
	for key := range frequent(keys, minAlike) {
		o.series[key] = &series{clients: map[uint64]struct{}{}}
	}
	for i := range o.traits {
		t := &o.traits[i]
		s := o.series[t.seriesKey()]
		if t.account == 0 || s == nil {
			continue
		}
		s.messages++
		if !t.own {
			s.foreign++
		}
		if t.client != 0 && len(s.clients) < thiefsClients {
			s.clients[t.client] = struct{}{}
		}
		s.thiefs = 2*s.foreign > s.messages || len(s.clients) >= thiefsClients || 2*s.messages > sent[t.account]
	}
	for i := range o.traits {
		if t := &o.traits[i]; t.account != 0 && o.thiefs(t) {
			o.stolen[t.account] = true
		}
	}
}

// thiefs reports whether a message belongs to one of the thief's series.
func (o *ownerTest) thiefs(t *trait) bool {
	s := o.series[t.seriesKey()]
	return s != nil && s.thiefs
}

// findPlaces counts which clients and programs the owner's mail comes from, and which the thief's.
func (o *ownerTest) findPlaces() {
	o.clients, o.programs = map[uint64]balance{}, map[uint64]balance{}
	for i := range o.traits {
		t := &o.traits[i]
		if t.account == 0 || t.unread {
			continue
		}
		thief := o.thiefs(t) || !t.own
		weigh(o.clients, t.client, thief)
		weigh(o.programs, t.program, thief)
	}
}

func weigh(places map[uint64]balance, place uint64, thief bool) {
	if place == 0 {
		return
	}
	b := places[place]
	if thief {
		b.thief++
	} else {
		b.owner++
	}
	places[place] = b
}

// usual reports whether the owner's mail comes from a place, and little of the thief's.
func (o *ownerTest) usual(places map[uint64]balance, place uint64) bool {
	b := places[place]
	return place != 0 && b.owner > b.thief
}

// maybeOwn reports whether the owner may have written a message. A forged message of a series is the thief's, wherever it
// came from.
func (o *ownerTest) maybeOwn(t *trait) bool {
	switch thiefs := o.thiefs(t); {
	case thiefs && !t.own:
		return false
	case !thiefs && t.own && t.few:
		return true
	}
	return o.usual(o.clients, t.client) || o.usual(o.programs, t.program)
}

// Doubtful reports whether message i of Len may be its account's owner's own, in an account that also sent mail like a
// thief's, or was not read to its end. Such mail is shown, but not chosen beforehand. In an account without mail like a thief's nothing is doubtful:
// nothing there can be told apart. The first call compares all messages.
func (s *Snapshot) Doubtful(i int) bool { return s.like().doubts[i] == isDoubted }

// newHit makes the hit of message i, still without its name.
func (s *Snapshot) newHit(i int, relation Relation, e *entry) Hit {
	h := Hit{Relation: relation, Guessed: guessed(e.layout, e.basis), Bounce: e.bounce}
	if relation == Sent {
		h.doubt = s.like().doubts[i]
		h.Doubtful = h.doubt == isDoubted
	}
	return h
}

// OwnersMail counts, by account, the messages that may be the owner's: those that are Doubtful, and of the accounts known
// to be stolen also what Spare would spare.
func (s *Snapshot) OwnersMail(stolen func(account string) bool) map[string]int {
	counts := map[string]int{}
	for i, d := range s.like().doubts {
		if d == noDoubt {
			continue
		}
		if account := s.At(i).Account; d == isDoubted || stolen(account) {
			counts[account]++
		}
	}
	return counts
}

// Answers marks the hits that are bounces or automatic answers to one of some senders: they answer mail that claimed to be
// from there. With only, the other bounces are left to those whom they came back to.
func (r *Results) Answers(snap *Snapshot, forged map[string]bool, only bool) {
	bounces := map[ID]bool{} // whether it answers
	for m := range snap.Answers() {
		bounces[m.ID] = m.Unread == 0 && slices.ContainsFunc(m.Recipients, func(to string) bool { return forged[message.Address(to)] })
	}
	for i := range r.Hits {
		h := &r.Hits[i]
		answers, bounce := bounces[h.ID]
		h.Answer = answers
		h.Doubtful = h.Doubtful || only && bounce && !answers
	}
	r.counts.known = false
	r.counts = r.counted()
}

// Spare makes the hits doubtful that may be the owner's mail of an account known to be stolen. Once the thief's mail is
// in quarantine the spool itself no longer tells that he was there.
func (r *Results) Spare(snap *Snapshot, stolen func(account string) bool) {
	for i := range r.Hits {
		h := &r.Hits[i]
		if h.doubt != ifStolen {
			continue
		}
		if m, ok := snap.Find(h.ID); ok && stolen(m.Account) {
			h.Doubtful = true
		}
	}
	r.counts.known = false
	r.counts = r.counted()
}
