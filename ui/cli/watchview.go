package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/watch"
	"delist/spool/message"
)

// watchTeller tells what a watch finds: one line a change, for people or as JSON.
type watchTeller struct {
	*program
	o      watchOptions
	ctx    context.Context
	watch  *watch.Watch
	ips    []netip.Addr
	silent bool // the last round brought no usable answer, and that was said
}

// watchJSON is one line of `watch --json`. Its names are a contract: added to, never renamed.
type watchJSON struct {
	Time    time.Time   `json:"time"`
	Event   string      `json:"event"` // state: as it is when the watch begins, and counts: the same over all lists; change; end: all are clear
	IP      netip.Addr  `json:"ip"`
	List    string      `json:"list,omitempty"`
	Zone    string      `json:"zone,omitempty"`
	Was     string      `json:"was,omitempty"`
	Is      string      `json:"is"`
	Since   *time.Time  `json:"since,omitempty"` // when that was first seen
	Meaning []string    `json:"meaning,omitempty"`
	Note    string      `json:"note,omitempty"` // why there is no usable answer
	Lookup  string      `json:"lookup,omitempty"`
	Next    *time.Time  `json:"next,omitempty"` // the next look
	Counts  *countsJSON `json:"counts,omitempty"`
}

// round tells one round of looks.
func (t *watchTeller) round(r watch.Round) {
	for _, c := range r.Changes {
		t.change(c)
	}
	if r.First {
		for _, ip := range t.ips {
			t.state(r.At, ip)
		}
	}
	t.sayWhenSilent(r)
	if t.o.guard || t.ctx.Err() != nil {
		return
	}
	for _, ip := range t.ips {
		if t.watch.Verdict(ip) != dnsbl.AddressClear {
			return
		}
	}
	for _, ip := range t.ips {
		if t.o.json {
			t.object(watchJSON{Time: r.At, Event: "end", IP: ip, Is: dnsbl.AddressClear.String()})
			continue
		}
		t.line(r.At, ip, "all lists", "clear, the watch is over")
	}
}

// change tells one change, and runs the operator's command.
func (t *watchTeller) change(c watch.Change) {
	if t.o.json {
		t.object(watchJSON{Time: c.At, Event: "change", IP: c.IP, List: c.List.Name, Zone: c.List.Zone, Was: c.Was.String(), Is: c.Is.String(),
			Since: &c.At, Meaning: c.Meaning, Lookup: c.List.LookupURL(c.IP)})
	} else {
		what := c.Was.String() + " -> " + c.Is.String()
		if len(c.Meaning) > 0 {
			what += " (" + strings.Join(c.Meaning, "; ") + ")"
		}
		t.line(c.At, c.IP, c.List.Name, what)
	}
	if t.o.onChange == "" {
		return
	}
	if err := runOnChange(t.ctx, t.o.onChange, t.env.Stderr, c); err != nil {
		t.note("The command of --on-change failed for %s on %s: %s; the watch goes on.", c.IP, c.List.Name, sentence(err))
	}
}

// state tells what is known of an address when the watch begins: each listing, and how many lists say what; JSON has every list.
func (t *watchTeller) state(at time.Time, ip netip.Addr) {
	lists, known := t.watch.Known(ip)
	for i, k := range known {
		is := k.Counts()
		switch {
		case t.o.json:
			t.object(watchJSON{Time: at, Event: "state", IP: ip, List: lists[i].Name, Zone: lists[i].Zone, Is: is.String(), Since: orNil(k.Since),
				Meaning: k.Meaning, Note: message.Printable(k.Note), Lookup: lists[i].LookupURL(ip), Next: orNil(k.Next)})
		case is == dnsbl.Listed:
			t.line(k.Looked, ip, lists[i].Name, fmt.Sprintf("listed (%s), next look %s", strings.Join(k.Meaning, "; "), clockTime(k.Next)))
		}
	}
	tally := t.watch.Count(ip)
	if t.o.json {
		t.object(watchJSON{Time: at, Event: "counts", IP: ip, Is: t.watch.Verdict(ip).String(), Counts: countsOf(tally)})
		return
	}
	t.line(at, ip, "all lists", tally.Words())
}

// sayWhenSilent says once that no list answers, and once that they do again: silence is no news of the lists.
func (t *watchTeller) sayWhenSilent(r watch.Round) {
	switch {
	case r.Asked > 0 && r.Usable == 0 && !t.silent:
		t.silent = true
		t.note("%s  No list gives a usable answer, so nothing is known to change; the watch goes on. `%s` looks at the resolver.", clockTime(r.At), t.toDoctor())
	case r.Usable > 0 && t.silent:
		t.silent = false
		t.note("%s  The lists answer again.", clockTime(r.At))
	}
}

// line writes one line for people.
func (t *watchTeller) line(at time.Time, ip netip.Addr, list, what string) {
	fmt.Fprintln(t.env.Stdout, message.Printable(fmt.Sprintf("%s  %s  %s  %s", clockTime(at), ip, list, what)))
}

// object writes one line of JSON.
func (t *watchTeller) object(o watchJSON) {
	o.Meaning = slices.Clone(o.Meaning)
	for i := range o.Meaning {
		o.Meaning[i] = message.Printable(o.Meaning[i])
	}
	enc := json.NewEncoder(t.env.Stdout)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(o)
}

// orNil leaves out a time that is not known.
func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// clockTime is a time as the operator's clock shows it, with the day and the zone.
func clockTime(t time.Time) string { return t.Local().Format("Mon 2 Jan 15:04 MST") }
