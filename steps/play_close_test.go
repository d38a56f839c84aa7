package steps_test

import (
	"fmt"
	"time"

	"delist/spool/quarantine"
	"delist/steps"
)

// finish lets the server behave, and goes on with Enter and honest answers until the incident is closed.
func (g *game) finish() error {
	g.letLook()
	g.behave()
	for what := range g.blind {
		g.behold(what, false)
	}
	const most, waits = 80, 60
	for acts, waited := 0, 0; acts < most && waited < waits; {
		s := g.rb.State()
		if !s.Incident.Closed.IsZero() {
			return g.nothingLost(&s)
		}
		before, lines := time.Now(), len(g.lines)
		if err := g.enter(s.Incident.Current()); err != nil {
			return err
		}
		if len(g.lines) == lines && time.Since(before) > 0 {
			waited++
		} else {
			acts, waited = acts+1, 0
			time.Sleep(3 * time.Second) // an operator reads what came of it
		}
		if err := g.check(); err != nil {
			return err
		}
	}
	s := g.rb.State()
	w := s.Waiting()
	return fmt.Errorf("Enter does not lead to Close; it stands at %s, %+v; %s; watched %+v; spool %q, api %v %q, service %s %s", s.Incident.Current(),
		s.Incident.Steps[s.Incident.Current()], w.Say(), s.Live.Watched, s.Live.SpoolErr, s.Live.APIReady, s.Live.APIErr, s.Live.Service.State, s.Live.Service.Detail)
}

// places are where messages lie.
func (g *game) places() map[string]string {
	places := map[string]string{"spool": g.root}
	for _, p := range g.inc.Purges {
		if p.Dir != "" {
			places["quarantine"] = quarantine.Files(p.Dir)
		}
	}
	if g.inc.Aside.Dir != "" {
		places["outside"] = g.inc.Aside.Dir
	}
	return places
}

// nothingLost: each good message was delivered once, or lies where it is named.
func (g *game) nothingLost(s *steps.State) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	places := g.places()
	held := map[string]bool{}
	for _, h := range s.Live.Held {
		held[string(h.ID)] = true
	}
	for _, m := range g.mails {
		switch at := g.where(places, m); {
		case len(at) == 0 && s.Incident.Deleted == 0:
			return fmt.Errorf("%s is lost: neither delivered nor in %v", m.id, places)
		case len(at) > 1:
			return fmt.Errorf("%s is in %v", m.id, at)
		case len(at) == 1 && at[0] == "quarantine" && !held[string(m.id)]:
			return fmt.Errorf("%s is in quarantine, and not named there", m.id)
		}
	}
	return nil
}
