package dnsbl

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"delist/checks/resolver"
)

// Asker puts one question to the DNS; resolver.Client is one.
type Asker interface {
	Ask(ctx context.Context, name string, qtype uint16) (resolver.Answer, error)
}

// Options are a Checker's settings; the zero value is good.
type Options struct {
	Keys      map[string]Key   // list ID to the customer's key for it
	Skip      []string         // IDs of lists not to ask
	Preflight resolver.Finding // what a preflight of the same resolver found
	InFlight  int              // questions at a time over all lists; 0 means 32
	Now       func() time.Time // the clock for Result.At; nil means time.Now
}

// Checker asks lists about addresses. It may be used again and again; each run
// tests the lists anew, but the pace that operators ask for spans the runs.
type Checker struct {
	asker  Asker
	cat    *Catalogue
	opts   Options
	paces  map[string]*pace // by operator
	places *places          // one for each question in flight
}

// New makes a checker of the catalogue's lists.
func New(asker Asker, cat *Catalogue, opts Options) *Checker {
	if opts.InFlight <= 0 {
		opts.InFlight = 32
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	paces := make(map[string]*pace)
	for name, operator := range cat.Operators {
		paces[name] = newPace(time.Duration(operator.Interval))
	}
	return &Checker{asker: asker, cat: cat, opts: opts, paces: paces, places: &places{free: opts.InFlight}}
}

// MaxAddresses is how many addresses one run may check: those of an IPv4 /24.
const MaxAddresses = 256

// perList is how many addresses one list is asked about at a time.
const perList = 4

// Check asks every list about every address. Each result goes to each as it
// comes, one call at a time; each may be nil. On the end of ctx the report
// holds what was known by then, and the error is the context's.
func (c *Checker) Check(ctx context.Context, ips []netip.Addr, each func(Result)) (Report, error) {
	ips, err := checkable(ips)
	if err != nil {
		return Report{}, err
	}
	if err := c.checkKeys(); err != nil {
		return Report{}, err
	}
	subjects := make([]subject, len(ips))
	for i, ip := range ips {
		subjects[i] = subject{ip: ip}
	}
	results := (&run{Checker: c}).each(ctx, c.lists(), subjects, each)
	return c.report(ips, results), ctx.Err()
}

func (c *Checker) checkKeys() error {
	for id, key := range c.opts.Keys {
		if !key.wellFormed() {
			return fmt.Errorf("the key for %q cannot be right; a key is made of letters, digits and hyphens", id)
		}
	}
	return nil
}

// lists gives the lists of the catalogue that can be asked and are not to be skipped.
func (c *Checker) lists() []*List {
	return c.askable(append(c.cat.Blocklists(), c.cat.Allowlists()...))
}

// askable keeps the lists that can be asked and are not to be skipped.
func (c *Checker) askable(all []*List) []*List {
	var lists []*List
	for _, l := range all {
		if _, ok := l.zone(c.opts.Keys[l.ID]); ok && !slices.Contains(c.opts.Skip, l.ID) {
			lists = append(lists, l)
		}
	}
	return lists
}

// checkable drops repeats and refuses addresses no blocklist knows.
func checkable(ips []netip.Addr) ([]netip.Addr, error) {
	var kept []netip.Addr
	for _, ip := range ips {
		if !ip.IsValid() {
			return nil, errors.New("an address is missing; give the one the server sends mail from")
		}
		ip = ip.Unmap().WithZone("")
		if ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
			return nil, fmt.Errorf("%s is not a public address, and no blocklist knows it; give the address the server is seen from outside", ip)
		}
		if !slices.Contains(kept, ip) {
			kept = append(kept, ip)
		}
	}
	if len(kept) > MaxAddresses {
		return nil, fmt.Errorf("%d addresses are more than the %d that can be checked at a time; check them in parts", len(kept), MaxAddresses)
	}
	if len(kept) == 0 {
		return nil, errors.New("no address to check; give the one the server sends mail from")
	}
	return kept, nil
}
