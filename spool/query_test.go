package spool

import (
	"errors"
	"strings"
	"testing"
)

func TestParseQuery(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"  \t ", ""},
		{"invoice", "invoice"},
		{"  invoice   48213 ", "invoice 48213"},
		{`"final notice"`, `"final notice"`},
		{"ACCOUNT:joe@example.com", "account:joe@example.com"},
		{`-account:joe -"two words" -bare`, `-account:joe -"two words" -bare`},
		{`subject:"he said ""no"""`, `subject:"he said ""no"""`},
		{`"account:joe"`, `"account:joe"`},
		{`"-minus"`, `"-minus"`},
		{"ip:203.0.113.9 ip:2001:db8::/32", "ip:203.0.113.9 ip:2001:db8::/32"},
		{"size:>20k size:<=3MB age:<2h age:>=1d", "size:>20k size:<=3MB age:<2h age:>=1d"},
		{"status:Written class:bounce id:SubSpool3/67518204", "status:Written class:bounce id:SubSpool3/67518204"},
		{`text:"C:\path\n" itext:Ünï re:\d+`, `text:C:\path\n itext:Ünï re:\d+`},
		{`decoded:"Final  Notice" -Decoded:ﬁn "decoded:x"`, `decoded:"Final  Notice" -decoded:ﬁn "decoded:x"`},
		{"from:a to:b helo:c domain:d", "from:a to:b helo:c domain:d"},
		{"a-b", "a-b"},
	}
	for _, tt := range tests {
		q, err := ParseQuery(tt.in)
		if err != nil || q.String() != tt.want {
			t.Errorf("ParseQuery(%q) = %q, %v; want %q", tt.in, q, err, tt.want)
		}
		if q.Empty() != (tt.want == "") {
			t.Errorf("ParseQuery(%q).Empty() = %v", tt.in, q.Empty())
		}
	}
}

func TestQueryNeedsFiles(t *testing.T) {
	for in, want := range map[string]bool{"joe account:a": false, "text:a": true, "-itext:a": true, "joe re:a": true, "-decoded:a": true} {
		if q, err := ParseQuery(in); err != nil || q.NeedsFiles() != want {
			t.Errorf("NeedsFiles(%q) = %v, %v; want %v", in, q.NeedsFiles(), err, want)
		}
	}
}

func TestParseQueryPointsAtThePlace(t *testing.T) {
	tests := []struct {
		in   string
		pos  int
		says string
	}{
		{"acount:joe", 0, "nearest: account:"},
		{"joe -form:x", 5, "nearest: from:"},
		{"http://bank.test", 0, "in quotes"},
		{"joe account:", 12, "account:joe@example.com"},
		{"Re: invoice", 3, `look for the words "Re:"`},
		{"joe -", 5, "nothing stands here"},
		{`a ""`, 2, "nothing stands here"},
		{`subject:"final`, 8, "not closed"},
		{`"a"b`, 3, "leave a blank"},
		{`sub"ject`, 3, "quote in the middle"},
		{"ip:203.0.113", 3, "ip:203.0.113.0/24"},
		{"ip:203.0.113.9/99", 3, "ip:203.0.113.0/24"},
		{"status:waiting", 7, "status:written"},
		{"class:spam", 6, "class:bounce"},
		{"size:20k", 5, "size:>20k"},
		{"size:>20x", 5, "size:>20k"},
		{"size:>99999999999999999999", 5, "size:>20k"},
		{"size:>9999999999g", 5, "size:>20k"},
		{"age:<2", 4, "age:<2h"},
		{"age:2h", 4, "age:<2h"},
		{"a decoded:", 10, `decoded:"final notice"`},
		{"decodd:x", 0, "nearest: decoded:"},
		{"-decoded:\" \u00ad\"", 9, `decoded:"final notice"`}, // nothing that could be seen
		{"a re:[", 5, "missing closing ]"},
		{strings.Repeat("a ", maxTerms+1), 2 * maxTerms, "more than"},
		{strings.Repeat("a", maxQuery+1), maxQuery, "shorten"},
	}
	for _, tt := range tests {
		_, err := ParseQuery(tt.in)
		var qe *QueryError
		if !errors.As(err, &qe) || qe.Pos != tt.pos || !strings.Contains(qe.Message, tt.says) {
			t.Errorf("ParseQuery(%.40q) = %#v; want position %d and %q", tt.in, err, tt.pos, tt.says)
		}
	}
}

func TestHoldsAddress(t *testing.T) {
	tests := []struct {
		s, lower string
		want     bool
	}{
		{"Ann <Ann@Example.com>", "ann@example.com", true},
		{"joann@example.com", "ann@example.com", false},
		{"joann@example.com, ann@example.com", "ann@example.com", true},
		{"ann@example.com.test", "ann@example.com", false},
		{"ann@example.com", "@example.com", true},
		{"ann@example.community", "@example.com", false},
		{"ann@example.com", "ann@", true},
		{"joann@example.com", "ann", true},
	}
	for _, tt := range tests {
		looked := term{lower: tt.lower, needle: newNeedle(tt.lower)}
		if got := looked.holdsAddress(tt.s); got != tt.want {
			t.Errorf("%q holds the address %q: %v", tt.s, tt.lower, got)
		}
	}
}

func TestEditDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "", 3}, {"sales", "sales", 0}, {"slaes", "sales", 1}, {"sale", "sales", 1},
		{"kitten", "sitting", 3}, {"über", "uber", 1},
	}
	for _, tt := range tests {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// A search for bytes says how what is encoded in the files is found.
func TestSayEncoded(t *testing.T) {
	for _, tt := range []struct{ query, decoded string }{
		{`text:"final notice" size:>20k`, `decoded:"final notice" size:>20k`},
		{`itext:INV -text:gut`, `decoded:INV -decoded:gut`},
		{`account:joe@quay.example`, ""},
		{`decoded:"final notice"`, ""},
		{`text:" "`, ""},
	} {
		q, err := ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.AsDecoded().String(); got != tt.decoded {
			t.Errorf("%s decoded is %q, want %q", tt.query, got, tt.decoded)
		}
		if said := q.SayEncoded(); (said == "") != (tt.decoded == "") || !strings.Contains(said, tt.decoded) {
			t.Errorf("%s: %q", tt.query, said)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{`-account:joe "a ""b""" size:>20k age:<2h`, `re:\d+ ip:2001:db8::/32`, `"`, "-:", "text:\xff", "a\u2028b", `-decoded:"a ""b" decoded:x`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseQuery(s)
		if err != nil {
			var qe *QueryError
			if !errors.As(err, &qe) || qe.Pos < 0 || qe.Pos > len(s) || qe.Message == "" {
				t.Fatalf("err = %#v", err)
			}
			return
		}
		again, err := ParseQuery(q.String())
		if err != nil && len(q.String()) <= maxQuery || err == nil && again.String() != q.String() {
			t.Fatalf("%q gave %q, which gives %q, %v", s, q, again, err)
		}
	})
}
