package bounce

import (
	"regexp"
	"strings"
)

// rule says what a refusal means whose text fits. The first rule that fits
// counts, so the order of the tables matters.
type rule struct {
	match     string // a regular expression on the text, upper and lower case alike
	host      string // and one on the server's name; empty: any
	kind      Kind
	provider  string
	list      string
	certainty Certainty
	waits     bool // temporary, whatever the code says
	advice    string
	url       string // {ip} stands for the address
}

// compiled is a rule ready for use.
type compiled struct {
	rule
	text, server *regexp.Regexp
}

// fits reports that the rule is about this refusal.
func (c *compiled) fits(text, host string) bool {
	return c.text.MatchString(text) && (c.host == "" || c.server.MatchString(host))
}

// finding fills the rule's row with what the refusal itself says.
func (c *compiled) finding(r reply) Finding {
	f := newFinding(r)
	f.Kind, f.List, f.Certainty, f.Advice = c.kind, c.list, c.certainty, c.advice
	if c.provider != "" {
		f.Provider = c.provider
	}
	if c.waits {
		f.Permanent = false
	}
	f.URL = fill(c.url, f.IP)
	return f
}

// compile makes the tables ready, in the order in which they are tried.
func compile(tables ...[]rule) []compiled {
	var all []compiled
	for _, table := range tables {
		for _, row := range table {
			all = append(all, compiled{row, regexp.MustCompile("(?i)" + row.match), regexp.MustCompile("(?i)" + row.host)})
		}
	}
	return all
}

// providers names who runs a mail host, by the end of its name.
var providers = []struct{ suffix, name string }{
	{"olc.protection.outlook.com", "Outlook.com"},
	{"protection.outlook.com", "Microsoft 365"},
	{"google.com", "Google"},
	{"googlemail.com", "Google"},
	{"yahoodns.net", "Yahoo"},
	{"yahoo.com", "Yahoo"},
	{"icloud.com", "Apple"},
	{"me.com", "Apple"},
	{"cox.net", "Cox"},
	{"comcast.net", "Comcast"},
	{"pphosted.com", "Proofpoint"},
	{"mimecast.com", "Mimecast"},
	{"gmx.net", "GMX"},
	{"web.de", "web.de"},
	{"t-online.de", "T-Online"},
	{"orange.fr", "Orange"},
	{"emailsrvr.com", "Rackspace"},
	{"secureserver.net", "GoDaddy"},
}

// providerOf names who runs a host, or gives nothing.
func providerOf(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, p := range providers {
		if host == p.suffix || strings.HasSuffix(host, "."+p.suffix) {
			return p.name
		}
	}
	return ""
}
