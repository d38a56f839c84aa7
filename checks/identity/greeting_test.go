package identity

import (
	"io"
	"net"
	"strings"
	"testing"
)

func TestGreeting(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"220 mail01.example.com ESMTP\r\n", "mail01.example.com"},
		{"220-mail01.example.com\r\n220 ready\r\n", "mail01.example.com"},
		{"220 mail01.example.com\r\n", "mail01.example.com"},
		{"554 go away\r\n", ""},
		{"220\r\n", ""},
		{strings.Repeat("2", 4000), ""},
		{"", ""},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			io.WriteString(conn, c.line)
			if c.want != "" {
				io.Copy(io.Discard, conn)
			}
		}()
		got, err := Greeting(t.Context(), listener.Addr().String())
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q, %v", c.line, got, err)
		}
		listener.Close()
		<-done
	}
}

// Without a name that was given, the server's own greeting is taken, and said to be that.
func TestHELOFromTheGreeting(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			io.WriteString(conn, "220 mail01.example.com ESMTP\r\n")
			io.Copy(io.Discard, conn)
			conn.Close()
		}
	}()
	c := &Checker{Resolver: zone(t, good), Clock: now, SMTP: listener.Addr().String()}
	r := c.Check(t.Context(), Input{Given: addrs(server)})
	if got := told(r.Findings, OfHELO); len(got) != 1 || got[0] != "good: HELO agrees" || r.HELO != "mail01.example.com" {
		t.Errorf("%q, HELO %q", got, r.HELO)
	}
	for _, f := range r.Findings {
		if f.About == OfHELO && !strings.HasPrefix(f.Sentence, "In its greeting") {
			t.Errorf("the ground is missing: %s", f.Sentence)
		}
	}
}
