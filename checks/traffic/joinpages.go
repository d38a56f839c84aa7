package traffic

import (
	"iter"
	"maps"
	"strings"
)

// plus is a page with what another one knows of the same account; p may be nil. Neither changes.
func (p *page) plus(other *page) *page {
	if p == nil {
		return other
	}
	sum := *p
	sum.messages += other.messages
	sum.hours, sum.recent = p.hours.plus(other.hours), p.recent.plus(other.recent)
	sum.seen(other.first)
	sum.seen(other.last)
	if len(other.clients) > 0 {
		sum.clients = maps.Clone(p.clients)
		for k, c := range other.clients {
			if known := sum.clients[k]; known != nil {
				c = known.plus(c)
			}
			sum.clients[k] = c
		}
	}
	return &sum
}

// plus is a client with what another page knows of it.
func (c *Client) plus(other *Client) *Client {
	sum := *c
	sum.Logins += other.Logins
	sum.Messages += other.Messages
	if other.First.Before(sum.First) {
		sum.First = other.First
	}
	if other.Last.After(sum.Last) {
		sum.Last = other.Last
	}
	if other.LastLogin.After(sum.LastLogin) {
		sum.LastLogin = other.LastLogin
	}
	return &sum
}

// aliases are the names without a domain that people log in by, with the account of each: where only one fits.
func (b *book) aliases(pages map[string]*page) map[string]string {
	found := map[string]string{}
	var fits fitting
	for short, p := range pages {
		if short == "" || strings.Contains(short, "@") || !p.mailbox() {
			continue
		}
		if fits == nil { // few servers need it
			fits = fitting{}
			fits.add(maps.Keys(pages))
			fits.add(maps.Keys(b.received))
		}
		full, known := fits[short]
		if !known && len(b.hosted) == 1 {
			for domain := range b.hosted {
				full = short + "@" + domain
			}
		}
		if full != "" {
			found[short] = full
		}
	}
	return found
}

// mailbox says that the name is a mailbox's: the server's administrator logs in to web mail alone, and sends nothing.
func (p *page) mailbox() bool {
	for k := range p.clients {
		if k.protocol != protocolWebmail {
			return true
		}
	}
	return p.messages > 0
}

// protocolWebmail is how logins to web mail are named.
const protocolWebmail = "Webmail"

// fitting has the accounts with a domain by what stands before it; "" where there are several.
type fitting map[string]string

func (f fitting) add(names iter.Seq[string]) {
	for name := range names {
		f.name(name)
	}
}

// name takes in one account.
func (f fitting) name(account string) {
	short := withoutDomain(account)
	if short == account || short == "" {
		return
	}
	if known, there := f[short]; there && known != account {
		account = ""
	}
	f[short] = account
}

// withoutDomain is what stands before the last "@" of an account, the account itself where there is none.
func withoutDomain(account string) string {
	if at := strings.LastIndexByte(account, '@'); at >= 0 {
		return account[:at]
	}
	return account
}
