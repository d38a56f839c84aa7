package message

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Addresses returns every address in a text, each once, in the order in which they stand, whatever is around them. What
// may be part of an address and may as well stand before one, as in "to=joe@example.com", is given with it and without.
func Addresses(text string) []string {
	var found []string
	seen := map[string]bool{}
	add := func(address string) {
		if !seen[address] {
			seen[address] = true
			found = append(found, address)
		}
	}
	for from := 0; ; {
		at := strings.IndexByte(text[from:], '@')
		if at < 0 {
			return found
		}
		at += from
		local := text[from:at]
		if i := strings.LastIndexFunc(local, notLocal); i >= 0 {
			_, size := utf8.DecodeRuneInString(local[i:])
			local = local[i+size:]
		}
		domain := text[at+1:]
		if i := strings.IndexFunc(domain, notDomain); i >= 0 {
			domain = domain[:i]
		}
		from = at + 1
		if domain = strings.TrimRight(domain, ".-"); local == "" || domain == "" {
			continue
		}
		add(local + "@" + domain)
		if i := strings.LastIndexAny(local, "=/'|{}&"); i >= 0 && i < len(local)-1 {
			add(local[i+1:] + "@" + domain)
		}
	}
}

// Recipients returns the addresses to which a message says that it goes, from the first bytes of its EML: they need not be
// those of its envelope.
func Recipients(b []byte) []string {
	var found []string
	ended := false
	for name, value := range fields(b, &ended) {
		if slices.ContainsFunc(recipientFields, func(field string) bool { return is(name, field) }) {
			found = append(found, Addresses(toUTF8(value))...)
		}
	}
	return found
}

var recipientFields = []string{"to", "cc", "bcc", "delivered-to", "x-original-to"}

// notLocal reports whether r cannot stand in the local part of an address without quotes (RFC 5322, section 3.2.3).
func notLocal(r rune) bool {
	return notDomain(r) && !strings.ContainsRune("!#$%&'*+/=?^`{|}~", r)
}

// notDomain reports whether r cannot stand in the domain of an address.
func notDomain(r rune) bool {
	return r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '.' && r != '-' && r != '_' || r == '\ufffd'
}
