package dnsbl

import (
	"cmp"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	gocmp "github.com/google/go-cmp/cmp"
)

func mustDefault(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var update = flag.Bool("update", false, "write the golden files anew; read the difference before committing it")

// TestCatalogueAtAGlance holds one line for each list, so that a change of the
// catalogue is seen in review.
func TestCatalogueAtAGlance(t *testing.T) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "id\tzone\ttier\tfamilies\tscope\timpact\tremoval\torder\tconfidence\ttest")
	c := mustDefault(t)
	for i := range c.Lists {
		l := &c.Lists[i]
		zone := l.Zone
		if zone == "" && l.Keyed != "" {
			zone = "KEY." + l.Keyed
		}
		var removals []string
		for _, r := range procedures(l) {
			if word := fmt.Sprintf("%s %d", r.Kind, r.Order); !slices.Contains(removals, word) {
				removals = append(removals, word)
			}
		}
		if l.Allow {
			removals = []string{"allow"}
		}
		test := "-"
		switch {
		case l.SelfTest.None:
			test = "none"
		case l.OfDomains():
			test = l.PositiveName()
		case zone != "":
			test = l.PositiveTest().String()
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, cmp.Or(zone, "-"), l.Tier, cmp.Or(strings.Join(l.Families, "+"), "-"),
			l.Scope, l.Impact, strings.Join(removals, ", "), l.Confidence, test)
	}
	w.Flush()
	path := filepath.Join("testdata", "catalogue.golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("the catalogue changed (-want +got):\n%s", diff)
	}
}

// procedures gives every way off a list.
func procedures(l *List) []Removal {
	if l.Allow {
		return nil
	}
	all := []Removal{l.Removal}
	for _, code := range l.Codes {
		if code.Removal != nil {
			all = append(all, *code.Removal)
		}
	}
	return all
}

// Every zone that has to be known is known, and by which list.
func TestCatalogueKnowsTheZones(t *testing.T) {
	c := mustDefault(t)
	for id, zones := range map[string]string{
		"spamhaus-zen": "zen.spamhaus.org key.zen.dq.spamhaus.net sbl.spamhaus.org xbl.spamhaus.org pbl.spamhaus.org sbl-xbl.spamhaus.org cbl.abuseat.org",
		"barracuda":    "b.barracudacentral.org", "spamcop": "bl.spamcop.net", "validity": "bl.score.senderscore.com score.senderscore.com",
		"abusix": "key.combined.mail.abusix.zone", "psbl": "psbl.surriel.com", "mailspike": "bl.mailspike.net z.mailspike.net rep.mailspike.net",
		"spamrats":     "all.spamrats.com dyna.spamrats.com noptr.spamrats.com spam.spamrats.com auth.spamrats.com",
		"uceprotect-1": "dnsbl-1.uceprotect.net", "uceprotect-2": "dnsbl-2.uceprotect.net", "uceprotect-3": "dnsbl-3.uceprotect.net",
		"backscatterer": "ips.backscatterer.org", "ivmsip": "sip.invaluement.com", "ivmsip24": "sip24.invaluement.com", "dronebl": "dnsbl.dronebl.org",
		"blocklist-de": "bl.blocklist.de ssh.bl.blocklist.de", "spameatingmonkey": "bl.spameatingmonkey.net", "spameatingmonkey-ipv6": "bl.ipv6.spameatingmonkey.net",
		"spameatingmonkey-backscatter": "backscatter.spameatingmonkey.net", "spameatingmonkey-networks": "netbl.spameatingmonkey.net",
		"gbudb": "truncate.gbudb.net", "s5h": "all.s5h.net", "nordspam": "bl.nordspam.com", "suomispam": "bl.suomispam.net", "justspam": "dnsbl.justspam.org",
		"spfbl": "dnsbl.spfbl.net", "zerospam": "bl.0spam.org", "zerospam-range": "nbl.0spam.org", "zerospam-recent": "rbl.0spam.org",
		"hostkarma": "hostkarma.junkemailfilter.com", "kempt": "dnsbl.kempt.net", "swinog": "dnsrbl.swinog.ch", "zapbl": "dnsbl.zapbl.net",
		"scientificspam": "bl.scientificspam.net", "virusfree": "bip.virusfree.cz", "interserver": "rbl.interserver.net",
		"fabel": "spamsources.fabel.dk", "woody": "blacklist.woody.ch", "konstant": "bl.konstant.no", "calivent": "dnsbl.calivent.com.pe",
		"dnsblchile": "dnsblchile.org", "brukalai": "black.dnsbl.brukalai.lt", "polspam": "rblip4.rbl.polspam.pl", "rbldns": "rbl.rbldns.ru",
		"abuse-ro": "rbl.abuse.ro", "zenrbl": "ip4.bl.zenrbl.pl", "ircbl": "rbl.ircbl.org", "pedantic": "spam.pedantic.org",
		"your-server": "rbl.your-server.de", "korea-services": "korea.services.net", "torexit": "torexit.dan.me.uk", "bogons": "bogons.cymru.com",
		"dnswl": "list.dnswl.org", "mailspike-good": "wl.mailspike.net", "whitelisted": "ips.whitelisted.org", "iadb": "iadb.isipp.com",
		"spamhaus-dbl": "dbl.spamhaus.org key.dbl.dq.spamhaus.net", "spamhaus-zrd": "zrd.spamhaus.org key.zrd.dq.spamhaus.net", "surbl": "multi.surbl.org",
		"uribl": "multi.uribl.com", "swinog-uri": "uribl.swinog.ch", "spameatingmonkey-uri": "uribl.spameatingmonkey.net",
		"spameatingmonkey-fresh": "fresh.spameatingmonkey.net fresh10.spameatingmonkey.net fresh15.spameatingmonkey.net",
	} {
		for zone := range strings.FieldsSeq(zones) {
			if l := c.ByZone(zone); l == nil || l.ID != id {
				t.Errorf("%s belongs to %v, want %s", zone, l, id)
			}
		}
	}
	for _, id := range []string{"cloudmark-csi", "proofpoint", "ivmsip", "ivmsip24", "trendmicro", "broadcom", "talos", "fortiguard"} {
		if l := c.List(id); l == nil || l.Zone != "" {
			t.Errorf("%s is to be known by bounces only: %v", id, l)
		}
	}
	if strings.Contains(strings.ToLower(fmt.Sprint(c.Lists)), "ascams") {
		t.Error("Ascams is in the catalogue")
	}
}

// Every list that has ended is known, with all its zones, and its neighbours are not taken for it.
func TestDeadZones(t *testing.T) {
	c := mustDefault(t)
	for zone := range strings.FieldsSeq(`sorbs.net dnsbl.sorbs.net spam.dnsbl.sorbs.net ix.dnsbl.manitu.net relays.ordb.org list.dsbl.org dnsbl.ahbl.org
		x.njabl.org bl.spamcannibal.org spamtrap.drbl.drand.net spam.dnsbl.anonmails.de combined.rbl.msrbl.net RBL.Megarbl.NET. dnsbl.cyberlogic.net
		bl.emailbasura.org dul.ru dnsbl.burnt-tech.com ubl.unsubscore.com ubl.lashback.com db.wpbl.info dnsbl.inps.de virbl.bit.nl wormrbl.imp.ch
		tor.dnsbl.sectoor.de relays.osirusoft.com no-more-funn.moensted.dk dynip.rothen.com combined.abuse.ch drone.abuse.ch spam.abuse.ch
		abuse.rfc-ignorant.org l2.apews.org blackholes.five-ten-sg.com all.rbl.webiron.net bsb.spamlookup.net rbl.orbitrbl.com dnsbl.anonwhois.org
		lbl.lagengymnastik.dk hil.habeas.com bad.psky.me bl.nszones.com spamrbl.imp.ch swl.spamhaus.org`) {
		if _, dead := c.DeadZone(zone); !dead {
			t.Errorf("%s is not known to be dead", zone)
		}
		if l := c.ByZone(zone); l != nil {
			t.Errorf("%s is dead, and %s stands for it", zone, l.ID)
		}
	}
	for _, zone := range []string{"notsorbs.net", "abuse.ch", "bit.nl", "imp.ch", "antispam.imp.ch", "zen.spamhaus.org", "psky.me"} {
		if dead, ok := c.DeadZone(zone); ok {
			t.Errorf("%s is taken for %s", zone, dead.Suffix)
		}
	}
}

// Each list is of one kind, and only blocklists can have an address.
func TestKindsOfList(t *testing.T) {
	c := mustDefault(t)
	block, allow, domain := c.Blocklists(), c.Allowlists(), c.DomainLists()
	if n := len(block) + len(allow) + len(domain); n != len(c.Lists) || len(allow) != 4 || len(domain) != 7 {
		t.Errorf("%d blocklists, %d allow lists and %d domain lists of %d lists", len(block), len(allow), len(domain), len(c.Lists))
	}
	for _, l := range domain {
		if l.Covers(positiveTest) || l.Covers(netip.IPv6Loopback()) {
			t.Errorf("%s would be asked about an address", l.ID)
		}
		if page := l.LookupDomain("quayside.example"); strings.Contains(page, "{") {
			t.Errorf("%s: %s", l.ID, page)
		}
	}
	for _, l := range allow {
		for _, code := range l.Codes {
			if code.Kind == CodeListed {
				t.Errorf("%s has listings", l.ID)
			}
		}
	}
	if got := c.List("spamhaus-dbl").LookupDomain("a&b.example"); got != "https://check.spamhaus.org/results/?query=a%26b.example" {
		t.Error(got)
	}
}

// The work goes in this order: the provider's part, Spamhaus' own forms, the
// other lists that decide, what waits by itself, the rest.
func TestOrderOfTheWork(t *testing.T) {
	decide := []string{"barracuda", "validity", "cloudmark-csi", "proofpoint", "ivmsip", "ivmsip24", "abusix"}
	c := mustDefault(t)
	for i := range c.Lists {
		l := &c.Lists[i]
		for _, r := range procedures(l) {
			want := 7
			switch {
			case r.Kind == ByProvider:
				want = 2
			case r.Kind == Waits:
				want = 6
			case l.Operator == "spamhaus":
				want = 3
			case slices.Contains(decide, l.ID):
				want = 4
			}
			if r.Order != want {
				t.Errorf("%s, %s: order %d, want %d", l.ID, r.Kind, r.Order, want)
			}
			if money := strings.ToLower(r.Advice + r.Need + r.Usual + r.URL); strings.Contains(money, "express") && !strings.Contains(r.Advice, "Never") {
				t.Errorf("%s: the advice speaks of money: %s", l.ID, r.Advice)
			}
		}
		if !slices.Contains([]string{"primary", "secondary"}, l.Confidence) && l.Tier == 1 {
			t.Errorf("%s decides on mail, and is known from memory only", l.ID)
		}
	}
	used := make(map[string]bool)
	for _, l := range c.Lists {
		used[l.Operator] = true
	}
	for operator := range c.Operators {
		if !used[operator] {
			t.Errorf("the operator %s has no list", operator)
		}
	}
}

// good is an entry without a fault, which the table below spoils.
const good = `
[operator]
someone = { interval = "200ms" }
[[list]]
id = "a-list"
name = "A list"
zone = "bl.example.net"
tier = 2
families = ["ipv4"]
scope = "address"
impact = "ignore"
operator = "someone"
lookup = "https://www.example.net/?ip={ip}"
source = "example.net"
confidence = "primary"
checked = "2026-11-20"
[[list.code]]
answer = "127.0.0.2"
meaning = "spam"
kind = "listed"
[list.removal]
kind = "waits"
usual = "a day"
expires = "a day"
advice = "Wait. Do nothing."
wait_hours = 24
order = 6
[[dead]]
suffix = "dead.example.org"
since = "2001"
effect = "lists everyone"
`

func TestLoadRefuses(t *testing.T) {
	if _, err := Load(strings.NewReader(good)); err != nil {
		t.Fatalf("the good entry: %v", err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"not TOML", `tier = 2`, `tier =`, "read the catalogue"},
		{"an unknown key", `tier = 2`, "tier = 2\ncolour = 1", "unknown key"},
		{"a dead zone", `"bl.example.net"`, `"x.dead.example.org"`, "is dead"},
		{"a zone in capitals", `"bl.example.net"`, `"BL.example.net"`, "lower case"},
		{"a bad id", `"a-list"`, `"A list"`, "small letters"},
		{"no name", `name = "A list"`, ``, "name"},
		{"no source", `source = "example.net"`, ``, "source"},
		{"a bad confidence", `"primary"`, `"hearsay"`, "confidence"},
		{"a bad tier", `tier = 2`, `tier = 4`, "tier 4"},
		{"information that stops mail", "tier = 2\nfamilies = [\"ipv4\"]\nscope = \"address\"\nimpact = \"ignore\"",
			"tier = 3\nfamilies = [\"ipv4\"]\nscope = \"address\"\nimpact = \"stops mail now\"", "for information"},
		{"no families", `families = ["ipv4"]`, ``, "no families"},
		{"a bad family", `["ipv4"]`, `["v4"]`, `family "v4"`},
		{"a family twice", `["ipv4"]`, `["ipv4", "ipv4"]`, "stands there twice"},
		{"addresses and domains", `["ipv4"]`, `["ipv4", "domain"]`, "and no other"},
		{"a domain scope of addresses", `scope = "address"`, `scope = "domain"`, "and no other"},
		{"a bad scope", `scope = "address"`, `scope = "world"`, "scope"},
		{"a bad impact", `"ignore"`, `"terrible"`, "impact"},
		{"no such operator", `operator = "someone"`, `operator = "nobody"`, "no operator"},
		{"a bad interval", `"200ms"`, `"soon"`, "read the catalogue"},
		{"a bad day", `"2026-11-20"`, `"lately"`, "not a day"},
		{"a bad lookup", `"https://www.example.net/?ip={ip}"`, `"www"`, "lookup"},
		{"no lookup", `lookup = "https://www.example.net/?ip={ip}"`, ``, "lookup"},
		{"a domain in an address's lookup", `?ip={ip}`, `?name={domain}`, "{domain} for lists of domains"},
		{"a dead zone in the lookup", `https://www.example.net/`, `https://x.dead.example.org/`, "leads to a list that is dead since 2001: lists everyone"},
		{"a dead zone among those included", `tier = 2`, "tier = 2\nincludes = [\"dead.example.org\"]", "is dead since 2001: lists everyone; it must never be asked"},
		{"a dead zone that is asked with a key", `tier = 2`, "tier = 2\nkeyed = \"dead.example.org\"", "is dead"},
		{"a zone that includes itself", `tier = 2`, "tier = 2\nincludes = [\"bl.example.net\"]", "used twice"},
		{"an included zone in capitals", `tier = 2`, "tier = 2\nincludes = [\"X.example.net\"]", "lower case"},
		{"taken out in the catalogue itself", `tier = 2`, "tier = 2\ndisabled = true", "only for an operator's own file"},
		{"no codes", "[[list.code]]\nanswer = \"127.0.0.2\"\nmeaning = \"spam\"\nkind = \"listed\"", ``, "no code means listed"},
		{"no listed code", `kind = "listed"`, `kind = "notlisted"`, "no code means listed"},
		{"a code without a meaning", `meaning = "spam"`, ``, "meaning is missing"},
		{"a bad kind of code", `kind = "listed"`, `kind = "perhaps"`, "perhaps"},
		{"good news from a blocklist", `kind = "listed"`, `kind = "allowed"`, "allowed"},
		{"a code outside 127/8", `"127.0.0.2"`, `"192.0.2.1"`, "outside"},
		{"a refusal that is a listing", `"127.0.0.2"`, `"127.255.255.254"`, "refusal everywhere"},
		{"a bad code", `"127.0.0.2"`, `"127.0.0.300"`, "code"},
		{"a range upside down", `"127.0.0.2"`, `"127.0.0.4-127.0.0.2"`, "range"},
		{"a bit without bits", `"127.0.0.2"`, `"bit 2"`, "has bits only"},
		{"bits without a bit", `tier = 2`, "tier = 2\nbits = true", "has bits only"},
		{"not one bit", `"127.0.0.2"`, `"bit 3"`, "one bit"},
		{"two meanings", `[list.removal]`, "[[list.code]]\nanswer = \"127.0.0.0/24\"\nmeaning = \"x\"\nkind = \"listed\"\n[list.removal]", "two meanings"},
		{"a self-test nothing can pass", `[list.removal]`, "[list.selftest]\nexpect = [\"127.0.0.9\"]\n[list.removal]", "expects"},
		{"a test name of an address list", `[list.removal]`, "[list.selftest]\npositive_name = \"test\"\n[list.removal]", "is for lists of domains"},
		{"a test address that is not IPv4", `[list.removal]`, "[list.selftest]\npositive = \"2001:db8::1\"\n[list.removal]", "an IPv4 address"},
		{"no self-test where it counts", `[list.removal]`, "[list.selftest]\nnone = true\n[list.removal]", "only a list of tier 3"},
		{"codes without a zone", `zone = "bl.example.net"`, ``, "without a zone"},
		{"open-ended without a zone", "zone = \"bl.example.net\"\n", "open_ended = true\n", "says how a list answers"},
		{"no removal", `kind = "waits"`, ``, `removal kind "" is unknown`},
		{"waits without an end", `expires = "a day"`, ``, "needs expires"},
		{"waits in the wrong place", `order = 6`, `order = 7`, "order 6"},
		{"self-service without a form", `"waits"`, `"self-service"`, "needs url"},
		{"mail to nobody", `"waits"`, `"mail"`, "needs url"},
		{"a provider without a need", `"waits"`, `"provider"`, "needs need"},
		{"nothing to do, and when to look", `"waits"`, `"none"`, "no wait_hours"},
		{"an unknown removal", `"waits"`, `"pray"`, "unknown"},
		{"a removal page that is none", `usual = "a day"`, `url = "www"`, "removal url"},
		{"advice of one sentence", `"Wait. Do nothing."`, `"Wait."`, "1 sentences"},
		{"advice to pay", `"Wait. Do nothing."`, `"Pay the fee. Then wait."`, "speaks of paying"},
		{"no order", `order = 6`, ``, "order"},
		{"a dead zone without an effect", `effect = "lists everyone"`, ``, "an effect"},
		{"a dead zone in capitals", `"dead.example.org"`, `"DEAD.example.org"`, "lower case"},
		{"an allow list with a way off it", `tier = 2`, "tier = 3\nallow = true", "nothing to be removed from"},
		{"an allow list with listings", `tier = 2`, "tier = 3\nallow = true", "no code means allowed"},
		{"an allow list that counts", `tier = 2`, "tier = 2\nallow = true", "an allow list is of tier 3"},
	} {
		if !strings.Contains(good, tt.old) {
			t.Fatalf("%s: the table is wrong", tt.name)
		}
		_, err := Load(strings.NewReader(strings.Replace(good, tt.old, tt.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	list := good[strings.Index(good, "[[list]]"):strings.Index(good, "[[dead]]")]
	again := func(changes ...string) string { return good + strings.NewReplacer(changes...).Replace(list) }
	for _, tt := range []struct{ name, text, want string }{
		{"the same list twice", again(), "the id is used twice"},
		{"the same zone twice", again("a-list", "another", "A list", "Another"), `bl.example.net is used twice; it belongs to "a-list"`},
		{"the same name twice", again("a-list", "another", "bl.example.net", "b2.example.net", "A list", "a LIST"), `the name "a LIST" is used twice`},
		{"a zone dead twice", good + "[[dead]]\nsuffix = \"x.dead.example.org\"\neffect = \"gone\"\n", `with "dead.example.org"`},
	} {
		if _, err := Load(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// The other kinds of list, each without a fault.
func TestLoadTakes(t *testing.T) {
	for name, changes := range map[string][]string{
		"domains": {`["ipv4"]`, `["domain"]`, `scope = "address"`, `scope = "domain"`, `?ip={ip}`, `?name={domain}`,
			`[list.removal]`, "[list.selftest]\npositive_name = \"_DNSBL_.test\"\n[list.removal]"},
		"only a bounce shows it": {"zone = \"bl.example.net\"\n", "", "families = [\"ipv4\"]\n", "",
			"[[list.code]]\nanswer = \"127.0.0.2\"\nmeaning = \"spam\"\nkind = \"listed\"\n", ""},
		"for information, without a page": {"tier = 2", "tier = 3", "lookup = \"https://www.example.net/?ip={ip}\"\n", "",
			`[list.removal]`, "[list.selftest]\nnone = true\n[list.removal]"},
		"the good": {"tier = 2", "tier = 3\nallow = true", `"listed"`, `"allowed"`,
			good[strings.Index(good, "[list.removal]"):strings.Index(good, "[[dead]]")], ""},
	} {
		if _, err := Load(strings.NewReader(strings.NewReplacer(changes...).Replace(good))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
