package message

import (
	"bytes"
	"strings"
)

// Marks are what the program that wrote a message says of itself in its header. Anybody may write them: they tell one
// kind of mail from another, and never good mail from bad.
type Marks uint8

// The marks.
const (
	OfList    Marks = 1 << iota // a mailing list sent it on: List-Id, List-Post, Precedence: list
	Bulk                        // it is for many: List-Unsubscribe, Precedence: bulk
	Automatic                   // it answers another message by itself: Auto-Submitted, X-Autoreply
	Script                      // a web page sent it
	Undecoded                   // of its Subject a part could not be decoded: there may be other words in it
)

// Has reports whether all of some marks are there.
func (m Marks) Has(some Marks) bool { return m&some == some }

// mailers are words in the name of a mailer that is a part of a web page.
var mailers = []string{"php", "cdo for windows", "wordpress", "joomla", "drupal", "aspmail", "jmail", "swiftmailer", "nodemailer"}

// markOf is the mark that a header field gives.
func markOf(name, value []byte) Marks {
	switch {
	case is(name, "list-id"), is(name, "list-post"):
		return OfList
	case is(name, "list-unsubscribe"):
		return Bulk
	case is(name, "precedence"):
		switch {
		case word(value, "list"):
			return OfList
		case word(value, "bulk"):
			return Bulk
		case word(value, "auto_reply"):
			return Automatic
		}
	case is(name, "auto-submitted"):
		if word(value, "auto-replied") {
			return Automatic
		}
	case is(name, "x-autoreply"), is(name, "x-autorespond"), is(name, "x-autoresponder"):
		return Automatic
	case is(name, "x-smartermail-messagetype"):
		if bytes.Contains(bytes.ToLower(value), []byte("auto")) {
			return Automatic
		}
	case is(name, "x-php-originating-script"), is(name, "x-php-script"):
		return Script
	case is(name, "x-mailer"), is(name, "user-agent"):
		lower := strings.ToLower(string(value[:min(len(value), 200)]))
		for _, part := range mailers {
			if strings.Contains(lower, part) {
				return Script
			}
		}
	}
	return 0
}

// word reports whether a value begins with a word in lower case; a parameter or a comment may follow.
func word(value []byte, lower string) bool {
	if i := bytes.IndexAny(value, " \t;("); i >= 0 {
		value = value[:i]
	}
	return is(value, lower)
}
