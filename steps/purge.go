package steps

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/dustin/go-humanize"

	"delist/spool"
	"delist/spool/quarantine"
	"delist/steps/incident"
	"delist/steps/words"
)

// purgeActions: search, preview, plan, quarantine; restore is always there.
func (s *State) purgeActions(about Answer) []Action {
	search := s.offer(Action{
		ID: ActSearch, Label: "search", Ask: AskText, Prompt: "Search for:", Default: s.nextQuery(),
		About:  "account:NAME, from:, to:, subject:, ip:, text:\"...\", decoded:\"...\"; all words must match, - leaves out.",
		Intent: func(a Answer) Intent { return Search{a.Text} },
	}, about)
	if s.Incident.Aside.Dir != "" {
		search.Label = "search " + s.PurgedName()
	}
	if s.Live.Plan != nil {
		return s.stopFirst([]Action{s.quarantineAction(about), s.offer(Action{
			ID: ActDropPlan, Label: "back, move nothing", Intent: func(Answer) Intent { return DropPlan{} },
		}, about)}, about)
	}
	plan, all := s.planAction(about), Action{}
	done := s.purgeDoneAction(about)
	if r := s.Live.Results; r != nil && len(r.Hits) > 0 && r.Marked() == 0 {
		all = s.planAllAction(about)
	}
	switch {
	case s.allStuck() && s.nextQuery() == "":
		done.Recommended = done.Refused == ""
	case s.allStuck():
		search.Recommended = true
	case s.foundExplained() && s.cleanEnough() && done.Refused == "": // it is moved only by who means it
		done.Recommended = true
	case plan.Refused == "": // something is marked, by whomever
		plan.Recommended = true
	case s.foundBacklog(): // none of it comes marked: whoever moves it types how many
		all.Recommended = all.Refused == ""
	case s.cleanEnough():
		done.Recommended = done.Refused == ""
	default:
		search.Recommended = true
	}
	actions := []Action{plan, search, done}
	if all.ID != "" {
		actions = append(actions, all)
	}
	actions = sortActions(actions)
	if row := s.searchedRow(about.Row); row != "" {
		open := about
		open.Row = row
		actions = append(actions, s.explainAction(open))
	} else if len(s.ExplainedRows()) > 0 {
		actions = append(actions, s.unexplainAction(about))
	}
	if near, ok := s.nearBounces(); ok {
		actions = append(actions, s.offer(Action{ID: ActBounces, Label: fmt.Sprintf("search the %d bounces that came back", near.Count),
			Intent: func(Answer) Intent { return Search{near.Query} }}, about))
	}
	actions = append(append(actions, s.restoreAction(about)), s.asideActions(about)...)
	if s.NodesOpen() != "" && s.Live.Aside == nil {
		for i := range actions {
			actions[i].Recommended = false
		}
		actions = append([]Action{s.nodesAction(about)}, actions...)
	}
	return s.stopFirst(actions, about)
}

// foundBacklog says that the search on the screen found what is taken for spam, or mail of which nobody knows who sent it, and
// that nothing of it comes marked.
func (s *State) foundBacklog() bool {
	r, w := s.Live.Results, s.Waiting()
	if r == nil || len(r.Hits) == 0 || r.Marked() > 0 || len(r.Steady) > 0 || s.Live.Aside != nil {
		return false
	}
	if !w.Backlog(s.Settings) {
		return w.Open() > 0 && r.Guessed() == len(r.Hits)
	}
	return slices.ContainsFunc(w.Unexplained, func(u Unexplained) bool {
		return u.Query != "" && u.Query == r.Query.String() && u.Class != incident.Newsletter
	})
}

// stopFirst makes Stop what Enter does while nothing can be moved because mail is not stopped.
func (s *State) stopFirst(actions []Action, about Answer) []Action {
	stop := s.stopAction(about)
	if at := s.Live.Service.At; at.IsZero() && s.Live.ServiceErr == "" { // nobody has looked yet
		return actions
	}
	if s.notStopped() == "" || s.Live.Aside != nil || stop.Refused != "" || s.Incident.Steps[incident.Purge].State.Passed() {
		return actions
	}
	for i := range actions {
		actions[i].Recommended = false
	}
	stop.Recommended = true
	return append([]Action{stop}, actions...)
}

func (s *State) planAction(about Answer) Action {
	return s.offer(Action{
		ID: ActPlan, Label: "quarantine the marked messages",
		About: "First you see exactly what would be moved, and where. Nothing is moved before you say so.",
		Intent: func(a Answer) Intent {
			query := ""
			if s.Live.Results != nil {
				query = s.Live.Results.Query.String()
			}
			return PlanPurge{Query: query, IDs: a.IDs}
		},
	}, about)
}

// planAllAction takes all that a search found of which none comes marked, where nobody can mark them one by one: the full
// screen has a key for that.
func (s *State) planAllAction(about Answer) Action {
	r := s.Live.Results
	return s.offer(Action{
		ID: ActPlanAll, Label: fmt.Sprintf("quarantine all %s that match", words.Number(len(r.Hits))),
		About:  "None of them is known to be sent by an account that was searched for. First you see exactly what would be moved, and where.",
		Intent: func(Answer) Intent { return PlanPurge{Query: r.Query.String(), All: true} },
	}, about)
}

func (in PlanPurge) refusal(s *State) string {
	switch {
	case s.Live.Results == nil:
		return "search first, and mark what is to move"
	case len(s.Live.Results.Hits) == 0:
		return "nothing was found; search for something else"
	case len(in.IDs) == 0 && !in.All:
		return "no message is marked; mark one, or all"
	}
	return ""
}

// refusal: what moves already is stopped, not dropped.
func (DropPlan) refusal(s *State) string {
	if d := s.Live.Doing; d != nil && d.What == What(Quarantine{}) {
		return "its messages are being moved; stop that safely"
	}
	return ""
}

func (DropPlan) act(_ context.Context, r *Runbook) error        { return r.dropPlan() }
func (in PlanPurge) act(ctx context.Context, r *Runbook) error  { return r.planPurge(ctx, in) }
func (in Quarantine) act(ctx context.Context, r *Runbook) error { return r.quarantine(ctx, in) }

// nearBounces are the bounces that came back to the accounts searched for.
func (s *State) nearBounces() (spool.Nearby, bool) {
	if s.Live.Results == nil {
		return spool.Nearby{}, false
	}
	for _, near := range s.Live.Results.Near {
		if near.Bounces && near.Count > 0 {
			return near, true
		}
	}
	return spool.Nearby{}, false
}

// stuck are the messages that a move left where they were, if it moved no other: once more would do no better.
func stuck(out quarantine.Outcome) map[spool.ID]bool {
	if out.Moved > 0 || out.Stopped {
		return nil
	}
	left := make(map[spool.ID]bool, len(out.Skipped))
	for _, skipped := range out.Skipped {
		left[skipped.ID] = true
	}
	return left
}

// stuckOf counts what the last move left where it was, by account, as far as it is there still.
func (s *State) stuckOf() map[string]int {
	by, snap := map[string]int{}, s.Purged()
	if snap == nil {
		return by
	}
	for id := range s.Live.Stuck {
		if m, ok := snap.Find(id); ok {
			by[m.Account]++
		}
	}
	return by
}

// stuckThere counts all of that.
func (s *State) stuckThere() int {
	n := 0
	for _, k := range s.stuckOf() {
		n += k
	}
	return n
}

// allStuck says that the last move left all that is marked now where it was.
func (s *State) allStuck() bool {
	if s.Live.Results == nil || len(s.Live.Stuck) == 0 {
		return false
	}
	for _, hit := range s.Live.Results.Hits {
		if hit.Marked() && !s.Live.Stuck[hit.ID] {
			return false
		}
	}
	return true
}

// moved counts the messages that this incident has moved, without those that went back.
func (s *State) moved() int {
	return s.Incident.MovedOut()
}

// searchedRow is the row of the senders that nothing explains and that is chosen, or that was searched for; empty where
// there is none.
func (s *State) searchedRow(chosen string) string {
	for _, u := range s.Waiting().Unexplained {
		if u.Row == chosen || chosen == "" && s.Live.Results != nil && u.Query == s.Live.Results.Query.String() {
			return u.Row
		}
	}
	return ""
}

// quarantineAction asks for the count where the plan takes most of the spool.
func (s *State) quarantineAction(about Answer) Action {
	view := s.Live.Plan
	a := Action{
		ID: ActQuarantine, Label: fmt.Sprintf("move %s into the quarantine", words.Messages(len(view.Plan.Items))), Recommended: true, Ask: AskYes,
		About: words.JoinBy(" ", fmt.Sprintf("%s, to %s.", humanize.Bytes(uint64(max(view.Plan.Bytes, 0))), view.Dir)+view.sayUnread(),
			view.SayFailed()) + s.wayBack(),
		Intent: func(a Answer) Intent { return Quarantine{PlanID: view.Plan.ID, Count: a.Count} },
	}
	if view.Typed() {
		a.Ask, a.Count = AskCount, len(view.Plan.Items)
	}
	return s.offer(a, about)
}

// sayUnread says what is not known of the messages of a plan.
func (v *PlanView) sayUnread() string {
	if v.Unread == 0 {
		return ""
	}
	return fmt.Sprintf(" %s of them: the envelope is not understood. Who sent them is not known, only what their files hold.", words.Number(v.Unread))
}

// wayBack says how what is moved comes back; a dry run moves nothing.
func (s *State) wayBack() string {
	if s.Incident.Mode.DryRun {
		return ""
	}
	return " You can put them back in Purge, or later by: " + s.Settings.commandLine("restore", s.Incident.ID, "--plan", s.Live.Plan.Plan.ID)
}

func (in Quarantine) refusal(s *State) string {
	view := s.Live.Plan
	switch {
	case s.unsettled() != "":
		return s.unsettled()
	case view == nil || view.Plan.ID != in.PlanID:
		return "this plan is not the one on the screen; plan again"
	case view.Typed() && in.Count != len(view.Plan.Items):
		return fmt.Sprintf("type the number of messages to go on: %d", len(view.Plan.Items))
	case s.Live.Aside == nil && s.notStopped() != "":
		return s.notStopped()
	case s.Live.Aside == nil:
		return s.nodesRefusal()
	}
	return ""
}

// planPurge fixes the exact list, saves it, and shows what it would do.
func (r *Runbook) planPurge(_ context.Context, in PlanPurge) error {
	s := r.State()
	snap := s.Purged()
	view := &PlanView{}
	ids := in.IDs
	if in.All {
		for _, hit := range s.Live.Results.Hits {
			ids = append(ids, hit.ID)
		}
	}
	var items []quarantine.Item
	for _, id := range ids {
		m, ok := snap.Find(id)
		if !ok {
			continue
		}
		items = append(items, quarantine.Item{ID: m.ID, Stamp: m.Stamp, Account: m.Account, Unsure: m.Status == spool.StatusUnknown})
		if m.Layout == spool.LayoutUnknown {
			view.Unread++
		}
		if m.Status == spool.StatusFailed {
			view.Failed++
		}
		if view.Oldest.IsZero() || m.Created.Before(view.Oldest) {
			view.Oldest = m.Created
		}
		if m.Created.After(view.Newest) {
			view.Newest = m.Created
		}
	}
	if len(items) == 0 {
		r.see(func(l *Live) { l.Results = nil })
		return &Refusal{"none of the marked messages is in the spool any more; search again"}
	}
	dir, err := r.quarantineDir()
	if err != nil {
		return err
	}
	waiting := snap.Waiting()
	plan, err := quarantine.NewPlan(r.Spool().Root(), in.Query, items, waiting)
	if err != nil {
		return fmt.Errorf("make the plan: %w", err)
	}
	plans := filepath.Join(r.dir, "plans")
	if err := os.MkdirAll(plans, 0o700); err != nil {
		return fmt.Errorf("make the folder of the plans: %w", err)
	}
	if err := plan.Save(plans); err != nil {
		return err
	}
	from := unjudged(snap, items, &s.Incident)
	if err := r.record(incident.Planned{PlanID: plan.ID, Query: in.Query, Count: len(plan.Items), Bytes: plan.Bytes, Dir: dir, Unread: view.Unread,
		From: from, Claims: claimed(snap, ids, from), Steady: s.Live.Results.SteadySenders()}); err != nil {
		return err
	}
	view.Plan, view.Dir, view.Most = plan, dir, 2*len(plan.Items) > waiting
	view.Top, view.Senders = topSenders(snap, items)
	view.Free = quarantine.Free(dir)
	view.Other = quarantine.Apart(dir, plan.Root)
	r.see(func(l *Live) { l.Plan = view })
	return nil
}

// unjudged are the accounts that logged in to send some of what a plan takes, and that nobody takes to be stolen, a few.
func unjudged(snap *spool.Snapshot, items []quarantine.Item, inc *incident.Incident) []string {
	const few = 20
	taken := map[string]bool{}
	for _, item := range items {
		taken[item.Account] = true
	}
	var accounts []string
	for _, row := range snap.Senders() {
		if row.Account != "" && taken[row.Account] && row.Basis.Proven() && inc.Suspect(row.Account) == nil && len(accounts) < few {
			accounts = append(accounts, row.Account)
		}
	}
	return accounts
}

// topSenders are those whose messages a plan takes, the most first, a few, and how many there are; Queued is how many it takes.
func topSenders(snap *spool.Snapshot, items []quarantine.Item) (top []spool.Sender, all int) {
	const few = 5
	taken := map[string]int{}
	for _, item := range items {
		taken[item.Account]++
	}
	rows := slices.DeleteFunc(snap.Senders(), func(row spool.Sender) bool { return taken[row.Account] == 0 })
	for i := range rows {
		rows[i].Queued = taken[rows[i].Account]
	}
	slices.SortStableFunc(rows, func(a, b spool.Sender) int { return b.Queued - a.Queued })
	return rows[:min(few, len(rows))], len(rows)
}

// volumes says where this server's quarantine may be.
func (r *Runbook) volumes() quarantine.Volumes {
	if r.settings.OtherVolume {
		return quarantine.AnyVolume
	}
	return quarantine.SameVolume
}

// quarantineDir is this incident's place: where it has a quarantine already, whatever is configured by now; else the
// configured one, else the nearest permitted folder above the spool.
func (r *Runbook) quarantineDir() (string, error) {
	inc := r.State().Incident
	if dir := quarantineOf(&inc); dir != "" {
		return dir, nil
	}
	place, err := quarantine.Place(r.liveSpool().Root(), r.settings.QuarantineDir, r.volumes())
	if err != nil {
		return "", err
	}
	return filepath.Join(place, inc.ID), nil
}

// quarantineOf is where an incident's messages are; empty before one was moved. What was planned and never begun, since
// delist ended before, is none.
func quarantineOf(inc *incident.Incident) string {
	for _, p := range slices.Backward(inc.Purges) {
		if p.Dir != "" && quarantine.Begun(p.Dir) {
			return p.Dir
		}
	}
	return ""
}

func (r *Runbook) dropPlan() error {
	r.see(func(l *Live) { l.Plan = nil })
	r.say("the plan was dropped; nothing was moved")
	return nil
}

// quarantine moves exactly the planned messages, and looks at the spool again.
func (r *Runbook) quarantine(ctx context.Context, in Quarantine) error {
	s := r.State()
	plan := s.Live.Plan.Plan
	if s.Incident.Mode.DryRun {
		r.see(func(l *Live) { l.Plan = nil })
		if err := r.record(incident.Moved{PlanID: plan.ID, Moved: len(plan.Items), Bytes: plan.Bytes, Dry: true}); err != nil {
			return err
		}
		return r.record(incident.StepChanged{Step: incident.Purge, State: incident.Done, Result: s.rehearsedMove(plan)})
	}
	if err := r.record(incident.StepChanged{Step: incident.Purge, State: incident.Running}); err != nil {
		return err
	}
	store, err := r.openStore(s.Live.Plan.Dir)
	if err != nil {
		return err
	}
	if err := r.noteForged(); err != nil {
		return err
	}
	r.doing(&Doing{Total: len(plan.Items)})
	if err := r.looking.take(ctx); err != nil { // a look at folders that are being changed slows the move down, and is old when it ends
		return err
	}
	out, moveErr := store.Move(ctx, plan, r.mayMove, r.moving)
	r.disturb()
	r.looking.leave()
	moved := incident.Moved{PlanID: plan.ID, Moved: out.Moved, Bytes: out.Bytes, Skipped: byReason(out.Skipped), Stopped: out.Stopped || moveErr != nil}
	if err := r.record(moved); err != nil {
		return errors.Join(moveErr, err)
	}
	r.see(func(l *Live) { l.Plan, l.Results, l.Held, l.Stuck = nil, nil, store.Held(), stuck(out) })
	if moveErr != nil {
		why := "stopped part way"
		if errors.Is(moveErr, context.Canceled) {
			why = r.brokenOff(ctx, in)
		}
		return errors.Join(fmt.Errorf("move messages: %w", moveErr), r.record(incident.StepChanged{Step: incident.Purge, State: incident.ToDo, Reason: why + "; search and go on"}))
	}
	if err := r.lookAtPurged(ctx); err != nil {
		return err
	}
	return r.checkPurge(ctx, plan.Query, incident.Reasons(moved.Skipped))
}

// rehearsedMove says what a move would come to, and what would be next.
func (s *State) rehearsedMove(plan quarantine.Plan) string {
	result := fmt.Sprintf("dry run: %s would be moved", words.Messages(len(plan.Items)))
	if plan.Query != answersQuery && s.Live.Counts.Answers > 0 {
		result += "; then those that " + answersQuery + " finds"
	}
	return result
}

// openStore opens the incident's quarantine, or makes it.
func (r *Runbook) openStore(dir string) (*quarantine.Store, error) {
	r.mu.Lock()
	store := r.store
	r.mu.Unlock()
	if store != nil {
		return store, nil
	}
	store, err := quarantine.Create(dir, r.Spool().Root(), r.volumes())
	if err != nil {
		return nil, fmt.Errorf("make the quarantine: %w", err)
	}
	r.mu.Lock()
	r.store = store
	r.mu.Unlock()
	return store, nil
}

// disturb keeps the next look from taking what was moved for mail that came or went.
func (r *Runbook) disturb() {
	r.mu.Lock()
	r.disturbed = true
	r.mu.Unlock()
}

// moving shows the progress of a move.
func (r *Runbook) moving(p quarantine.Progress) {
	r.see(func(l *Live) {
		if l.Doing != nil {
			d := *l.Doing
			d.Done, d.Total = p.Done, p.Total
			l.Doing = &d
		}
	})
}

// byReason counts what was left, by reason.
func byReason(skipped []quarantine.Skipped) map[string]int {
	if len(skipped) == 0 {
		return nil
	}
	counts := map[string]int{}
	for _, s := range skipped {
		counts[s.Reason.String()]++
	}
	return counts
}
