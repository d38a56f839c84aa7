package spool

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"delist/spool/message"
)

// Query is a parsed search. The zero Query is empty and matches nothing.
type Query struct{ terms []term }

// field says where a term looks.
type field uint8

const (
	fieldAny field = iota // a bare word
	fieldAccount
	fieldDomain
	fieldFrom
	fieldTo
	fieldSubject
	fieldIP
	fieldHELO
	fieldStatus
	fieldClass
	fieldSize
	fieldAge
	fieldID
	fieldText
	fieldIText
	fieldDecoded
	fieldRegexp
)

// The classes that a class: term knows.
const (
	classBounce  = "bounce"
	classAnswer  = "answer"
	classNoLogin = "nologin"
	classCut     = "cut"
	classUnread  = "unread"
)

var fieldNames = [...]string{"", "account", "domain", "from", "to", "subject", "ip", "helo", "status", "class",
	"size", "age", "id", "text", "itext", "decoded", "re"}

// term is one condition; all of a query must hold.
type term struct {
	field  field
	negate bool
	value  string // as typed, without quotes

	lower   string         // value in lower case; decoded: folded
	needle  needle         // lower, ready to be looked for
	raw     []byte         // text, itext: what to look for
	prefix  netip.Prefix   // ip
	status  Status         // status
	pattern *regexp.Regexp // re
	bound   bound          // size, age
}

// bound is a comparison such as ">20k" or "<=2h"; amount is in bytes or nanoseconds.
type bound struct {
	op     string
	amount int64
}

func (b bound) holds(amount int64) bool {
	switch b.op {
	case "<":
		return amount < b.amount
	case "<=":
		return amount <= b.amount
	case ">":
		return amount > b.amount
	default:
		return amount >= b.amount
	}
}

// Empty reports whether the query has no term. Such a query matches nothing.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// NeedsFiles reports whether files have to be read to answer the query: text, itext, decoded and re look into them.
func (q Query) NeedsFiles() bool {
	for i := range q.terms {
		if q.terms[i].needsFiles() {
			return true
		}
	}
	return false
}

func (t *term) needsFiles() bool { return t.cost() != costRecord }

// cost is what it takes to compare a message with a term.
type cost uint8

const (
	costRecord cost = iota // what is known of it
	costFiles              // reading its files
	costDecode             // decoding what was read
)

func (t *term) cost() cost {
	switch t.field {
	case fieldText, fieldIText, fieldRegexp:
		return costFiles
	case fieldDecoded:
		return costDecode
	}
	return costRecord
}

// AsText is a query for the words of q as they stand in both files, whatever is known of the messages. It is empty where q
// asks for that already, or has no words.
func (q Query) AsText() Query {
	var text Query
	changed := false
	for _, t := range q.terms {
		switch {
		case t.field == fieldSize || t.field == fieldAge || t.needsFiles():
		case t.field == fieldStatus || t.field == fieldClass || t.field == fieldIP && !t.prefix.IsSingleIP(), t.negate:
			continue
		default:
			t = term{field: fieldText, value: t.value, raw: []byte(t.value)}
			changed = true
		}
		text.terms = append(text.terms, t)
	}
	if !changed {
		return Query{}
	}
	return text
}

// AsDecoded is q with what it looks for in the files' bytes looked for as the message's reader sees it, so that words that are
// encoded there (RFC 2045, section 6) are found, too. It is empty where q asks for no such bytes.
func (q Query) AsDecoded() Query {
	var decoded Query
	changed := false
	for _, t := range q.terms {
		if t.field == fieldText || t.field == fieldIText {
			t.field, changed = fieldDecoded, true
		}
		decoded.terms = append(decoded.terms, t)
	}
	if !changed {
		return Query{}
	}
	decoded, _ = ParseQuery(decoded.String()) // which is empty where nothing of a text is left to look for
	return decoded
}

// SayEncoded says what a search for bytes does not see, and how that is found; empty where it looks for none.
func (q Query) SayEncoded() string {
	decoded := q.AsDecoded()
	if decoded.Empty() {
		return ""
	}
	return "Words that are encoded in the file (base64, quoted-printable) are not seen by that; " + message.Printable(decoded.String()) + " sees them, too."
}

// String returns the query in a form that ParseQuery reads as the same query.
func (q Query) String() string {
	parts := make([]string, len(q.terms))
	for i, t := range q.terms {
		parts[i] = t.String()
	}
	return strings.Join(parts, " ")
}

// String returns the term as it could be typed.
func (t term) String() string {
	var b strings.Builder
	if t.negate {
		b.WriteByte('-')
	}
	if t.field != fieldAny {
		b.WriteString(fieldNames[t.field] + ":")
	}
	if t.mustQuote() {
		b.WriteString(`"` + strings.ReplaceAll(t.value, `"`, `""`) + `"`)
	} else {
		b.WriteString(t.value)
	}
	return b.String()
}

func (t term) mustQuote() bool {
	if t.value == "" || strings.ContainsFunc(t.value, isBlank) || strings.Contains(t.value, `"`) {
		return true
	}
	return t.field == fieldAny && (t.value[0] == '-' || strings.Contains(t.value, ":"))
}

// QueryError says what is wrong with a query, where, and what would be right.
type QueryError struct {
	Pos     int // of the place, in bytes from the start of the query
	Message string
}

// Error names the place, counted from 1 as people do.
func (e *QueryError) Error() string {
	return fmt.Sprintf("the search is not clear at character %d: %s", e.Pos+1, e.Message)
}
