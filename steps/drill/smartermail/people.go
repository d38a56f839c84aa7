package smartermail

import (
	"fmt"
	"strings"
)

// The practice server and the account whose password was stolen.
const (
	ServerName    = "mail01.example"
	ServerIP      = "203.0.113.25"
	StolenAccount = "sales@harbourlight.example"
	OwnerIP       = "192.0.2.8" // where the owner of the stolen account really works
	Busiest       = "info@quayside.example"
	ThiefsMailbox = "k.w0rd@freemail.test" // where the thief has the owner's mail forwarded

	AdminUser     = "admin"
	AdminPassword = "Practice-only-1"

	stolenPassword = "Harbour2019!"
)

// person is the owner of an ordinary account.
type person struct {
	address string
	name    string
	ip      string // people send from one place; thieves do not
	helo    string
	weight  int // how much of the ordinary mail is theirs
}

// hosting is one domain and the local parts of its accounts.
type hosting struct{ name, people string }

// domains are those hosted here, with the local parts of their ordinary accounts: 40 in all.
var domains = []hosting{
	{"harbourlight.example", "office anna.berg m.cole workshop bookings j.dean"},
	{"quayside.example", "info clerk treasurer events h.marsh p.novak reception"},
	{"millrace.example", "hello orders returns d.osei l.fontaine stores k.iyer"},
	{"fernhill-dental.example", "frontdesk dr.lowe dr.amara recalls billing hygiene"},
	{"oakandash.example", "studio site.team r.hale quotes v.petrov plans admin.office"},
	{"northpier.example", "office tickets crew harbourmaster s.quinn cafe volunteers"},
}

// Domains are the domains hosted on the practice server.
func Domains() []string {
	var names []string
	for _, domain := range domains {
		names = append(names, domain.name)
	}
	return names
}

// everybody lists the owners of ordinary accounts, the busiest first.
func everybody() []person {
	people := []person{{}}
	for _, domain := range domains {
		for _, local := range strings.Fields(domain.people) {
			n := len(people)
			p := person{
				address: local + "@" + domain.name,
				name:    spokenName(local),
				ip:      fmt.Sprintf("192.0.2.%d", 20+n),
				helo:    fmt.Sprintf("DESK-%02d", n),
				weight:  3 + n%7,
			}
			if p.address == Busiest {
				people[0] = p
				continue
			}
			people = append(people, p)
		}
	}
	return people
}

// owner is the person whose account was stolen.
func owner() person {
	return person{address: StolenAccount, name: "Harbour Light Sales", ip: OwnerIP, helo: "SALES-PC"}
}

// spokenName turns a local part into what a mail program shows: "anna.berg" is "Anna Berg".
func spokenName(local string) string {
	words := strings.Split(local, ".")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// domainOf is the part of an address after the @.
func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}

// hostName is what the reverse DNS of the documentation networks would say.
func hostName(ip string) string {
	return "host-" + strings.NewReplacer(".", "-").Replace(ip) + ".example.net"
}
