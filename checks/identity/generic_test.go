package identity

import (
	"fmt"
	"net/netip"
	"testing"
)

func TestGenericPTR(t *testing.T) {
	for _, c := range []struct {
		ip, name string
		generic  bool
	}{
		{"203.0.113.25", "mail01.example.com", false},
		{"203.0.113.25", "mx25.example.com", false},
		{"203.0.113.25", "example.com", false},
		{"203.0.113.25", "host-203-0-113-25.isp.example", true},
		{"203.0.113.25", "25.113.0.203.isp.example", true},
		{"203.0.113.25", "203.000.113.025.isp.example", true},
		{"203.0.113.25", "ip203000113025.isp.example", true},
		{"203.0.113.25", "25-113-0.dyn.isp.example", true},
		{"203.0.113.25", "static-0-113-25.isp.example", true},
		{"203.0.113.25", "cb007119.isp.example", true},
		{"203.0.113.25", "197100cb.isp.example", true},
		{"203.0.113.25", "a.pool.isp.example", true},
		{"203.0.113.25", "adsl7.isp.example", true},
		{"203.0.113.25", "mail.dsl-shop.com", false},    // its own domain
		{"203.0.113.25", "server.dsl-shop.com", false},  // likewise
		{"203.0.113.25", "mail.clients.example", false}, // a name given on purpose
		{"203.0.113.25", "a-203-0-113-26.isp.example", false},
		{"10.1.1.1", "mail11.example.com", false},
		{"2001:db8::25", "mail01.example.com", false},
		{"2001:db8::25", "2001-db8--25.isp.example", true},
		{"2001:db8::25", "20010db8000000000000000000000025.isp.example", true},
		{"2001:db8::25", "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.isp.example", true},
	} {
		if why := GenericPTR(c.name, netip.MustParseAddr(c.ip)); (why != "") != c.generic {
			t.Errorf("%s of %s: %q, want generic %v", c.name, c.ip, why, c.generic)
		}
	}
}

// Any name gets an answer; a name made of the address always the same one.
func FuzzGenericPTR(f *testing.F) {
	f.Add("mail01.example.com", []byte{203, 0, 113, 25})
	f.Add("..", []byte{})
	f.Add("\x00-.pool", make([]byte, 16))
	f.Fuzz(func(t *testing.T, name string, octets []byte) {
		ip, ok := netip.AddrFromSlice(octets)
		if !ok {
			return
		}
		GenericPTR(name, ip)
		if ip = ip.Unmap(); !ip.Is4() {
			return
		}
		b := ip.As4()
		if made := fmt.Sprintf("h-%d-%d-%d-%d.isp.example", b[0], b[1], b[2], b[3]); GenericPTR(made, ip) == "" {
			t.Errorf("%s does not look generic for %s", made, ip)
		}
	})
}
