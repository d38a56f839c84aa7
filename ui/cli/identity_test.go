package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"delist/checks/identity"
)

// TestAskAddress: what is bound here is proposed with its ground, and used only after a yes.
func TestAskAddress(t *testing.T) {
	bound := func(ips ...string) identity.Source {
		return func(context.Context) ([]identity.Candidate, error) {
			var found []identity.Candidate
			for _, ip := range ips {
				found = append(found, identity.Candidate{IP: netip.MustParseAddr(ip), Origin: identity.FromInterface, Ground: "bound to interface eth0"})
			}
			return found, nil
		}
	}
	for name, c := range map[string]struct {
		source identity.Source
		answer string
		want   string
		says   string
	}{
		"a public one, yes":    {bound("10.0.0.5", "203.0.113.25"), "y\n", "[203.0.113.25]", "203.0.113.25 (bound to interface eth0)"},
		"a public one, no":     {bound("203.0.113.25"), "n\n198.51.100.7\n", "[198.51.100.7]", "as others see it"},
		"private ones only":    {bound("10.0.0.5"), "198.51.100.7\n", "[198.51.100.7]", "as others see it"},
		"nobody looks":         {nil, "198.51.100.7\n", "[198.51.100.7]", "as others see it"},
		"nobody can look":      {func(context.Context) ([]identity.Candidate, error) { return nil, errors.New("denied") }, "\n", "[]", "as others see it"},
		"nothing is asked yet": {bound("10.0.0.5"), "\n", "[]", "do not ask the lists"},
	} {
		t.Run(name, func(t *testing.T) {
			env, out, errs := inProcess()
			env.Stdin, env.Addresses = strings.NewReader(c.answer), c.source
			p := &program{env: env}
			var s server
			if err := p.askAddress(t.Context(), &s); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(s.addresses); got != c.want {
				t.Errorf("addresses %s, want %s", got, c.want)
			}
			if said := out.String() + errs.String(); !strings.Contains(said, c.says) || strings.Contains(said, "10.0.0.5") {
				t.Errorf("it said %q, want %q, and nothing of private addresses", said, c.says)
			}
		})
	}
}
