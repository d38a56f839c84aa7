package steps

import (
	"context"
	"fmt"

	"delist/steps/incident"
)

// NodesWord has to be typed before messages are moved in a spool that other servers may use.
const NodesWord = "every node"

// NodesOpen says why other servers may write to this spool, as long as the operator has not confirmed that mail is
// stopped on all of them; empty when nothing has to be confirmed.
func (s *State) NodesOpen() string {
	if !s.Incident.NodesStopped.IsZero() || s.Incident.Mode.DryRun {
		return ""
	}
	return s.Live.Shared
}

// nodesRefusal is why the spool in use may not be worked on yet.
func (s *State) nodesRefusal() string {
	if ground := s.NodesOpen(); ground != "" {
		return fmt.Sprintf("other servers may use this spool, too: %s; stop mail on every node, then confirm that", ground)
	}
	return ""
}

// nodesAction is offered first in Purge, where it is needed.
func (s *State) nodesAction(about Answer) Action {
	return s.offer(Action{
		ID: ActNodes, Label: "mail is stopped on every node", Recommended: true, Ask: AskWord, Word: NodesWord,
		Prompt: fmt.Sprintf("Type %q to confirm it:", NodesWord),
		About: fmt.Sprintf("Other servers may use this spool, too: %s. One that still runs would send and change messages while they are moved. "+
			"Stop mail on each of them first. Your word holds until mail is started again.", s.NodesOpen()),
		Intent: func(a Answer) Intent { return ConfirmNodes{Word: a.Text} },
	}, about)
}

func (ConfirmNodes) act(_ context.Context, r *Runbook) error {
	return r.record(incident.NodesConfirmed{Ground: r.State().Live.Shared})
}

func (in ConfirmNodes) refusal(s *State) string {
	switch {
	case s.NodesOpen() == "":
		return "nothing has to be confirmed: no other server is known to use this spool, or you have confirmed it"
	case s.Live.Service.State != ServiceStopped:
		return "mail is not seen stopped on this server; do Stop first"
	case in.Word != NodesWord:
		return fmt.Sprintf("type exactly %q to go on", NodesWord)
	}
	return ""
}

// shared asks whether other servers may use the spool, and on what ground; empty when none does.
func shared(h Hands) string {
	if h.Shared == nil || h.Spool == nil {
		return ""
	}
	if yes, ground := h.Shared(h.Spool.Root()); yes {
		return ground
	}
	return ""
}
