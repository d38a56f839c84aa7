package dnsbl

import (
	"strings"
	"testing"
)

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
