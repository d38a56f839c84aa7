package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"delist/spool/message"
	"delist/steps"
)

// wizard leads through an incident on this server.
func (p *program) wizard(ctx context.Context, o options, takeOver bool, again string) error {
	if !p.env.Terminal && !o.plain {
		return usage("the wizard needs a terminal: start it in one, or with --plain, which reads answers from standard input; `delist --help` lists the commands for scripts")
	}
	s := p.detect(ctx, o)
	if err := p.confirm(&s); err != nil {
		return err
	}
	if err := p.askAddress(ctx, &s); err != nil {
		return err
	}
	boxes, err := p.mailboxes(o, s)
	if err != nil {
		return err
	}
	f := &feed{}
	h, err := p.hands(o, s, boxes, f)
	if err != nil {
		return err
	}
	settings := p.settings(o)
	settings.Earlier = p.earlierRequests(o)
	if s.logs.value != "" {
		p.readLogs(&h, s.logs.value)
	}
	session, err := p.enter(o, s, h, f, settings, takeOver)
	if err != nil {
		return errors.Join(err, closeSpool(h))
	}
	return p.play(ctx, o, session, again)
}

// enter goes on with the open incident on this spool, after asking, or opens a new one.
func (p *program) enter(o options, s server, h steps.Hands, f *feed, settings steps.Settings, takeOver bool) (*session, error) {
	if h.Spool != nil {
		if open, ok := p.openOn(o, h.Spool.Root(), o.mode()); ok {
			if err := p.claim(open, takeOver); err != nil {
				return nil, err
			}
			question := fmt.Sprintf("Incident %s is open on this spool since %s, at %s, by %s. Go on with it?", open.inc.ID,
				open.inc.Opened.Local().Format("Mon 2 Jan 15:04 MST"), open.inc.Current(), message.Printable(open.inc.Operator))
			if p.questions().yes(question) {
				return p.resume(open, h, f, settings)
			}
			if !p.questions().yes("Leave it as it is, and open a new incident beside it?") {
				return nil, badNews("nothing was opened; incident %s waits: start delist again to go on with it", open.inc.ID)
			}
		}
	}
	id, dir, err := p.newIncidentDir(o)
	if err != nil {
		return nil, err
	}
	return p.begin(id, dir, o.mode(), s, h, f, settings)
}

// closeSpool gives back a spool that no session took over.
func closeSpool(h steps.Hands) error {
	if h.Spool == nil {
		return nil
	}
	return h.Spool.Close()
}

// askAddress asks for the address to check, where there is somebody to ask and none was given.
func (p *program) askAddress(ctx context.Context, s *server) error {
	if len(s.addresses) > 0 {
		return nil
	}
	if s.confirmed() {
		p.note("No address is known, so no list is asked; give it with --ip ADDRESS.")
		return nil
	}
	if p.offerAddresses(ctx, s) {
		return nil
	}
	answer, _ := p.questions().line("Which address does this server send mail from, as others see it (empty: do not ask the lists)?")
	if answer == "" {
		return nil
	}
	var err error
	s.addresses, err = parseAddresses([]string{answer}, "the address")
	return err
}

// play runs the wizard on a session until the operator leaves it, and says how to go on.
func (p *program) play(ctx context.Context, o options, s *session, command string) error {
	s.Start()
	shown := p.screens(ctx, o, s, s.feed, command)
	inc := s.State().Incident
	line := s.howToGoOn(command)
	if err := s.close(); err != nil {
		shown = errors.Join(shown, fmt.Errorf("end the incident's record: %w", err))
	}
	p.note("%s", line)
	switch {
	case shown != nil:
		return shown
	case inc.Closed.IsZero():
		return silent(Unfinished)
	}
	return nil
}

func (p *program) wizardCommand(root *cobra.Command) {
	var takeOver bool
	root.Flags().BoolVar(&takeOver, "take-over", false, "take over an incident that another delist works on, after a typed word")
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		return p.wizard(cmd.Context(), o, takeOver, p.again(cmd.Flags(), 0))
	}
}
