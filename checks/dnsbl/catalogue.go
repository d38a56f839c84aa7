package dnsbl

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed catalogue.toml
var embedded string

// Catalogue is the lists known, the pace their operators ask for, and the
// zones that must never be asked.
type Catalogue struct {
	Lists     []List              `toml:"list"`
	Operators map[string]Operator `toml:"operator"`
	Dead      []Dead              `toml:"dead"`
}

// Operator runs one or more lists.
type Operator struct {
	Interval Duration `toml:"interval"` // least time between two questions
}

// Duration is a time.Duration written as "200ms".
type Duration time.Duration

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// Dead is a list that has ended: its answers mean nothing, or list everyone.
type Dead struct {
	Suffix string `toml:"suffix"` // the zone and all below it
	Since  string `toml:"since"`
	Effect string `toml:"effect"` // what it answers now
}

// Default gives the catalogue that delist comes with.
func Default() (*Catalogue, error) { return Load(strings.NewReader(embedded)) }

// Load reads a catalogue in TOML and refuses one with unknown, missing or
// contradictory entries, or with a dead zone.
func Load(r io.Reader) (*Catalogue, error) {
	var c Catalogue
	meta, err := toml.NewDecoder(r).Decode(&c)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue of lists: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("read the catalogue of lists: unknown key %q", unknown[0])
	}
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("the catalogue of lists is wrong: %w", err)
	}
	return &c, nil
}

// List gives the list with an ID, or nil.
func (c *Catalogue) List(id string) *List {
	for i := range c.Lists {
		if c.Lists[i].ID == id {
			return &c.Lists[i]
		}
	}
	return nil
}

// ByZone gives the list that a zone named in a bounce belongs to, or nil.
func (c *Catalogue) ByZone(zone string) *List {
	for i := range c.Lists {
		l := &c.Lists[i]
		if l.Zone != "" && within(zone, l.Zone) || l.Keyed != "" && within(zone, l.Keyed) {
			return l
		}
	}
	return nil
}

// DeadZone tells whether a zone has ended and must not be asked.
func (c *Catalogue) DeadZone(zone string) (Dead, bool) {
	for _, d := range c.Dead {
		if within(zone, d.Suffix) {
			return d, true
		}
	}
	return Dead{}, false
}

// within reports that a name is a zone or below it.
func within(name, zone string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name == zone || strings.HasSuffix(name, "."+zone)
}

// validate gives everything that is wrong, so that it can be mended in one go.
func (c *Catalogue) validate() error {
	var faults []error
	ids, zones := make(map[string]bool), make(map[string]bool)
	for _, d := range c.Dead {
		if d.Suffix == "" || d.Effect == "" || d.Suffix != strings.ToLower(d.Suffix) {
			faults = append(faults, fmt.Errorf("dead zone %q: needs a suffix in lower case and an effect", d.Suffix))
		}
	}
	for i := range c.Lists {
		l := &c.Lists[i]
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("list %q: %s", l.ID, fmt.Sprintf(format, args...)))
		}
		if ids[l.ID] {
			fault("the id is used twice")
		}
		ids[l.ID] = true
		for _, zone := range []string{l.Zone, l.Keyed} {
			if zone == "" {
				continue
			}
			if dead, ok := c.DeadZone(zone); ok {
				fault("the zone %s is dead: %s", zone, dead.Effect)
			}
			if zones[zone] {
				fault("the zone %s is used twice", zone)
			}
			zones[zone] = true
		}
		if _, ok := c.Operators[l.Operator]; !ok {
			fault("no operator %q", l.Operator)
		}
		l.validate(fault)
	}
	return errors.Join(faults...)
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	zoneForm = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)+[a-z]{2,}$`)
)

// validate reports what is missing or contradictory in one entry.
func (l *List) validate(fault func(string, ...any)) {
	oneOf := func(what, got string, allowed ...string) {
		if !slices.Contains(allowed, got) {
			fault("%s is %q, want one of %s", what, got, strings.Join(allowed, ", "))
		}
	}
	if !idForm.MatchString(l.ID) {
		fault("the id is not made of small letters, digits and single hyphens")
	}
	for _, zone := range []string{l.Zone, l.Keyed} {
		if zone != "" && !zoneForm.MatchString(zone) {
			fault("%q is not a zone in lower case", zone)
		}
	}
	if l.Name == "" || l.Source == "" {
		fault("the name or the source is missing")
	}
	if l.Tier < 1 || l.Tier > 3 {
		fault("tier %d, want 1 to 3", l.Tier)
	}
	oneOf("scope", string(l.Scope), "address", "range", "network", "policy")
	oneOf("impact", string(l.Impact), string(StopsMail), string(StopsSomeMail), string(Ignore))
	oneOf("confidence", l.Confidence, "primary", "secondary", "memory")
	if _, err := time.Parse(time.DateOnly, l.Checked); err != nil {
		fault("checked %q is not a day such as 2026-11-20", l.Checked)
	}
	if !webURL(l.Lookup) {
		fault("lookup %q is not a web address", l.Lookup)
	}
	if l.Zone == "" && l.Keyed == "" {
		if len(l.Codes) > 0 || len(l.Families) > 0 {
			fault("codes or families without a zone")
		}
	} else {
		l.validateAnswers(fault)
	}
	l.Removal.validate(fault)
}

// validateAnswers looks at what only a list with a zone has.
func (l *List) validateAnswers(fault func(string, ...any)) {
	if len(l.Families) == 0 {
		fault("no families")
	}
	for _, f := range l.Families {
		if f != "ipv4" && f != "ipv6" {
			fault("family %q, want ipv4 or ipv6", f)
		}
	}
	listed := false
	for i, code := range l.Codes {
		listed = listed || code.Kind == CodeListed
		if code.Meaning == "" || !slices.Contains([]CodeKind{CodeListed, CodeNotListed, CodeRefused}, code.Kind) {
			fault("code %s: the meaning is missing, or the kind %q is not one of listed, notlisted, refused", code.example(), code.Kind)
		}
		if !loopback.Contains(code.example()) {
			fault("code %s is outside 127.0.0.0/8", code.example())
		}
		if code.Answer.bit != 0 && !l.Bits {
			fault("bit %d in a list without bits", code.Answer.bit)
		}
		for _, other := range l.Codes[:i] {
			if code.Answer.overlaps(other.Answer) {
				fault("code %s has two meanings", code.example())
			}
		}
		if code.Removal != nil {
			code.Removal.validate(fault)
		}
	}
	if !listed {
		fault("no code means listed")
	}
	for _, answer := range l.SelfTest.Expect {
		if !slices.ContainsFunc(l.rules(answer), func(c CodeRule) bool { return c.Kind == CodeListed }) {
			fault("the self-test expects %s, which is not a code for listed", answer)
		}
	}
}

// validate reports what is missing or contradictory in a procedure.
func (r *Removal) validate(fault func(string, ...any)) {
	switch r.Kind {
	case SelfService:
		if !webURL(r.URL) || r.Need == "" || r.WaitHours == 0 {
			fault("a self-service removal needs url, need and wait_hours")
		}
	case ByMail:
		if !webURL(r.URL) && !strings.HasPrefix(r.URL, "mailto:") || r.Need == "" {
			fault("a removal by mail needs url and need")
		}
	case ByProvider:
		if r.Need == "" {
			fault("a removal by the provider needs need")
		}
	case Waits:
		if r.Expires == "" || r.WaitHours == 0 {
			fault("a listing that waits needs expires and wait_hours")
		}
	case NoRemoval:
	default:
		fault("removal kind %q is unknown", r.Kind)
	}
	if n := strings.Count(r.Advice+" ", ". "); n != 2 {
		fault("the advice has %d sentences, want 2: %q", n, r.Advice)
	}
	if r.Order < 2 || r.Order > 7 || r.WaitHours < 0 {
		fault("removal order %d or wait_hours %d is out of range", r.Order, r.WaitHours)
	}
}

func webURL(s string) bool {
	u, err := url.Parse(strings.ReplaceAll(s, "{ip}", "192.0.2.1"))
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

var (
	loopback = netip.MustParsePrefix("127.0.0.0/8")
	refusals = netip.MustParsePrefix("127.255.255.0/24") // Spamhaus' error codes, copied by others
)
