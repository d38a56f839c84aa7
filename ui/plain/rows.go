package plain

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
)

// maxRows bounds how many rows of a table are listed.
const maxRows = 20

// row asks which row of the step's table is meant, where an action works on one.
func (s *Session) row(ctx context.Context, state *steps.State, a steps.Action) (given steps.Answer, err error) {
	inc := &state.Incident
	switch a.ID {
	case steps.ActMark:
		given.Account, err = s.account(ctx, senders(state))
	case steps.ActUnmark:
		given.Account, err = s.account(ctx, suspects(inc.Suspects))
	case steps.ActExplain:
		given.Row, err = s.account(ctx, unexplained(state))
	case steps.ActUnexplain:
		given.Row, err = s.account(ctx, state.ExplainedRows())
	case steps.ActRequested, steps.ActLeave, steps.ActCleared, steps.ActTakeBack:
		l, e := s.listing(ctx, inc)
		given.IP, given.List, err = l.IP, l.List, e
	case steps.ActPlan:
		given.IDs = sent(state.Live.Results)
	case steps.ActRestore:
		given.IDs, err = s.held(ctx, state)
	}
	return given, err
}

// choose asks for one of rows, by its number or by its words; nothing means row first, counted from 0, where that is one.
// Of many the first ones are listed.
func (s *Session) choose(ctx context.Context, what string, rows []string, first int) (int, error) {
	for i, row := range rows[:min(len(rows), maxRows)] {
		s.line("   %d  %s", i+1, row)
	}
	if more := len(rows) - maxRows; more > 0 {
		s.line("   and %s more: type the name, as it is written", number(more))
	}
	question := fmt.Sprintf("Number of the %s: ", what)
	if first >= 0 && first < len(rows) {
		question = fmt.Sprintf("Number of the %s [%d]: ", what, first+1)
	}
	answer, err := s.ask(ctx, question)
	if err != nil {
		return 0, err
	}
	if answer == "" && first >= 0 && first < len(rows) {
		return first, nil
	}
	if at := slices.Index(rows, answer); at >= 0 {
		return at, nil
	}
	n, err := strconv.Atoi(answer)
	if err != nil || n < 1 || n > len(rows) {
		return 0, errBack
	}
	return n - 1, nil
}

// account asks which account is meant.
func (s *Session) account(ctx context.Context, accounts []string) (string, error) {
	if len(accounts) == 0 {
		s.line("There is no account to choose.")
		return "", errBack
	}
	n, err := s.choose(ctx, "account", accounts, -1)
	if err != nil {
		return "", err
	}
	return accounts[n], nil
}

// oneOf asks only where there is a choice.
func (s *Session) oneOf(ctx context.Context, accounts []string) (string, error) {
	if len(accounts) == 1 {
		return accounts[0], nil
	}
	return s.account(ctx, accounts)
}

// listing asks which listing is meant; nothing means the first that is to do.
func (s *Session) listing(ctx context.Context, inc *incident.Incident) (incident.Listing, error) {
	work := inc.Worklist()
	if len(work) == 0 {
		s.line("There is no listing.")
		return incident.Listing{}, errBack
	}
	rows := make([]string, len(work))
	for i, l := range work {
		rows[i] = listingText(l)
	}
	first := slices.IndexFunc(work, func(l incident.Listing) bool { return inc.ToAskNow(&l) })
	n, err := s.choose(ctx, "listing", rows, first)
	if err != nil {
		return incident.Listing{}, err
	}
	return work[n], nil
}

// senders are the accounts of the senders table, the busiest first.
func senders(state *steps.State) []string {
	var names []string
	for _, row := range state.Live.Senders {
		if row.Account != "" && !row.Marked {
			names = append(names, row.Account)
		}
	}
	return names
}

// unexplained are the rows of mail that nothing explains.
func unexplained(state *steps.State) []string {
	var rows []string
	w := state.Waiting()
	for _, u := range w.Unexplained {
		rows = append(rows, u.Row)
	}
	return rows
}

func suspects(list []incident.Suspect) []string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Account
	}
	return names
}

// sent are the hits that the account itself sent: the only ones that are marked beforehand.
func sent(results *spool.Results) []spool.ID {
	var ids []spool.ID
	if results != nil {
		for _, hit := range results.Hits {
			if hit.Marked() {
				ids = append(ids, hit.ID)
			}
		}
	}
	return ids
}
