package drill

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"delist/steps/drill/smartermail"
)

// Bounds of what the world outside takes: far above what the practice server sends.
const (
	maxArriving   = 1 << 20   // bytes of a message
	maxSession    = 256 << 20 // bytes of a connection, which bounds its lines as well
	maxRecipients = 200
	maxVisitors   = 16 // connections at a time
	sinkPatience  = time.Minute
)

// sink is the world outside: it takes by SMTP what the practice server delivers, and notes each message that arrives.
type sink struct {
	addr  string
	notes *arrivals
	door  net.Listener
	end   context.CancelFunc
	work  sync.WaitGroup
}

// openSink listens on loopback. It notes what arrives in the drill's folder, below what arrived before.
func openSink(ctx context.Context, dir string) (*sink, error) {
	notes, err := openArrivals(dir)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	door, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("practice world outside: %w", err), notes.close())
	}
	open, end := context.WithCancel(context.WithoutCancel(ctx)) // the drill runs until it is closed
	s := &sink{addr: door.Addr().String(), notes: notes, door: door, end: end}
	s.work.Go(func() { s.serve(open) })
	return s, nil
}

// serve takes in whoever comes, until the door is closed.
func (s *sink) serve(ctx context.Context) {
	places := make(chan struct{}, maxVisitors)
	for {
		conn, err := s.door.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // too many files open, say: do not spin
			continue
		}
		places <- struct{}{}
		s.work.Go(func() {
			defer func() { <-places }()
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer stop()
			s.converse(conn)
		})
	}
}

// close ends the sink and waits for what is arriving.
func (s *sink) close() error {
	err := s.door.Close()
	s.end()
	s.work.Wait()
	return errors.Join(err, s.notes.close())
}

// visit is one SMTP session: the message that is under way.
type visit struct {
	notes      *arrivals
	lines      *textproto.Reader
	greeted    bool
	mail       bool
	from       string
	recipients int
}

// converse speaks SMTP (RFC 5321) with one visitor, as far as the practice server needs it.
func (s *sink) converse(conn net.Conn) {
	defer conn.Close()
	v := &visit{notes: s.notes, lines: textproto.NewReader(bufio.NewReader(io.LimitReader(conn, maxSession)))}
	say := func(line string) bool {
		_ = conn.SetDeadline(time.Now().Add(sinkPatience)) // fails only when the connection is gone, as the write then does
		_, err := io.WriteString(conn, line+"\r\n")
		return err == nil
	}
	if !say("220 outside.test ESMTP") {
		return
	}
	for {
		line, err := v.lines.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch verb = strings.ToUpper(verb); verb {
		case "DATA":
			if v.recipients == 0 {
				say("503 5.5.1 first MAIL and RCPT")
				continue
			}
			if !say("354 go ahead") || !say(v.data()) {
				return
			}
		case "QUIT":
			say("221 2.0.0 bye")
			return
		default:
			if !say(v.command(verb, rest)) {
				return
			}
		}
	}
}

// command answers a command that is a line of its own.
func (v *visit) command(verb, rest string) string {
	switch verb {
	case "EHLO", "HELO":
		v.greeted, v.mail, v.recipients = true, false, 0
		return "250 outside.test"
	case "MAIL":
		from, ok := path(rest, "FROM:")
		if !ok || !v.greeted || v.mail {
			return "503 5.5.1 not now"
		}
		v.mail, v.from = true, from
		return "250 2.1.0 ok"
	case "RCPT":
		to, ok := path(rest, "TO:")
		switch {
		case !ok || to == "" || !v.mail:
			return "503 5.5.1 not now"
		case v.recipients == maxRecipients:
			return "452 4.5.3 too many recipients"
		}
		v.recipients++
		return "250 2.1.5 ok"
	case "RSET", "NOOP":
		if verb == "RSET" {
			v.mail, v.recipients = false, 0
		}
		return "250 2.0.0 ok"
	}
	return "502 5.5.1 not known here"
}

// path is the address in "FROM:<a@b>" and "TO:<a@b>", with whatever follows it dropped.
func path(rest, word string) (address string, ok bool) {
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return "", false
	}
	inside, ok := strings.CutPrefix(strings.TrimSpace(rest[len(word):]), "<")
	address, _, closed := strings.Cut(inside, ">")
	return address, ok && closed
}

// data takes in a message and notes it, before the sender hears that it has arrived: what was not noted comes again.
func (v *visit) data() string {
	defer func() { v.mail, v.recipients = false, 0 }()
	dots := v.lines.DotReader()
	text, err := io.ReadAll(io.LimitReader(dots, maxArriving+1))
	if err != nil {
		return "451 4.3.0 not understood"
	}
	if len(text) > maxArriving {
		_, _ = io.Copy(io.Discard, dots) // an end that does not come shows at the next command
		return "552 5.3.4 too large"
	}
	if err := v.notes.add(arrived(text, v.from, v.recipients)); err != nil {
		return "452 4.3.1 not noted"
	}
	return "250 2.0.0 accepted"
}

// arrived is what is noted of a message. The practice server has put its own name and kind for it on top.
func arrived(text []byte, from string, recipients int) Arrival {
	a := Arrival{At: time.Now(), From: from, Recipients: recipients}
	for {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		key, value, _ := strings.Cut(string(line), ": ")
		switch key {
		case smartermail.HeaderID:
			a.ID = value
		case smartermail.HeaderKind:
			a.Kind = smartermail.Kind(value)
		default:
			a.MessageID = smartermail.MessageID(text)
			return a
		}
		text = rest
	}
}
