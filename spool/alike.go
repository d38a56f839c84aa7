package spool

import (
	"hash/maphash"
	"runtime"
	"slices"
	"strings"
	"sync"

	"delist/spool/message"
)

// likeness says of each message of a snapshot which others it is alike, and whether its account's owner may have sent
// it. It is worked out once, when first asked for.
type likeness struct {
	once   sync.Once
	keys   []uint64 // by message: equal for messages alike in subject, size class and whether they are bounces
	doubts []doubt  // by message: whether it may be its account's owner's
}

// trait is what the comparison needs of one message. Names are numbers: of texts that messages share each has its own.
type trait struct {
	alike   uint64 // the message's key
	account uint64 // 0 for none
	client  uint64 // of account and client address, 0 for none
	program uint64 // of account and HELO, 0 for one that says nothing
	own     bool   // claims to be from the account's own domain, and no other
	few     bool   // has few recipients
	unread  bool   // was not read to its end: what is said of it here may be otherwise
}

// like returns the likeness of the snapshot's messages.
func (s *Snapshot) like() *likeness {
	l := &s.likeness
	l.once.Do(func() {
		traits := s.traits()
		l.doubts = ownerMail(traits)
		l.keys = make([]uint64, len(traits))
		for i := range traits {
			l.keys[i] = traits[i].alike
		}
	})
	return l
}

// traits reads the traits of all messages, on all cores.
func (s *Snapshot) traits() []trait {
	traits := make([]trait, s.Len())
	seed := maphash.MakeSeed()
	workers := runtime.GOMAXPROCS(0)
	part := max(chunk, (len(traits)+workers-1)/workers)
	var wait sync.WaitGroup
	for from := 0; from < len(traits); from += part {
		wait.Go(func() {
			r := traitReader{seed: seed, claims: claims{}}
			i := from
			for e := range s.between(from, min(from+part, len(traits))) {
				traits[i] = r.read(&e)
				i++
			}
		})
	}
	wait.Wait()
	return traits
}

// traitReader is one worker's memory.
type traitReader struct {
	seed   maphash.Seed
	buf    []byte
	claims claims
}

// claim is who a message says it is from, beside the account that sent it.
type claim struct{ account, mailFrom, from string }

// claims remembers which claims are foreign: few claims, many messages.
type claims map[claim]bool

// maxClaims bounds what is remembered: spam may claim another sender with each message.
const maxClaims = 4096

// fewRecipients is to how many people somebody writes by hand.
const fewRecipients = 25

func (r *traitReader) read(e *entry) trait {
	r.buf = r.key(r.buf[:0], e)
	t := trait{alike: maphash.Bytes(r.seed, r.buf), few: e.recipientCount <= fewRecipients, unread: e.unread != 0}
	if e.account == 0 {
		return t
	}
	t.account = uint64(e.account)
	if e.ip != 0 {
		t.client = t.account<<32 | uint64(e.ip)
	}
	if e.helo != 0 && e.texts.at(e.helo)[0] != '[' { // an address in brackets names no program and no machine
		t.program = t.account<<32 | uint64(e.helo)
	}
	t.own = !r.claims.foreign(claim{e.texts.at(e.account), e.texts.at(e.mailFrom), e.texts.at(e.from)})
	return t
}

// key appends what the messages of one campaign have in common.
func (r *traitReader) key(buf []byte, e *entry) []byte {
	recipient, _, _ := strings.Cut(e.texts.at(e.recipients), "\n")
	buf = foldedSubject(buf, e.texts.at(e.subject), recipient)
	if e.unread&UnreadSubject != 0 { // nobody knows what it is alike
		buf = append(append(buf, 0), e.baseName()...)
	}
	kind := byte('m')
	if e.bounce {
		kind = 'b'
	}
	return append(buf, 0, kind, '0'+sizeClass(e.emlSize))
}

// foreign reports whether the envelope sender or From of a message is of another domain than its account. An alias of
// the account's own domain is no forgery.
func (c claims) foreign(who claim) bool {
	foreign, known := c[who]
	if known {
		return foreign
	}
	home := domain(who.account)
	for _, text := range []string{who.mailFrom, who.from} {
		of := domain(message.Address(text))
		foreign = foreign || home != "" && of != "" && !message.Akin(of, home)
	}
	if len(c) >= maxClaims {
		clear(c)
	}
	c[who] = foreign
	return foreign
}

// frequent returns the keys that stand in keys at least least times, with how often. It sorts keys. Where most are
// different this takes no more memory than they do themselves.
func frequent(keys []uint64, least int) map[uint64]int {
	slices.Sort(keys)
	often := map[uint64]int{}
	for from := 0; from < len(keys); {
		to := from + 1
		for to < len(keys) && keys[to] == keys[from] {
			to++
		}
		if to-from >= least {
			often[keys[from]] = to - from
		}
		from = to
	}
	return often
}
