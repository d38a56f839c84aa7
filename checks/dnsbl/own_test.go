package dnsbl

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// with lays an operator's own file over delist's catalogue.
func with(t testing.TB, own string) *Catalogue {
	t.Helper()
	c, err := DefaultWith(strings.NewReader(own))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOwnFileChangesOnlyWhatItGives(t *testing.T) {
	before := mustDefault(t)
	after := with(t, `
[operator]
spfbl = { interval = "2s" }
[[list]]
id = "kempt"
impact = "ignore"
[list.removal]
need = "the address and patience"
[[list]]
id = "spamhaus-zen"
[[list.code]]
answer = "127.0.0.2-127.0.0.11"
meaning = "listed"
kind = "listed"
[[list]]
id = "hostkarma"
families = ["ipv4"]
[list.selftest]
expect = ["127.0.0.2"]
`)
	kempt := *before.List("kempt")
	kempt.Impact, kempt.Removal.Need = Ignore, "the address and patience"
	if diff := cmp.Diff(fmt.Sprintf("%+v", kempt), fmt.Sprintf("%+v", *after.List("kempt"))); diff != "" {
		t.Errorf("Kempt (-want +got):\n%s", diff)
	}
	zen := after.List("spamhaus-zen")
	if len(zen.Codes) != 1 || zen.Codes[0].Name != "" || zen.Codes[0].Removal != nil {
		t.Errorf("codes are changed as a whole: %+v", zen.Codes)
	}
	if l := after.List("hostkarma"); len(l.Families) != 1 || !l.SelfTest.SkipNegative || len(l.SelfTest.Expect) != 1 {
		t.Errorf("Hostkarma: %v, %+v", l.Families, l.SelfTest)
	}
	if len(after.Lists) != len(before.Lists) || time.Duration(after.Operators["spfbl"].Interval) != 2*time.Second {
		t.Errorf("%d lists instead of %d, interval %v", len(after.Lists), len(before.Lists), after.Operators["spfbl"])
	}
	if again := mustDefault(t); len(again.List("spamhaus-zen").Codes) == 1 {
		t.Error("the catalogue that delist comes with was changed")
	}
}

func TestOwnFileTakesOutAndAdds(t *testing.T) {
	list := good[strings.Index(good, "[[list]]"):strings.Index(good, "[[dead]]")]
	c := with(t, "[operator]\nsomeone = {}\n"+list+"\n[[list]]\nid = \"kempt\"\ndisabled = true\n")
	if c.List("kempt") != nil {
		t.Error("a disabled list is still there")
	}
	if l := c.ByZone("bl.example.net"); l == nil || l.Name != "A list" {
		t.Errorf("the new list: %+v", l)
	}
}

func TestOwnKeys(t *testing.T) {
	const secret = "Sup3rSecret"
	c := with(t, "[keys]\nspamhaus = \""+secret+"\"\n")
	keys := c.Keys()
	if keys["spamhaus-zen"] != secret || keys["spamhaus-dbl"] != secret || keys["abusix"] != "" {
		t.Error("the keys are not those of Spamhaus' lists")
	}
	asJSON, err := json.Marshal(struct {
		C *Catalogue
		K map[string]Key
	}{c, keys})
	if err != nil {
		t.Fatal(err)
	}
	if printed := fmt.Sprintf("%v %+v %#v %s %q %s", *c, *c, *c, keys, keys, asJSON); strings.Contains(printed, secret) {
		t.Error("a key can be printed")
	}
}

func TestOwnFileRefused(t *testing.T) {
	const secret = "SuperSecret"
	for _, tt := range []struct{ name, own, want string }{
		{"not TOML", "\n[[list]]\nid = kempt\n", "line 3: "},
		{"a wrong type", "[[list]]\nid = \"kempt\"\ntier = \"two\"\n", `list "kempt": `},
		{"lists that are no tables", "list = [1, 2]\n", "list number 1 has no id"},
		{"no id", "[[list]]\nname = \"x\"\n", "list number 1 has no id"},
		{"twice", "[[list]]\nid = \"kempt\"\n[[list]]\nid = \"kempt\"\n", `"kempt" stands there twice`},
		{"an unknown key", "[[list]]\nid = \"psbl\"\n[[list]]\nid = \"kempt\"\ncolour = 1\n", `list "kempt": unknown key "colour"`},
		{"an unknown key of a procedure", "[[list]]\nid = \"kempt\"\n[list.removal]\nfee = 1\n", `list "kempt": unknown key "removal.fee"`},
		{"an unknown key of a code", "[[list]]\nid = \"kempt\"\n[[list.code]]\nanswer = \"127.0.0.2\"\nfee = 1\n", `list "kempt": unknown key "code.fee"`},
		{"an unknown section", "[colours]\nred = 1\n", "unknown key"},
		{"taking out what is not there", "[[list]]\nid = \"kemptt\"\ndisabled = true\n", "no such list to take out"},
		{"an incomplete new list", "[[list]]\nid = \"mine\"\nzone = \"bl.example.net\"\n", `list "mine": the name or the source is missing`},
		{"a dead zone", "[[list]]\nid = \"kempt\"\nzone = \"dnsbl.sorbs.net\"\n",
			`list "kempt": the zone dnsbl.sorbs.net is dead since 2024-06-05: emptied; it must never be asked`},
		{"a dead zone in a link", "[[list]]\nid = \"kempt\"\n[list.removal]\nurl = \"http://www.dnsbl.sorbs.net/x\"\n", "leads to a list that is dead since 2024-06-05"},
		{"a zone of another list", "[[list]]\nid = \"kempt\"\nzone = \"xbl.spamhaus.org\"\n", `belongs to "spamhaus-zen"`},
		{"a list that is declared dead", "[[dead]]\nsuffix = \"kempt.net\"\neffect = \"gone\"\n", "dnsbl.kempt.net is dead: gone"},
		{"a contradiction", "[[list]]\nid = \"kempt\"\ntier = 3\n", "for information"},
		{"too large", strings.Repeat("# nothing\n", maxOwn/10+1), "more than 1 MB"},
		{"a key for nobody", "[keys]\nspamhouse = \"" + secret + "\"\n", `no list takes a key "spamhouse"; those that do: abusix, spamhaus`},
		{"a key that cannot be", "[keys]\nspamhaus = \"" + secret + " x\"\n", "that for spamhaus cannot be right"},
		{"an empty key", "[keys]\nspamhaus = \"\"\n", "that for spamhaus cannot be right"},
		{"a key without quotes", "[keys]\nspamhaus = " + secret + "\n", "line 2: a customer's key"},
		{"a key in the wrong quotes", "[keys]\nspamhaus = “" + secret + "”\n", "line 2: a customer's key"},
		{"a key that is not closed", "[keys]\nspamhaus = \"" + secret + "\nabusix = 1\n", "line 2: a customer's key"},
		{"a key with an escape", "[keys]\nspamhaus = \"\\" + secret + "\"\n", "line 2: a customer's key"},
		{"a key of digits", "[keys]\nspamhaus = 92233720368547758079223372036854775807\n", "line 2: a customer's key"},
		{"a key inline", "keys = { spamhaus = " + secret + " }\n", "line 1: a customer's key"},
		{"a key with dots", "keys.spamhaus = " + secret + "\n", "line 1: a customer's key"},
		{"a key in a list", "[keys]\nspamhaus = [\"" + secret + "\"]\n", "incompatible types"},
	} {
		_, err := DefaultWith(strings.NewReader(tt.own))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
			continue
		}
		if text := err.Error(); strings.Contains(text, secret) || strings.Contains(text, secret[1:]) || strings.Contains(text, "9223372") {
			t.Errorf("%s: the key is in the error: %v", tt.name, err)
		}
	}
	if _, err := DefaultWith(iotest.ErrReader(fmt.Errorf("the disk is gone"))); err == nil || !strings.Contains(err.Error(), "disk is gone") {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

// Whatever stands in an operator's own file, it is refused or it holds; and a
// catalogue with a dead zone never comes of it.
func FuzzOwnFile(f *testing.F) {
	list := good[strings.Index(good, "[[list]]"):strings.Index(good, "[[dead]]")]
	f.Add("[[list]]\nid = \"a-list\"\ndisabled = true\n[keys]\nabusix = \"k\"\n")
	f.Add("[[list]]\nid = \"a-list\"\nzone = \"x.dead.example.org\"\n")
	f.Add("[[list]]\nid = \"a-list\"\nbits = true\n[[list.code]]\nanswer = \"bit 2\"\nmeaning = \"x\"\nkind = \"listed\"\n")
	f.Add(strings.NewReplacer("a-list", "b-list", "A list", "B list", "bl.example", "b2.example").Replace(list))
	f.Fuzz(func(t *testing.T, own string) {
		c, err := LoadWith(strings.NewReader(good), strings.NewReader(own))
		if err != nil {
			return
		}
		for i := range c.Lists {
			l := &c.Lists[i]
			if l.Disabled || l.ID == "" {
				t.Errorf("the list %+v was let in", *l)
			}
			for _, zone := range l.zones() {
				if dead, ok := c.DeadZone(zone); ok {
					t.Errorf("%s is dead: %s", zone, dead.Effect)
				}
			}
		}
	})
}
