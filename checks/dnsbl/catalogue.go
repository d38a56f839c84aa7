package dnsbl

import (
	_ "embed"
	"fmt"
	"io"
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

	// CustomerKeys are of an operator's own file, by who runs the lists. The
	// field is exported for fmt to mask them: it looks past unexported ones.
	CustomerKeys map[string]Key `toml:"-"`
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

// Blocklists gives the lists that have bad addresses.
func (c *Catalogue) Blocklists() []*List {
	return c.those(func(l *List) bool { return !l.Allow && !l.OfDomains() })
}

// Allowlists gives the lists that have good addresses: news, never listings.
func (c *Catalogue) Allowlists() []*List {
	return c.those(func(l *List) bool { return l.Allow && !l.OfDomains() })
}

// DomainLists gives the lists that have bad domains.
func (c *Catalogue) DomainLists() []*List {
	return c.those(func(l *List) bool { return !l.Allow && l.OfDomains() })
}

func (c *Catalogue) those(wanted func(*List) bool) []*List {
	var lists []*List
	for i := range c.Lists {
		if wanted(&c.Lists[i]) {
			lists = append(lists, &c.Lists[i])
		}
	}
	return lists
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
		if slices.ContainsFunc(c.Lists[i].zones(), func(z string) bool { return within(zone, z) }) {
			return &c.Lists[i]
		}
	}
	return nil
}

// zones gives every zone that stands for the list.
func (l *List) zones() []string {
	zones := slices.Clone(l.Includes)
	for _, zone := range []string{l.Zone, l.Keyed} {
		if zone != "" {
			zones = append(zones, zone)
		}
	}
	return zones
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
