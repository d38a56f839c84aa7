package spool

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// capturedHDR is laid out as a server wrote it, the blank behind the status included.
const capturedHDR = "Written \r\njoe@example.com\r\nalice@example.net,bob@example.org\r\n" +
	"retry: 0;08/30/2026 22:43:20\r\nfrom: joe@example.com\r\nauth: joe@example.com\r\n" +
	"spamcheck: _DMARC=0,skipped - Authenticated\r\ncreationdate: 08/30/2026 22:43:20\r\n" +
	"notify: alice@example.net=\r\nnotify: bob@example.org=\r\ncontainsLocalDeliveries: False\r\n" +
	"connectedip: 203.0.113.42\r\nhelo: JOEPC\r\nconnectedhostname: host-203-0-113-42.example.net\r\n" +
	"smtpSessionId: 41107744\r\ndmarcResult: Skipped (Authenticated)\r\n\r\n"

var compareHDR = cmp.Options{
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmpopts.IgnoreFields(HDR{}, "Fields"),
	cmpopts.EquateEmpty(),
}

func TestParseHDR(t *testing.T) {
	at := time.Date(2026, 8, 30, 22, 43, 20, 0, time.UTC)
	full := HDR{
		Status: StatusWritten, MailFrom: "joe@example.com", Recipients: []string{"alice@example.net", "bob@example.org"},
		From: "joe@example.com", Auth: []string{"joe@example.com"}, Created: at, NextTry: at,
		ClientIP: netip.MustParseAddr("203.0.113.42"), HELO: "JOEPC", HostName: "host-203-0-113-42.example.net", Session: "41107744",
	}
	tests := []struct {
		name, in string
		want     HDR
	}{
		{"as captured", capturedHDR, full},
		{"line feeds", strings.ReplaceAll(capturedHDR, "\r\n", "\n"), full},
		{"byte order mark", "\xef\xbb\xbf" + capturedHDR, full},
		{"no blank line at the end", strings.TrimRight(capturedHDR, "\r\n"), full},
		{"no blank behind the status", strings.Replace(capturedHDR, "Written ", "Written", 1), full},
		{"case of version 16", strings.NewReplacer("connectedip", "connectedIP", "connectedhostname", "connectedHostName").Replace(capturedHDR), full},
		{"lines without a colon and unknown keys", strings.Replace(capturedHDR, "auth:", "junk\r\nconnectedPort: 5512\r\nauth:", 1), full},
		{"three lines only", "Written \r\n<joe@example.com>\r\nalice@example.net",
			HDR{Status: StatusWritten, MailFrom: "joe@example.com", Recipients: []string{"alice@example.net"}}},
		{"null sender, empty line", "Ready \r\n\r\njoe@example.com\r\nfrom: postmaster@example.com\r\n\r\n",
			HDR{Status: StatusReady, Recipients: []string{"joe@example.com"}, From: "postmaster@example.com"}},
		{"null sender, brackets", "Failed \n<>\njoe@example.com\n", HDR{Status: StatusFailed, Recipients: []string{"joe@example.com"}}},
		{"two auth lines", "Written \r\na@x.test\r\nb@x.test\r\nauth: a@x.test\r\nAUTH: c@x.test\r\n\r\n",
			HDR{Status: StatusWritten, MailFrom: "a@x.test", Recipients: []string{"b@x.test"}, Auth: []string{"a@x.test", "c@x.test"}}},
		{"empty auth line names nobody", "Written \na@x.test\nb@x.test\nauth: \n", HDR{Status: StatusWritten, MailFrom: "a@x.test", Recipients: []string{"b@x.test"}}},
		{"Latin-1", "Written \na@x.test\nb@x.test\nhelo: M\xfcller\n",
			HDR{Status: StatusWritten, MailFrom: "a@x.test", Recipients: []string{"b@x.test"}, HELO: "Müller"}},
		{"word that is no known status", "Delaying \na@x.test\nb@x.test\n", HDR{MailFrom: "a@x.test", Recipients: []string{"b@x.test"}}},
		{"attempts, broken date, IPv6", "Written \na@x.test\nb@x.test, ,\nretry: 7;yesterday\nconnectedip: ::ffff:192.0.2.7\ncreationdate: 99/99/2026\n",
			HDR{Status: StatusWritten, MailFrom: "a@x.test", Recipients: []string{"b@x.test"}, Retries: 7, ClientIP: netip.MustParseAddr("192.0.2.7")}},
		{"sender with a quoted colon", "Written \n\"a: b\"@x.test\nb@x.test\n", HDR{Status: StatusWritten, MailFrom: `"a: b"@x.test`, Recipients: []string{"b@x.test"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseHDR([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, compareHDR); diff != "" {
				t.Errorf("ParseHDR (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseHDRKeepsFields(t *testing.T) {
	h, err := ParseHDR([]byte("Written \na@x.test\nb@x.test\nnotify: b@x.test=\nnotify: c@x.test=a: b\nnew: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{{"notify", "b@x.test="}, {"notify", "c@x.test=a: b"}, {"new", "1"}}
	if diff := cmp.Diff(want, h.Fields); diff != "" {
		t.Errorf("Fields (-want +got):\n%s", diff)
	}
}

func TestParseHDRRefuses(t *testing.T) {
	tests := []struct{ name, in string }{
		{"empty", ""},
		{"one line", "Written \r\n"},
		{"two lines", "Written \r\njoe@example.com\r\n"},
		{"no status", "12 34\r\na@x.test\r\nb@x.test\r\n"},
		{"fields from the first line on", "status: Written\r\nfrom: a@x.test\r\nto: b@x.test\r\n"},
		{"fields from the second line on", "Written\r\nfrom: a@x.test\r\nto: b@x.test\r\n"},
		{"fields from the third line on", "Written\r\na@x.test\r\nretry: 0\r\n"},
		{"zeros of a torn write", "\x00\x00\x00\n\x00\n\x00\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if h, err := ParseHDR([]byte(tt.in)); !errors.Is(err, ErrLayout) {
				t.Errorf("ParseHDR = %+v, %v; want ErrLayout", h, err)
			}
		})
	}
}

func FuzzParseHDR(f *testing.F) {
	f.Add([]byte(capturedHDR))
	f.Add([]byte("\xef\xbb\xbfFailed\n<>\n\nretry: 99999999999;\nauth:\xff\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ParseHDR(data)
		if err != nil {
			if !errors.Is(err, ErrLayout) {
				t.Fatalf("err = %v, want ErrLayout", err)
			}
			return
		}
		if bytes.ContainsAny([]byte(h.MailFrom+h.HELO+strings.Join(h.Recipients, "")), "\n") {
			t.Fatal("a value holds a line end")
		}
		if h.Retries < 0 || len(h.Recipients) > len(data) {
			t.Fatalf("implausible: %+v", h)
		}
	})
}
