package dnsbl_test

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"
	"delist/checks/resolver"

	"github.com/miekg/dns"
)

// habitLists are asked in the tests of habits: of each kind one, and none with a pace.
var habitLists = []string{"spamhaus-zen", "barracuda", "spamcop", "validity", "psbl", "uceprotect-1", "gbudb", "nordspam", "hostkarma", "swinog"}

// The verdicts, by list, on an address that three of the lists have. Those that are not named are clear.
type verdicts map[string]dnsbl.Verdict

func all(v dnsbl.Verdict) verdicts {
	out := verdicts{}
	for _, id := range habitLists {
		out[id] = v
	}
	return out
}

// with changes some verdicts.
func (v verdicts) with(verdict dnsbl.Verdict, ids ...string) verdicts {
	out := verdicts{}
	for id, was := range v {
		out[id] = was
	}
	for _, id := range ids {
		out[id] = verdict
	}
	return out
}

var (
	usual   = all(dnsbl.Clear).with(dnsbl.Listed, "spamhaus-zen", "barracuda", "spamcop")
	nothing = all(dnsbl.Unusable)
)

// A DNS server with habits, bad and odd, between the lists and delist: an address is listed only where the list
// says so and clear only where it says so, whatever else comes.
func TestHabits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		habit dnsbltest.Habit
		want  verdicts
		found resolver.Kind
		sum   dnsbl.AddressVerdict
		tcp   bool // the server is asked over TCP only
	}{
		{name: "none", want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "none, over TCP", want: usual, found: resolver.Good, sum: dnsbl.AddressListed, tcp: true},

		// One list has trouble: the others speak for themselves.
		{name: "SERVFAIL for one list", habit: at("spamhaus", fails(dns.RcodeServerFailure)), want: usual.with(dnsbl.Unusable, "spamhaus-zen"), found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "NXDOMAIN for one list", habit: at("spamhaus", fails(dns.RcodeNameError)), want: usual.with(dnsbl.Unusable, "spamhaus-zen"), found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "REFUSED for one list", habit: at("spamhaus", fails(dns.RcodeRefused)), want: usual.with(dnsbl.Refused, "spamhaus-zen"), found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "silence for one list", habit: at("spamhaus", drops), want: usual.with(dnsbl.Unusable, "spamhaus-zen"), found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "silence for the lists that have it", habit: at("spamhaus barracuda spamcop", drops), want: all(dnsbl.Clear).with(dnsbl.Unusable, "spamhaus-zen", "barracuda", "spamcop"), found: resolver.Good},
		{name: "SERVFAIL for all lists but one", habit: at("surriel spamcop uceprotect gbudb spamhaus barracuda score junkemail nordspam", fails(dns.RcodeServerFailure)), want: nothing.with(dnsbl.Clear, "swinog"), found: resolver.Filtered},
		{name: "one list blocked with 127.0.0.1", habit: at("spamhaus", says("127.0.0.1")), want: usual.with(dnsbl.Unusable, "spamhaus-zen"), found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "one list parked", habit: at("spamcop", says("198.51.100.99")), want: usual.with(dnsbl.Unusable, "spamcop"), found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "one operator refuses public resolvers", habit: at("spamhaus", says("127.255.255.254")),
			want: usual.with(dnsbl.Refused, "spamhaus-zen").with(dnsbl.Unusable, "validity"), found: resolver.PublicRefused, sum: dnsbl.AddressListed},
		{name: "over the quota", habit: ofAddress(says("127.255.255.255")), want: all(dnsbl.Refused), found: resolver.Good},
		{name: "a listing and an address of the web", habit: at("spamhaus", ofAddress(says("127.0.0.3", "198.51.100.99"))), want: usual.with(dnsbl.Unusable, "spamhaus-zen"), found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "a listing and a refusal", habit: at("spamhaus", ofAddress(says("127.255.255.254", "127.0.0.3"))), want: usual.with(dnsbl.Refused, "spamhaus-zen"), found: resolver.Good, sum: dnsbl.AddressListed},

		// The whole resolver has trouble.
		{name: "SERVFAIL", habit: fails(dns.RcodeServerFailure), want: nothing, found: resolver.Unreachable},
		{name: "REFUSED", habit: fails(dns.RcodeRefused), want: nothing, found: resolver.Unreachable},
		{name: "silence", habit: drops, want: nothing, found: resolver.Unreachable},
		{name: "referrals instead of answers", habit: refers, want: nothing, found: resolver.Unreachable},
		{name: "an address for every name", habit: says("198.51.100.99"), want: nothing, found: resolver.Rewriting},
		{name: "an address for every name that does not exist", habit: rewrites, want: nothing, found: resolver.Rewriting},
		{name: "127.0.0.2 for every name", habit: says("127.0.0.2"), want: nothing, found: resolver.Rewriting},
		{name: "127.0.0.1 for everything on lists", habit: at("zen bl. b. psbl dnsbl dnsrbl truncate all hostkarma", says("127.0.0.1")), want: nothing, found: resolver.Filtered},
		{name: "127.0.0.53 for everything on lists", habit: at("zen bl. b. psbl dnsbl dnsrbl truncate all hostkarma score nordspam", says("127.0.0.53")), want: nothing, found: resolver.Filtered},
		{name: "127.0.0.3 for everything on lists", habit: at("zen bl. b. psbl dnsbl dnsrbl truncate all hostkarma score nordspam", says("127.0.0.3")), want: nothing, found: resolver.Filtered},
		{name: "127/8 taken out", habit: changed(func(m *dns.Msg) { m.Answer = nil }), want: nothing, found: resolver.Filtered},
		{name: "60 addresses of 127/8 for every name", habit: manyAddresses, want: nothing, found: resolver.Rewriting},

		// Answers that are half an answer are never good news.
		{name: "empty, without a word why", habit: ofAddress(bare), want: nothing, found: resolver.Good},
		{name: "empty, with the SOA", habit: ofAddress(changed(func(m *dns.Msg) { m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, nil, soaOf(domainOf(m)) })), want: all(dnsbl.Clear), found: resolver.Good, sum: dnsbl.AddressClear},
		{name: "no such name, with the SOA", habit: ofAddress(changed(func(m *dns.Msg) { m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, soaOf(domainOf(m)) })), want: all(dnsbl.Clear), found: resolver.Good, sum: dnsbl.AddressClear},
		{name: "empty, with the SOA of the root", habit: ofAddress(changed(func(m *dns.Msg) { m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, nil, soaOf(".") })), want: nothing, found: resolver.Good},
		{name: "no such name, with the SOA of the root", habit: ofAddress(changed(func(m *dns.Msg) { m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, soaOf(".") })), want: nothing, found: resolver.Good},
		{name: "no such name, with the SOA of a top-level domain", habit: ofAddress(changed(func(m *dns.Msg) {
			m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, soaOf(domainOf(m)[strings.Index(domainOf(m), ".")+1:])
		})), want: nothing, found: resolver.Good},
		{name: "empty, with the SOA of another zone", habit: ofAddress(changed(func(m *dns.Msg) { m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, nil, soaOf("elsewhere.test.") })), want: nothing, found: resolver.Good},
		{name: "no such name, with the SOA of another zone", habit: ofAddress(changed(func(m *dns.Msg) { m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, soaOf("elsewhere.test.") })), want: nothing, found: resolver.Good},
		{name: "held back, says the resolver", habit: ofAddress(heldBack), want: nothing, found: resolver.Good},
		{name: "127.0.0.1 for the address", habit: at("dnsrbl", ofAddress(says("127.0.0.1"))), want: usual.with(dnsbl.Unusable, "swinog"), found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "a referral for the address", habit: ofAddress(refers), want: nothing, found: resolver.Good},
		{name: "an alias that leads to nothing", habit: ofAddress(alias(dns.RcodeSuccess)), want: nothing, found: resolver.Good},
		{name: "an alias to a name that does not exist", habit: ofAddress(alias(dns.RcodeNameError)), want: nothing, found: resolver.Good},
		{name: "an alias to nothing, with the SOA", habit: ofAddress(both(alias(dns.RcodeSuccess), func(m *dns.Msg) { m.Ns = soaOf(".") })), want: nothing, found: resolver.Good},
		{name: "an address of IPv6", habit: ofAddress(replaced(func(m *dns.Msg) {
			m.Answer = []dns.RR{&dns.AAAA{Hdr: dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeAAAA, Class: dns.ClassINET}, AAAA: net.IPv6loopback}}
		})), want: nothing, found: resolver.Good},
		{name: "a text instead of an address", habit: ofAddress(replaced(func(m *dns.Msg) {
			m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{"not listed"}}}
		})), want: nothing, found: resolver.Good},
		{name: "a text instead of an address, with the SOA", habit: ofAddress(changed(func(m *dns.Msg) {
			m.Rcode, m.Ns = dns.RcodeNameError, soaOf(".")
			m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{"bad"}}}
		})), want: nothing, found: resolver.Good},
		{name: "empty for the test entry that must not be listed", habit: at("1.0.0.127.", bare), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},

		// Servers and firewalls that cannot take EDNS, and other old ones.
		{name: "FORMERR to EDNS", habit: toEDNS(fails(dns.RcodeFormatError)), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "NOTIMP to EDNS", habit: toEDNS(fails(dns.RcodeNotImplemented)), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "SERVFAIL to EDNS", habit: toEDNS(fails(dns.RcodeServerFailure)), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "REFUSED to EDNS", habit: toEDNS(fails(dns.RcodeRefused)), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "silence to EDNS", habit: toEDNS(drops), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "silence to EDNS, over TCP", habit: toEDNS(drops), want: usual, found: resolver.Good, sum: dnsbl.AddressListed, tcp: true},
		{name: "it closes the stream on EDNS", habit: toEDNS(hangsUp), want: usual, found: resolver.Good, sum: dnsbl.AddressListed, tcp: true},
		{name: "cut short over UDP", habit: cutOverUDP, want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "cut short over UDP and TCP", habit: changed(func(m *dns.Msg) { m.Truncated = true }), want: nothing, found: resolver.Unreachable},
		{name: "slow", habit: slow, want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "the question in capitals", habit: changed(func(m *dns.Msg) {
			m.Question[0].Name = strings.ToUpper(m.Question[0].Name)
			for _, rr := range m.Answer {
				rr.Header().Name = m.Question[0].Name
			}
		}), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "behind an alias", habit: ofListed(behindAlias), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},

		// Hostile ones.
		{name: "a forged reply before the true one", habit: forged(1), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "20 forged replies before the true one", habit: forged(20), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "forged replies only", habit: changed(func(m *dns.Msg) { m.Id++ }), want: nothing, found: resolver.Unreachable},
		{name: "forged replies, and no such name", habit: forgedThenNone, want: nothing, found: resolver.Filtered},
		{name: "300 replies that fit nothing", habit: flood, want: nothing, found: resolver.Unreachable},
		{name: "a code and a text of escape codes for every name", habit: escapes, want: nothing, found: resolver.Rewriting},
		{name: "SERVFAIL for every text", habit: toTexts(fails(dns.RcodeServerFailure)), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "silence for every text", habit: toTexts(drops), want: usual, found: resolver.Good, sum: dnsbl.AddressListed},
		{name: "another question", habit: changed(func(m *dns.Msg) { m.Question[0].Name = "evil.test." }), want: nothing, found: resolver.Unreachable},
		{name: "a name that points to itself", habit: raw300(loop), want: nothing, found: resolver.Unreachable},
		{name: "300 bytes of nothing", habit: raw300(garbage), want: nothing, found: resolver.Unreachable},
		{name: "40 aliases", habit: longChain, want: nothing, found: resolver.Unreachable},
		{name: "cut short over UDP, bytes of nothing over TCP", habit: nothingOverTCP, want: nothing, found: resolver.Unreachable},
		{name: "a very long answer to every question", habit: huge, want: nothing, found: resolver.Rewriting},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cat := catalogue(t)
			cat.Lists = slices.DeleteFunc(cat.Lists, func(l dnsbl.List) bool { return !slices.Contains(habitLists, l.ID) })
			s := healthy(t, cat)
			s.Set(".", dnsbltest.Reply{})
			for zone, code := range map[string]string{"zen.spamhaus.org": "127.0.0.3", "b.barracudacentral.org": "127.0.0.2", "bl.spamcop.net": "127.0.0.2"} {
				s.List(zone, ip4.String(), dnsbltest.Reply{A: []string{code}, TXT: []string{"https://lists.example/" + ip4.String()}})
			}
			if tt.habit != nil {
				s.Behave(tt.habit)
			}
			wait := 2 * patience
			if tt.found == resolver.Unreachable { // nothing good is to come
				wait = patience / 2
			}
			c := resolver.New([]resolver.Server{{Addr: s.Addr(), TCP: tt.tcp}}, resolver.Options{Timeout: wait})
			finding := resolver.Preflight(t.Context(), c)
			if finding.Kind != tt.found {
				t.Errorf("the preflight found: %v, want %v: %s", finding.Kind, tt.found, finding.Sentence)
			}
			report, err := dnsbl.New(c, cat, dnsbl.Options{Preflight: finding}).Check(t.Context(), []netip.Addr{ip4}, nil)
			if err != nil {
				t.Fatal(err)
			}
			a := report.Addresses[0]
			if a.Verdict != tt.sum || len(a.Results) != len(habitLists) {
				t.Errorf("the address is %v after %d lists, want %v", a.Verdict, len(a.Results), tt.sum)
			}
			for _, r := range a.Results {
				if r.Verdict != tt.want[r.List.ID] {
					t.Errorf("%s: %v, want %v: %s %+v", r.List.ID, r.Verdict, tt.want[r.List.ID], r.Note, r.Evidence[:min(1, len(r.Evidence))])
				}
				if said := r.Verdict == dnsbl.Refused || r.Verdict == dnsbl.Unusable; said != (r.Why != "") || said && !strings.HasPrefix(r.Note, r.List.Name+" ") {
					t.Errorf("%s: %v, since it %q; the note: %q", r.List.ID, r.Verdict, r.Why, r.Note)
				}
			}
		})
	}
}

// at keeps a habit to the names of which a label begins with one of some words. In the middle of a label it would
// now and then meet the names that a preflight makes up, which are random.
func at(words string, h dnsbltest.Habit) dnsbltest.Habit {
	return when(func(q *dns.Msg) bool {
		return slices.ContainsFunc(strings.Fields(words), func(word string) bool { return strings.Contains("."+q.Question[0].Name, "."+word) })
	}, h)
}

// ofAddress keeps a habit to the questions about the address, whatever the list.
func ofAddress(h dnsbltest.Habit) dnsbltest.Habit {
	return at(dnsbltest.Reverse(ip4.String()), h)
}

// ofListed keeps a habit to the questions that have an answer.
func ofListed(h dnsbltest.Habit) dnsbltest.Habit {
	return func(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
		if m := answer(); len(m.Answer) == 0 {
			w.WriteMsg(m)
			return
		}
		h(w, q, answer)
	}
}

// toEDNS keeps a habit to the questions with EDNS.
func toEDNS(h dnsbltest.Habit) dnsbltest.Habit {
	return when(func(q *dns.Msg) bool { return q.IsEdns0() != nil }, h)
}

// toTexts keeps a habit to the questions for texts.
func toTexts(h dnsbltest.Habit) dnsbltest.Habit {
	return when(func(q *dns.Msg) bool { return q.Question[0].Qtype == dns.TypeTXT }, h)
}

func when(is func(*dns.Msg) bool, h dnsbltest.Habit) dnsbltest.Habit {
	return func(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
		if is(q) {
			h(w, q, answer)
			return
		}
		w.WriteMsg(answer())
	}
}

// changed writes the usual answer with a change.
func changed(change func(*dns.Msg)) dnsbltest.Habit {
	return func(w dns.ResponseWriter, _ *dns.Msg, answer func() *dns.Msg) {
		m := answer()
		change(m)
		w.WriteMsg(m)
	}
}

// replaced writes an answer without records but for what fill puts in.
func replaced(fill func(*dns.Msg)) dnsbltest.Habit {
	return changed(func(m *dns.Msg) {
		m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, nil, nil
		fill(m)
	})
}

func fails(code int) dnsbltest.Habit {
	return replaced(func(m *dns.Msg) { m.Rcode = code })
}

// says answers every question for an address with some.
func says(ips ...string) dnsbltest.Habit {
	return replaced(func(m *dns.Msg) {
		for _, ip := range ips {
			if m.Question[0].Qtype == dns.TypeA {
				m.Answer = append(m.Answer, address(m.Question[0].Name, ip))
			}
		}
	})
}

func address(owner, ip string) dns.RR {
	return &dns.A{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.ParseIP(ip)}
}

// domainOf is the domain that a question is about: the last two labels.
func domainOf(m *dns.Msg) string {
	name := m.Question[0].Name
	starts := dns.Split(name)
	return name[starts[max(0, len(starts)-2)]:]
}

// soaOf is the SOA record of a zone.
func soaOf(zone string) []dns.RR {
	return []dns.RR{&dns.SOA{Hdr: dns.RR_Header{Name: zone, Rrtype: dns.TypeSOA, Class: dns.ClassINET}, Ns: "ns.example.", Mbox: "host.example."}}
}

// heldBack says with NXDOMAIN that it is the resolver that holds the answer back (RFC 8914).
func heldBack(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
	m := answer()
	m.Rcode, m.Answer, m.Ns, m.Extra = dns.RcodeNameError, nil, soaOf("."), nil
	m.SetEdns0(1232, false)
	opt := m.IsEdns0()
	opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeFiltered})
	w.WriteMsg(m)
}

var bare = replaced(func(*dns.Msg) {})

var refers = replaced(func(m *dns.Msg) {
	m.RecursionAvailable = false
	m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "a.root-servers.net."}}
})

func alias(code int) dnsbltest.Habit {
	return replaced(func(m *dns.Msg) {
		m.Rcode = code
		m.Answer = []dns.RR{cname(m.Question[0].Name, "gone.example.")}
	})
}

func cname(owner, target string) dns.RR {
	return &dns.CNAME{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: target}
}

// both writes the answer of a habit with a change.
func both(h dnsbltest.Habit, change func(*dns.Msg)) dnsbltest.Habit {
	return func(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
		h(writer{w, change}, q, answer)
	}
}

type writer struct {
	dns.ResponseWriter
	change func(*dns.Msg)
}

func (w writer) WriteMsg(m *dns.Msg) error {
	w.change(m)
	return w.ResponseWriter.WriteMsg(m)
}

var behindAlias = changed(func(m *dns.Msg) {
	for _, rr := range m.Answer {
		rr.Header().Name = "x.dq.example."
	}
	m.Answer = append([]dns.RR{cname(m.Question[0].Name, "x.dq.example.")}, m.Answer...)
})

var longChain = replaced(func(m *dns.Msg) {
	owner := m.Question[0].Name
	for i := range 40 {
		target := fmt.Sprintf("c%02d.test.", i)
		m.Answer = append(m.Answer, cname(owner, target))
		owner = target
	}
	m.Answer = append(m.Answer, address(owner, "127.0.0.2"))
})

func drops(dns.ResponseWriter, *dns.Msg, func() *dns.Msg) {}

func hangsUp(w dns.ResponseWriter, _ *dns.Msg, _ func() *dns.Msg) { w.Close() }

func slow(w dns.ResponseWriter, _ *dns.Msg, answer func() *dns.Msg) {
	time.Sleep(patience / 3)
	w.WriteMsg(answer())
}

// rewrites gives an address to every name that does not exist, lists apart.
func rewrites(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
	if m := answer(); m.Rcode != dns.RcodeNameError {
		w.WriteMsg(m)
		return
	}
	says("198.51.100.99")(w, q, answer)
}

var manyAddresses = replaced(func(m *dns.Msg) {
	for i := range 60 {
		m.Answer = append(m.Answer, address(m.Question[0].Name, fmt.Sprintf("127.%d.%d.%d", i*7%256, i*31%256, i*101%256)))
	}
})

// huge cuts short over UDP, and answers with 3,500 addresses over TCP.
func huge(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
	m := answer()
	if w.RemoteAddr().Network() == "udp" {
		m.Truncated, m.Answer = true, nil
		w.WriteMsg(m)
		return
	}
	m.Rcode, m.Compress = dns.RcodeSuccess, true
	for range 3500 {
		m.Answer = append(m.Answer, address(q.Question[0].Name, "127.0.0.2"))
	}
	w.WriteMsg(m)
}

func cutOverUDP(w dns.ResponseWriter, _ *dns.Msg, answer func() *dns.Msg) {
	m := answer()
	if w.RemoteAddr().Network() == "udp" {
		m.Truncated, m.Answer, m.Ns = true, nil, nil
	}
	w.WriteMsg(m)
}

// forged sends replies with other numbers first.
func forged(n int) dnsbltest.Habit {
	return func(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
		if w.RemoteAddr().Network() == "udp" {
			for i := range n {
				m := new(dns.Msg).SetReply(q)
				m.Id += uint16(i) + 1
				m.Answer = []dns.RR{address(q.Question[0].Name, "127.0.0.2")}
				w.WriteMsg(m)
			}
		}
		w.WriteMsg(answer())
	}
}

// raw300 writes bytes that are made of the head of a true answer.
func raw300(make func(head []byte) []byte) dnsbltest.Habit {
	return func(w dns.ResponseWriter, _ *dns.Msg, answer func() *dns.Msg) {
		m := answer()
		m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, nil, nil
		if wire, err := m.Pack(); err == nil {
			w.Write(make(wire))
		}
	}
}

// loop adds an answer whose name is a pointer to itself.
func loop(head []byte) []byte {
	head[7] = 1 // one answer
	at := len(head)
	return append(head, 0xc0|byte(at>>8), byte(at), 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 2)
}

func garbage(head []byte) []byte {
	out := slices.Clone(head[:2])
	for i := range 300 {
		out = append(out, byte(i*131+7)|0x80)
	}
	return out
}

func nothingOverTCP(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
	if w.RemoteAddr().Network() == "udp" {
		cutOverUDP(w, q, answer)
		return
	}
	w.Write(make([]byte, 300))
}

func forgedThenNone(w dns.ResponseWriter, q *dns.Msg, answer func() *dns.Msg) {
	forged(20)(w, q, func() *dns.Msg { return new(dns.Msg).SetRcode(q, dns.RcodeNameError) })
}

func flood(w dns.ResponseWriter, q *dns.Msg, _ func() *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	m.Id ^= 0x7a7a
	for range 300 {
		w.WriteMsg(m)
	}
}

var escapes = replaced(func(m *dns.Msg) {
	owner := m.Question[0].Name
	if m.Question[0].Qtype == dns.TypeTXT {
		m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{`\027]52;c;aGFja2Vk\007\027[2J\155`}}}
		return
	}
	m.Answer = []dns.RR{address(owner, "127.0.0.2")}
})
