package steps

import (
	"context"
	"fmt"
	"strings"

	"delist/steps/words"
)

// The checks of the service, of the API and of this session.

// stopper is the service that would really be stopped; a dry run only stands before it.
func (p *Preparation) stopper() (Stopper, string) {
	svc := p.Hands.Service
	if dry, ok := svc.(*DryService); ok {
		svc = dry.Service
	}
	if svc == nil || svc.ByHand() {
		return nil, "" // the operator stops it
	}
	stopper, _ := svc.(Stopper)
	return stopper, svc.Name()
}

// mayStop asks whether the service can be stopped from here.
func (p *Preparation) mayStop(ctx context.Context) Readiness {
	svc, name := p.stopper()
	if svc == nil {
		return Readiness{}
	}
	state, why, remedy := svc.MayStop(ctx)
	if state == Ready {
		return Readiness{State: Ready, Sentence: fmt.Sprintf("delist may stop %s.", name)}
	}
	verb := "cannot be stopped from here"
	if state == NotKnown {
		verb = "can perhaps not be stopped from here"
	}
	return Readiness{State: state, Sentence: fmt.Sprintf("%s %s: %s.", name, verb, why), Remedy: remedy}
}

// startsAgain asks what would start mail again while it is to be down.
func (p *Preparation) startsAgain(ctx context.Context) Readiness {
	svc, name := p.stopper()
	if svc == nil {
		return Readiness{}
	}
	seen, err := svc.StartsAgain(ctx)
	switch {
	case err != nil:
		return Readiness{State: NotKnown, Sentence: fmt.Sprintf("Not known what would start %s again by itself: %v.", name, err)}
	case len(seen) > 0:
		return Readiness{State: Warn, Sentence: fmt.Sprintf("%s may be started again by %s.", name, strings.Join(seen, ", ")),
			Remedy: "Switch that off until Restart; delist notices when mail runs again."}
	}
	return Readiness{State: NotKnown, Sentence: fmt.Sprintf("Nothing is seen that would start %s again, but a monitoring program or a control panel cannot be seen from here.", name),
		Remedy: "Pause those that watch this server until Restart; delist notices when mail runs again."}
}

// letsIn asks whether the API lets the administrator in, and what it says if not.
func (p *Preparation) letsIn(ctx context.Context) Readiness {
	boxes := p.Hands.Mailboxes
	if boxes == nil || boxes.ByHand() {
		return Readiness{}
	}
	err := boxes.Ready(ctx)
	if err == nil {
		return Readiness{State: Ready, Sentence: boxes.Name() + " lets delist in."}
	}
	if p.Hands.Service != nil {
		if report, lookErr := p.Hands.Service.Look(ctx); lookErr == nil && report.State == ServiceStopped {
			return Readiness{State: NotKnown, Sentence: boxes.Name() + " answers only while mail runs, so whether it lets delist in is not known."}
		}
	}
	if ctx.Err() != nil {
		return Readiness{State: NotKnown, Sentence: fmt.Sprintf("%s gave no answer in %s.", boxes.Name(), words.Span(readyLimit)), Remedy: withoutAPI}
	}
	return Readiness{State: NotReady, Sentence: fmt.Sprintf("%s does not let delist in: %v.", boxes.Name(), err), Remedy: withoutAPI}
}

// withoutAPI is the way round an API that does not let us in.
const withoutAPI = "Mail can be stopped all the same, and passwords be changed by hand. To have delist change them, start it again with the right --api and --admin."

// session says whether this session ends with its connection.
func (p *Preparation) session(context.Context) Readiness {
	switch p.Hands.Connection {
	case ConnectionLocal:
		return Readiness{State: Ready, Sentence: "You sit at this server's console: no connection can break."}
	case ConnectionKept:
		return Readiness{State: Ready, Sentence: "This session outlives a broken connection."}
	case ConnectionSSH:
		return Readiness{State: Warn, Sentence: "delist ends when this SSH connection breaks, and a new password that waits for Restart is lost with it.",
			Remedy: "Leave, start tmux or screen, and run the same command in it; the incident goes on where it is."}
	case ConnectionRDP:
		return Readiness{State: Warn, Sentence: "delist ends when this remote desktop session is logged off.",
			Remedy: "To go away, close the remote desktop window (disconnect); do not sign out. Some servers log disconnected sessions off by themselves after a time."}
	}
	return Readiness{}
}
