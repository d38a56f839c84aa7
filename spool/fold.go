package spool

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// foldedSubject appends to buf what a subject has in common with others of the same campaign: its words in lower case,
// one blank between them. Words with digits become "#", so that running numbers do not tell messages apart, and the
// words of the recipient's address become "~", since spam likes to greet by name.
func foldedSubject(buf []byte, subject, recipient string) []byte {
	eachWord(subject, func(word string, _ int) {
		sign := byte(0)
		switch {
		case hasDigit(word):
			sign = '#'
		case namesRecipient(word, recipient):
			sign = '~'
		}
		if n := len(buf); sign != 0 && n > 0 && buf[n-1] == sign {
			return // "12/2026" is one number, "Ann Berg" one name
		}
		if len(buf) > 0 {
			buf = append(buf, ' ')
		}
		if sign != 0 {
			buf = append(buf, sign)
			return
		}
		for _, r := range word {
			buf = utf8.AppendRune(buf, unicode.ToLower(r))
		}
	})
	return buf
}

// eachWord calls f for each run of letters and digits, with its place.
func eachWord(s string, f func(word string, at int)) {
	start := -1
	for i, r := range s {
		inWord := r < utf8.RuneSelf && isAlphanumeric(byte(r)) || r >= utf8.RuneSelf && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
		switch {
		case inWord && start < 0:
			start = i
		case !inWord && start >= 0:
			f(s[start:i], start)
			start = -1
		}
	}
	if start >= 0 {
		f(s[start:], start)
	}
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func hasDigit(word string) bool {
	return strings.ContainsFunc(word, unicode.IsDigit)
}

// minName is the shortest word that counts as a name: "to" and "of" stand in many an address by chance.
const minName = 3

// namesRecipient reports whether a word of a subject is one of the words of an address: "Ann" in "ann.berg@example.com".
func namesRecipient(word, recipient string) bool {
	if len(word) < minName || len(word) > len(recipient) {
		return false
	}
	for i := 0; i+len(word) <= len(recipient); i++ {
		end := i + len(word)
		if (i == 0 || !isAlphanumeric(recipient[i-1])) && (end == len(recipient) || !isAlphanumeric(recipient[end])) &&
			strings.EqualFold(recipient[i:end], word) {
			return true
		}
	}
	return false
}

// sizeClass is how large a message is, roughly: up to 8 KB, 64 KB, 512 KB, and so on. Small print that differs from
// message to message should not tell a campaign apart, an attachment should.
func sizeClass(bytes int64) byte {
	class := byte(0)
	for limit := int64(8 << 10); bytes > limit && class < 8; limit <<= 3 {
		class++
	}
	return class
}
