package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/mailbox"
)

type quarantineOptions struct {
	query    string
	delete   bool   // query is an incident's name then
	yes      string // "", "yes", or the count
	takeOver bool
	other    bool // may be on another volume
	doubtful bool // also what may be its owner's
	all      bool // all that matches, whoever sent it

	again func(count int) string // the command that goes on
}

func (p *program) quarantineCommand() *cobra.Command {
	var o quarantineOptions
	cmd := command("quarantine {QUERY | --delete INCIDENT}", "Move the messages that match out of the spool",
		`Moves messages that an account sent, and that match, into a quarantine on the same volume. Mail has to be stopped.
With --all-matches it moves all that matches, whoever sent it, such as what a text:"..." finds; then the count is needed.
To another volume they go only with --other-volume: each is copied, synced, compared, and only then removed.
What would be moved is shown first; nothing is moved before you say yes. `+"`delist restore`"+` puts it back.
--delete removes for good what is in an incident's quarantine, after its count is typed; mail may run.

`+queryHelp,
		"nothing matches, or mail is not stopped", orSay(cobra.MinimumNArgs(1), "say which messages to move, such as account:name@domain, or with --delete which incident, such as 7F3A"))
	addYes(cmd, &o.yes, "do not ask; for more than half of the spool and for --delete, the count is needed: --yes=3291")
	cmd.Flags().BoolVar(&o.doubtful, "with-doubtful", false, "also move what may be the account's owner's own mail")
	cmd.Flags().BoolVar(&o.all, "all-matches", false, "move all that matches, also what is only addressed to it or mentions it; the count is needed: --yes=3291")
	cmd.Flags().BoolVar(&o.other, "other-volume", false, "the quarantine, or a folder of the spool, may be on another volume: messages are copied and compared")
	cmd.Flags().BoolVar(&o.takeOver, "take-over", false, "take over an incident that another delist works on, after a typed word")
	cmd.Flags().BoolVar(&o.delete, "delete", false, "remove for good what is in the quarantine of this incident")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.query = strings.Join(args, " ")
		o.again = func(count int) string { return p.again(cmd.Flags(), count, "quarantine", o.query) }
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		settings.otherVolume = settings.otherVolume || o.other
		if o.delete {
			return p.deleteQuarantine(cmd.Context(), settings, o)
		}
		return p.quarantine(cmd.Context(), settings, o)
	}
	return cmd
}

// quarantine moves what matches, by the runbook's own intents.
func (p *program) quarantine(ctx context.Context, o options, q quarantineOptions) (err error) {
	if _, err := parseQuery(q.query); err != nil {
		return err
	}
	if o.readOnly {
		return badNews("delist runs read-only; leave --read-only out to move anything")
	}
	s := p.detect(ctx, o)
	if s.spool.value == "" {
		return usage("no spool was found on this server; name its folder with --spool")
	}
	if err := p.confirm(o, &s); err != nil {
		return err
	}
	session, err := p.openForMoving(o, s, q.takeOver)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.close()) }()
	session.Start()
	if err := session.ready(ctx, p.env.Stderr); err != nil {
		return err
	}
	if !o.dryRun {
		if err := session.still(); err != nil {
			return err
		}
		if err := p.confirmNodes(ctx, session); err != nil {
			return err
		}
	}
	if err := p.plan(ctx, session, q); err != nil {
		return err
	}
	view := session.State().Live.Plan
	p.showPlan(p.env.Stdout, session, view)
	if o.dryRun {
		fmt.Fprintln(p.env.Stdout, "Dry run: nothing was moved.")
		return nil
	}
	count, err := p.agree(q.yes, len(view.Plan.Items), view.Typed() || q.all)
	if err != nil {
		return err
	}
	session.scratch = "" // from here on there is something to go on with
	fmt.Fprintf(p.env.Stdout, "To put them back: %s\n", p.commandIn(o)("restore", session.id, "--plan", view.Plan.ID))
	err = session.telling(ctx, p.env.Stderr, steps.Quarantine{PlanID: view.Plan.ID, Count: count})
	ids := make([]spool.ID, len(view.Plan.Items))
	for i, item := range view.Plan.Items {
		ids[i] = item.ID
	}
	return p.moved(ctx, o, session, q, view.Plan.ID, ids, err)
}

// openForMoving opens the incident that a command acts in: the open one on this spool, else a new one. Neither a dry run
// leaves an incident behind nor a move that was refused before it began.
func (p *program) openForMoving(o options, s server, takeOver bool) (*session, error) {
	f := &feed{}
	h, err := p.hands(o, s, mailbox.ByHand{}, f)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*session, error) { return nil, errors.Join(err, closeSpool(h)) }
	h.Lists, h.Preflight, h.Identity = nil, nil, nil // a command that moves messages asks nobody
	if s.logs.value != "" {
		h.Senders = p.sendersIn(s.logs.value)
	}
	settings := p.settings(o)
	if o.dryRun {
		dir, err := os.MkdirTemp("", "delist-dry-run-*")
		if err != nil {
			return fail(noAnswer("no folder for the dry run: %w; set TMPDIR to one that can be written to", err))
		}
		session, err := p.begin("0000", dir+"/0000", o.mode(), s, h, f, settings)
		if err != nil {
			return fail(errors.Join(err, os.RemoveAll(dir)))
		}
		session.scratch = dir
		return session, nil
	}
	if err := p.confirmByHand(h); err != nil {
		return fail(err)
	}
	var opened *session
	if open, ok := p.openOn(o, h.Spool.Root(), o.mode()); ok {
		if err := p.claim(open, takeOver); err != nil {
			return fail(err)
		}
		p.note("This is done in incident %s, which is open on this spool.", open.inc.ID)
		opened, err = p.resume(open, h, f, settings)
	} else {
		var id, dir string
		if id, dir, err = p.newIncidentDir(o); err == nil {
			if opened, err = p.begin(id, dir, o.mode(), s, h, f, settings); err == nil {
				opened.scratch = dir
			}
		}
	}
	if err != nil {
		return fail(err)
	}
	return opened, nil
}

// plan searches, and fixes the list of what an account sent. What is only addressed or mentioned is left, and so is what
// may be its owner's, unless that was asked for.
func (p *program) plan(ctx context.Context, s *session, q quarantineOptions) error {
	query := q.query
	if err := s.telling(ctx, p.env.Stderr, steps.Search{Query: query}); err != nil {
		return stoppedOr(ctx, err)
	}
	results := s.State().Live.Results
	var ids []spool.ID
	for _, hit := range results.Hits {
		if hit.Marked() || q.doubtful && hit.Doubtful && !hit.Guessed || q.all {
			ids = append(ids, hit.ID)
		}
	}
	v := searchView{snap: purged(s), results: results, now: p.env.Clock()}
	unnamed := s.State().Live.NamesUnknown
	if unnamed != "" {
		p.note("Not known from the logs: %s.", message.Printable(unnamed))
	}
	for _, line := range v.asides(p.toDoctor()) {
		p.note("%s", line)
	}
	doubtful := results.Doubtful()
	if doubtful > 0 && !q.doubtful && !q.all {
		p.note("%s may be the account's owner's own and %s left; --with-doubtful moves them too.", countOf(doubtful), isOrAre(doubtful))
	}
	rest := len(results.Hits) - results.Marked() - doubtful
	if rest > 0 && !q.all {
		p.note("%s %s left: the words stand only among the recipients, in the subject or in the text, or who sent it is read by guess; --all-matches moves all that matches.", countOf(rest), isOrAre(rest))
	}
	if len(ids) == 0 {
		switch {
		case rest > 0:
			return badNews("%s %s %s, and none is known to be sent by an account; nothing was moved: look at them by `%s`, then give --all-matches and --yes=%d", countOf(rest), plural(rest, "matches", "match"), message.Printable(query), p.onThisSpool("search", query), len(results.Hits))
		case len(results.Hits) == 0 && (v.snap.Missing() || len(results.Problems) > 0 || results.Arriving > 0 || unnamed != ""):
			return noAnswer("%s", results.SayNothing(v.snap))
		}
		if doubtful > 0 {
			return badNews("all that matches %s may be the owner's own mail; nothing was moved: give --with-doubtful to move it", message.Printable(query))
		}
		if q.all {
			return badNews("%s Nothing was moved.", results.SayNothing(v.snap))
		}
		return badNews("nothing that an account sent matches %s; nothing was moved: search with `%s` first", message.Printable(query), p.onThisSpool("search", query))
	}
	return stoppedOr(ctx, s.Do(ctx, steps.PlanPurge{Query: query, IDs: ids}))
}

func isOrAre(n int) string { return plural(n, "is", "are") }

// shownSenders and shownSamples bound the preview of a plan.
const (
	shownSenders = 5
	shownSamples = 20
)

// showPlan shows exactly what would be moved, and where.
func (p *program) showPlan(w io.Writer, s *session, view *steps.PlanView) {
	fmt.Fprintf(w, "%s of %s in the spool, %s, oldest %s, newest %s.\n", countOf(len(view.Plan.Items)), humanize.Comma(int64(view.Plan.SpoolCount)),
		humanize.Bytes(uint64(max(view.Plan.Bytes, 0))), view.Oldest.Local().Format("2006-01-02 15:04:05"), view.Newest.Local().Format("2006-01-02 15:04:05"))
	for _, sender := range view.Top[:min(len(view.Top), shownSenders)] {
		fmt.Fprintf(w, "  %s: %s\n", cell(sender.Account, 60), humanize.Comma(int64(sender.Queued)))
	}
	snap := purged(s)
	step := max(1, len(view.Plan.Items)/shownSamples)
	fmt.Fprintln(w, "Some of them:")
	for i := 0; i < len(view.Plan.Items) && i/step < shownSamples; i += step {
		if m, ok := snap.Find(view.Plan.Items[i].ID); ok {
			fmt.Fprintf(w, "  %s  %s  %s\n", m.ID, cell(m.FromRead(), 40), cell(m.SubjectRead(), 50))
		}
	}
	free := ""
	if view.Free > 0 {
		disk := "same disk"
		if view.Other {
			disk = "another disk: each is copied, compared, and only then removed"
		}
		free = fmt.Sprintf(" (%s, %s free)", disk, humanize.Bytes(view.Free))
	}
	if view.Unread > 0 {
		fmt.Fprintf(w, "Of %s of them the envelope is not understood: who sent them is not known.\n", humanize.Comma(int64(view.Unread)))
	}
	if failed := view.SayFailed(); failed != "" {
		fmt.Fprintln(w, failed)
	}
	fmt.Fprintf(w, "They would go to %s%s.\n", message.Printable(view.Dir), free)
}

// agree asks whether so many messages may be moved; count is what was typed, where it has to be typed.
func (p *program) agree(yes string, n int, typed bool) (count int, err error) {
	given, isCount := strconv.Atoi(yes)
	switch {
	case yes == "":
	case isCount == nil && given == n:
		return n, nil
	case isCount == nil:
		return 0, badNews("--yes=%d does not fit: it is %d; nothing was moved: look again, then give --yes=%d", given, n, n)
	case yes != "yes":
		return 0, usage("--yes=%s is not a count; give --yes or --yes=%d", message.Printable(yes), n)
	case typed:
		return 0, badNews("this needs the count: nothing was moved; look again, then give --yes=%d", n)
	default:
		return 0, nil
	}
	if !typed {
		if !p.questions().yes("Go on?") {
			return 0, badNews("nothing was moved; answer y, or give --yes")
		}
		return 0, nil
	}
	answer, _ := p.questions().line("To go on, type the number of messages:")
	if count, err := strconv.Atoi(strings.ReplaceAll(answer, ",", "")); err == nil && count == n {
		return n, nil
	}
	return 0, badNews("that is not the number, so nothing was moved; look again, then type %d or give --yes=%d", n, n)
}

// moved says what came of a move of these messages, by a plan.
func (p *program) moved(ctx context.Context, o options, s *session, q quarantineOptions, plan string, ids []spool.ID, err error) error {
	inc := s.State().Incident
	if len(inc.Purges) == 0 {
		return stoppedOr(ctx, err)
	}
	last := inc.Purges[len(inc.Purges)-1]
	back := p.commandIn(o)("restore", s.id, "--plan", plan)
	if err != nil && last.Moved == 0 {
		return stoppedOr(ctx, err)
	}
	if last.Moved > 0 {
		fmt.Fprintf(p.env.Stdout, "%s moved to %s. To put them back: %s\n", countOf(last.Moved), message.Printable(last.Dir), back)
	}
	left := 0
	for _, id := range ids {
		if _, err := s.Spool().Stat(id); !errors.Is(err, fs.ErrNotExist) {
			left++
		}
	}
	switch {
	case err != nil && last.Finished: // a spool that is gone does not say what is left either
		return unfinished("all %s were moved, but what the spool holds now could not be looked at: %s; run the same command again, it moves what is left, if any is", countOf(last.Moved), sentence(err))
	case err != nil:
		return unfinished("stopped part way, %s of %d moved: %s; %s", countOf(last.Moved), last.Planned, sentence(err), goesOn(left, q.again))
	case last.Skipped > 0 && last.Moved == 0:
		return unfinished("none was moved, %s left in the spool: %s; %s", countOf(last.Skipped), p.lastSkipped(s), goesOn(left, q.again))
	case last.Skipped > 0:
		return unfinished("%s left in the spool: %s; %s", countOf(last.Skipped), p.lastSkipped(s), goesOn(left, q.again))
	}
	snap := purged(s)
	if n := snap.Unread() - snap.Layout(spool.LayoutUnknown); n > 0 || !snap.Whole() {
		return noAnswer("part of the spool could not be read, so whether all that matches was moved is not known; `%s` lists it", p.toDoctor())
	}
	return nil
}

// lastSkipped says why messages were left, by the newest record that tells.
func (p *program) lastSkipped(s *session) string {
	records := s.Records()
	for i := len(records) - 1; i >= 0; i-- {
		switch records[i].Fact.(type) {
		case incident.Moved, incident.PutBack, incident.Deleted:
			return records[i].Fact.Say()
		}
	}
	return "the record says why"
}

// purged is the look at the spool that is searched: the one set aside, where there is one.
func purged(s *session) *spool.Snapshot {
	state := s.State()
	return state.Purged()
}
