package service

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"delist/steps"
)

// ByHand is a service that the operator stops and starts. It is what the operator last said, as long as no look speaks
// against it: delist looks whether something answers on the mail ports of this machine.
type ByHand struct {
	name  string
	ports func(context.Context) []string // that answer now

	mu       sync.Mutex
	word     steps.ServiceState // what the operator said
	since    time.Time
	others   []string // what answers and is no mail service, says the operator
	seen     bool     // nobody said it: a look showed it
	answered bool     // a mail port answered at some look since
}

// NewByHand returns a service by its name, whose state is unknown until it is seen or said. ports gives the mail ports
// that answer; nil asks this machine's.
func NewByHand(name string, ports func(context.Context) []string) *ByHand {
	if ports == nil {
		ports = MailPorts
	}
	return &ByHand{name: name, ports: ports}
}

// Name implements steps.Service.
func (b *ByHand) Name() string { return b.name }

// ByHand implements steps.Service.
func (b *ByHand) ByHand() bool { return true }

// Confirm implements steps.Confirmer. What the operator once said of other programs stays so.
func (b *ByHand) Confirm(w steps.Word) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !w.Said.IsZero() {
		b.since = w.Said.Local()
	}
	b.word, b.seen, b.answered = w.State, w.Seen, false // a fresh word is held against what is seen after it
	b.others = append(b.others, w.Others...)
}

// Look implements steps.Service.
func (b *ByHand) Look(ctx context.Context) (steps.ServiceReport, error) {
	open := b.ports(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	var foreign []string // of other programs, says the operator
	open = slices.DeleteFunc(open, func(port string) bool {
		other := slices.Contains(b.others, port)
		if other {
			foreign = append(foreign, port)
		}
		return other
	})
	silent := "no mail port answers here"
	if len(foreign) > 0 {
		silent += " but " + strings.Join(foreign, ", ") + ", another program's as you said"
	}
	b.answered = b.answered || len(open) > 0
	r := steps.ServiceReport{State: b.word, Open: open, At: time.Now()}
	at := b.since.Format("15:04")
	said, word := "you said so at "+at, "you said at "+at+" that it is stopped"
	if b.seen {
		said, word = "a mail port answered at "+at, "no mail port answered at "+at
	}
	seen := strings.Join(open, ", ") + " answers here"
	switch {
	case b.word == steps.ServiceUnknown && len(open) > 0:
		r.State, r.Detail = steps.ServiceRunning, seen
	case b.word == steps.ServiceUnknown && !b.since.IsZero():
		r.Detail = "what was said of it before " + at + " does not hold, and " + silent
	case b.word == steps.ServiceUnknown:
		r.Detail = "nobody has said yet what it does, and " + silent
	case b.word == steps.ServiceStopped && len(open) > 0:
		r.State, r.Detail = steps.ServiceRunning, word+", but "+seen
	case b.word == steps.ServiceStopped && b.answered: // a word that was refuted counts no more
		r.State, r.Detail = steps.ServiceUnknown, word+", and one answered since; none does now"
	case b.word == steps.ServiceStopped && b.seen:
		r.Detail = silent + ", since " + at
	case b.word == steps.ServiceStopped:
		r.Detail = said + ", and " + silent
	case len(open) > 0:
		r.Detail = said + ", and " + seen
	case b.seen:
		r.State, r.Detail = steps.ServiceStopped, said+", and none does any more"
	case b.answered:
		r.State, r.Detail = steps.ServiceStopped, "you said at "+at+" that it runs, but no mail port answers here any more"
	default:
		r.Detail = said + "; " + silent + ", so there is only your word for it"
	}
	return r, nil
}

// Stop returns nil once the operator has confirmed that the service is stopped, and until then what to do.
func (b *ByHand) Stop(ctx context.Context, _ func(string)) error {
	return b.want(ctx, steps.ServiceStopped, "stop")
}

// Start returns nil once the operator has confirmed that the service runs, and until then what to do.
func (b *ByHand) Start(ctx context.Context, _ func(string)) error {
	return b.want(ctx, steps.ServiceRunning, "start")
}

func (b *ByHand) want(ctx context.Context, state steps.ServiceState, verb string) error {
	if r, _ := b.Look(ctx); r.State == state {
		return nil
	}
	return fmt.Errorf("%w: %s %s, then confirm it", ErrByHand, verb, b.name)
}

// mailPorts are the ports on which a mail server takes mail (RFC 5321, RFC 6409, RFC 8314).
var mailPorts = []int{25, 587, 465}

// MailPorts are the mail ports that answer on this machine, on its loopback and its own addresses, such as
// "port 25 (127.0.0.1)". It takes a second at most.
func MailPorts(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	hosts := ownAddresses()
	found := make([]string, len(hosts)*len(mailPorts))
	var work sync.WaitGroup
	for i, host := range hosts {
		for j, port := range mailPorts {
			work.Go(func() {
				if Answers(ctx, net.JoinHostPort(host, strconv.Itoa(port))) {
					found[i*len(mailPorts)+j] = fmt.Sprintf("port %d (%s)", port, host)
				}
			})
		}
	}
	work.Wait()
	return slices.DeleteFunc(found, func(port string) bool { return port == "" })
}

// Answers says whether something takes a TCP connection at an address, within a second.
func Answers(ctx context.Context, address string) bool {
	dialer := net.Dialer{Timeout: time.Second}
	c, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// maxHosts bounds how many of the machine's own addresses are tried.
const maxHosts = 8

// ownAddresses are the loopback, and this machine's addresses.
func ownAddresses() []string {
	hosts := []string{"127.0.0.1", "::1"}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return hosts
	}
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if ok && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() && len(hosts) < maxHosts {
			hosts = append(hosts, n.IP.String())
		}
	}
	return hosts
}
