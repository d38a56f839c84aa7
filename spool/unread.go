package spool

import (
	"errors"
	"fmt"
	"strings"

	"delist/spool/message"
)

// Unread names what is not known of a message, since a bound ended the reading. Of a text there may be more than is
// there, so that a word that is found counts, and one that is not may be there all the same.
type Unread uint8

// What may be unread.
const (
	UnreadFrom       Unread = 1 << iota // in the header, beyond message.ScanLimit, or longer than is kept
	UnreadSubject                       // the same
	UnreadAccount                       // who logged in, and so whether it is a bounce
	UnreadClient                        // the client's address
	UnreadRecipients                    // in the envelope, beyond MaxHDR
	UnreadHELO                          // the same

	unreadSomewhere = UnreadFrom | UnreadSubject | UnreadAccount | UnreadRecipients // where bare words are looked for
)

var unreadWords = [...]string{"From", "Subject", "account", "client address", "recipients", "HELO"}

// String names the parts: "From, Subject".
func (u Unread) String() string {
	var parts []string
	for i, word := range unreadWords {
		if u&(1<<i) != 0 {
			parts = append(parts, word)
		}
	}
	return strings.Join(parts, ", ")
}

// FromRead is From as far as it was read, with a mark where there may be more.
func (m *Message) FromRead() string { return asRead(m.From, m.Unread&UnreadFrom != 0) }

// SubjectRead is the same of Subject.
func (m *Message) SubjectRead() string { return asRead(m.Subject, m.Unread&UnreadSubject != 0) }

func asRead(text string, cut bool) string {
	switch {
	case !cut:
		return text
	case text == "":
		return "[not read]"
	}
	return "[cut] " + text
}

// Untold says of how many messages nobody knows whether they match; empty where there are none.
func (r *Results) Untold() string {
	n := len(r.Problems)
	if n == 0 {
		return ""
	}
	of, such := "its", ": "
	if n > 1 {
		of, such = "their", ", such as "
	}
	text := fmt.Sprintf("%s could not be searched to %s end and may match%s%s.", messages(n), of, such, message.Printable(r.Problems[0].Path))
	if r.Query.NeedsFiles() {
		return text + fmt.Sprintf(" Of a file the first %d MB are searched.", maxSearched>>20)
	}
	return text + " text: looks further."
}

var errUnread = errors.New("it could not be read to its end")

// unread says what of a message its two files leave open, once it is known who sent it.
func unread(h HDR, m message.Header, who attribution) Unread {
	var u Unread
	note := func(open bool, part Unread) {
		if open {
			u |= part
		}
	}
	from := m.Unread&message.UnreadFrom != 0
	account := h.Cut || m.Unread&message.UnreadAccount != 0 || from && !who.bounce && who.basis != BasisEnvelope
	note(from, UnreadFrom)
	note(m.Unread&message.UnreadSubject != 0, UnreadSubject)
	note(account && !who.basis.Proven() && who.basis != BasisAmbiguous, UnreadAccount)
	note((h.Cut || m.Unread&message.UnreadClient != 0) && !h.ClientIP.IsValid(), UnreadClient)
	note(h.Cut, UnreadRecipients)
	note(h.Cut && h.HELO == "", UnreadHELO)
	return u
}

// open reports whether nobody knows what a term says of a message of which a part is unread, or could not be decoded.
func (t *term) open(u Unread, m message.Marks, found bool) bool {
	if m.Has(message.Undecoded) {
		u |= UnreadSubject
	}
	var needs Unread
	switch t.field {
	case fieldAccount, fieldDomain, fieldClass: // an account that was found is a guess, too
		return u&UnreadAccount != 0
	case fieldAny, fieldRegexp:
		needs = unreadSomewhere
	case fieldFrom:
		needs = UnreadFrom
	case fieldTo:
		needs = UnreadRecipients
	case fieldSubject:
		needs = UnreadSubject
	case fieldIP:
		needs = UnreadClient
	case fieldHELO:
		needs = UnreadHELO
	}
	return !found && u&needs != 0
}
