package dnsbl

import (
	"strings"
	"testing"
)

func mustDefault(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaultCatalogue(t *testing.T) {
	c := mustDefault(t)
	for _, id := range []string{
		"spamhaus-zen", "barracuda", "spamcop", "validity", "abusix", "cloudmark-csi", "psbl", "mailspike", "spamrats",
		"uceprotect-1", "uceprotect-2", "uceprotect-3", "backscatterer", "blocklist-de", "spameatingmonkey", "hostkarma",
	} {
		if c.List(id) == nil {
			t.Errorf("no list %q", id)
		}
	}
	for _, zone := range []string{"sorbs.net", "dnsbl.sorbs.net", "ix.dnsbl.manitu.net", "RBL.Megarbl.NET.", "x.njabl.org"} {
		if _, dead := c.DeadZone(zone); !dead {
			t.Errorf("%s is not known to be dead", zone)
		}
	}
	if _, dead := c.DeadZone("notsorbs.net"); dead {
		t.Error("notsorbs.net is taken for sorbs.net")
	}
	if l := c.ByZone("Zen.Spamhaus.ORG."); l == nil || l.ID != "spamhaus-zen" {
		t.Errorf("ByZone: %+v", l)
	}
	// Money is never the way.
	for _, l := range c.Lists {
		for _, r := range append(l.RemovalFor(nil), l.Removal) {
			if strings.Contains(strings.ToLower(r.Advice), "pay") && !strings.Contains(r.Advice, "Never") {
				t.Errorf("%s: the advice speaks of paying: %s", l.ID, r.Advice)
			}
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
expires = "a day"
advice = "Wait. Do nothing."
wait_hours = 24
order = 6
[[dead]]
suffix = "dead.example.org"
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
		{"a bad tier", `tier = 2`, `tier = 4`, "tier 4"},
		{"no families", `families = ["ipv4"]`, ``, "no families"},
		{"a bad family", `["ipv4"]`, `["v4"]`, `family "v4"`},
		{"a bad scope", `scope = "address"`, `scope = "world"`, "scope"},
		{"a bad impact", `"ignore"`, `"terrible"`, "impact"},
		{"no such operator", `operator = "someone"`, `operator = "nobody"`, "no operator"},
		{"a bad interval", `"200ms"`, `"soon"`, "read the catalogue"},
		{"a bad day", `"2026-11-20"`, `"lately"`, "not a day"},
		{"a bad lookup", `"https://www.example.net/?ip={ip}"`, `"www"`, "lookup"},
		{"no listed code", `kind = "listed"`, `kind = "notlisted"`, "no code means listed"},
		{"a bad kind of code", `kind = "listed"`, `kind = "perhaps"`, "perhaps"},
		{"a code outside 127/8", `"127.0.0.2"`, `"192.0.2.1"`, "outside"},
		{"a bad code", `"127.0.0.2"`, `"127.0.0.300"`, "code"},
		{"a range upside down", `"127.0.0.2"`, `"127.0.0.4-127.0.0.2"`, "range"},
		{"a bit without bits", `"127.0.0.2"`, `"bit 2"`, "without bits"},
		{"not one bit", `"127.0.0.2"`, `"bit 3"`, "one bit"},
		{"two meanings", `[list.removal]`, "[[list.code]]\nanswer = \"127.0.0.0/24\"\nmeaning = \"x\"\nkind = \"listed\"\n[list.removal]", "two meanings"},
		{"a self-test nothing can pass", `[list.removal]`, "[list.selftest]\nexpect = [\"127.0.0.9\"]\n[list.removal]", "expects"},
		{"codes without a zone", `zone = "bl.example.net"`, ``, "without a zone"},
		{"waits without an end", `expires = "a day"`, ``, "needs expires"},
		{"self-service without a form", `"waits"`, `"self-service"`, "needs url"},
		{"mail to nobody", `"waits"`, `"mail"`, "needs url"},
		{"a provider without a need", `"waits"`, `"provider"`, "needs need"},
		{"an unknown removal", `"waits"`, `"pray"`, "unknown"},
		{"advice of one sentence", `"Wait. Do nothing."`, `"Wait."`, "1 sentences"},
		{"no order", `order = 6`, ``, "order"},
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
	if _, err := Load(strings.NewReader(good + list)); err == nil || !strings.Contains(err.Error(), "used twice") {
		t.Errorf("the same list twice: %v", err)
	}
}
