package mailbox

import (
	"strings"
	"testing"

	"delist/steps"
)

func TestParseURL(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                     "http://127.0.0.1:17017",
		"127.0.0.1:17017":                      "http://127.0.0.1:17017",
		" http://localhost:9998/ ":             "http://localhost:9998",
		"http://[::1]:17017/api/v1/":           "http://[::1]:17017",
		"https://mail.example.com":             "https://mail.example.com",
		"https://mail.example.com/mail/api/v1": "https://mail.example.com/mail",
		"https://mail.example.com/?q=1#f":      "https://mail.example.com",
	} {
		u, err := parseURL(raw)
		if err != nil || u.String() != want {
			t.Errorf("%q: %v, %v, want %s", raw, u, err, want)
		}
	}
	for raw, says := range map[string]string{
		"http://mail.example.com:17017":  "would show the administrator's password",
		"http://192.0.2.9:17017":         "would show the administrator's password",
		"http://127.0.0.1.evil.example/": "would show the administrator's password",
		"https://admin:hunter2@mail/":    "must not hold a password",
		"ftp://127.0.0.1":                "is not a way",
		"http://":                        "is not an address",
		"http://127.0.0.1:port":          "is not an address",
		"http://127.0.0.1/\x1b[2J":       "is not an address",
	} {
		u, err := parseURL(raw)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: %v, %v", raw, u, err)
		}
	}
}

func TestNewRESTNeedsAnAdministrator(t *testing.T) {
	for _, o := range []Options{{}, {Admin: "admin"}, {Password: steps.NewSecret(adminPassword)}} {
		if m, err := NewREST(o); err == nil {
			t.Errorf("%+v gives %v", o, m.Name())
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"", "127.0.0.1:17017", "https://mail.example.com/api/v1", "http://a:b@c", "http://[::1%25lo]:1/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := parseURL(raw)
		if err == nil && (u.User != nil || u.Scheme == "http" && !here(u.Hostname())) {
			t.Errorf("%q was taken as %s", raw, u)
		}
	})
}
