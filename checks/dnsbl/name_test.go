package dnsbl

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"delist/checks/dnsbl/dnsbltest"
)

func TestQueryName(t *testing.T) {
	for ip, want := range map[string]string{
		"203.0.113.25": "25.113.0.203.zen.spamhaus.org",
		"127.0.0.2":    "2.0.0.127.zen.spamhaus.org",
		"2001:db8::1":  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.spamhaus.org",
		// RFC 5782 section 5: the test entry for IPv6, not to be folded into IPv4.
		"::ffff:127.0.0.2": "2.0.0.0.0.0.f.7.f.f.f.f." + strings.Repeat("0.", 20) + "zen.spamhaus.org",
	} {
		if got := QueryName(netip.MustParseAddr(ip), "zen.spamhaus.org"); got != want {
			t.Errorf("%s: %s, want %s", ip, got, want)
		}
	}
	for _, ip := range []string{"198.51.100.7", "2001:db8:1:2:3:4:5:6"} {
		if got := QueryName(netip.MustParseAddr(ip), "z"); got != dnsbltest.Reverse(ip)+".z" {
			t.Errorf("%s: %s", ip, got)
		}
	}
}

func TestKeyIsNeverPrinted(t *testing.T) {
	key := Key("s3cr3tKey")
	holder := struct {
		K    Key
		Keys map[string]Key
	}{key, map[string]Key{"abusix": key}}
	out, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		fmt.Sprint(key), fmt.Sprintf("%s %q %v %x %#v %d", key, key, key, key, key, key), fmt.Sprintf("%+v %#v", holder, holder), string(out),
		key.hide("25.113.0.203.s3cr3tKey.zen.dq.spamhaus.net: S3CR3TKEY s3cr3tkey"),
	} {
		if strings.Contains(strings.ToLower(text), "s3cr3t") || strings.Contains(text, "733363") {
			t.Errorf("the key is in %q", text)
		}
	}
	if got := key.hide("a.s3cr3tkey.b"); got != "a.KEY.b" {
		t.Errorf("hide: %q", got)
	}
	if got := Key("key").hide("key key"); got != "KEY KEY" {
		t.Errorf("hide with a key like the mask: %q", got)
	}
	if got := Key("").hide("abc"); got != "abc" {
		t.Errorf("hide without a key: %q", got)
	}
}
