package plain

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/words"
)

// held asks which messages are meant to come back out of the quarantine: all of an account, or what a search finds.
func (s *Session) held(ctx context.Context, state *steps.State) ([]spool.ID, error) {
	byAccount := map[string][]spool.ID{}
	var accounts []string
	for _, h := range state.Live.Held {
		if len(byAccount[h.Account]) == 0 {
			accounts = append(accounts, h.Account)
		}
		byAccount[h.Account] = append(byAccount[h.Account], h.ID)
	}
	slices.Sort(accounts)
	rows := make([]string, len(accounts))
	for i, account := range accounts {
		rows[i] = fmt.Sprintf("%s, %s", nameOf(account), messages(len(byAccount[account])))
	}
	if s.opts.SearchHeld != nil {
		rows = append(rows, "search for single messages")
	}
	n, err := s.choose(ctx, "account", rows, -1)
	switch {
	case err != nil:
		return nil, err
	case n == len(accounts):
		return s.heldBySearch(ctx, state)
	}
	return byAccount[accounts[n]], nil
}

// heldBySearch asks for a search of the quarantine, and which of what it found is meant.
func (s *Session) heldBySearch(ctx context.Context, state *steps.State) ([]spool.ID, error) {
	query, err := s.ask(ctx, "Search the quarantine for (part of an address or a subject, or text:\"...\"): ")
	if err != nil {
		return nil, err
	}
	match, err := s.opts.SearchHeld(ctx, query)
	if err != nil {
		s.line("%s", words.Sentence(err.Error()))
		return nil, errBack
	}
	var ids []spool.ID
	for _, h := range state.Live.Held {
		if match[h.ID] {
			ids = append(ids, h.ID)
		}
	}
	if len(ids) == 0 {
		s.line("Nothing in the quarantine matches %s.", message.Printable(query))
		return nil, errBack
	}
	listed := ids[:min(len(ids), maxRows)]
	read, err := s.opts.ReadHeld(ctx, listed)
	if err != nil {
		s.line("%s", words.Sentence(err.Error()))
		return nil, errBack
	}
	for i, id := range listed {
		text := string(id)
		if m, ok := read.Find(id); ok {
			text = messageText(state, m)
		}
		s.line("   %d  %s", i+1, text)
	}
	if more := len(ids) - len(listed); more > 0 {
		s.line("    and %s more", number(more))
	}
	answer, err := s.ask(ctx, fmt.Sprintf("Which of them: numbers with blanks between, or all for all %s: ", number(len(ids))))
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(answer, "all") {
		return ids, nil
	}
	return numbered(listed, answer)
}

// numbered are the rows whose numbers, counted from 1, somebody typed.
func numbered(rows []spool.ID, typed string) ([]spool.ID, error) {
	var chosen []spool.ID
	for _, word := range strings.FieldsFunc(typed, func(r rune) bool { return r == ' ' || r == ',' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > len(rows) {
			return nil, errBack
		}
		if !slices.Contains(chosen, rows[n-1]) {
			chosen = append(chosen, rows[n-1])
		}
	}
	if len(chosen) == 0 {
		return nil, errBack
	}
	return chosen, nil
}
