package traffic

import (
	"bytes"
	"strings"
)

// maxHanded is of how many of the newest deliveries it is kept who took them.
const maxHanded = 500

// handed is a message that another server took.
type handed struct{ host, domain string }

// remotes keeps which hosts took the newest deliveries, and for which domains.
type remotes struct {
	greeted recent[string, string] // the host by delivery, as it named itself
	newest  []handed               // at most twice maxHanded
}

var (
	saysReply     = []byte("RSP: 220")
	saysCompleted = []byte(" has completed (Delivered)")
	saysTo        = []byte(" to ")
)

// greeting is the name by which the other server greets: the first word of its reply 220 (RFC 5321, section 4.2). ""
// on any other line, and where it gives no host name; the reply to STARTTLS has the same number.
func (l deliveryLine) greeting() string {
	rest, ok := bytes.CutPrefix(l.text, saysReply)
	if !ok || len(rest) < 2 || rest[0] != ' ' && rest[0] != '-' {
		return ""
	}
	words := bytes.Fields(rest[1:])
	if len(words) == 0 {
		return ""
	}
	name := strings.ToLower(strings.TrimSuffix(string(words[0]), "."))
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || len(name) > 253 || strings.Trim(name[dot+1:], "0123456789") == "" {
		return ""
	}
	return name
}

// taker is the domain of the recipient that a delivery has reached, "" on any other line.
func (l deliveryLine) taker() string {
	rest, ok := bytes.CutSuffix(bytes.TrimSpace(l.text), saysCompleted)
	if !ok || !bytes.HasPrefix(rest, saysDelivered) {
		return ""
	}
	at := bytes.LastIndex(rest, saysTo)
	if at < 0 {
		return ""
	}
	name := accountName(rest[at+len(saysTo):])
	if domain := domainOf(name); domain != name {
		return domain
	}
	return ""
}

// delivery takes in a line of the delivery log.
func (r *remotes) delivery(l deliveryLine) {
	if host := l.greeting(); host != "" {
		if _, known := r.greeted.get(string(l.id)); !known {
			r.greeted.put(string(l.id), host)
		}
		return
	}
	domain := l.taker()
	if domain == "" {
		return
	}
	host, known := r.greeted.get(string(l.id))
	if !known {
		return // delivered here, or the log does not show the greeting
	}
	if len(r.newest) == 2*maxHanded {
		r.newest = append(r.newest[:0], r.newest[maxHanded:]...)
	}
	r.newest = append(r.newest, handed{host, domain})
}

// counted are the newest deliveries by host, and how many domains they went to.
func (r *remotes) counted() (hosts map[string]int, domains int) {
	hosts = map[string]int{}
	seen := map[string]bool{}
	for _, h := range r.newest[max(0, len(r.newest)-maxHanded):] {
		hosts[h.host]++
		seen[h.domain] = true
	}
	return hosts, len(seen)
}
