package steps

import (
	"context"

	"delist/checks/identity"
	"delist/steps/incident"
)

// heloAction holds the HELO that a listing's page shows against this server's own.
func (s *State) heloAction(about Answer) Action {
	if l := s.heloListing(about); l != nil {
		about.IP, about.List = l.IP, l.List
	}
	return s.offer(Action{ID: ActHELO, Label: "compare the HELO", Ask: AskText, Prompt: "The HELO that the page of " + orList(about.List) + " shows:",
		About:  "Some lists show the name that was said in HELO when the spam came. It tells whether the mail server sent it, or something else behind the same address.",
		Intent: func(a Answer) Intent { return CompareHELO{IP: about.IP, List: about.List, Heard: a.Text} }}, about)
}

func orList(list string) string {
	if list == "" {
		return "the list"
	}
	return list
}

// heloListing is the listing that an answer is about, else the first that accuses.
func (s *State) heloListing(about Answer) *incident.Listing {
	if l := s.Incident.Listing(about.IP, about.List); l != nil {
		return l
	}
	for _, l := range s.Incident.Worklist() {
		if l.Accuses() {
			return &l
		}
	}
	return nil
}

func (in CompareHELO) refusal(s *State) string {
	if s.Incident.Listing(in.IP, in.List) == nil {
		return "no list has this server, so there is no page to look at"
	}
	if _, ok := identity.ReadHELO(in.Heard); !ok {
		return "that is no host name, and no address in brackets; paste only the HELO that the page shows, such as mail.example.com"
	}
	return ""
}

func (in CompareHELO) act(_ context.Context, r *Runbook) error {
	s := r.State()
	heard, _ := identity.ReadHELO(in.Heard)
	own, others := s.Settings.HELO, []string{s.Incident.Host}
	if known := s.Incident.Identity; known != nil {
		if own == "" {
			own = known.HELO
		}
		for _, f := range known.Findings {
			if f.About == identity.OfPTR || f.About == identity.OfForward {
				others = append(others, f.Name)
			}
		}
	}
	return r.record(incident.HELOHeard{IP: in.IP, List: in.List, Seen: identity.CompareHELO(heard, own, others...)})
}
