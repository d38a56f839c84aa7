package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/mailbox"
	"delist/steps/words"
)

type restoreOptions struct {
	id       string
	query    string
	plan     string // of the move that is taken back
	all      bool
	yes      string
	takeOver bool

	again func(count int) string // the command that goes on
}

func (p *program) restoreCommand() *cobra.Command {
	var o restoreOptions
	cmd := command("restore INCIDENT [QUERY|--plan PLAN|--all]", "Put messages back from an incident's quarantine",
		`Moves messages back into the spool they came from, never over an existing file. They will be delivered; one
that was partly delivered before may arrive twice. Mail may run meanwhile. A selection is needed: a query,
the plan of one move, or --all.

`+queryHelp,
		"nothing matches, or a rule refuses it", orSay(cobra.MinimumNArgs(1), "say which incident, such as 7F3A, and then which messages: a query, --plan, or --all"))
	cmd.Flags().BoolVar(&o.all, "all", false, "put everything back")
	cmd.Flags().StringVar(&o.plan, "plan", "", "put back what the move of this `PLAN` took out, as it was printed with that move")
	addYes(cmd, &o.yes, "do not ask; for mail of an account taken to be stolen, the count is needed: --yes=3291")
	cmd.Flags().BoolVar(&o.takeOver, "take-over", false, "take over an incident that another delist works on, after a typed word")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.id, o.query = args[0], strings.Join(args[1:], " ")
		if given := words.Join(o.query, o.plan); o.all == (given != "") || o.query != "" && o.plan != "" {
			return usage("say which messages: a query, --plan, or --all")
		}
		o.again = func(count int) string { return p.again(cmd.Flags(), count, append([]string{"restore"}, args...)...) }
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		return p.restore(cmd.Context(), settings, o)
	}
	return cmd
}

// restore puts a selection back, by the runbook's own intents.
func (p *program) restore(ctx context.Context, o options, r restoreOptions) (err error) {
	if o.readOnly {
		return badNews("delist runs read-only; leave --read-only out to move anything")
	}
	if r.query != "" {
		if _, err := parseQuery(r.query); err != nil {
			return err
		}
	}
	found, err := p.findIncident(o, r.id)
	if err != nil {
		return err
	}
	dir := quarantineOf(found.inc)
	if dir == "" {
		return badNews("incident %s has moved no message, so there is nothing to put back", found.inc.ID)
	}
	if o.dryRun {
		return p.wouldRestore(ctx, o, found.inc, dir, r)
	}
	o.spool = found.inc.Spool
	s := p.detect(ctx, o)
	session, err := p.openHeld(o, s, found, r.takeOver)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.close()) }()
	session.Start()
	if err := session.ready(ctx, p.env.Stderr); err != nil {
		return err
	}
	state := session.State()
	ids, suspects, err := p.selectHeld(ctx, o, state.Incident, state.Live.Held, dir, r)
	if err != nil {
		return err
	}
	if ids, err = p.withoutFailed(ctx, dir, ids); err != nil {
		return err
	}
	p.tellRestore(len(ids), session.spool.Root())
	if len(suspects) > 0 {
		fmt.Fprintf(p.env.Stdout, "Among them is mail of %s, which is taken to be stolen.\n", message.Printable(strings.Join(suspects, ", ")))
	}
	unsure := steps.CountUnsure(state.Live.Held, ids)
	if unsure > 0 {
		fmt.Fprintln(p.env.Stdout, strings.TrimSpace(steps.SayUnsure(unsure)))
	}
	count, err := p.agree(r.yes, len(ids), len(suspects) > 0 || unsure > 0)
	if err != nil {
		return err
	}
	before := len(session.Records())
	err = session.telling(ctx, p.env.Stderr, steps.Restore{IDs: ids, Count: count})
	return p.putBack(ctx, session, r, ids, session.Records()[before:], err)
}

// withoutFailed leaves out what would not go back, and says so.
func (p *program) withoutFailed(ctx context.Context, dir string, ids []spool.ID) ([]spool.ID, error) {
	read, err := steps.ReadQuarantined(ctx, dir, ids)
	if err != nil {
		return nil, stoppedOr(ctx, err)
	}
	all := len(ids)
	ids = slices.DeleteFunc(slices.Clone(ids), func(id spool.ID) bool {
		m, ok := read.Find(id)
		return ok && m.Status == spool.StatusFailed
	})
	switch failed := all - len(ids); {
	case len(ids) == 0:
		return nil, badNews("nothing was put back: the status of %s is Failed, and SmarterMail would throw that away", plural(all, "the message", "all "+countOf(all)))
	case failed > 0:
		p.note("%s with the status Failed %s in quarantine: SmarterMail would throw that away.", countOf(failed), plural(failed, "stays", "stay"))
	}
	return ids, nil
}

// wouldRestore tells what a selection would put back, from what is written down. A start of the incident would already
// finish what the last one left half done.
func (p *program) wouldRestore(ctx context.Context, o options, inc incident.Incident, dir string, r restoreOptions) error {
	held, err := steps.QuarantinedIn(dir)
	if err != nil {
		return noAnswer("the quarantine cannot be read: %w", err)
	}
	ids, _, err := p.selectHeld(ctx, o, inc, held, dir, r)
	if err != nil {
		return err
	}
	if ids, err = p.withoutFailed(ctx, dir, ids); err != nil {
		return err
	}
	p.tellRestore(len(ids), inc.Spool)
	fmt.Fprintln(p.env.Stdout, "Dry run: nothing was moved.")
	return nil
}

func (p *program) tellRestore(n int, spool string) {
	fmt.Fprintf(p.env.Stdout, "%s would go back into %s and be delivered; one that was partly delivered before may arrive twice.\n",
		countOf(n), message.Printable(spool))
}

// quarantineOf is the folder that an incident moved messages to, empty when it moved none.
func quarantineOf(inc incident.Incident) string {
	dir := ""
	for _, purge := range inc.Purges {
		if purge.Dir != "" {
			dir = purge.Dir
		}
	}
	return dir
}

// openHeld goes on with an incident for what is in its quarantine. Nobody has to say that mail is stopped: what comes back
// counts for SmarterMail only once its HDR is there, and that comes last.
func (p *program) openHeld(o options, s server, of found, takeOver bool) (*session, error) {
	if err := p.claim(of, takeOver); err != nil {
		return nil, err
	}
	f := &feed{}
	h, err := p.hands(o, s, mailbox.ByHand{}, f)
	if err != nil {
		return nil, err
	}
	h.Lists, h.Preflight, h.Identity = nil, nil, nil // as in openForMoving
	session, err := p.resume(of, h, f, p.settings(o))
	if err != nil {
		return nil, errors.Join(err, closeSpool(h))
	}
	return session, nil
}

// selectHeld gives the messages to put back, and the suspects among their senders.
func (p *program) selectHeld(ctx context.Context, o options, inc incident.Incident, all []steps.Quarantined, dir string, r restoreOptions) (ids []spool.ID, suspects []string, err error) {
	var match map[spool.ID]bool
	if r.query != "" {
		query, err := parseQuery(r.query)
		if err != nil {
			return nil, nil, err
		}
		match, err = steps.SearchQuarantined(ctx, dir, query, progressTo(p.env.Stderr, "looking through the quarantine"))
		if err != nil {
			return nil, nil, stoppedOr(ctx, noAnswer("%w", err))
		}
	}
	seen := map[string]bool{}
	for _, held := range all {
		if !canReturn(held) || r.query != "" && !match[held.ID] || r.plan != "" && held.Plan != r.plan {
			continue
		}
		ids = append(ids, held.ID)
		if inc.Suspect(held.Account) != nil && !seen[held.Account] {
			seen[held.Account] = true
			suspects = append(suspects, held.Account)
		}
	}
	if len(ids) == 0 {
		return nil, nil, badNews("nothing in the quarantine of incident %s matches; nothing was put back: `%s` tells what was moved", inc.ID, p.commandIn(o)("report", inc.ID))
	}
	return ids, suspects, nil
}

// canReturn says whether a message can be put back.
func canReturn(held steps.Quarantined) bool { return !held.Removed && !held.Split }

// putBack says what came of a restore of these messages, by the records that it left.
func (p *program) putBack(ctx context.Context, s *session, r restoreOptions, ids []spool.ID, news []incident.Record, err error) error {
	var last *incident.PutBack
	for _, r := range news {
		if fact, ok := r.Fact.(incident.PutBack); ok {
			last = &fact
		}
	}
	if last == nil || err != nil && last.Restored == 0 {
		return stoppedOr(ctx, err)
	}
	fmt.Fprintf(p.env.Stdout, "%s put back into the spool.\n", countOf(last.Restored))
	asked := make(map[spool.ID]bool, len(ids))
	for _, id := range ids {
		asked[id] = true
	}
	left := 0
	for _, held := range s.State().Live.Held {
		if asked[held.ID] && canReturn(held) {
			left++
		}
	}
	left -= min(left, steps.NeverGoesBack(last.Skipped))
	switch {
	case err != nil:
		return unfinished("stopped part way: %s; %s", sentence(err), goesOn(left, r.again))
	case len(last.Skipped) > 0:
		return unfinished("%s; %s", last.Say(), goesOn(left, r.again))
	}
	return nil
}
