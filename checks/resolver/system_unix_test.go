//go:build !windows

package resolver

import (
	"fmt"
	"strings"
	"testing"
)

func TestFromResolvConf(t *testing.T) {
	for _, tt := range []struct{ conf, want string }{
		{"search example\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n", "[192.0.2.1:53 [2001:db8::1]:53]"},
		{"nameserver fe80::1%eth0\n", "[[fe80::1%eth0]:53]"},
		{"nameserver 192.0.2.1\nnameserver 192.0.2.1\n", "[192.0.2.1:53]"},
		{"# nothing here\noptions timeout:1\n", "[127.0.0.1:53 [::1]:53]"},
		{"nameserver not-an-address\n", "[127.0.0.1:53 [::1]:53]"},
	} {
		got, err := fromResolvConf(strings.NewReader(tt.conf))
		if err != nil || fmt.Sprint(got) != tt.want {
			t.Errorf("%q: got %v, %v; want %s", tt.conf, got, err, tt.want)
		}
	}
}
