package resolver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/miekg/dns"
)

const (
	ednsSize = 1232 // what fits a packet everywhere (DNS flag day 2020)
	readSize = 4096 // what is read of a datagram, for servers that ignore that

	// maxForged is how many datagrams may fit no question before the true one may
	// be a lucky guess among them: whoever sends that many is trying numbers out.
	maxForged = 8
)

// errForged is a try over UDP that is not to be believed.
var errForged = fmt.Errorf("%w many times over", ErrMismatch)

// exchange sends one query over one new connection and waits for its reply
// until ctx ends. The new connection gives each query its own source port (RFC
// 5452 section 9.2). Datagrams get lost: the query is sent again while no reply
// comes, the same one, so that a late reply counts too. Over TCP nothing gets
// lost, but a stream may break off; then it is tried once more. A server that is
// silent, or breaks off, may be one that cannot take EDNS: at last the question goes out without.
func (c *Client) exchange(ctx context.Context, network string, s Server, m *manner, query *dns.Msg) (*dns.Msg, error) {
	reply, err := c.exchangeOnce(ctx, network, s, m, query)
	if network == "tcp" && ctx.Err() == nil && (errors.Is(err, ErrMalformed) || errors.Is(err, ErrMismatch)) {
		plain := manner{form: plainOnly}
		reply, err = c.exchangeOnce(ctx, network, s, &plain, query)
	}
	return reply, err
}

func (c *Client) exchangeOnce(ctx context.Context, network string, s Server, m *manner, query *dns.Msg) (*dns.Msg, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, s.Addr.String())
	if err != nil {
		return nil, netError(ctx, err, nil)
	}
	defer conn.Close()
	// The end of the context, by time or by hand, ends a read that waits.
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()

	co := &dns.Conn{Conn: conn, UDPSize: readSize}
	var odd error // what was wrong with the datagrams passed over
	withEDNS := query.Copy()
	withEDNS.SetEdns0(ednsSize, false)
	wait, tries := c.resend(), 2 // of those with EDNS
	if network == "tcp" {
		wait, tries = c.hedge(), 1
	}
	if m.is(plainOnly) {
		tries = 0
	}
	for sent := 0; ; sent++ {
		msg := query
		if sent < tries {
			msg = withEDNS
		}
		if err := co.WriteMsg(msg); err != nil {
			return nil, netError(ctx, err, odd)
		}
		if network == "udp" || sent < tries {
			conn.SetReadDeadline(time.Now().Add(wait))
		} else {
			conn.SetReadDeadline(time.Time{})
		}
		if ctx.Err() != nil { // its deadline may just have been overwritten
			return nil, netError(ctx, ctx.Err(), odd)
		}
		reply, err := readReply(co, query, &odd)
		if err == nil {
			m.heard(reply, sent >= tries)
			return reply, nil
		}
		if ctx.Err() != nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, netError(ctx, err, odd)
		}
		wait *= 2
	}
}

// readReply waits for the reply to query. Other datagrams are passed over: a
// forged or late one must not take the place of the reply. A stream carries
// nobody else's replies, so there an odd one ends the waiting; so do many of them.
func readReply(co *dns.Conn, query *dns.Msg, odd *error) (*dns.Msg, error) {
	_, stream := co.Conn.(*net.TCPConn)
	for passed := 0; ; passed++ {
		if passed > maxForged {
			return nil, errForged
		}
		wire, err := co.ReadMsgHeader(nil)
		switch {
		case errors.Is(err, dns.ErrShortRead):
			*odd = ErrMalformed
		case err != nil:
			return nil, err
		default:
			reply, err := unpack(wire, query)
			if err == nil {
				return reply, nil
			}
			*odd = err
		}
		if stream {
			return nil, *odd
		}
	}
}

// netError names what became of a try: odd when only useless replies came.
func netError(ctx context.Context, err, odd error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, ErrMalformed), errors.Is(err, ErrMismatch):
		return err
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		if odd != nil {
			return odd
		}
		return ErrTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrMalformed
	default:
		return ErrUnreachable
	}
}
