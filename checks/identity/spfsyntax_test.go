package identity

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"blitiri.com.ar/go/spf"
)

var goodSPF = []string{
	"v=spf1",
	"v=spf1 ",
	"V=SPF1 IP4:198.51.100.77 -ALL",
	"v=spf1 ip4:198.51.100.77 -all ",
	"v=spf1   ip4:198.51.100.0/24   ~all",
	"v=spf1 ip4:0.0.0.0/0 -all",
	"v=spf1 ip6:2001:db8::/32 ?all",
	"v=spf1 ip6:::1 ip6:2001:db8::25/128 ip6:::ffff:192.0.2.1 -all",
	"v=spf1 a mx ptr -all",
	"v=spf1 +a -mx ~ptr ?ip4:192.0.2.1 all",
	"v=spf1 a/24 mx//64 a/24//64 -all",
	"v=spf1 a:mail.example.com/28 mx:example.com//48 -all",
	"v=spf1 a:mail.example.com. -all",
	"v=spf1 a:_spf.mail-1.example.co.uk -all",
	"v=spf1 a:foo:bar/baz.example.com -all",
	"v=spf1 a:example.xn--p1ai mx:example.a-b -all",
	"v=spf1 include:_spf.example.com redirect=example.net",
	"v=spf1 exists:%{ir}.%{v}.ok.example.com -all",
	"v=spf1 exists:%{l1r-}.%{o}._spf.%{d2} -all",
	"v=spf1 include:%{d} exists:%{S}%%%_%-.example.com -all",
	"v=spf1 mx exp=explain._spf.%{d}",
	"v=spf1 redirect=_spf.example.com -all",
	"v=spf1 mx ra=postmaster x-note=%{i} later.thing_1=any/thing:at=all -all",
	"v=spf1 exists:%{d/}.example.com -all",
}

// badSPF are records with the word that spoils them.
var badSPF = map[string]string{
	"v=spf1 ipv4:198.51.100.77 -all":                           "ipv4:198.51.100.77",
	"v=spf1 ip4:198.51.100.77 bogus:xx -all":                   "bogus:xx",
	"v=spf1 ip4:198.51.100.77 inlcude:pass.test ~all":          "inlcude:pass.test",
	"v=spf1 ip4:198.51.100.77 ip4:192.0.2.1/33 -all":           "ip4:192.0.2.1/33",
	"v=spf1 ip4:198.51.100.77 mx,a -all":                       "mx,a",
	"v=spf1 ip4:198.51.100.77, ip4:192.0.2.1 -all":             "ip4:198.51.100.77,",
	"v=spf1 -all v=spf1":                                       "", // a modifier that nobody knows
	"v=spf1 all:example.com":                                   "all:example.com",
	"v=spf1 -all. mx":                                          "-all.",
	"v=spf1 all/8":                                             "all/8",
	"v=spf1 include -all":                                      "include",
	"v=spf1 include: -all":                                     "include:",
	"v=spf1 include:example -all":                              "include:example",
	"v=spf1 include:example.com/24 -all":                       "include:example.com/24",
	"v=spf1 include=example.com -all":                          "", // so is this
	"v=spf1 +include=example.com -all":                         "+include=example.com",
	"v=spf1 exists -all":                                       "exists",
	"v=spf1 a: -all":                                           "a:",
	"v=spf1 a/ -all":                                           "a/",
	"v=spf1 a/33 -all":                                         "a/33",
	"v=spf1 a/024 -all":                                        "a/024",
	"v=spf1 a//129 -all":                                       "a//129",
	"v=spf1 a/24/64 -all":                                      "a/24/64",
	"v=spf1 a/99999999999999999999 -all":                       "a/99999999999999999999",
	"v=spf1 a:192.0.2.1 -all":                                  "a:192.0.2.1",
	"v=spf1 a:example.-com -all":                               "a:example.-com",
	"v=spf1 a:example.com- -all":                               "a:example.com-",
	"v=spf1 mx:museum -all":                                    "mx:museum",
	"v=spf1 mx:museum. -all":                                   "mx:museum.",
	"v=spf1 ptr/0 -all":                                        "ptr/0",
	"v=spf1 ip4 -all":                                          "ip4",
	"v=spf1 ip4/192.0.2.1 -all":                                "ip4/192.0.2.1",
	"v=spf1 ip4:192.0.2 -all":                                  "ip4:192.0.2",
	"v=spf1 ip4:192.0.2.01 -all":                               "ip4:192.0.2.01",
	"v=spf1 ip4:192.0.2.256 -all":                              "ip4:192.0.2.256",
	"v=spf1 ip4:192.0.2.1//24 -all":                            "ip4:192.0.2.1//24",
	"v=spf1 ip4:192.0.2.1/ -all":                               "ip4:192.0.2.1/",
	"v=spf1 ip4:192.0.2.0/255.255.255.0 -all":                  "ip4:192.0.2.0/255.255.255.0",
	"v=spf1 ip4:2001:db8::1 -all":                              "ip4:2001:db8::1",
	"v=spf1 ip6:192.0.2.1 -all":                                "ip6:192.0.2.1",
	"v=spf1 ip6:2001:db8:::1 -all":                             "ip6:2001:db8:::1",
	"v=spf1 ip6:fe80::1%eth0 -all":                             "ip6:fe80::1%eth0",
	"v=spf1 ip6:2001:db8::/129 -all":                           "ip6:2001:db8::/129",
	"v=spf1 --all":                                             "--all",
	"v=spf1 - all":                                             "-",
	"v=spf1 mx: example.com":                                   "mx:",
	"v=spf1 ip4: 192.0.2.1 -all":                               "ip4:",
	"v=spf1 mx -all;":                                          "-all;",
	"v=spf1 mx \"-all":                                         "\"-all",
	"v=spf1 redirect=pass.test redirect=fail.test":             "redirect=fail.test",
	"v=spf1 exp=a.example.com mx EXP=b.example.com":            "EXP=b.example.com",
	"v=spf1 redirect:example.com":                              "redirect:example.com",
	"v=spf1 redirect= -all":                                    "redirect=",
	"v=spf1 exp=example -all":                                  "exp=example",
	"v=spf1 1up=mushroom -all":                                 "1up=mushroom",
	"v=spf1 =all":                                              "=all",
	"v=spf1 x/y=z -all":                                        "x/y=z",
	"v=spf1 x=%{d -all":                                        "x=%{d",
	"v=spf1 x=100% -all":                                       "x=100%",
	"v=spf1 exists:%{i0}.example.com -all":                     "exists:%{i0}.example.com",
	"v=spf1 exists:%{x}.example.com -all":                      "exists:%{x}.example.com",
	"v=spf1 exists:%{c}.example.com -all":                      "exists:%{c}.example.com",
	"v=spf1 exists:%{ir}example -all":                          "exists:%{ir}example",
	"v=spf1 exists:%(ir).example.com -all":                     "exists:%(ir).example.com",
	"v=spf1 mx\t-all":                                          "mx\t-all",
	"v=spf1 mx\u00a0-all":                                      "mx\u00a0-all",
	"v=spf1 include:ex\u00e4mple.com -all":                     "include:ex\u00e4mple.com",
	"v=spf1 a:example.com\x00 -all":                            "a:example.com\x00",
	"v=spf1 mx \u2013all":                                      "\u2013all",
	"v=spf1 ip4:192.0.2.1 -all // our server":                  "//",
	"v=spf1 ip4:192.0.2.1-192.0.2.9 -all":                      "ip4:192.0.2.1-192.0.2.9",
	"v=spf1 ip4:192.0.2.1 -all ip4:mail.example.com":           "ip4:mail.example.com",
	"v=spf1 include:_spf.example.com include:spf.example ~all": "", // a domain that nobody has is no syntax error
}

func TestSPFSyntax(t *testing.T) {
	for _, record := range goodSPF {
		if word, why := spfSyntax(record); why != "" {
			t.Errorf("%q: %q is called wrong: %s", record, word, why)
		}
	}
	for record, want := range badSPF {
		word, why := spfSyntax(record)
		if word != want || (why == "") != (want == "") {
			t.Errorf("%q: the word %q (%s), want %q", record, word, why, want)
		}
	}
}

// What is wrong is found behind a match, in what is included, and in what the texts are made safe of; and it is named.
// A record may name the address, and not where or how it counts.
func TestSPFMeant(t *testing.T) {
	for record, want := range map[string]string{
		"v=spf1 mx -all ip4:203.0.113.25":       "Move ip4:203.0.113.25 before -all",
		"v=spf1 mx ~ALL +IP4:203.0.113.25 ~all": "Move +ip4:203.0.113.25 before ~all",
		"v=spf1 -ip4:203.0.113.25 mx ~all":      "Take the - from -ip4:203.0.113.25",
		"v=spf1 ?ip4:203.0.113.25 -all":         "Take the ? from ?ip4:203.0.113.25",
		"v=spf1 ip4:203.0.113.25 -all":          "",
		"v=spf1 ip4:203.0.113.250 -all":         "",
		"v=spf1 mx -all":                        "",
		"":                                      "",
	} {
		if got := spfMeant(record, "ip4:203.0.113.25"); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", record, got, want)
		}
	}
	for record, want := range map[string]bool{"v=spf1 mx +all": true, "v=spf1 All": true, "v=spf1 -all +all": false, "v=spf1 mx ?all": false, "v=spf1 include:all.example": false} {
		if spfAllowsAll(record) != want {
			t.Errorf("%s: %v, want %v", record, !want, want)
		}
	}
}

func TestSPFFaults(t *testing.T) {
	for _, tt := range []struct{ name, zone, want, says string }{
		{"behind the match", `example.com. TXT "v=spf1 ip4:203.0.113.25 bogus:xx -all"`, "bad: SPF of example.com is broken", `has the word "bogus:xx"`},
		{"a misspelled word", `example.com. TXT "v=spf1 ip4:203.0.113.25 inlcude:pass.example ~all"`, "bad: SPF of example.com is broken", "include: may be meant"},
		{"a length", `example.com. TXT "v=spf1 ip4:203.0.113.25 ip4:192.0.2.1/33 -all"`, "bad: SPF of example.com is broken", "no number from 0 to 32"},
		{"commas", `example.com. TXT "v=spf1 ip4:203.0.113.25 mx,a -all"`, "bad: SPF of example.com is broken", "not by commas"},
		{"behind all", `example.com. TXT "v=spf1 -all mx:"`, "bad: SPF of example.com is broken", `"mx:"`},
		{"included", "example.com. TXT \"v=spf1 include:in.example.com -all\"\nin.example.com. TXT \"v=spf1 ip4:203.0.113.25 ipv4:192.0.2.1 ~all\"",
			"bad: SPF of example.com is broken", `the record of in.example.com has the word "ipv4:192.0.2.1"`},
		{"not reached", "example.com. TXT \"v=spf1 ip4:203.0.113.25 include:in.example.com -all\"\nin.example.com. TXT \"v=spf1 nonsense\"", "good: SPF of example.com passes", ""},
		{"redirected", "example.com. TXT \"v=spf1 redirect=in.example.com\"\nin.example.com. TXT \"v=spf1 redirect=a.example redirect=b.example\"",
			"bad: SPF of example.com is broken", "redirect= may stand in a record once only"},
		{"a tab", `example.com. TXT "v=spf1 ip4:203.0.113.25\009-all"`, "bad: SPF of example.com is broken", "a character that no SPF record may have"},
		{"an escape code", `example.com. TXT "v=spf1 ip4:203.0.113.25 \027[31m-all"`, "bad: SPF of example.com is broken", "a character that no SPF record may have"},
		{"in pieces", `example.com. TXT "v=spf1 ip4:203.0." "113.25 -all"`, "good: SPF of example.com passes", ""},
		{"upper case", `example.com. TXT "V=SPF1 IP4:203.0.113.25 -ALL"`, "good: SPF of example.com passes", ""},
		{"a blank at the end", `example.com. TXT "v=spf1 ip4:203.0.113.25 -all "`, "good: SPF of example.com passes", ""},
		{"another version", `example.com. TXT "v=spf10 ip4:203.0.113.25 -all"`, "bad: example.com has no SPF record", ""},
		{"a redirect to none", "example.com. TXT \"v=spf1 redirect=none.example.com\"\nnone.example.com. TXT \"hello\"", "bad: SPF of example.com is broken", "no SPF record"},
		{"three void lookups", `example.com. TXT "v=spf1 a:n1.example.com a:n2.example.com a:n3.example.com ip4:203.0.113.25 -all"`, "bad: SPF of example.com is broken", "more than two of its lookups find nothing"},
		{"a label that cannot be asked for", `example.com. TXT "v=spf1 exists:%{l}..example.com ip4:203.0.113.25 -all"`, "good: SPF of example.com passes", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := checkSPF(t.Context(), zone(t, tt.zone), "example.com", "mail01.example.com", server)
			if got := string(f.Kind) + ": " + f.Short; got != tt.want || !strings.Contains(f.Sentence, tt.says) || strings.ContainsAny(f.Sentence, "\x1b\t") {
				t.Errorf("%s\n%s\nwant %s with %q", got, f.Sentence, tt.want, tt.says)
			}
		})
	}
}

// lone is a DNS with one record only.
type lone string

func (l lone) LookupTXT(context.Context, string) ([]string, error)        { return []string{string(l)}, nil }
func (lone) LookupMX(context.Context, string) ([]*net.MX, error)          { return nil, nil }
func (lone) LookupIPAddr(context.Context, string) ([]net.IPAddr, error)   { return nil, nil }
func (lone) LookupAddr(context.Context, string) (names []string, _ error) { return nil, nil }

// What the library stumbles over, the reader has found first.
func FuzzSPFSyntax(f *testing.F) {
	for _, record := range goodSPF {
		f.Add(record)
	}
	for record := range badSPF {
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, record string) {
		if len(spfRecords([]string{record})) == 0 {
			return
		}
		word, why := spfSyntax(record)
		if (word == "") != (why == "") || !strings.Contains(record, word) {
			t.Fatalf("%q: the word %q: %s", record, word, why)
		}
		result, err := spf.CheckHostWithSender(server.AsSlice(), "helo.example", "postmaster@example.com", spf.WithResolver(lone(record)))
		if result == spf.PermError && why == "" && (errors.Is(err, spf.ErrUnknownField) || errors.Is(err, spf.ErrInvalidIP)) {
			t.Fatalf("%q: no fault was found, and the library says %v", record, err)
		}
	})
}
