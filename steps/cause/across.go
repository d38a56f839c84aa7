package cause

import (
	"fmt"
	"net/netip"

	"delist/spool"
	"delist/steps/words"
)

// A thief with a list of passwords sends a little as each of many accounts, so that none of them stands out. His mail is
// alike, whoever it is sent as, or comes from one computer that logs in as everybody.

const (
	// eachSends is how much of alike mail each of several accounts has to send. That of two people is alike by chance.
	eachSends = 3

	// severalAccounts is as how many accounts one client sends alike mail at the least: people share an address, and a
	// form letter, but do not fill the spool with it.
	severalAccounts = 10

	// much and share: so many messages, and one in so many of the spool's, are no form letter of some people.
	much  = 50
	share = 4
)

// shared is alike mail, of whatever account: all of it, or that of one client.
type shared struct {
	n, foreign int
	accounts   map[string]int
	clients    map[netip.Addr]bool
}

func (sh *shared) add(m *spool.Message, foreign bool) {
	if sh.accounts == nil {
		sh.accounts, sh.clients = map[string]int{}, map[netip.Addr]bool{}
	}
	sh.n++
	if foreign {
		sh.foreign++
	}
	sh.accounts[m.Account]++
	if m.ClientIP.IsValid() && len(sh.clients) < maxNames {
		sh.clients[m.ClientIP] = true
	}
}

// ofMany says that alike mail is a thief's, though no account sends much of it.
func (sh *shared) ofMany(total int) bool {
	if len(sh.accounts) < 2 || sh.n < least || sh.n < eachSends*len(sh.accounts) {
		return false
	}
	return 2*sh.foreign >= sh.n || len(sh.clients) >= botnet && sh.fills(total)
}

func (sh *shared) fills(total int) bool { return sh.n >= much && share*sh.n >= total }

// acrossAccounts finds the accounts that a thief uses a little each.
func (s *sorter) acrossAccounts(total int) map[string]string {
	why := map[string]string{}
	name := func(sh *shared, text string) {
		for account, n := range sh.accounts {
			if n >= eachSends && why[account] == "" {
				why[account] = text
			}
		}
	}
	for _, sh := range s.alike {
		if sh.ofMany(total) {
			name(sh, fmt.Sprintf("%s alike were sent as %d accounts, from %s", words.Messages(sh.n), len(sh.accounts), words.Count(len(sh.clients), "client address", "client addresses")))
		}
	}
	for ip, use := range s.clients {
		for _, sh := range use.alike {
			if len(sh.accounts) >= severalAccounts && sh.fills(total) && 2*sh.n >= use.n {
				name(sh, fmt.Sprintf("%s sent %s alike as %d accounts", ip, words.Messages(sh.n), len(sh.accounts)))
			}
		}
	}
	return why
}
