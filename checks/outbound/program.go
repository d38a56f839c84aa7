package outbound

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// SMTP is the port at which mail servers take mail from each other (RFC 5321 section 4.5.4.2).
const SMTP = 25

// Sample is one look. Every text in it is safe to print.
type Sample struct {
	At       time.Time `json:"at"` // UTC
	Programs []Program `json:"programs"`
	Ended    int       `json:"ended,omitempty"`  // connections that were over: no program belongs to them any more
	Unseen   []string  `json:"unseen,omitempty"` // what could not be looked at, and what to do, a sentence each
}

// Program is one that speaks to mail servers elsewhere.
type Program struct {
	PID         int            `json:"pid,omitempty"`       // 0: which one it is cannot be seen
	Path        string         `json:"path,omitempty"`      // its file, empty where it cannot be read
	Name        string         `json:"name,omitempty"`      // as the system lists it
	Script      string         `json:"script,omitempty"`    // what it runs, where it only runs what others wrote
	Owner       string         `json:"owner,omitempty"`     // the user that it runs as
	Container   bool           `json:"container,omitempty"` // it has a network of its own, as in a container
	Remote      netip.AddrPort `json:"remote"`              // one of the servers
	Connections int            `json:"connections"`
}

// Known says that it could be seen which program it is.
func (p Program) Known() bool { return p.PID != 0 }

// Same says that two are the same program, whichever process it is.
func (p Program) Same(other Program) bool { return p.Key() == other.Key() }

// Key names a program in records: what it is and who runs it, whichever process it is.
func (p Program) Key() string {
	what := p.Script
	for _, more := range []string{p.Path, p.Name} {
		if what == "" {
			what = more
		}
	}
	if what == "" {
		what = "unknown program"
	}
	if p.Owner != "" {
		what += " of " + p.Owner
	}
	return what
}

// IsMail says that a program is SmarterMail, by its file. The name alone proves nothing: others bear it, too.
func (p Program) IsMail() bool {
	parts := strings.FieldsFunc(strings.ToLower(p.Path), func(r rune) bool { return r == '/' || r == '\\' })
	if len(parts) < 2 {
		return false
	}
	switch parts[len(parts)-1] {
	case "mailservice.exe", "smartermail.exe", "mailservice", "smartermail":
	default:
		return false
	}
	return slices.ContainsFunc(parts[:len(parts)-1], func(folder string) bool { return strings.HasPrefix(folder, "smartermail") })
}
