package resolver

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/miekg/dns"
)

const (
	ednsSize = 1232 // what fits a packet everywhere (DNS flag day 2020)
	readSize = 4096 // what is read of a datagram, for servers that ignore that
)

// exchange sends one query over one new connection and waits for its reply.
// The new connection gives each query its own source port (RFC 5452 section
// 9.2). Other datagrams are passed over until the time is up: a forged or
// late one must not take the place of the reply.
func (c *Client) exchange(ctx context.Context, network string, s Server, query *dns.Msg) (*dns.Msg, error) {
	try, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(try, network, s.Addr.String())
	if err != nil {
		return nil, netError(try, err, nil)
	}
	defer conn.Close()
	// The end of the context, by time or by hand, ends a read that waits.
	defer context.AfterFunc(try, func() { conn.SetDeadline(time.Unix(1, 0)) })()

	co := &dns.Conn{Conn: conn, UDPSize: readSize}
	if err := co.WriteMsg(query); err != nil {
		return nil, netError(try, err, nil)
	}
	var odd error // what was wrong with the datagrams passed over
	for {
		wire, err := co.ReadMsgHeader(nil)
		if errors.Is(err, dns.ErrShortRead) {
			odd = ErrMalformed
		} else if err != nil {
			return nil, netError(try, err, odd)
		} else {
			reply, err := unpack(wire, query)
			if err == nil {
				return reply, nil
			}
			odd = err
		}
		if network == "tcp" { // a stream carries nobody else's replies
			return nil, odd
		}
	}
}

// netError names what became of a try: odd when only useless replies came.
func netError(try context.Context, err, odd error) error {
	var timeout net.Error
	switch {
	case try.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
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
