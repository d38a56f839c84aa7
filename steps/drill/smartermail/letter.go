package smartermail

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// subSpools is how many SubSpool folders a spool has: ten, as SmarterMail sets it up.
const subSpools = 10

// letter is one message: its name in the spool, its envelope (the HDR) and its text (the EML).
type letter struct {
	id   string
	sub  int // it lies in SubSpool<sub>
	env  envelope
	text []byte
}

// base is the path of the pair without its extension.
func (l letter) base(spool string) string {
	return filepath.Join(spool, fmt.Sprintf("SubSpool%d", l.sub), l.id)
}

// deliveryID is how the delivery log names the message: the last eight characters of its name.
func (l letter) deliveryID() string { return l.id[max(0, len(l.id)-8):] }

// store writes the finished pair, as old as its envelope says.
func (l letter) store(spool string) error {
	base := l.base(spool)
	if err := os.WriteFile(base+".eml", l.text, 0o640); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	if err := os.WriteFile(base+".hdr", l.env.hdr(), 0o640); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	return errors.Join(
		os.Chtimes(base+".eml", l.env.created, l.env.created),
		os.Chtimes(base+".hdr", l.env.created, l.env.created),
	)
}

// author writes letters. All of them follow from the seed of its random numbers.
type author struct {
	rng     *rand.Rand
	people  []person
	serial  int             // running number of the thief's invoices
	taken   map[string]bool // names given away
	mailNow int             // business letters written, to walk through the subjects
}

// newAuthor returns the author of one run. The same seed and run always write the same letters.
func newAuthor(seed, run uint64) *author {
	return &author{
		rng:    rand.New(rand.NewPCG(seed, run)),
		people: everybody(),
		serial: 48213 + 5000*int(run%1000),
		taken:  map[string]bool{},
	}
}

// letter puts text and envelope together under a new name.
func (a *author) letter(env envelope, text []byte) letter {
	return letter{id: a.newID(), sub: a.rng.IntN(subSpools), env: env, text: text}
}

// newID is an unused name: eight digits, sometimes twelve. SmarterMail uses both.
func (a *author) newID() string {
	for {
		id := fmt.Sprintf("%08d", 10_000_000+a.rng.IntN(90_000_000))
		if a.rng.IntN(8) == 0 {
			id = fmt.Sprintf("%04d%s", 1000+a.rng.IntN(9000), id)
		}
		if !a.taken[id] {
			a.taken[id] = true
			return id
		}
	}
}

// session is the number of an SMTP session.
func (a *author) session() string { return fmt.Sprintf("%08d", 10_000_000+a.rng.IntN(90_000_000)) }

// pick chooses one of the words.
func (a *author) pick(words []string) string { return words[a.rng.IntN(len(words))] }

// somebody chooses an ordinary account, busy ones more often; not the busiest, whose share is set apart.
func (a *author) somebody() person {
	total := 0
	for _, p := range a.people[1:] {
		total += p.weight
	}
	n := a.rng.IntN(total)
	for _, p := range a.people[1:] {
		if n -= p.weight; n < 0 {
			return p
		}
	}
	return a.people[1]
}

// outsider is an address of somebody out in the world.
func (a *author) outsider() string {
	return fmt.Sprintf("%s.%s@%s",
		a.pick([]string{"m", "j", "k", "a", "s", "r", "t", "li", "ana", "tom"}),
		a.pick([]string{"okafor", "lind", "kaya", "moreau", "silva", "novak", "byrne", "tanaka", "weiss", "rossi", "dahl", "costa"}),
		a.pick([]string{"gmail.test", "web.test", "mail.test", "outlook.test", "post.example.org", "firm.example.com"}))
}

// outsiders are n different addresses out in the world.
func (a *author) outsiders(n int) []string {
	seen := map[string]bool{}
	var out []string
	for tries := 0; len(out) < n && tries < 20*n; tries++ {
		if address := a.outsider(); !seen[address] {
			seen[address] = true
			out = append(out, address)
		}
	}
	return out
}

// received is the trace header that SmarterMail puts on top.
func received(env envelope, tls bool) string {
	how := "with SMTP;\r\n"
	if tls {
		how = "with SMTP\r\n    (version=Tls12\r\n    cipher=Aes256 bits=256);\r\n"
	}
	return fmt.Sprintf("Received: from %s (%s [%s]) by %s %s   %s\r\n",
		env.helo, hostName(env.ip), env.ip, ServerName, how, env.created.Format(mailDate))
}

// mailDate is the date of a mail header (RFC 5322, section 3.3), as SmarterMail writes it.
const mailDate = "Mon, 2 Jan 2006 15:04:05 -0700"

// message puts headers and body together, with the line ends of mail.
func message(headers []string, body string) []byte {
	return []byte(strings.Join(headers, "\r\n") + "\r\n\r\n" + strings.ReplaceAll(body, "\n", "\r\n") + "\r\n")
}

// sameSecond drops what an HDR cannot hold.
func sameSecond(t time.Time) time.Time { return t.Truncate(time.Second) }
