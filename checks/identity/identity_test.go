package identity

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// zone serves records in the form of a zone file. Besides, "SERVFAIL name" and "SILENT name" are names that fail or never answer.
func zone(t testing.TB, text string) *resolver.Client {
	t.Helper()
	records := map[string][]dns.RR{}
	odd := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if word, name, _ := strings.Cut(line, " "); word == "SERVFAIL" || word == "SILENT" || word == "HALF" {
			odd[dns.CanonicalName(name)] = word
			continue
		}
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		name := dns.CanonicalName(rr.Header().Name)
		records[name] = append(records[name], rr)
	}
	server := dnsbltest.Start(t)
	server.Handle(".", func(w dns.ResponseWriter, query *dns.Msg) {
		q := query.Question[0]
		m := new(dns.Msg).SetReply(query)
		name := dns.CanonicalName(q.Name)
		switch odd[name] {
		case "SERVFAIL":
			m.Rcode = dns.RcodeServerFailure
		case "SILENT":
			return
		}
		all, exists := records[name]
		if !exists && odd[name] == "" {
			m.Rcode = dns.RcodeNameError
		}
		for _, rr := range all {
			if rr.Header().Rrtype == q.Qtype || rr.Header().Rrtype == dns.TypeCNAME {
				m.Answer = append(m.Answer, rr)
			}
			if alias, ok := rr.(*dns.CNAME); ok {
				m.Answer = append(m.Answer, records[dns.CanonicalName(alias.Target)]...)
			}
		}
		if m.Rcode == dns.RcodeSuccess && len(m.Answer) == 0 && odd[name] != "HALF" {
			m.Ns = []dns.RR{&dns.SOA{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeSOA, Class: dns.ClassINET}, Ns: "ns.", Mbox: "host."}}
		}
		if w.RemoteAddr().Network() == "udp" {
			m.Truncate(1232)
		}
		w.WriteMsg(m)
	})
	return resolver.New([]resolver.Server{{Addr: server.Addr()}}, resolver.Options{Timeout: 150 * time.Millisecond})
}

const good = `
	25.113.0.203.in-addr.arpa. PTR mail01.example.com.
	mail01.example.com. A 203.0.113.25
	example.com. TXT "v=spf1 a:mail01.example.com -all"
	_dmarc.example.com. TXT "v=DMARC1; p=reject"
`

var server = netip.MustParseAddr("203.0.113.25")

func now() time.Time { return time.Unix(1763900000, 0) }

func addrs(ips ...netip.Addr) []netip.Addr { return ips }

// check looks at the one server, known by its address only.
func check(t *testing.T, asker Asker, in Input) Report {
	t.Helper()
	c := &Checker{Resolver: asker, Clock: now, Timeout: 5 * time.Second}
	return c.Check(t.Context(), in)
}

// told are the findings about some subjects, as "kind: short".
func told(findings []Finding, about ...Subject) []string {
	var lines []string
	for _, f := range findings {
		for _, a := range about {
			if f.About == a {
				lines = append(lines, fmt.Sprintf("%s: %s", f.Kind, f.Short))
			}
		}
	}
	return lines
}

func TestGoodServer(t *testing.T) {
	r := check(t, zone(t, good), Input{Given: []netip.Addr{server}, HELO: "mail01.example.com", Domains: []string{"example.com"}})
	if got, want := r.Summary(), "PTR mail01.example.com, forward-confirmed; HELO agrees; SPF of example.com passes; DMARC of example.com is there"; got != want {
		t.Errorf("summary\n%s\nwant\n%s", got, want)
	}
	if r.Worst() != Good {
		t.Errorf("worst is %s, want good", r.Worst())
	}
}

func TestPTRAndHELO(t *testing.T) {
	many := ""
	for i := range 200 {
		many += fmt.Sprintf("25.113.0.203.in-addr.arpa. PTR site%d.example.com.\n", i)
	}
	for _, c := range []struct {
		name, zone, helo string
		ip               string
		want             []string
	}{
		{name: "all agree", zone: good, helo: "MAIL01.example.com.", want: []string{"good: PTR mail01.example.com, forward-confirmed", "good: HELO agrees"}},
		{name: "no PTR", zone: "mail01.example.com. A 203.0.113.25", helo: "mail01.example.com",
			want: []string{"bad: 203.0.113.25 has no PTR record", "note: HELO and PTR differ"}},
		{name: "no answer is not no PTR", zone: "SILENT 25.113.0.203.in-addr.arpa\nmail01.example.com. A 203.0.113.25", helo: "mail01.example.com",
			want: []string{"unknown: PTR of 203.0.113.25 unknown", "unknown: whether HELO is the PTR name is unknown"}},
		{name: "SERVFAIL is not no PTR", zone: "SERVFAIL 25.113.0.203.in-addr.arpa\nSERVFAIL mail01.example.com", helo: "mail01.example.com",
			want: []string{"unknown: PTR of 203.0.113.25 unknown", "unknown: whether HELO fits is unknown"}},
		{name: "points elsewhere", zone: "25.113.0.203.in-addr.arpa. PTR mail01.example.com.\nmail01.example.com. A 192.0.2.1", helo: "mail01.example.com",
			want: []string{"bad: PTR mail01.example.com does not point back", "bad: HELO mail01.example.com does not point to 203.0.113.25"}},
		{name: "points nowhere that can be told", zone: "25.113.0.203.in-addr.arpa. PTR mail01.example.com.\nSERVFAIL mail01.example.com", helo: "",
			want: []string{"unknown: whether PTR mail01.example.com points back is unknown", "unknown: HELO name unknown"}},
		{name: "delegated by CNAME (RFC 2317)", zone: "25.113.0.203.in-addr.arpa. CNAME 25.isp.example.\n25.isp.example. PTR mail01.example.com.\nmail01.example.com. A 203.0.113.25", helo: "mail01.example.com",
			want: []string{"good: PTR mail01.example.com, forward-confirmed", "good: HELO agrees"}},
		{name: "one of two points back", zone: good + "25.113.0.203.in-addr.arpa. PTR www.example.com.", helo: "mail01.example.com",
			want: []string{"note: 203.0.113.25 has 2 PTR names", "good: PTR mail01.example.com, forward-confirmed", "good: HELO agrees"}},
		{name: "200 names", zone: many, helo: "mail01.example.com",
			want: []string{"note: 203.0.113.25 has 200 PTR names", "bad: PTR site0.example.com does not point back", "bad: HELO mail01.example.com does not point to 203.0.113.25"}},
		{name: "escapes", zone: `25.113.0.203.in-addr.arpa. PTR evil\027[31m.example.com.`, helo: "x\x1b[31m.example.com",
			want: []string{`bad: PTR evil\027[31m.example.com does not point back`, `bad: HELO "x[31m.example.com" is no full host name`}},
		{name: "generic", zone: "25.113.0.203.in-addr.arpa. PTR host-203-0-113-25.isp.example.\nhost-203-0-113-25.isp.example. A 203.0.113.25", helo: "SERVER1",
			want: []string{"good: PTR host-203-0-113-25.isp.example, forward-confirmed", "bad: PTR host-203-0-113-25.isp.example looks generic", `bad: HELO "SERVER1" is no full host name`}},
		{name: "IPv6", ip: "2001:db8::25", helo: "mail01.example.com",
			zone: "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR mail01.example.com.\nmail01.example.com. AAAA 2001:db8::25",
			want: []string{"good: PTR mail01.example.com, forward-confirmed", "good: HELO agrees"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ip := server
			if c.ip != "" {
				ip = netip.MustParseAddr(c.ip)
			}
			r := check(t, zone(t, c.zone), Input{Given: []netip.Addr{ip}, HELO: c.helo})
			if diff := cmp.Diff(c.want, told(r.Findings, OfPTR, OfForward, OfGeneric, OfHELO)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range r.Findings {
				if strings.ContainsRune(f.Sentence+f.Short+f.Remedy, 0x1b) {
					t.Errorf("an escape code came through: %q", f.Sentence)
				}
			}
		})
	}
}

func TestSPFAndDMARC(t *testing.T) {
	long := strings.Repeat(` "`+strings.Repeat("ip4:198.51.100.1 ", 14)+`"`, 6)
	for _, c := range []struct {
		name, zone string
		want       []string
	}{
		{"pass by include and MX", `
			example.com. TXT "v=spf1 include:spf.example.com -all"
			spf.example.com. TXT "v=spf1 mx:mx.example.com -all"
			mx.example.com. MX 10 mail01.example.com.
			mail01.example.com. A 203.0.113.25
			_dmarc.example.com. TXT "v=DMARC1; p=none"`, []string{"good: SPF of example.com passes", "good: DMARC of example.com is there"}},
		{"fail", `example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"`, []string{"bad: SPF of example.com fails", "note: no DMARC at example.com"}},
		{"softfail", `example.com. TXT "v=spf1 ~all"`, []string{"bad: SPF of example.com fails softly", "note: no DMARC at example.com"}},
		{"neutral", `example.com. TXT "v=spf1 ?all"`, []string{"note: SPF of example.com is neutral", "note: no DMARC at example.com"}},
		{"everybody, behind what names this server", `example.com. TXT "v=spf1 ip4:203.0.113.25 all -all"`, []string{"note: SPF of example.com allows everybody", "note: no DMARC at example.com"}},
		{"everybody", `example.com. TXT "v=spf1 +all"`, []string{"note: SPF of example.com allows everybody", "note: no DMARC at example.com"}},
		{"none", `example.com. TXT "hello"`, []string{"bad: example.com has no SPF record", "note: no DMARC at example.com"}},
		{"no such domain", ``, []string{"bad: example.com has no SPF record", "note: no DMARC at example.com"}},
		{"two records", "example.com. TXT \"v=spf1 -all\"\nexample.com. TXT \"v=spf1 ~all\"", []string{"bad: SPF of example.com is broken", "note: no DMARC at example.com"}},
		{"loop", `example.com. TXT "v=spf1 include:example.com -all"`, []string{"bad: SPF of example.com is broken", "note: no DMARC at example.com"}},
		{"no answer is not none", "SERVFAIL example.com\nSILENT _dmarc.example.com", []string{"unknown: SPF of example.com unknown", "unknown: DMARC of example.com unknown"}},
		{"no answer inside", "example.com. TXT \"v=spf1 include:spf.example.com -all\"\nSERVFAIL spf.example.com", []string{"unknown: SPF of example.com unknown", "note: no DMARC at example.com"}},
		{"too long to be read", `example.com. TXT "v=spf1 "` + long, []string{"unknown: SPF of example.com unknown", "note: no DMARC at example.com"}},
		{"two DMARC records", "_dmarc.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"", []string{"bad: example.com has no SPF record", "bad: example.com has 2 DMARC records"}},
		{"DMARC without a policy", `_dmarc.example.com. TXT "v=DMARC1; sp=none"`, []string{"bad: example.com has no SPF record", "note: DMARC of example.com has no policy"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check(t, zone(t, c.zone), Input{Given: []netip.Addr{server}, Domains: []string{"example.com", "no domain", "Example.com."}})
			if diff := cmp.Diff(c.want, told(r.Findings, OfSPF, OfDMARC)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// The policy of the organization counts for its subdomains (RFC 7489 section 6.6.3).
func TestDMARCOfTheOrganization(t *testing.T) {
	f := checkDMARC(t.Context(), zone(t, `_dmarc.example.co.uk. TXT "v=DMARC1; p=quarantine"`), "news.example.co.uk")
	if f.Kind != Good || !strings.Contains(f.Sentence, "_dmarc.example.co.uk: p=quarantine") {
		t.Errorf("%s: %s", f.Kind, f.Sentence)
	}
}

// A whole check ends at its deadline, and says that nobody can tell.
func TestDeadline(t *testing.T) {
	c := &Checker{Resolver: zone(t, "SILENT 25.113.0.203.in-addr.arpa\nSILENT example.com\nSILENT mail01.example.com"), Clock: time.Now, Timeout: 50 * time.Millisecond}
	began := time.Now()
	r := c.Check(t.Context(), Input{Given: []netip.Addr{server}, HELO: "mail01.example.com", Domains: []string{"example.com"}})
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %s", took)
	}
	for _, f := range r.Findings {
		if f.About != OfAddress && (f.Kind == Good || f.Kind == Bad) {
			t.Errorf("%s %s: %s", f.Kind, f.About, f.Sentence)
		}
	}
}

// A resolver that makes up answers says nothing of this server.
func TestRewritingResolver(t *testing.T) {
	r := check(t, zone(t, good), Input{Given: []netip.Addr{server}, Preflight: resolver.Finding{Kind: resolver.Rewriting, Sentence: "It makes up answers."}})
	if len(r.Findings) != 1 || r.Worst() != Unknown {
		t.Errorf("%+v", r.Findings)
	}
}

type domainLists map[string]DomainAnswer

func (d domainLists) AskDomains(context.Context, []string) (map[string]DomainAnswer, error) {
	return d, nil
}

func TestDomainLists(t *testing.T) {
	asker := zone(t, good)
	in := Input{Given: []netip.Addr{server}, HELO: "mail01.example.com", Domains: []string{"example.com", "example.net", "example.org"}}
	if got := told(check(t, asker, in).Findings, OfLists); len(got) != 1 || !strings.HasPrefix(got[0], "not asked") {
		t.Errorf("without lists: %q", got)
	}
	c := &Checker{Resolver: asker, Clock: time.Now, Lists: domainLists{
		"mail01.example.com": {Asked: 3}, "example.com": {Asked: 3, Listed: []string{"Spamhaus DBL"}}, "example.net": {Asked: 1, NoAnswer: []string{"SURBL"}},
	}}
	want := []string{"good: ", "bad: example.com is on Spamhaus DBL", "unknown: whether example.net is listed is unknown", "unknown: whether example.org is listed is unknown"}
	if diff := cmp.Diff(want, told(c.Check(t.Context(), in).Findings, OfLists)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
