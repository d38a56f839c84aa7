package spool

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"delist/spool/message"
)

// Bounds of a query, which may be pasted.
const (
	maxQuery = 4096 // bytes
	maxTerms = 50
)

// ParseQuery reads the search language. Terms stand apart by blanks, and all must hold:
//
//	word            anywhere in account, envelope sender, From, recipients, subject; case does not matter
//	account:A       the account is A; without an "@", the part before it is
//	domain:D        the account is of domain D
//	from:A to:A     the envelope sender or From, or a recipient, holds A (a whole address is matched as one)
//	subject:W       the subject holds W
//	ip:A            the client's address is A, or is in the network A (203.0.113.0/24)
//	helo:W          the client's greeting holds W
//	status:S        written, ready, failed, quarantined, unknown
//	class:bounce    null sender and no login
//	class:answer    a bounce, or an automatic answer
//	class:nologin   nobody logged in to send it, and it is no bounce of this server
//	class:unread    its HDR is of an unknown layout
//	class:cut       its header or envelope could not be read to its end: too long, or a file of zeros
//	size:>20k       also <, >=, <=; bytes, or k, m, g of 1024
//	age:<2h         also >, >=, <=; s, m, h, d
//	id:N            the name of the message, with or without its folder
//	text:W itext:W  either file holds W, byte for byte (itext: upper and lower case of ASCII alike)
//	decoded:W       what its reader sees holds W: Subject, From, To and text, decoded; case and line ends do not matter
//	re:R            either file, or what a bare word looks at, matches the regular expression R (RE2)
//
// In an HDR of an unknown layout no address has a part to play: from: and to: find it anywhere there, and bare words look
// into both files.
//
// "-" before a term turns it round. Quotes group, as in subject:"final notice"; a quote within is written twice. An
// error is a *QueryError.
func ParseQuery(s string) (Query, error) {
	if len(s) > maxQuery {
		return Query{}, &QueryError{maxQuery, fmt.Sprintf("it is longer than %d bytes: shorten it", maxQuery)}
	}
	var q Query
	p := queryParser{text: s}
	for p.skipBlanks(); p.pos < len(s); p.skipBlanks() {
		if len(q.terms) == maxTerms {
			return Query{}, p.fail(p.pos, "more than %d terms: leave some out", maxTerms)
		}
		t, err := p.term()
		if err != nil {
			return Query{}, err
		}
		q.terms = append(q.terms, t)
	}
	return q, nil
}

// queryParser reads a query from left to right.
type queryParser struct {
	text string
	pos  int
}

func (p *queryParser) fail(pos int, format string, args ...any) error {
	return &QueryError{Pos: pos, Message: fmt.Sprintf(format, args...)}
}

func isBlank(r rune) bool { return unicode.IsSpace(r) }

func (p *queryParser) skipBlanks() {
	for p.pos < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[p.pos:])
		if !isBlank(r) {
			return
		}
		p.pos += size
	}
}

func (p *queryParser) term() (term, error) {
	var t term
	if p.text[p.pos] == '-' {
		t.negate = true
		p.pos++
	}
	start := p.pos
	if name, found := p.fieldName(); found {
		f, err := p.field(start, name)
		if err != nil {
			return term{}, err
		}
		t.field = f
	}
	at := p.pos
	value, err := p.value()
	if err != nil {
		return term{}, err
	}
	if value == "" {
		return term{}, p.missing(start, at, t)
	}
	t.value, t.lower = value, strings.ToLower(value)
	t.needle = newNeedle(t.lower)
	return t, p.compile(&t, at)
}

// fieldName takes "name:" when that comes next.
func (p *queryParser) fieldName() (string, bool) {
	for i := p.pos; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == ':':
			name := p.text[p.pos:i]
			p.pos = i + 1
			return name, true
		case c == '"' || c == ' ' || c == '\t':
			return "", false
		}
	}
	return "", false
}

func (p *queryParser) field(pos int, name string) (field, error) {
	for i, known := range fieldNames {
		if i > 0 && strings.EqualFold(name, known) {
			return field(i), nil
		}
	}
	nearest, distance := "", 3
	for _, known := range fieldNames[1:] {
		if d := editDistance(strings.ToLower(name), known); d < distance {
			nearest, distance = known, d
		}
	}
	if nearest != "" {
		return 0, p.fail(pos, "there is no field %q; nearest: %s:", name, nearest)
	}
	return 0, p.fail(pos, "there is no field %q; to look for the words themselves, put them in quotes", name)
}

// value takes a quoted or a bare value.
func (p *queryParser) value() (string, error) {
	if p.pos == len(p.text) || p.text[p.pos] != '"' {
		rest := p.text[p.pos:]
		if end := strings.IndexFunc(rest, isBlank); end >= 0 {
			rest = rest[:end]
		}
		if i := strings.IndexByte(rest, '"'); i >= 0 {
			return "", p.fail(p.pos+i, "a quote in the middle of a word: put the quotes around all of it")
		}
		p.pos += len(rest)
		return rest, nil
	}
	open := p.pos
	var b strings.Builder
	for i := p.pos + 1; i < len(p.text); i++ {
		if p.text[i] != '"' {
			b.WriteByte(p.text[i])
			continue
		}
		if i+1 < len(p.text) && p.text[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		p.pos = i + 1
		if next, _ := utf8.DecodeRuneInString(p.text[p.pos:]); p.pos < len(p.text) && !isBlank(next) {
			return "", p.fail(p.pos, "leave a blank after the closing quote")
		}
		return b.String(), nil
	}
	return "", p.fail(open, `this quote is not closed: put a " at the end`)
}

func (p *queryParser) missing(start, at int, t term) error {
	switch {
	case t.field == fieldRegexp:
		return p.fail(at, `re: needs a regular expression right behind it; to look for the words "Re:", put them in quotes`)
	case t.field != fieldAny:
		return p.fail(at, "%s: needs a value right behind it, such as %s", fieldNames[t.field], examples[t.field])
	default:
		return p.fail(start, "nothing stands here: type a word or a field such as account:joe@example.com")
	}
}

var examples = [...]string{
	fieldAccount: "account:joe@example.com", fieldDomain: "domain:example.com", fieldFrom: "from:joe@example.com",
	fieldTo: "to:joe@example.com", fieldSubject: "subject:invoice", fieldIP: "ip:203.0.113.0/24", fieldHELO: "helo:JOEPC",
	fieldStatus: "status:written", fieldClass: "class:bounce", fieldSize: "size:>20k", fieldAge: "age:<2h",
	fieldID: "id:67518204", fieldText: `text:"final notice"`, fieldIText: `itext:"final notice"`,
	fieldDecoded: `decoded:"final notice"`, fieldRegexp: `re:inv[0-9]+`,
}

// compile makes the value ready to compare with. at is where it stands.
func (p *queryParser) compile(t *term, at int) (err error) {
	refuse := func() error {
		return p.fail(at, "%s: cannot be %q; right would be %s", fieldNames[t.field], t.value, examples[t.field])
	}
	switch t.field {
	case fieldText:
		t.raw = []byte(t.value)
	case fieldIText, fieldAny:
		t.raw = lowerASCII([]byte(t.value))
	case fieldDecoded:
		if t.lower = message.Fold(t.value); t.lower == "" {
			return refuse()
		}
	case fieldIP:
		if t.prefix, err = parsePrefix(t.value); err != nil {
			return refuse()
		}
	case fieldStatus:
		if t.status = parseStatus(t.value); t.status == StatusUnknown && t.lower != "unknown" {
			return refuse()
		}
	case fieldClass:
		if t.lower != classBounce && t.lower != classAnswer && t.lower != classNoLogin && t.lower != classUnread && t.lower != classCut {
			return refuse()
		}
	case fieldSize:
		if t.bound, err = parseBound(t.lower, sizeUnits); err != nil {
			return refuse()
		}
	case fieldAge:
		if t.bound, err = parseBound(t.lower, ageUnits); err != nil {
			return refuse()
		}
	case fieldRegexp:
		if t.pattern, err = regexp.Compile(t.value); err != nil {
			return p.fail(at, "not a regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
	}
	return nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		ip = ip.Unmap().WithZone("")
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

var (
	sizeUnits = map[string]int64{"": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "g": 1 << 30, "gb": 1 << 30}
	ageUnits  = map[string]int64{"s": int64(time.Second), "m": int64(time.Minute), "h": int64(time.Hour), "d": int64(24 * time.Hour)}
)

// parseBound reads ">20k": an operator, a whole number, a unit.
func parseBound(s string, units map[string]int64) (bound, error) {
	number := strings.TrimLeft(s, "<>=")
	op := s[:len(s)-len(number)]
	if op != "<" && op != "<=" && op != ">" && op != ">=" {
		return bound{}, fmt.Errorf("no comparison in %q", s)
	}
	unit := strings.TrimLeft(number, "0123456789")
	n, err := strconv.ParseInt(number[:len(number)-len(unit)], 10, 64)
	if err != nil {
		return bound{}, err
	}
	factor, known := units[unit]
	if !known || n > (1<<62)/factor {
		return bound{}, fmt.Errorf("no amount in %q", s)
	}
	return bound{op: op, amount: n * factor}, nil
}
