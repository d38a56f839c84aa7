package message

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// captured is a header as SmarterMail writes it.
const captured = "X-SmarterMail-Authenticated-As: user@example.com\r\n" +
	"Received: from [192.0.2.182] (host-203-0-113-34.example.net [203.0.113.34]) by mail.example.com with SMTP\r\n" +
	"    (version=Tls12\r\n    cipher=Aes256 bits=256);\r\n   Fri, 4 Jun 2021 15:17:01 -0700\r\n" +
	"From: =?UTF-8?Q?J=C3=B6rg?= <user@example.com>\r\n" +
	"Subject: =?utf-8?B?UmVjaG51bmc=?=\r\n =?utf-8?B?IDQ3MTE=?=\r\n" +
	"Date: Fri, 4 Jun 2021 15:17:00 -0700\r\n" +
	"X-Mailer: Outlook 16.0\r\n\r\nSubject: not a header\r\n"

func TestScan(t *testing.T) {
	full := Header{
		From: "Jörg <user@example.com>", Subject: "Rechnung 4711", Authenticated: "user@example.com",
		ClientIP: netip.MustParseAddr("203.0.113.34"), DateLine: "Fri, 4 Jun 2021 15:17:00 -0700", Mailer: "Outlook 16.0",
	}
	withBOM := full
	withBOM.BOM = true
	tests := []struct {
		name, in string
		want     Header
	}{
		{"as captured", captured, full},
		{"line feeds only", strings.ReplaceAll(captured, "\r\n", "\n"), full},
		{"carriage returns only", strings.ReplaceAll(captured, "\r\n", "\r"), full},
		{"doubled carriage returns", strings.ReplaceAll(captured, "\r\n", "\r\r\n"), full},
		{"byte order mark from web mail", "\xef\xbb\xbf" + captured, withBOM},
		{"authenticated header below Received is the sender's own",
			"Received: from x ([198.51.100.7]) by m with SMTP; x\r\nX-SmarterMail-Authenticated-As: victim@example.com\r\n\r\n",
			Header{ClientIP: netip.MustParseAddr("198.51.100.7")}},
		{"greeting that pretends to be an address and a server",
			"Received: from [192.0.2.1] by [192.0.2.2] (host.example [203.0.113.5]) by m.example with SMTP\r\n\r\n",
			Header{ClientIP: netip.MustParseAddr("203.0.113.5")}},
		{"only the topmost Received counts",
			"Received: by m.example with HTTP\r\nReceived: from a ([203.0.113.9]) by m with SMTP\r\n\r\n", Header{}},
		{"IPv6 and mapped addresses",
			"Received: from x (y [IPv6:2001:db8::25]) by m with SMTP\r\n\r\n", Header{ClientIP: netip.MustParseAddr("2001:db8::25")}},
		{"names in any case, blank before the colon", "SUBJECT : a\r\nfrom:b@x.test\r\n\r\n", Header{Subject: "a", From: "b@x.test"}},
		{"first of two fields", "Subject: a\r\nSubject: b\r\n\r\n", Header{Subject: "a"}},
		{"folded with tabs", "Subject: a\r\n\tb\r\n  c\r\n\r\n", Header{Subject: "a b c"}},
		{"raw UTF-8", "Subject: Müller\r\n\r\n", Header{Subject: "Müller"}},
		{"raw Latin-1", "Subject: M\xfcller\r\n\r\n", Header{Subject: "Müller"}},
		{"other charset", "Subject: =?koi8-r?B?8NLJ18XU?=\r\n\r\n", Header{Subject: "Привет"}},
		{"unknown charset", "Subject: =?x-nope?Q?M=FCller?=\r\n\r\n", Header{Subject: "Müller", Marks: Undecoded}},
		{"broken encoded word stays", "Subject: =?utf-8?B?%%%?=\r\n\r\n", Header{Subject: "=?utf-8?B?%%%?=", Marks: Undecoded}},
		{"escape codes stay for Printable to drop", "Subject: =?utf-8?Q?=1B[2Jhi?=\r\n\r\n", Header{Subject: "\x1b[2Jhi"}},
		{"cut in the middle of a line", "From: a@x.test\r\nSubject: half a sub", Header{From: "a@x.test", Subject: "half a sub"}},
		{"bounce", "X-SmarterMail-MessageType: Bounce\r\n\r\n", Header{MessageType: "Bounce"}},
		{"lines that are no fields", "garbage\r\n: nameless\r\nSubject: a\r\n\r\n", Header{Subject: "a"}},
		{"empty", "", Header{Unread: unreadAll}},
		{"zeros, as a power cut leaves them", "\x00\x00\x00\x00", Header{Unread: unreadAll}},
		{"no header", "\r\nSubject: a\r\n", Header{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Ended = true
			got := Scan([]byte(tt.in), true)
			if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmpopts.EquateApproxTime(0)); diff != "" {
				t.Errorf("Scan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeIsBounded(t *testing.T) {
	got := Decode([]byte(strings.Repeat("é", 5000)))
	if len(got) > maxValue || !utf8.ValidString(got) {
		t.Errorf("Decode gave %d bytes, valid %v; want at most %d, valid", len(got), utf8.ValidString(got), maxValue)
	}
}

func TestAddress(t *testing.T) {
	tests := []struct{ in, want string }{
		{"joe@example.com", "joe@example.com"},
		{"Joe <Joe@Example.COM>", "joe@example.com"},
		{`"Bank, Billing" <pay@bank.test>`, "pay@bank.test"},
		{"Billing pay@bank.test <not an address>", ""},
		{"Broken \" <pay@bank.test>", "pay@bank.test"},
		{"pay@bank.test, other@bank.test", "pay@bank.test"},
		{"<>", ""},
		{"", ""},
		{"undisclosed", ""},
	}
	for _, tt := range tests {
		if got := Address(tt.in); got != tt.want {
			t.Errorf("Address(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte(captured))
	f.Add([]byte("\xef\xbb\xbfSubject: =?utf-8?Q?=1B?=\r X: y\n\tz"))
	f.Add([]byte("From:=?UTF-8?Q?=80?=0"))
	f.Add([]byte("Received: from [] by [[]] by \r\nReceived:"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h := Scan(b, true)
		for _, n := range []int{len(b) / 2, len(b) - 1, len(b)} { // what is not said to be unread is as it is in the whole
			part := Scan(b[:max(n, 0)], false)
			u := part.Unread
			if u&UnreadFrom == 0 && part.From != h.From || u&UnreadSubject == 0 && part.Subject != h.Subject ||
				u&UnreadAccount == 0 && part.Authenticated != h.Authenticated || u&UnreadClient == 0 && part.ClientIP != h.ClientIP {
				t.Fatalf("of %q the first %d bytes say %+v, all say %+v", b, n, part, h)
			}
		}
		for _, s := range []string{h.From, h.Subject, h.Authenticated, h.MessageType, h.Mailer} {
			if len(s) > maxValue || !utf8.ValidString(s) {
				t.Fatalf("value of %d bytes, valid UTF-8 %v", len(s), utf8.ValidString(s))
			}
		}
		Address(h.From)
	})
}

func BenchmarkScan(b *testing.B) {
	in := []byte(captured)
	b.ReportAllocs()
	for b.Loop() {
		Scan(in, true)
	}
}
