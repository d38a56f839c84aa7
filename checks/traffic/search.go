package traffic

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Search says whose lines are looked for. All that is given has to hold for a conversation.
type Search struct {
	Account string     // that logged in, or whom a delivery is for; without a domain, of any
	Address string     // that a line names: a sender, a recipient, a log-in
	Client  netip.Addr // that connected
	Message string     // the name of a spool file, or of a delivery
	Session string     // of the smtpLog
	Either  string     // a message or a session
}

// ParseSearch reads what somebody types: account:NAME, address:ADDRESS, client:ADDRESS, message:ID, session:NUMBER, or a word alone, which
// is the one that it looks like.
func ParseSearch(text string) (s Search, err error) {
	for _, word := range strings.Fields(text) {
		key, value, named := strings.Cut(word, ":")
		if ip := address([]byte(word)); ip.IsValid() { // IPv6 has colons, too
			key, value, named = "client", word, true
		}
		if !named {
			value = word
			switch {
			case strings.Contains(word, "@"):
				key = "account"
			case isID([]byte(word)) && (isDigit(word[0]) || word[0] == '-'):
				key = "either"
			default:
				key = "account"
			}
		}
		if err := s.add(strings.ToLower(key), value); err != nil {
			return Search{}, err
		}
	}
	if s == (Search{}) {
		return s, errors.New("say what to look for, such as account:name@domain, client:198.51.100.7, message:67518204 or session:39603817")
	}
	return s, nil
}

func (s *Search) add(key, value string) error {
	to := &s.Account
	switch key {
	case "account":
		if value = accountName([]byte(value)); value == "" {
			return errors.New("account: wants the name of a mailbox, such as account:name@domain")
		}
	case "address":
		if value = accountName([]byte(value)); !strings.Contains(value, "@") {
			return errors.New("address: wants an address as a sender or a recipient has it, such as address:name@domain")
		}
		to = &s.Address
	case "client", "ip":
		ip := address([]byte(value))
		if !ip.IsValid() {
			return fmt.Errorf("%s: wants an address, such as client:198.51.100.7", key)
		}
		if s.Client.IsValid() {
			return errors.New("give one client only")
		}
		s.Client = ip
		return nil
	case "message", "id", "delivery":
		to, key = &s.Message, "message"
		for _, end := range []string{".hdr", ".eml"} {
			if cut := len(value) - len(end); cut > 0 && strings.EqualFold(value[cut:], end) {
				value = value[:cut]
			}
		}
	case "session":
		to = &s.Session
	case "either":
		to, key = &s.Either, "message or session"
	default:
		return fmt.Errorf("%q is nothing that logs are searched by; account:, address:, client:, message: and session: are", key)
	}
	if key != "account" && key != "address" && !isID([]byte(value)) {
		return fmt.Errorf("%s: wants the number from a log or the name of a file in the spool", key)
	}
	if *to != "" {
		return fmt.Errorf("give one %s only", key)
	}
	*to = value
	return nil
}

// String is the search as it can be typed again.
func (s Search) String() string {
	var terms []string
	for _, t := range []struct{ key, value string }{{"account:", s.Account}, {"address:", s.Address}, {"message:", s.Message}, {"session:", s.Session}, {"", s.Either}} {
		if t.value != "" {
			terms = append(terms, t.key+t.value)
		}
	}
	if s.Client.IsValid() {
		terms = append(terms, "client:"+s.Client.String())
	}
	return strings.Join(terms, " ")
}

// terms are the things that a conversation may have of a search.
type terms uint8

const (
	hasAccount terms = 1 << iota
	hasClient
	hasMessage
	hasSession
	hasEither
	hasAddress
)

// wants are the terms that a search has.
func (s *Search) wants() (t terms) {
	for _, given := range []struct {
		is bool
		t  terms
	}{{s.Account != "", hasAccount}, {s.Client.IsValid(), hasClient}, {s.Message != "", hasMessage}, {s.Session != "", hasSession}, {s.Either != "", hasEither}, {s.Address != "", hasAddress}} {
		if given.is {
			t |= given.t
		}
	}
	return t
}

// of is whether an account is the one that is looked for: short says that it is named without its domain.
func (s *Search) of(account string) (is, short bool) {
	switch {
	case s.Account == "" || account == "":
		return false, false
	case s.Account == account:
		return true, false
	}
	if mine := withoutDomain(s.Account); mine != s.Account {
		return account == mine, true
	}
	return withoutDomain(account) == s.Account, false
}

// message is what a message's name, or a delivery's, has of the search.
func (s *Search) message(id string) (t terms) {
	if id == "" {
		return 0
	}
	if s.Message != "" && sameMessage(s.Message, id) {
		t |= hasMessage
	}
	if s.Either != "" && sameMessage(s.Either, id) {
		t |= hasEither
	}
	return t
}

// sameMessage compares the names of spool files and of deliveries: of a longer name deliveries have the end only.
func sameMessage(a, b string) bool {
	const short = 8
	return strings.EqualFold(a, b) || joint(a) == joint(b) && (len(a) <= short || len(b) <= short)
}
