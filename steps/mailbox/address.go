package mailbox

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"delist/spool/message"
)

// DefaultURL is where current builds of SmarterMail serve their API on the server itself.
const DefaultURL = "http://127.0.0.1:17017"

// parseURL reads what --api was given: HOST:PORT or a URL, with or without the API's own path. Plain http is taken to
// this machine only, since the administrator's password goes over it.
func parseURL(raw string) (*url.URL, error) {
	text := strings.TrimSpace(raw)
	if text == "" {
		text = DefaultURL
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || message.Printable(text) != text {
		return nil, fmt.Errorf("%q is not an address of SmarterMail's API; it looks like %s", message.Printable(raw), DefaultURL)
	}
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("the address of SmarterMail's API must not hold a password; delist asks for it, or reads DELIST_ADMIN_PASSWORD")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%s:// is not a way to SmarterMail's API; it looks like %s", u.Scheme, DefaultURL)
	case u.Scheme == "http" && !here(u.Hostname()):
		return nil, fmt.Errorf("plain http to %s would show the administrator's password to the network; give an https:// address, or run delist on the mail server with --api %s",
			u.Hostname(), DefaultURL)
	}
	path := strings.TrimRight(u.Path, "/")
	path = strings.TrimSuffix(path, "/api/v1")
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(path, "/")}, nil
}

// here says that a host is this machine, as far as can be said without asking anybody.
func here(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	if ip.IsLoopback() {
		return true
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range own {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr() == ip {
			return true
		}
	}
	return false
}
