package traffic

import (
	"bytes"
	"slices"
	"strings"
)

var (
	saysSuccess  = []byte("login successful")
	saysLoggedIn = []byte(" logged in")
	saysUser     = []byte("user ")
)

// Bounds of the words in front of "Login successful": Webmail, IMAP, Exchange ActiveSync, MAPI over HTTP.
const (
	maxProtocol      = 40
	maxProtocolWords = 4
)

// loggedIn reads that somebody got in: "IMAP Login successful", "Webmail Login successful: With user X", "POP User X
// logged in". It says by which protocol, and as which account; "" where the line does not name them.
func loggedIn(text []byte) (protocol, account string, ok bool) {
	if at := indexFold(text, saysSuccess); at >= 0 && (at == 0 || text[at-1] == ' ') {
		if protocol, ok = protocolName(text[:at]); ok && at > 0 {
			return protocol, userIn(text[at+len(saysSuccess):]), true
		}
		return "", "", false
	}
	before, rest, found := bytes.Cut(text, saysLoggedIn)
	if !found || len(bytes.Trim(rest, " .")) > 0 && !bytes.HasPrefix(rest, []byte(" from ")) && !bytes.HasPrefix(rest, []byte(" via ")) {
		return "", "", false
	}
	at := indexFold(before, saysUser)
	if at < 0 || at > 0 && before[at-1] != ' ' {
		return "", "", false
	}
	name := before[at+len(saysUser):]
	if protocol, ok = protocolName(before[:at]); !ok || bytes.IndexByte(name, ' ') >= 0 {
		return "", "", false
	}
	account = accountName(name)
	return protocol, account, account != ""
}

// plain are the words of a line that says nothing but that somebody got in, and the words among them that say it: one alone,
// or one of each kind.
var (
	plain = map[string]bool{"user": true, "account": true, "mailbox": true, "client": true, "session": true, "smtp": true, "is": true, "has": true, "been": true,
		"as": true, "for": true, "by": true, "with": true, "authenticated": true}
	entry  = map[string]bool{"authentication": true, "auth": true, "login": true, "logon": true, "logged": true}
	worked = map[string]bool{"successful": true, "successfully": true, "succeeded": true, "success": true, "ok": true, "in": true, "on": true}
)

// inOtherWords reads a line that says in words of no build known that somebody got in: "User authenticated: x@y",
// "Authentication succeeded for x@y". Of the words none may be another than these, save the account's name, so that nothing
// that a client says passes for one.
func inOtherWords(text []byte) (account string, ok bool) {
	const most, long = 12, 120
	if start := text[:min(len(text), long)]; indexFold(start, []byte("auth")) < 0 && indexFold(start, []byte("log")) < 0 {
		return "", false
	}
	words := strings.Fields(string(text))
	alone, through, well := false, false, false
	for i, word := range words[:min(len(words), most)] {
		word = strings.ToLower(strings.Trim(word, ":,.;"))
		if word == "from" || word == "via" {
			break
		}
		alone, through, well = alone || word == "authenticated", through || entry[word], well || worked[word]
		switch {
		case word == "" || plain[word] || entry[word] || worked[word]:
		case account != "":
			return "", false
		default:
			account = accountName([]byte(strings.Trim(words[i], ":,.;")))
			if account == "" || !strings.Contains(account, "@") && !introduces(words[:i]) {
				return "", false
			}
		}
	}
	if ok = len(words) <= most && (alone || through && well); !ok {
		return "", false
	}
	return account, true
}

// introduces says that words end with one behind which an account's name stands, with a domain or without.
func introduces(words []string) bool {
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	return strings.HasSuffix(last, ":") || slices.Contains([]string{"user", "account", "mailbox", "as", "for"}, strings.ToLower(last))
}

// userIn is the account that the rest of a line names behind the word "user".
func userIn(rest []byte) string {
	if at := indexFold(rest, saysUser); at >= 0 {
		return accountName(rest[at+len(saysUser):])
	}
	return ""
}

// protocolName reads what stands in front of a login as the name of a protocol: a few words without anything that a
// client could have put there.
func protocolName(b []byte) (string, bool) {
	b = bytes.Trim(b, " \t")
	if len(b) > maxProtocol {
		return "", false
	}
	for _, c := range b {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if !isDigit(c) && c != ' ' && c != '/' && c != '-' {
				return "", false
			}
		}
	}
	words := strings.Fields(string(b))
	for _, w := range words {
		switch strings.ToLower(w) {
		case "login", "user", "attempting", "failed", "to", "as", "for", "not", "no", "un", "calling":
			return "", false
		}
	}
	return strings.Join(words, " "), len(words) <= maxProtocolWords
}

// indexFold is bytes.Index whatever the case of ASCII letters; what is in lower case.
func indexFold(b, what []byte) int {
	for at := 0; at+len(what) <= len(b); at++ {
		if (b[at] == what[0] || b[at]|0x20 == what[0]) && bytes.EqualFold(b[at:at+len(what)], what) {
			return at
		}
	}
	return -1
}
