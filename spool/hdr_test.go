package spool

import (
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
	alike := full
	alike.Layout = LayoutAlike
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
		{"lines without a colon and unknown keys", strings.Replace(capturedHDR, "auth:", "junk\r\nconnectedPort: 5512\r\nauth:", 1), alike},
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
		{"recipients by semicolon and by blanks", "Written \na@x.test\nb@x.test; <c@x.test> d@x.test\n",
			HDR{Status: StatusWritten, MailFrom: "a@x.test", Recipients: []string{"b@x.test", "c@x.test", "d@x.test"}}},
		{"recipient a line", "Written \n\nb@x.test\nc@x.test\nauth: a@x.test\n",
			HDR{Layout: LayoutAlike, Status: StatusWritten, Recipients: []string{"b@x.test", "c@x.test"}, Auth: []string{"a@x.test"}}},
		{"status of two words", "Virus Checked \na@x.test\nb@x.test\n", HDR{Layout: LayoutAlike, MailFrom: "a@x.test", Recipients: []string{"b@x.test"}}},
		{"status is a number", "2\na@x.test\nb@x.test\nhelo:PC\n", HDR{Layout: LayoutAlike, MailFrom: "a@x.test", Recipients: []string{"b@x.test"}, HELO: "PC"}},
		{"sender with a quoted comma and blank", "Written \n<\"a, b\"@x.test>\nb@x.test,\"c; d\"@x.test\n",
			HDR{Status: StatusWritten, MailFrom: `"a, b"@x.test`, Recipients: []string{"b@x.test", `"c; d"@x.test`}}},
		{"sender that a list made", "Written \nprvs=12=joe=x.test@list.test\nsrs0=b@x.test\n",
			HDR{Status: StatusWritten, MailFrom: "prvs=12=joe=x.test@list.test", Recipients: []string{"srs0=b@x.test"}}},
		{"address of a machine", "Written \njoe@[IPv6:2001:db8::1]\nb@localhost\n", HDR{Status: StatusWritten, MailFrom: "joe@[IPv6:2001:db8::1]", Recipients: []string{"b@localhost"}}},
		{"sender with a quoted colon", "Written \n\"a: b\"@x.test\nb@x.test\n", HDR{Status: StatusWritten, MailFrom: `"a: b"@x.test`, Recipients: []string{"b@x.test"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ParseHDR([]byte(tt.in))
			if diff := cmp.Diff(tt.want, got, compareHDR); diff != "" {
				t.Errorf("ParseHDR (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseHDRKeepsFields(t *testing.T) {
	h := ParseHDR([]byte("Written \na@x.test\nb@x.test\nnotify: b@x.test=\nnotify: c@x.test=a: b\nnew: 1\n"))
	want := []Field{{"notify", "b@x.test="}, {"notify", "c@x.test=a: b"}, {"new", "1"}}
	if diff := cmp.Diff(want, h.Fields); diff != "" {
		t.Errorf("Fields (-want +got):\n%s", diff)
	}
}

// What is not understood has no sender and no status, but what addresses it holds.
func TestParseHDRUnknown(t *testing.T) {
	from, both := []string{"joe@example.com"}, []string{"a@x.test", "b@x.test"}
	tests := []struct {
		name, in  string
		auth      string
		addresses []string
	}{
		{"empty", "", "", nil},
		{"one line", "Written \r\n", "", nil},
		{"two lines", "Written \r\njoe@example.com\r\n", "", from},
		{"no status", "[12 34]\r\na@x.test\r\nb@x.test\r\n", "", both},
		{"fields from the first line on", "status: Written\r\nfrom: a@x.test\r\nto: b@x.test\r\nauth: A@x.test\r\n", "A@x.test", []string{"a@x.test", "b@x.test", "A@x.test"}},
		{"fields from the second line on", "Written\r\nfrom: a@x.test\r\nto: b@x.test\r\n", "", both},
		{"fields from the third line on", "Written\r\na@x.test\r\nretry: 0\r\n", "", both[:1]},
		{"zeros of a torn write", "\x00\x00\x00\n\x00\n\x00\n", "", nil},
		{"any three lines", "this is\nno envelope\nat all\n", "", nil},
		{"sender that is no address", "Written \r\nthis is\r\nb@x.test\r\n", "", both[1:]},
		{"recipients that are no addresses", "Written \r\na@x.test\r\neverybody\r\n", "", both[:1]},
		{"one recipient that is no address", "Written \r\na@x.test\r\nb@x.test,everybody\r\n", "", both},
		{"no recipient", "Written \r\na@x.test\r\n\r\nretry: 0;\r\n", "", both[:1]},
		{"two senders", "Written \r\na@x.test,b@x.test\r\nb@x.test\r\n", "", both},
		{"keys with equals signs", "Written\r\nFrom=a@x.test\r\nTo=b@x.test\r\n", "", []string{"From=a@x.test", "a@x.test", "To=b@x.test", "b@x.test"}},
		{"glued to other text", "<from>a@x.test</from>;b@x.test.,é", "", both},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := ParseHDR([]byte(tt.in))
			if h.Layout != LayoutUnknown || h.Status != StatusUnknown || h.MailFrom != "" || strings.Join(h.Auth, " ") != tt.auth {
				t.Errorf("ParseHDR = %+v", h)
			}
			if diff := cmp.Diff(tt.addresses, h.Recipients); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParseHDR(f *testing.F) {
	f.Add([]byte(capturedHDR))
	f.Add([]byte("\xef\xbb\xbfFailed\n<>\n\nretry: 99999999999;\nauth:\xff\n"))
	f.Add([]byte("\xff\xfe2\x00\n\x00a\x00@\x00b\x00\n\x00"))
	f.Add([]byte("Virus Checked\r\n\r\n<\"a b\"@x.test>; c@x.test\r\nd@x.test\r\nx\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := ParseHDR(data)
		if strings.ContainsAny(h.MailFrom+h.HELO+strings.Join(h.Recipients, ""), "\n") {
			t.Fatal("a value holds a line end")
		}
		if h.Retries < 0 || len(h.Recipients) > 2*len(data) {
			t.Fatalf("implausible: %+v", h)
		}
		for _, to := range h.Recipients {
			if !strings.Contains(to, "@") {
				t.Fatalf("%q is no address", to)
			}
		}
		if h.Layout != LayoutUnknown && (len(h.Recipients) == 0 || h.MailFrom != "" && !isAddress(h.MailFrom)) {
			t.Fatalf("taken for understood: %+v", h)
		}
	})
}
