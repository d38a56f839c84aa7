package smartermail

import (
	"fmt"
	"io"
	"net"
	"net/smtp"
	"os"
	"time"
)

// Kind is what a message is, as the one who made it up knows.
type Kind string

// The kinds of messages that leave the practice server.
const (
	KindSpam   Kind = "spam"   // the thief's
	KindBounce Kind = "bounce" // a report of this server's, to a sender that the spam forged
	KindGood   Kind = "good"   // everybody's own mail
)

// The headers that a message gets on its way out, for whoever counts what arrives.
const (
	HeaderID   = "X-Practice-Id" // its name in the spool
	HeaderKind = "X-Practice-Kind"
)

// outletLimit is how long one delivery may take: the other side is on this machine.
const outletLimit = 5 * time.Second

// outlet is the connection over which one round of deliveries leaves. It is opened when the first message needs it.
type outlet struct {
	addr   string // empty: nobody is out there to count, and what leaves is only gone
	conn   net.Conn
	client *smtp.Client
}

// send gives the message at base, as it is on disk, to the world outside.
func (o *outlet) send(base string, l letter) error {
	text, err := os.ReadFile(base + ".eml")
	if err != nil {
		return fmt.Errorf("deliver message: %w", err)
	}
	if o.addr == "" {
		return nil
	}
	if err := o.transmit(text, l); err != nil {
		return fmt.Errorf("deliver message %s: %w", l.id, err)
	}
	return nil
}

func (o *outlet) transmit(text []byte, l letter) error {
	if err := o.open(); err != nil {
		return err
	}
	if err := o.conn.SetDeadline(time.Now().Add(outletLimit)); err != nil {
		return err
	}
	if err := o.client.Mail(l.env.mailFrom); err != nil {
		return err
	}
	for _, to := range l.env.recipients {
		if err := o.client.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := o.client.Data()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s: %s\r\n%s: %s\r\n", HeaderID, l.id, HeaderKind, l.env.kind()); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	return w.Close() // waits for the other side's word
}

// open connects and greets, unless that was done.
func (o *outlet) open() error {
	if o.client != nil {
		return nil
	}
	conn, err := net.DialTimeout("tcp", o.addr, outletLimit)
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(outletLimit)); err != nil {
		return closed(conn, err)
	}
	client, err := smtp.NewClient(conn, ServerName)
	if err != nil {
		return closed(conn, err)
	}
	if err := client.Hello(ServerName); err != nil {
		return closed(client, err)
	}
	o.conn, o.client = conn, client
	return nil
}

// close says goodbye. What was accepted before stays accepted, whatever comes of it.
func (o *outlet) close() {
	if o.client != nil && o.client.Quit() != nil {
		_ = o.client.Close()
	}
}

// closed closes what is of no use any more and passes the reason on.
func closed(c io.Closer, because error) error {
	_ = c.Close()
	return because
}
