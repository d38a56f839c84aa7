package resolver

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// Options are a Client's settings; the zero value is good.
type Options struct {
	Timeout time.Duration // for each try; 0 means 3 s
}

// Client asks a list of servers, one after the other until one knows. It is
// safe for use by many goroutines and holds nothing that needs closing.
type Client struct {
	servers []Server
	timeout time.Duration
	first   atomic.Int64 // the server to begin with: the one that answered last
}

// New makes a client of servers, in order of preference.
func New(servers []Server, o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = 3 * time.Second
	}
	return &Client{servers: servers, timeout: o.Timeout}
}

// Servers gives the servers the client asks.
func (c *Client) Servers() []Server { return c.servers }

// Ask puts one question, a name and a type such as dns.TypeA. A server that
// does not answer in time is asked once more; one that fails, refuses or
// cannot be reached is passed over for the next. A nil error means a name that
// exists or one that does not (Answer.RCode tells); with an error the answer
// still says who was asked, and the error is one of this package's or the
// context's. Cancelling ctx closes the connection at once.
func (c *Client) Ask(ctx context.Context, name string, qtype uint16) (Answer, error) {
	began := time.Now()
	if len(c.servers) == 0 {
		return Answer{}, ErrNoServer
	}
	query := new(dns.Msg)
	query.SetQuestion(dns.Fqdn(name), qtype)

	var answer Answer
	var err error
	first := int(c.first.Load())
	retried := false
	for i := 0; i < len(c.servers); i++ {
		at := (first + i) % len(c.servers)
		answer, err = c.askServer(ctx, c.servers[at], query)
		if ctx.Err() == nil && !retried && lost(err) {
			retried = true
			answer, err = c.askServer(ctx, c.servers[at], query)
		}
		answer.Took = time.Since(began)
		if err == nil {
			c.first.Store(int64(at))
			return answer, nil
		}
		if ctx.Err() != nil {
			return answer, ctx.Err()
		}
	}
	return answer, err
}

// lost reports failures that a second try may mend.
func lost(err error) bool {
	return errors.Is(err, ErrTimeout) || errors.Is(err, ErrMismatch) || errors.Is(err, ErrMalformed)
}

// askServer puts the question to one server: without EDNS when the server does
// not understand that (RFC 6891 section 7), over TCP when the answer did not
// fit (RFC 7766 section 5).
func (c *Client) askServer(ctx context.Context, s Server, query *dns.Msg) (Answer, error) {
	// A copy with its own ID each time: a late reply to an earlier try must not match.
	query = query.Copy()
	query.Id = dns.Id()
	query.SetEdns0(ednsSize, false)

	network := "udp"
	if s.TCP {
		network = "tcp"
	}
	reply, err := c.exchange(ctx, network, s, query)
	if err == nil && (reply.Rcode == dns.RcodeFormatError || reply.Rcode == dns.RcodeNotImplemented) {
		query.Extra = nil
		query.Id = dns.Id()
		reply, err = c.exchange(ctx, network, s, query)
	}
	if err == nil && reply.Truncated && network == "udp" {
		network = "tcp"
		reply, err = c.exchange(ctx, network, s, query)
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrTruncated, err)
		}
	}
	if err == nil && reply.Truncated {
		err = ErrTruncated
	}
	if err != nil {
		return Answer{Server: s, RCode: noRCode, TCP: network == "tcp"}, fmt.Errorf("%s: %w", s.Addr, err)
	}
	answer := answerFrom(reply)
	answer.Server, answer.TCP = s, network == "tcp"
	if err := failure(answer); err != nil {
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
