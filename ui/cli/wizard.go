package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"delist/spool/message"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/service"
	"delist/steps/words"
)

// wizard leads through an incident on this server.
func (p *program) wizard(ctx context.Context, o options, takeOver bool, again string) error {
	if !p.env.Terminal && !o.plain {
		return usage("the wizard needs a terminal: start it in one, or with --plain, which reads answers from standard input; `delist --help` lists the commands for scripts")
	}
	s := p.detect(ctx, o)
	if err := p.confirm(o, &s); err != nil {
		return err
	}
	open, err := p.chooseIncident(o, s, takeOver)
	if err != nil {
		return err
	}
	if open != nil {
		p.keepAddresses(s, open.inc)
	} else if err := p.askAddress(ctx, &s); err != nil {
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
	session, err := p.enter(o, s, open, h, f, settings)
	if err != nil {
		return errors.Join(err, closeSpool(h))
	}
	return p.play(ctx, o, session, again)
}

// chooseIncident is the open incident on this spool that the operator goes on with; nil for a new one.
func (p *program) chooseIncident(o options, s server, takeOver bool) (*found, error) {
	if s.spool.value == "" {
		return nil, nil
	}
	open, ok := p.openOn(o, whole(s.spool.value), o.mode())
	if !ok {
		return nil, nil
	}
	if err := p.claim(open, takeOver); err != nil {
		return nil, err
	}
	waits := fmt.Sprintf("incident %s waits", open.inc.ID)
	p.note("Incident %s is open on this spool since %s, at %s, by %s.", open.inc.ID,
		open.inc.Opened.Local().Format("Mon 2 Jan 15:04 MST"), open.inc.Current(), message.Printable(open.inc.Operator))
	question := "Go on with it?"
	if down := open.inc.MailDown; !down.IsZero() {
		since := fmt.Sprintf("MAIL IS DOWN since %s", words.Clock(down, p.env.Clock()))
		question = since + ". " + question
		waits += ", and " + since
	}
	if p.questions().goOn(question) {
		return &open, nil
	}
	if !p.questions().yes("Leave it as it is, and open a new incident beside it?") {
		return nil, badNews("nothing was opened; %s: start delist again to go on with it", waits)
	}
	return nil, nil
}

// keepAddresses says which addresses an incident goes on with: those that it began with.
func (p *program) keepAddresses(s server, inc incident.Incident) {
	switch {
	case len(inc.Addresses) == 0:
		p.note("Incident %s knows no address, so no list is asked in it; `%s` asks them.", inc.ID, p.commandLine("check", "ADDRESS"))
	case len(s.addresses) > 0 && !slices.Equal(s.addresses, inc.Addresses):
		p.note("Incident %s goes on with the address it began with: %s.", inc.ID, join(inc.Addresses))
	}
}

// enter goes on with the incident that was chosen, or opens a new one.
func (p *program) enter(o options, s server, open *found, h steps.Hands, f *feed, settings steps.Settings) (*session, error) {
	if open != nil {
		if err := mailHere(h, open.inc.ID, open.inc.MailDown); err != nil {
			return nil, err
		}
		h.Beside = p.beside(o, s.spool.value, open.dir)
		return p.resume(*open, h, f, settings)
	}
	id, dir, err := p.newIncidentDir(o)
	if err != nil {
		return nil, err
	}
	h.Beside = p.beside(o, s.spool.value, dir)
	if other := h.Beside(); other != nil {
		p.note("%s", words.Sentence(other.String()))
		if err := mailHere(h, other.ID, other.MailDown); err != nil {
			return nil, err
		}
	}
	return p.begin(id, dir, o.mode(), s, h, f, settings)
}

// mailHere refuses "there is no mail service" beside an incident in which mail is down.
func mailHere(h steps.Hands, id string, down time.Time) error {
	if _, none := h.Service.(service.None); none && !down.IsZero() {
		return usage("mail is down in incident %s, and --service none says that there is no mail service: start delist without it, or with the service's name", id)
	}
	return nil
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
