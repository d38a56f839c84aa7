package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"delist/checks/bounce"
	"delist/checks/resolver"
	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/mailbox"
	"delist/steps/report"
	"delist/steps/service"
	"delist/steps/words"
)

// session is a runbook with everything that it holds open.
type session struct {
	*steps.Runbook
	feed  *feed
	spool *spool.Spool // nil where there is none
	id    string
	dir   string

	scratch string // a folder to remove at the end, empty for none
}

// close ends the runbook, which waits for what runs, and gives the spool back.
func (s *session) close() error {
	err := s.Runbook.Close()
	if s.spool != nil {
		err = errors.Join(err, s.spool.Close())
	}
	if s.scratch != "" {
		err = errors.Join(err, os.RemoveAll(s.scratch))
	}
	return err
}

// maxPreview bounds what is read of one message, in bytes.
const maxPreview = 1 << 20

// Preview reads one message of the spool, or of the quarantine, which is laid out like one.
func (s *session) Preview(_ context.Context, id spool.ID) (message.View, error) {
	from := s.Spool()
	if from == nil {
		return message.View{}, errors.New("there is no spool to read the message from; name it with --spool")
	}
	view, err := preview(from, id)
	dir := quarantineOf(s.State().Incident)
	if !errors.Is(err, fs.ErrNotExist) || dir == "" {
		return view, err
	}
	held, heldErr := steps.OpenQuarantined(dir)
	if heldErr != nil {
		return view, err
	}
	defer held.Close()
	return preview(held, id)
}

func preview(from *spool.Spool, id spool.ID) (message.View, error) {
	f, err := from.OpenEML(id)
	if err != nil {
		return message.View{}, err
	}
	defer f.Close()
	return message.Read(f, maxPreview)
}

// ReadHeld reads some of the messages in the quarantine.
func (s *session) ReadHeld(ctx context.Context, ids []spool.ID) (*spool.Snapshot, error) {
	return steps.ReadQuarantined(ctx, quarantineOf(s.State().Incident), ids)
}

// SearchHeld names the messages in the quarantine that match a query.
func (s *session) SearchHeld(ctx context.Context, text string) (map[spool.ID]bool, error) {
	query, err := spool.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	return steps.SearchQuarantined(ctx, quarantineOf(s.State().Incident), query, nil)
}

// KeepText keeps a text in the incident's folder, for its owner's eyes only, and says where.
func (s *session) KeepText(_ context.Context, name, text string) (string, error) {
	path := filepath.Join(s.dir, filepath.Base(name))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("the text could not be written: %w", err)
	}
	return path, nil
}

// hands puts together what the runbook sees and acts with on this server.
func (p *program) hands(o options, s server, boxes steps.Mailboxes, f *feed) (steps.Hands, error) {
	svc, err := service.New(s.service.value, service.Options{})
	if err != nil {
		return steps.Hands{}, usage("%w", err)
	}
	h := steps.Hands{Service: svc, Mailboxes: boxes, NewPassword: mailbox.Generate, ReadBounce: bounce.ReadText,
		Reporter: report.Reporter{Command: p.commandIn(o)}, Listen: f.Hear, Clock: p.env.Clock, Shared: o.shared, Connection: p.env.connection()}
	if s.service.value != service.NameNone { // which says that the mail server is elsewhere
		h.Outbound = p.env.Outbound
	}
	if s.spool.value != "" {
		if !o.dryRun { // without it, opening the spool says what stands in the way
			if err := steps.MendSpool(s.spool.value); err != nil {
				return steps.Hands{}, noAnswer("the spool was set aside, and the empty one could not be put in its place: %w", err)
			}
		}
		if h.Spool, err = spool.Open(s.spool.value); err != nil {
			return steps.Hands{}, usage("%w", err)
		}
	}
	if err := p.addLists(&h, o); err != nil {
		return steps.Hands{}, err
	}
	if o.dryRun {
		h.Service = steps.NewDryService(h.Service)
		h.Mailboxes = steps.DryMailboxes{Mailboxes: h.Mailboxes, Say: f.say}
	}
	return h, nil
}

// addLists gives the runbook the blocklists, and the eyes for this server's own identity. Without a resolver it goes on: stopping the spam does not need one.
func (p *program) addLists(h *steps.Hands, o options) error {
	catalogue, err := o.newCatalogue()
	if err != nil {
		return err
	}
	client, err := o.newResolver()
	if err != nil {
		p.note("%s", sentence(err))
		client = resolver.New(nil, resolver.Options{})
	}
	l := &lists{client: client, catalogue: catalogue, clock: p.env.Clock}
	h.Lists, h.Preflight, h.Identity = l, l.Preflight, p.identityChecker(client, l)
	return nil
}

// shared reports whether other servers may use a spool, and on what ground.
func (o *options) shared(root string) (bool, string) {
	if o.failover {
		return true, "the configuration says failover = true"
	}
	return spool.IsNetworkShare(root)
}

// settings are the runbook's for a real server.
func (p *program) settings(o options) steps.Settings {
	s := steps.DefaultSettings()
	s.VerifyWait = cmp.Or(o.verifyWait, s.VerifyWait)
	s.WatchRestart = cmp.Or(o.watchRestart, s.WatchRestart)
	s.BusyPerHour = cmp.Or(o.busyPerHour, s.BusyPerHour)
	s.BacklogMessages = cmp.Or(o.backlogMessages, s.BacklogMessages)
	s.BacklogShare = cmp.Or(o.backlogShare, s.BacklogShare)
	s.Command, s.Config = p.commandIn(o), p.defaultConfig()
	if p.given.config != "" {
		s.Config = whole(p.given.config)
	}
	s.QuarantineDir, s.OtherVolume, s.HELO = o.quarantineDir, o.otherVolume, o.helo
	return s
}

// mode is how much of what delist does is real.
func (o *options) mode() incident.Mode { return incident.Mode{DryRun: o.dryRun, ReadOnly: o.readOnly} }

// opened is the first record of an incident on a server.
func opened(id string, mode incident.Mode, s server, h steps.Hands) incident.Opened {
	return incident.Opened{ID: id, Mode: mode, Host: hostname(), Spool: s.spool.value, Logs: s.logs.value, Service: h.Service.Name(),
		Mailboxes: h.Mailboxes.Name(), Addresses: s.addresses}
}

// begin opens a new incident.
func (p *program) begin(id, dir string, mode incident.Mode, s server, h steps.Hands, f *feed, settings steps.Settings) (*session, error) {
	if h.Spool != nil {
		s.spool.value = h.Spool.Root()
	}
	rb, err := steps.Begin(dir, opened(id, mode, s, h), started(), p.env.operator(), h, settings)
	if err != nil {
		return nil, noAnswer("the incident could not be opened: %w; name another folder with --incidents", err)
	}
	return &session{Runbook: rb, feed: f, spool: h.Spool, id: id, dir: dir}, nil
}

// resume goes on with an incident.
func (p *program) resume(i found, h steps.Hands, f *feed, settings steps.Settings) (*session, error) {
	start := started()
	start.Known = i.inc.Epoch
	rb, err := steps.Resume(i.dir, start, p.env.operator(), h, settings)
	if err != nil {
		if errors.Is(err, steps.ErrTakenOver) {
			return nil, badNews("incident %s was started on by somebody else meanwhile: run the same command again", i.inc.ID)
		}
		return nil, noAnswer("incident %s could not be resumed: %w", i.inc.ID, err)
	}
	return &session{Runbook: rb, feed: f, spool: h.Spool, id: i.inc.ID, dir: i.dir}, nil
}

// ready waits until the service and the spool were looked at for the first time, and the SMTP log was asked who sent what
// that could not name. It says on w how far the look is. That mail is seen stopped is in the record by then: once it is,
// what was searched before counts no more.
func (s *session) ready(ctx context.Context, w io.Writer) error {
	began := time.Now()
	var told time.Time // until when the record is waited for, once the service was seen
	tell := progressTo(w, "reading the spool")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		state := s.State()
		live := state.Live
		seen := !live.Service.At.IsZero() || live.ServiceErr != ""
		if seen && told.IsZero() {
			told = time.Now().Add(recordWait)
		}
		seen = seen && (!stopUntold(&state) || time.Now().After(told))
		switch {
		case live.SpoolErr != "":
			return noAnswer("%s", message.Printable(live.SpoolErr))
		case seen && (s.spool == nil || live.Spool != nil && !live.Naming && (!live.Spool.HalfWritten() || time.Since(began) > halfWait)):
			return nil
		case live.Scanning != nil:
			tell(*live.Scanning)
		}
		select {
		case <-ctx.Done():
			return unfinished("stopped while the spool was read; run the same command again")
		case <-tick.C:
		}
	}
}

// halfWait is how long a command waits for envelopes that may be half written: the next look at the spool tells.
const halfWait = 10 * time.Second

// recordWait is how long a command waits for the record of what was seen, which may not be to be had.
const recordWait = 10 * time.Second

// stopUntold says that mail is seen stopped, and that the record is about to say so.
func stopUntold(s *steps.State) bool {
	inc := &s.Incident
	return s.Live.Service.State == steps.ServiceStopped && s.Live.Control != steps.NoService && inc.MailDown.IsZero() && inc.Closed.IsZero() && !inc.Mode.DryRun
}

// still refuses where files may not be moved now.
func (s *session) still() error {
	live := s.State().Live
	if live.Service.State == steps.ServiceStopped {
		return nil
	}
	if live.ServiceErr != "" {
		return noAnswer("nobody can see whether mail is stopped: %s; stop it, and say --service by-hand", message.Printable(live.ServiceErr))
	}
	return badNews("mail is %s; files are moved only while it is stopped: stop it first, or use the wizard: delist", live.Service.State)
}

// confirmByHand takes the operator's word that mail is stopped, where delist does not control the service.
func (p *program) confirmByHand(h steps.Hands) error {
	c, ok := h.Service.(steps.Confirmer)
	if !ok || !h.Service.ByHand() {
		return nil
	}
	if !p.questions().yes("Is SmarterMail's service stopped, and does nothing else write to the spool?") {
		return badNews("files are moved only while mail is stopped; stop it and answer y, or give --service none where nothing writes to this spool")
	}
	c.Confirm(steps.Word{State: steps.ServiceStopped, Said: time.Now()})
	return nil
}

// confirmNodes takes the typed word that a spool needs that other servers may use: mail has to be stopped on all of them.
func (p *program) confirmNodes(ctx context.Context, s *session) error {
	state := s.State()
	ground := state.NodesOpen()
	if ground == "" {
		return nil
	}
	if !p.questions().typed(fmt.Sprintf("Other servers may use the spool %s, too: %s. Before messages are moved, mail has to be stopped on every node.",
		message.Printable(s.spool.Root()), ground), steps.NodesWord) {
		return badNews("a spool that other servers may use is only worked on when mail is stopped on every node; stop it there first, or use --read-only or --spool on a copy")
	}
	return s.Do(ctx, steps.ConfirmNodes{Word: steps.NodesWord})
}

// howToGoOn is the line that ends a session.
func (s *session) howToGoOn(command string) string {
	inc := s.State().Incident
	if !inc.Closed.IsZero() {
		return fmt.Sprintf("Incident %s is closed. The report: %s", s.id, inc.ReportAt)
	}
	state := s.State()
	return words.JoinBy(" ", fmt.Sprintf("Incident %s is open, at %s.", s.id, inc.Current()), state.Gone(), "To go on: "+command)
}
