package cause

import (
	"fmt"
	"maps"
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

const (
	// wanders is from how many networks on an account that sends a handful is no person's: a desk, a phone and a home are
	// three, and hardly ever in one hour.
	wanders = 3

	// severalWander is how many such accounts are no chance.
	severalWander = 5
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
			if len(sh.accounts) >= severalAccounts && sh.fills(total) && 2*sh.n >= use.n && !s.office(ip, sh) {
				name(sh, fmt.Sprintf("%s sent %s alike as %d accounts", ip, words.Messages(sh.n), len(sh.accounts)))
			}
		}
	}
	s.wandering(total, why)
	return why
}

// office says that the logs know most of the accounts that send alike mail from an address to work there.
func (s *sorter) office(ip netip.Addr, sh *shared) bool {
	n := 0
	for account := range sh.accounts {
		if s.knows(account, ip) {
			n++
		}
	}
	return 2*n > len(sh.accounts)
}

// wandering names the accounts that a botnet uses a little each, with no two mails alike: nearly each message of theirs comes
// from another network. Where a log knows the account, that judges it.
func (s *sorter) wandering(total int, why map[string]string) {
	var accounts []*account
	n := 0
	for _, a := range s.accounts {
		if s.known.Logs.Account(a.name) != nil {
			continue
		}
		if from := networks(maps.Keys(a.clients)); from >= wanders && a.most(from) {
			accounts = append(accounts, a)
			n += a.n
		}
	}
	if len(accounts) < severalWander || n < much || share*n < total {
		return
	}
	for _, a := range accounts {
		if why[a.name] == "" {
			why[a.name] = fmt.Sprintf("%s of it came from %d networks, and it is so with %d accounts", words.Messages(a.n), networks(maps.Keys(a.clients)), len(accounts))
		}
	}
}
