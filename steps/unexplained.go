package steps

import (
	"slices"

	"delist/steps/incident"
)

// What brought a listing has to be found before anybody asks for its removal. A stolen account or another cause in the
// spool, an account that the logs find far above its usual rate, or a program that speaks past the mail service explain one. Where
// nothing does, spam may go out that passes SmarterMail by, and it goes on.

// Unexplained says why nothing that was seen explains the listings; empty where something does, and where none accuses.
func (s *State) Unexplained() string {
	inc := &s.Incident
	if !slices.ContainsFunc(inc.Listings, func(l incident.Listing) bool { return l.Accuses() }) {
		return ""
	}
	word := inc.ExplainedBy(incident.RowListings)
	if h := s.anotherHELO(); h != nil && len(inc.Strangers()) == 0 && (word == nil || word.At.Before(h.At)) {
		return h.List + " heard another HELO than this mail server's, " + h.Heard
	}
	if word != nil || s.volume() {
		return ""
	}
	switch {
	case s.Live.Spool == nil && s.Live.SpoolErr == "" && inc.Spool != "":
		return "the spool is still being read"
	case inc.Spool == "" || s.Live.SpoolErr != "":
		return "the spool was not seen, and nothing else explains the listing"
	case s.Live.Traffic == nil || !s.LogsTell():
		return "the spool shows nothing that explains the listing, and the logs do not tell"
	}
	return "spool and logs show nothing that explains the listing"
}

// volume says that something was found that brings listings: in the record, in the spool or in the logs.
func (s *State) volume() bool {
	inc := &s.Incident
	moved := slices.ContainsFunc(inc.Purges, func(p incident.PurgeRecord) bool { return p.Moved > 0 })
	if len(inc.Suspects)+len(inc.Causes)+len(inc.Strangers()) > 0 || moved || inc.Round > 1 {
		return true
	}
	w := s.Waiting()
	return w.Spam > 0 || w.Backlog(s.Settings) || len(s.StandOut()) > 0
}

// anotherHELO is what the page of a listing shows where that is not the mail server's own; nil where none does.
func (s *State) anotherHELO() *incident.HeardHELO {
	inc := &s.Incident
	for i := range inc.HELOs {
		h := &inc.HELOs[i]
		if l := inc.Listing(h.IP, h.List); h.Another() && l != nil && l.Accuses() {
			return h
		}
	}
	return nil
}

// unexplainedText says what it means that nothing explains a listing, and where to look.
func (s *State) unexplainedText() string {
	why := s.Unexplained()
	if why == "" || s.Live.Spool == nil && s.Live.SpoolErr == "" && s.Incident.Spool != "" {
		return ""
	}
	return "Not explained: " + why + ". Something may send straight to port 25, past SmarterMail: a script, malware, or another computer behind the same address, which cannot be seen from here. " +
		"Look in the firewall who speaks to port 25 outside, let only the mail service do so, and compare the HELO that the list's page shows."
}

// causeAction is the operator's word for what brought the listings.
func (s *State) causeAction(about Answer) Action {
	return s.offer(Action{ID: ActCause, Label: "say what sent the spam", Ask: AskReason, Prompt: "What sent it, and how do you know that it has ended?",
		About:  "Not explained: " + s.Unexplained() + ". A list that is asked while the cause goes on puts the address back.",
		Intent: func(a Answer) Intent { return Explain{Row: incident.RowListings, Word: a.Text} }}, about)
}
