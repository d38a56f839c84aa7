package incident

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/identity"
	"delist/checks/outbound"
	"delist/steps/words"
)

// Speaker is a program that is not the mail service and was seen to speak to mail servers elsewhere. What it sends passes
// neither spool nor logs.
type Speaker struct {
	outbound.Program
	First time.Time `json:"first"`
	Last  time.Time `json:"last"` // as written down: while it goes on, it is not written again

	Remedied string `json:"remedied,omitempty"` // the operator's word for what was done about it; empty again once it speaks again
	By       string `json:"by,omitempty"`       // whose
}

// Row names it where the operator's explanations do.
func (p Speaker) Row() string { return "(program) " + p.Key() }

// Explained rows that are no mail.
const RowListings = "(listings)" // what brought the listings

// Speaker finds a program, whichever of its processes it is; nil when it was not seen.
func (inc *Incident) Speaker(p outbound.Program) *Speaker {
	for i := range inc.Speakers {
		if inc.Speakers[i].Same(p) {
			return &inc.Speakers[i]
		}
	}
	return nil
}

// SpeakerAt finds a program by its row; nil where there is none.
func (inc *Incident) SpeakerAt(row string) *Speaker {
	i := slices.IndexFunc(inc.Speakers, func(p Speaker) bool { return p.Row() == row })
	if i < 0 {
		return nil
	}
	return &inc.Speakers[i]
}

// OpenStranger is the first program that nobody knows and of which nobody has said what was done about it; nil where there
// is none.
func (inc *Incident) OpenStranger() *Speaker {
	for _, p := range inc.Strangers() {
		if p.Remedied == "" {
			return &p
		}
	}
	return nil
}

// Strangers are the programs that the operator does not know.
func (inc *Incident) Strangers() []Speaker {
	return slices.DeleteFunc(slices.Clone(inc.Speakers), func(p Speaker) bool { return inc.ExplainedBy(p.Row()) != nil })
}

// NothingFound says what is not known where no account, program or rule was found: the operator's word for the cause, or
// for what stood out, or that there is none.
func (inc *Incident) NothingFound() string {
	if word := inc.ExplainedBy(RowListings); word != nil {
		return "no account is marked as stolen; what sent the spam, says the operator: " + word.Why
	}
	found := "no account and no program was found that sent the spam: how it was sent is not known"
	var told []string
	for _, e := range inc.Explained {
		told = append(told, e.Row+": "+e.Why)
	}
	if len(told) == 0 {
		return found
	}
	if !slices.ContainsFunc(inc.Listings, func(l Listing) bool { return l.Accuses() }) {
		found = "no account and no program was found that sent spam"
	}
	return found + "; what stood out, the operator explains: " + strings.Join(told, "; ")
}

// SayProgram names a program in a sentence: what it is, which process, whose.
func SayProgram(p outbound.Program) string {
	name := p.Path
	if name == "" {
		name = p.Name
	}
	if name == "" {
		name = "a program that cannot be seen"
	}
	run, pid, owner, apart := "", "", "", ""
	if p.Script != "" {
		run = "running " + p.Script
	}
	if p.PID != 0 {
		pid = fmt.Sprintf("PID %d", p.PID)
	}
	if p.Owner != "" {
		owner = "of " + p.Owner
	}
	if p.Container {
		apart = "in a container"
	}
	details := words.Join(run, pid, owner, apart)
	if details == "" {
		return name
	}
	return name + " (" + details + ")"
}

// Say implements Fact.
func (f SpeakerSeen) Say() string {
	return fmt.Sprintf("%s speaks to mail servers elsewhere, to %s, and is not the mail service", SayProgram(f.Program), f.Program.Remote)
}

func (f SpeakerSeen) apply(inc *Incident, r Record) {
	inc.Speakers = slices.Clone(inc.Speakers)
	if known := inc.Speaker(f.Program); known != nil {
		known.Program, known.Last, known.Remedied, known.By = f.Program, r.At, "", ""
		return
	}
	inc.Speakers = append(inc.Speakers, Speaker{Program: f.Program, First: r.At, Last: r.At})
}

// Say implements Fact.
func (f SpeakerRemedied) Say() string {
	return "done about " + f.Row + ", says the operator: " + f.Word
}

func (f SpeakerRemedied) apply(inc *Incident, r Record) {
	inc.Speakers = slices.Clone(inc.Speakers)
	if p := inc.SpeakerAt(f.Row); p != nil {
		p.Remedied, p.By = f.Word, r.By
	}
}

// HeardHELO is what the page of one listing shows.
type HeardHELO struct {
	identity.SeenHELO
	IP   netip.Addr `json:"ip"`
	List string     `json:"list"`
	At   time.Time  `json:"at"`
}

// HELO is what the page of a listing shows; nil where nobody has looked.
func (inc *Incident) HELO(ip netip.Addr, list string) *HeardHELO {
	for i := range inc.HELOs {
		if h := &inc.HELOs[i]; h.IP == ip && h.List == list {
			return h
		}
	}
	return nil
}

// Say implements Fact.
func (f HELOHeard) Say() string { return fmt.Sprintf("HELO at %s: %s", f.List, f.Seen.Means()) }

func (f HELOHeard) apply(inc *Incident, r Record) {
	inc.HELOs = slices.DeleteFunc(slices.Clone(inc.HELOs), func(h HeardHELO) bool { return h.IP == f.IP && h.List == f.List })
	inc.HELOs = append(inc.HELOs, HeardHELO{SeenHELO: f.Seen, IP: f.IP, List: f.List, At: r.At})
}

// Accuses says that a listing stands and says that spam was seen from this address: not what kind of address it is, and
// nothing about the network around it.
func (l *Listing) Accuses() bool {
	network := l.Removal != nil && l.Removal.Kind == dnsbl.NoRemoval
	return l.Gone.IsZero() && !l.Policy && !network && l.State != ListingLeft && l.State != ListingCleared
}
