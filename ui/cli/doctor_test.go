package cli

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"delist/checks/dnsbl/dnsbltest"
)

// What the doctor says of each kind of resolver: whether blocklists can be asked through it, and what to do if not.
func TestDoctorOnResolvers(t *testing.T) {
	const testEntry = "2.0.0.127.zen.spamhaus.org"
	for _, tt := range []struct {
		name   string
		server func(*dnsbltest.Server)
		want   health
		says   []string
	}{
		{"good", func(s *dnsbltest.Server) { s.Zone("zen.spamhaus.org", "127.0.0.2") }, works, []string{"is good"}},
		{"makes up answers", func(s *dnsbltest.Server) {
			s.Set("*.invalid", dnsbltest.Reply{A: []string{"146.112.61.108"}})
		}, fails, []string{"makes up answers", "146.112.61.108", "Use a resolver of your own"}},
		{"public", func(s *dnsbltest.Server) {
			s.Zone("zen.spamhaus.org", "127.255.255.254")
			s.Set("2.0.0.127.multi.uribl.com", dnsbltest.Reply{TXT: []string{"127.0.0.1 -> Query Refused [Your DNS IP: 192.0.2.53]"}})
		}, fails, []string{"public or open resolver", "see the questions come from 192.0.2.53", "Use a resolver of your own"}},
		{"drops 127/8", func(s *dnsbltest.Server) { s.Set(testEntry, dnsbltest.Reply{}) }, fails, []string{"drops answers in 127.0.0.0/8", "rebind"}},
		{"does not answer", func(s *dnsbltest.Server) {
			s.Handle(".", func(w dns.ResponseWriter, q *dns.Msg) { w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)) })
		}, unsure, []string{"No resolver gives an answer", "port 53"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := dnsbltest.Start(t)
			tt.server(server)
			env, _, _ := inProcess()
			p := &program{env: env}
			got := p.resolverSign(t.Context(), options{resolver: server.Addr().String()})
			if got.health != tt.want {
				t.Errorf("%v: %s; want %v", got.health, got.says, tt.want)
			}
			for _, words := range tt.says {
				if !strings.Contains(got.says, words) {
					t.Errorf("%q does not say %q", got.says, words)
				}
			}
		})
	}
}
