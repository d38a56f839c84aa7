package spool

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"delist/spool/message"
)

// Relation says what a message has to do with a search. Only what was sent may be marked beforehand.
type Relation uint8

// The relations, the weakest first.
const (
	Mentions  Relation = iota + 1 // the words are only in the subject or in the text
	Addressed                     // they are among the recipients
	Sent                          // they name the sender, or the search chose by a field that is the sender's
)

var relationWords = [...]string{"", "mentions", "addressed to", "sent by"}

// String returns a word or two.
func (r Relation) String() string {
	if int(r) < len(relationWords) {
		return relationWords[r]
	}
	return ""
}

// maxSearched bounds how much of a file is searched, in bytes. Of a larger file a hit counts, but not its absence.
const maxSearched = 32 << 20

// candidate is a message that is being compared with a query. It reads files only when a term needs them.
type candidate struct {
	Message
	pages *pages
	now   time.Time

	recipients []string     // all of them, once read
	files      [2]*contents // HDR and EML, once read
	decoded    *decoded     // once decoded
}

const (
	hdr = iota // in candidate.files
	eml
)

// contents is what was read of a file.
type contents struct {
	data []byte
	cut  bool // it goes on beyond maxSearched
}

// decoded is what message.Decoded found.
type decoded struct {
	text string
	err  error
}

// match compares a message with the query; 0 is no match. An error says that a file could not be read, so that nobody
// knows.
func (q Query) match(c *candidate) (Relation, error) {
	if q.Empty() {
		return 0, nil
	}
	var all judgement
	var unknown error                                    // but another term may rule the message out
	for cost := costRecord; cost <= costDecode; cost++ { // what is cheap first
		for i := range q.terms {
			t := &q.terms[i]
			if t.cost() != cost {
				continue
			}
			found, err := t.match(c)
			if err == nil && t.open(c.Unread, c.Marks, found != 0) {
				err = errUnread
			}
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return 0, err
			case err != nil:
				unknown = cmp.Or(unknown, err)
			case !all.takes(t, found):
				return 0, nil
			}
		}
	}
	if unknown != nil {
		return 0, unknown
	}
	return all.relation(c.Basis), nil
}

// judgement joins what the terms of a query say of one message.
type judgement struct {
	best     Relation
	narrowed bool
}

// takes adds what a term found, and reports whether the message can still match.
func (j *judgement) takes(t *term, found Relation) bool {
	switch {
	case t.negate == (found != 0):
		return false
	case t.negate:
	case t.narrows():
		j.narrowed = true
	default:
		j.best = max(j.best, found)
	}
	return true
}

// relation is what the message has to do with the query, once all terms hold.
func (j *judgement) relation(basis Basis) Relation {
	switch {
	case basis == BasisAmbiguous: // nobody's: never marked beforehand
		return Mentions
	case j.best == 0 && j.narrowed:
		return Sent
	case j.best == 0: // only "-" terms: nothing was asked for by name
		return Mentions
	}
	return j.best
}

// narrows reports whether a term only narrows what others choose: "age:<2h sales" marks no more than "sales" does.
func (t *term) narrows() bool {
	return t.field == fieldStatus || t.field == fieldSize || t.field == fieldAge
}

// match compares a message with one term, not yet turned round.
func (t *term) match(c *candidate) (Relation, error) {
	sent := func(found bool) (Relation, error) {
		if found {
			return Sent, nil
		}
		return 0, nil
	}
	switch t.field {
	case fieldAccount:
		return sent(t.account(c.Account))
	case fieldDomain:
		return sent(t.ofDomain(c.Account))
	case fieldFrom:
		if t.holdsAddress(c.MailFrom) || t.holdsAddress(c.From) {
			return Sent, nil
		}
		return t.matchUnread(c)
	case fieldTo:
		found, err := c.recipient(t.holdsAddress)
		if found {
			return Addressed, err
		}
		return 0, err
	case fieldSubject:
		return sent(t.needle.in(c.Subject))
	case fieldIP:
		return sent(t.prefix.Contains(c.ClientIP))
	case fieldHELO:
		return sent(t.needle.in(c.HELO))
	case fieldStatus:
		return sent(c.Status == t.status)
	case fieldClass:
		return sent(t.ofClass(c.Bounce, c.ClientIP.IsValid(), c.Basis, c.Marks, c.Layout, c.Unread))
	case fieldSize:
		return sent(t.bound.holds(c.Size))
	case fieldAge:
		return sent(!c.Created.IsZero() && t.bound.holds(int64(c.Queued(c.now))))
	case fieldID:
		return sent(t.value == c.ID.Base() || t.value == string(c.ID))
	case fieldText, fieldIText, fieldRegexp:
		return t.matchFiles(c)
	case fieldDecoded:
		return t.matchDecoded(c)
	}
	if found, err := c.anywhere(t.needle.in); found != 0 || err != nil {
		return found, err
	}
	return t.matchUnread(c)
}

// matchUnread looks for a word that a message of a known layout would have in its envelope: in an unknown one it may stand
// anywhere, as part of anything.
func (t *term) matchUnread(c *candidate) (Relation, error) {
	switch {
	case c.Layout != LayoutUnknown:
		return 0, nil
	case t.field == fieldAny:
		return t.matchFiles(c)
	}
	found, err := c.recipient(t.holdsAddress)
	if found {
		return Mentions, err
	}
	return 0, err
}

// ofClass reports whether a message is of the class that a class: term names. A bounce that a client handed in is of two.
func (t *term) ofClass(bounce, handedIn bool, basis Basis, marks message.Marks, layout Layout, unread Unread) bool {
	switch t.lower {
	case classUnread:
		return layout == LayoutUnknown
	case classCut:
		return unread != 0
	case classAnswer:
		return answers(bounce, basis, layout, marks)
	case classNoLogin:
		return (!bounce || handedIn) && noLogin(basis, layout)
	}
	return bounce
}

// account reports whether an account: term names the account.
func (t *term) account(account string) bool {
	if account == "" {
		return false
	}
	return account == t.lower || !strings.Contains(t.lower, "@") && localPart(account) == t.lower
}

// ofDomain reports whether a domain: term names the domain of the account.
func (t *term) ofDomain(account string) bool {
	return account != "" && domain(account) == strings.TrimPrefix(t.lower, "@")
}

// matchFiles looks into the raw bytes of both files; a regular expression is tried on the decoded fields first.
func (t *term) matchFiles(c *candidate) (Relation, error) {
	if t.field == fieldRegexp {
		if found, err := c.anywhere(t.pattern.MatchString); found != 0 || err != nil {
			return found, err
		}
	}
	var files [2]*contents
	for which := range files { // both, before one is searched: a message of which one has vanished is delivered
		var err error
		if files[which], err = c.read(which); err != nil {
			return 0, err
		}
	}
	for _, file := range files {
		var found bool
		if t.field == fieldRegexp {
			found = t.pattern.Match(file.data)
		} else {
			found = t.inBytes(file.data)
		}
		if found {
			return Mentions, nil
		}
	}
	if files[hdr].cut || files[eml].cut {
		return 0, errCut
	}
	return 0, nil
}

// matchDecoded looks into the text that the reader of the message sees, which is in the EML alone. Where not all of it
// could be decoded, a hit counts, but not its absence.
func (t *term) matchDecoded(c *candidate) (Relation, error) {
	file, err := c.read(eml)
	if err != nil {
		return 0, err
	}
	if c.decoded == nil {
		text, err := message.Decoded(file.data)
		if err == nil && file.cut {
			err = errCut
		}
		c.decoded = &decoded{text, err}
	}
	if strings.Contains(c.decoded.text, t.lower) {
		return Mentions, nil
	}
	return 0, c.decoded.err
}

// anywhere looks where bare words are looked for.
func (c *candidate) anywhere(found func(string) bool) (Relation, error) {
	if found(c.Account) || found(c.MailFrom) || found(c.From) {
		return Sent, nil
	}
	if yes, err := c.recipient(found); yes || err != nil {
		return Addressed, err
	}
	if found(c.Subject) {
		return Mentions, nil
	}
	return 0, nil
}

// recipient reports whether one of the recipients is found. Those beyond the first are read from the HDR.
func (c *candidate) recipient(found func(string) bool) (bool, error) {
	if slices.ContainsFunc(c.Recipients, found) {
		return true, nil
	}
	if c.RecipientCount <= len(c.Recipients) {
		return false, nil
	}
	if c.recipients == nil {
		data, _, err := c.pages.read(c.ID, envelopeAgain, MaxHDR+1)
		if err != nil {
			return false, err
		}
		h := parseHDR(data, false)
		if h.Layout == LayoutUnknown {
			file, err := c.read(eml)
			if err != nil {
				return false, err
			}
			h.widen(file.data[:min(len(file.data), message.ScanSize)])
		}
		c.recipients = h.Recipients
	}
	return slices.ContainsFunc(c.recipients, found), nil
}

// read reads a file, once.
func (c *candidate) read(which int) (*contents, error) {
	if c.files[which] == nil {
		data, cut, err := c.pages.read(c.ID, which, maxSearched)
		if err != nil {
			return nil, err
		}
		c.files[which] = &contents{data: data, cut: cut}
	}
	return c.files[which], nil
}

// holdsAddress reports whether s holds the term's value in any case. An address must be there as a whole:
// "ann@example.com" is not in "joann@example.com".
func (t *term) holdsAddress(s string) bool {
	lower := t.lower
	if !strings.Contains(lower, "@") || !t.needle.in(s) {
		return t.needle.in(s)
	}
	s = strings.ToLower(s)
	for from := 0; ; {
		i := strings.Index(s[from:], lower)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(lower)
		begins := start == 0 || lower[0] == '@' || !addressByte(s[start-1])
		ends := end == len(s) || lower[len(lower)-1] == '@' || !addressByte(s[end])
		if begins && ends {
			return true
		}
		from = start + 1
	}
}

// addressByte reports whether c can go on an address (RFC 5322, section 3.2.3, and all that is not ASCII).
func addressByte(c byte) bool {
	return c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' ||
		strings.IndexByte("!#$%&'*+-/=?^_`{|}~.", c) >= 0
}

func lowerASCII(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return out
}
