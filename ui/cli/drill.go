package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"delist/checks/bounce"
	"delist/checks/identity"
	"delist/checks/resolver"
	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/drill"
	"delist/steps/incident"
	"delist/steps/mailbox"
	"delist/steps/report"
	"delist/steps/service"
)

type drillOptions struct {
	auto     bool
	seed     uint64
	keep     string
	messages int
	pace     float64
	scenario string
	byHand   bool // the operator stops and starts the practice mail service, and changes the password
}

func (p *program) drillCommand() *cobra.Command {
	var o drillOptions
	cmd := command("drill", "Practise: the wizard on a server made for it",
		`Makes a practice server in a folder of its own and on this machine only: a spool full of spam, a mail service, blocklists
that list it. Everything you do there is done by the same code as on a real server, and has its consequences. Waiting
times are shortened. Without a terminal the drill plays through by itself. With --service by-hand you stop and start the
practice mail service yourself, and change the password, with the commands below, in another window. With --scenario
direct nobody's password was stolen: a program on the server sends past the mail service. Find it, and end it: as on a
real server, or with end-program.`,
		"the drill could not be finished", noWords)
	flags := cmd.Flags()
	flags.BoolVar(&o.auto, "auto", false, "play the drill through by itself, one line an event")
	flags.Uint64Var(&o.seed, "seed", rand.Uint64N(100_000), "the `NUMBER` that makes the same drill again; else each is another")
	flags.Lookup("seed").DefValue = "0" // else the help would change each time
	flags.StringVar(&o.keep, "keep", "", "keep the drill in this `FOLDER`, and go on with the one that is there")
	flags.IntVar(&o.messages, "messages", 0, "the `NUMBER` of messages in the spool (3912)")
	flags.Float64Var(&o.pace, "pace", 0, "multiply every waiting time by this `FACTOR`; 1 is usual, 0.1 ten times as fast")
	flags.StringVar(&o.scenario, "scenario", scenarioStolen, "what has happened: `NAME` is stolen (a mailbox was) or direct (a program sends past the mail service)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.scenario != scenarioStolen && o.scenario != scenarioDirect {
			return usage("--scenario %s is none; choose %s or %s", message.Printable(o.scenario), scenarioStolen, scenarioDirect)
		}
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		if o.messages < 0 || o.pace < 0 || o.pace > 100 {
			return usage("--messages cannot be negative, and --pace lies between 0 and 100; leave them out for the usual drill")
		}
		o.byHand = cmd.Flags().Changed("service") && settings.service == service.NameByHand // not what is configured for the real server
		if o.byHand && p.playsItself(settings, o) {
			return errNoHands
		}
		return p.drill(cmd.Context(), settings, o)
	}
	cmd.AddCommand(p.drillHands()...)
	return cmd
}

// What has happened on the practice server.
const (
	scenarioStolen = "stolen"
	scenarioDirect = "direct"
)

// errNoHands refuses to play by itself what only hands can do.
var errNoHands = usage("a drill by hand needs you: open it in a terminal, or with --plain, and without --auto")

// playsItself says that nobody is there to play the drill.
func (p *program) playsItself(o options, d drillOptions) bool {
	return d.auto || !p.env.Terminal && !o.plain
}

// practiceService is the hidden command of the practice server's child.
const practiceService = "practice-service"

func (p *program) drillChildCommand() *cobra.Command {
	return &cobra.Command{
		Use: practiceService, Hidden: true, DisableFlagParsing: true, Short: "The mail service of a drill",
		RunE: func(cmd *cobra.Command, args []string) error {
			return drill.Child(cmd.Context(), args, p.env.Stdin, p.env.Stdout)
		},
	}
}

// drill plays a drill: by itself, or with the operator.
func (p *program) drill(ctx context.Context, o options, d drillOptions) error {
	e := &exercise{program: p, options: o, drillOptions: d, feed: &feed{}, dir: d.keep}
	if e.dir == "" { // not where a drill is named: it may be one that was killed
		if err := drill.RemoveAbandoned(os.TempDir(), p.env.Clock()); err != nil {
			p.note("%s", sentence(err)) // no reason not to practise
		}
		var err error
		if e.dir, err = os.MkdirTemp("", drill.TempPattern); err != nil {
			return noAnswer("no folder for the drill: %w; name one with --keep", err)
		}
	}
	if e.options.incidents == "" {
		e.options.incidents = filepath.Join(e.dir, incidentsFolder)
	}
	var err error
	if e.kept, err = e.unfinished(); err != nil { // said before the screens start, which would only stay empty
		return err
	}
	if p.playsItself(o, d) {
		return e.alone(ctx)
	}
	return e.withOperator(ctx)
}

// exercise is one drill under way.
type exercise struct {
	*program
	options
	drillOptions
	feed *feed

	dir      string // all of the drill lies here
	kept     *found // the unfinished one to go on with, nil for a new one
	practice *drill.Practice
	session  *session
}

// incidentsFolder keeps the incidents of a drill, in the drill's own folder.
const incidentsFolder = "incidents"

// open makes the practice server and the runbook on it, or takes up those that were kept.
func (e *exercise) open(ctx context.Context) error {
	exe, err := e.env.Executable()
	if err != nil {
		return noAnswer("this program's own file cannot be found, and the practice server needs it: %w; start delist by its full path", err)
	}
	e.practice, err = drill.Start(ctx, drill.Options{Dir: e.dir, Seed: e.seed, Messages: e.messages, Pace: e.pace,
		ByHand: e.byHand, Direct: e.scenario == scenarioDirect, Exe: []string{exe, practiceService}})
	if err != nil {
		return stoppedOr(ctx, noAnswer("%w; look at the folder and at the disk, and start the drill again", err))
	}
	if e.practice.ByHand && e.playsItself(e.options, e.drillOptions) {
		return errNoHands // it was begun by hand
	}
	h, err := e.hands()
	if err != nil {
		return err
	}
	if e.kept != nil {
		e.session, err = e.resume(*e.kept, h, e.feed, e.settings())
	} else {
		err = e.beginDrill(h)
	}
	if err != nil {
		return errors.Join(err, closeSpool(h))
	}
	e.session.Start()
	return nil
}

// unfinished finds the incident of a kept drill; nil when the folder holds none.
func (e *exercise) unfinished() (*found, error) {
	for _, i := range e.listIncidents(e.options) {
		switch {
		case !e.owns(i):
			continue // --incidents may keep those of other drills and of real servers, too
		case i.err != nil:
			return nil, noAnswer("%w", i.err)
		case !i.inc.Mode.Drill:
			continue
		case !i.inc.Closed.IsZero():
			return nil, usage("the drill in %s is finished, its report is %s; give an empty folder for a new one", e.dir, i.inc.ReportAt)
		}
		return &i, e.claim(i, false)
	}
	return nil, nil
}

// owns says whether an incident is this drill's: it is kept in the drill's own folder, or happened on its server.
func (e *exercise) owns(i found) bool {
	if sameFolder(filepath.Dir(i.dir), filepath.Join(e.dir, incidentsFolder)) {
		return true
	}
	server := drill.ServerIn(e.dir)
	if _, err := os.Stat(server); err != nil || i.inc.Spool == "" {
		return false // a new folder, whatever one of its name held before
	}
	return sameFolder(filepath.Dir(i.inc.Spool), server) // not the spool, which may just be set aside
}

// hands are those of a real server, with the practice server's service, API, resolver and spool.
func (e *exercise) hands() (steps.Hands, error) {
	o := e.options
	o.resolver = resolver.Server{Addr: e.practice.Resolver}.String()
	boxes, err := mailbox.NewREST(mailbox.Options{URL: e.practice.APIURL, Admin: e.practice.AdminUser, Password: e.practice.AdminPassword})
	if err != nil {
		return steps.Hands{}, err
	}
	h := steps.Hands{Service: e.practice.Service(), Mailboxes: boxes, NewPassword: mailbox.Generate, ReadBounce: bounce.ReadText,
		Reporter: report.Reporter{Command: e.commandIn(e.options)}, Listen: e.hear, Clock: e.env.Clock}
	if h.Spool, err = spool.Open(e.practice.SpoolDir); err != nil {
		return steps.Hands{}, err
	}
	if err := e.addLists(&h, o); err != nil {
		return steps.Hands{}, errors.Join(err, h.Spool.Close())
	}
	seer := e.identityChecker(resolver.New([]resolver.Server{{Addr: e.practice.Resolver}}, resolver.Options{}), h.Lists)
	seer.Sources, seer.SMTP = []identity.Source{e.practice.AddressSource()}, "" // nothing of this machine has a part in a drill
	h.Identity = seer
	if h.Outbound, err = e.practice.Outbound(); err != nil {
		return steps.Hands{}, errors.Join(err, h.Spool.Close())
	}
	e.readLogs(&h, e.practice.LogsDir)
	if e.practice.ByHand {
		h.Service, h.Mailboxes = service.NewByHand(h.Service.Name(), e.mailPort), mailbox.ByHand{}
	}
	if o.dryRun {
		h.Service = steps.NewDryService(h.Service)
		h.Mailboxes = steps.DryMailboxes{Mailboxes: h.Mailboxes, Say: e.feed.say}
	}
	return h, nil
}

// mailPort is what answers of the practice server's mail ports: it has one.
func (e *exercise) mailPort(ctx context.Context) []string {
	if port := e.practice.MailPort.String(); service.Answers(ctx, port) {
		return []string{"the practice server's mail port (" + port + ")"}
	}
	return nil
}

// settings are the practice server's.
func (e *exercise) settings() steps.Settings {
	s := e.practice.Settings()
	s.Command = e.commandIn(e.options)
	if e.practice.ByHand {
		inOther := func(words ...string) string {
			return "On this practice server, in another window: " + e.commandLine(append(append([]string{"drill"}, words...), "--keep", e.practice.Dir)...)
		}
		s.HowTo = steps.HowTo{Stop: inOther("stop-mail"), Start: inOther("start-mail"),
			Password: inOther("set-password", drill.StolenAccount) + "\nThen, to end what is still connected: " + e.commandLine("drill", "end-sessions", drill.StolenAccount, "--keep", e.practice.Dir)}
	}
	if e.practice.Direct {
		s.HowTo.EndProgram = e.commandLine("drill", "end-program", "--keep", e.practice.Dir)
	}
	return s
}

// beginDrill opens the drill's incident.
func (e *exercise) beginDrill(h steps.Hands) error {
	id, dir, err := e.newIncidentDir(e.options)
	if err != nil {
		return err
	}
	mode := e.mode()
	mode.Drill, mode.Passing = true, e.keep == ""
	fact := incident.Opened{ID: id, Mode: mode, Host: drill.ServerName, Spool: h.Spool.Root(), Logs: e.practice.LogsDir,
		Service: h.Service.Name(), Mailboxes: h.Mailboxes.Name(), Addresses: []netip.Addr{e.practice.IP}}
	rb, err := steps.Begin(dir, fact, started(), e.env.operator(), h, e.settings())
	if err != nil {
		return err
	}
	e.session = &session{Runbook: rb, feed: e.feed, spool: h.Spool, id: id, dir: dir}
	return nil
}

// hear tells the practice server's lists when one of them was asked for removal, and passes the event on.
func (e *exercise) hear(event steps.Event) {
	if event.Record != nil {
		if fact, ok := event.Record.Fact.(incident.ListingChanged); ok && fact.State == incident.ListingAsked && fact.Zone != "" {
			if err := e.practice.Requested(fact.Zone); err != nil {
				e.feed.say(sentence(err))
			}
		}
	}
	e.feed.Hear(event)
}

// command is how the operator comes back to this drill.
func (e *exercise) command() string {
	o := e.options
	if o.incidents == filepath.Join(e.dir, incidentsFolder) {
		o.incidents = "" // found by --keep
	}
	return e.commandIn(o)("drill", "--keep", whole(e.dir))
}

// headline begins a drill that is told line by line.
const headline = "DRILL: this is a practice server. Waiting times are shortened. Nothing outside it is touched."

// alone plays the drill through by itself and says one line an event.
func (e *exercise) alone(ctx context.Context) error {
	out := e.env.Stdout
	fmt.Fprintln(out, headline)
	e.feed.attach(func(event steps.Event) {
		if event.Record == nil {
			return
		}
		if _, quiet := event.Record.Fact.(incident.Intended); !quiet {
			fmt.Fprintf(out, "%s  %s\n", event.Record.At.Local().Format("15:04:05"), message.Printable(event.Record.Fact.Say()))
		}
	})
	err := e.open(ctx)
	if err == nil {
		choices := drill.Choices{Bounce: drill.BounceText}
		if e.practice.Direct {
			choices.EndProgram = e.practice.EndProgram
		}
		err = drill.Auto(ctx, e.session, choices, func(string) {})
	}
	return e.end(stoppedOr(ctx, err))
}

// end closes everything and names the report, or how to go on. A drill that was not to be kept is kept all the same
// until it is finished; then only its record stays, so that the report can be read.
func (e *exercise) end(err error) error {
	if e.session == nil {
		return e.cleanUp(err, e.keep != "")
	}
	inc := e.session.State().Incident
	err = errors.Join(err, e.session.close())
	if !e.practice.Resumed {
		fmt.Fprintf(e.env.Stdout, "The same drill again: %s\n", e.sameAgain())
	}
	if !inc.Closed.IsZero() {
		fmt.Fprintf(e.env.Stdout, "The drill is finished. The report: %s\n", inc.ReportAt)
		return e.cleanUp(err, !inc.Mode.Passing)
	}
	fmt.Fprintf(e.env.Stdout, "The drill is at %s. To go on: %s\n", inc.Current(), e.command())
	if err == nil {
		err = silent(Unfinished)
	}
	return e.cleanUp(err, true)
}

// sameAgain is the command that makes this drill once more.
func (e *exercise) sameAgain() string {
	words := []string{"drill", "--seed", fmt.Sprint(e.seed)}
	if e.messages > 0 {
		words = append(words, "--messages", fmt.Sprint(e.messages))
	}
	if e.pace > 0 {
		words = append(words, "--pace", fmt.Sprint(e.pace))
	}
	if e.practice.Direct {
		words = append(words, "--scenario", scenarioDirect)
	}
	if e.practice.ByHand {
		words = append(words, "--service", service.NameByHand)
	}
	return e.commandLine(words...)
}

// cleanUp ends the practice server, and removes what is not to be kept.
func (e *exercise) cleanUp(err error, kept bool) error {
	if e.practice != nil {
		err = errors.Join(err, e.practice.Close())
	}
	if kept {
		return err
	}
	entries, readErr := os.ReadDir(e.dir)
	err = errors.Join(err, readErr)
	for _, entry := range entries {
		if entry.Name() != incidentsFolder {
			err = errors.Join(err, os.RemoveAll(filepath.Join(e.dir, entry.Name())))
		}
	}
	_ = os.Remove(e.dir) // stays where it holds a record
	return err
}
