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
