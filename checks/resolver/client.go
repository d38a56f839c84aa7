package resolver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// Options are a Client's settings; the zero value is good.
type Options struct {
	Timeout time.Duration // for a question, all its tries included; 0 means 4 s
}

// Client asks a list of servers until one knows. It is safe for use by many
// goroutines and holds nothing that needs closing.
type Client struct {
	servers []Server
	manners []*manner // how each server wants to be asked
	timeout time.Duration
	first   atomic.Int64 // the server to begin with: the one that answered last
}

// New makes a client of servers, in order of preference.
func New(servers []Server, o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = 4 * time.Second
	}
	c := &Client{servers: servers, timeout: o.Timeout}
	for range servers {
		c.manners = append(c.manners, new(manner))
	}
	return c
}

// Servers gives the servers the client asks.
func (c *Client) Servers() []Server { return c.servers }

// Only gives a client that asks one server and no other, in the same time.
func (c *Client) Only(s Server) *Client {
	only := New([]Server{s}, Options{Timeout: c.timeout})
	if i := slices.Index(c.servers, s); i >= 0 {
		only.manners[0] = c.manners[i]
	}
	return only
}

// resend is how long a datagram waits for its reply before it is sent once
// more: 400 ms of 4 s. Each further wait is twice as long, so a lost datagram
// costs little, and a slow server is not flooded.
func (c *Client) resend() time.Duration { return c.timeout / 10 }

// hedge is when the next server is asked as well: once two datagrams to the
// one before it got no reply.
func (c *Client) hedge() time.Duration { return 3 * c.resend() }

// Ask puts one question, a name and a type such as dns.TypeA. A server that
// fails, refuses or cannot be reached is passed over for the next; one that is
// silent is asked again, and the next beside it. A nil error means a name that
// exists or one that does not (Answer.RCode tells); with an error the answer
// still says who was asked, and the error is one of this package's or the
// context's. Cancelling ctx closes the connections at once.
func (c *Client) Ask(ctx context.Context, name string, qtype uint16) (Answer, error) {
	began := time.Now()
	if len(c.servers) == 0 {
		return Answer{}, ErrNoServer
	}
	query := new(dns.Msg)
	query.SetQuestion(dns.Fqdn(name), qtype)
	got := c.askServers(ctx, query)
	got.answer.Took = time.Since(began)
	if got.err != nil && ctx.Err() != nil {
		return got.answer, ctx.Err()
	}
	return got.answer, got.err
}

// tried is what came of asking one server.
type tried struct {
	at     int // the server's place in the client's list
	answer Answer
	err    error
}

// askServers asks one server after the other and takes the first answer. It
// returns once every try has ended and its connection is closed.
func (c *Client) askServers(ctx context.Context, query *dns.Msg) tried {
	results := make(chan tried, len(c.servers))
	var asking sync.WaitGroup
	defer asking.Wait()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	first, begun, under := int(c.first.Load()), 0, 0
	next := func() {
		if begun == len(c.servers) || ctx.Err() != nil {
			return
		}
		at := (first + begun) % len(c.servers)
		begun++
		under++
		asking.Go(func() {
			answer, err := c.askServer(ctx, c.servers[at], c.manners[at], query)
			results <- tried{at, answer, err}
		})
	}
	next()
	hedge := time.NewTicker(c.hedge())
	defer hedge.Stop()
	last := tried{answer: Answer{Server: c.servers[first], RCode: noRCode}, err: ErrTimeout}
	for under > 0 {
		select {
		case t := <-results:
			under--
			if t.err == nil {
				c.first.Store(int64(t.at))
				return t
			}
			if errors.Is(last.err, ErrTimeout) || !errors.Is(t.err, ErrTimeout) { // what was said counts for more than silence
				last = t
			}
			next()
		case <-hedge.C:
			next()
		}
	}
	return last
}

// askServer puts the question to one server: without EDNS when the server does
// not understand that (RFC 6891 section 7), over TCP when the answer did not
// fit (RFC 7766 section 5) or somebody forges replies.
func (c *Client) askServer(ctx context.Context, s Server, m *manner, query *dns.Msg) (Answer, error) {
	query = query.Copy()
	query.Id = dns.Id()

	network := "udp"
	if s.TCP {
		network = "tcp"
	}
	reply, err := c.exchange(ctx, network, s, m, query)
	if err == nil && m.dislikes(reply) {
		query.Id = dns.Id()
		plain := manner{form: plainOnly}
		if again, failed := c.exchange(ctx, network, s, &plain, query); failed != nil || again.Rcode != reply.Rcode {
			m.learn(plainOnly)
			reply, err = again, failed
		}
	}
	if cut := err == nil && reply.Truncated; network == "udp" && (cut || errors.Is(err, errForged)) {
		network = "tcp"
		reply, err = c.exchange(ctx, network, s, m, query)
		if err != nil && cut {
			err = fmt.Errorf("%w: %w", ErrTruncated, err)
		}
	}
	if err == nil && reply.Truncated {
		err = ErrTruncated
	}
	answer := Answer{RCode: noRCode}
	if err == nil {
		answer, err = answerFrom(reply)
	}
	answer.Server, answer.TCP = s, network == "tcp"
	if err == nil {
		err = failure(answer)
	}
	if err != nil {
		return answer, fmt.Errorf("%s: %w", s.Addr, err)
	}
	return answer, nil
}

// noRCode marks an answer that never came.
const noRCode = -1

// failure turns a response code that says nothing of the name into an error.
func failure(a Answer) error {
	switch a.RCode {
	case dns.RcodeSuccess, dns.RcodeNameError:
		return nil
	case dns.RcodeServerFailure:
		return ErrServFail
	case dns.RcodeRefused:
		return ErrRefused
	default:
		return fmt.Errorf("%w: %s", ErrRCode, a.RCodeText())
	}
}
