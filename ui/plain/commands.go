package plain

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"delist/checks/traffic"
	"delist/steps"
	"delist/steps/incident"
	"delist/steps/words"
)

// word carries out a command that is a word.
func (s *Session) word(ctx context.Context, answer string) error {
	word, rest, _ := strings.Cut(answer, " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(word) {
	case "quit", "q":
		return s.leave(ctx)
	case "?", "menu":
		return nil // the next turn shows it
	case "status":
		s.shown = false
	case "wait":
		return s.wait(ctx, rest)
	case "go":
		s.goTo(rest)
	case "help":
		s.help()
	case "password":
		return s.password(ctx)
	case "letter":
		state := s.rb.State()
		s.block(steps.Letter(&state.Incident))
	case "text":
		return s.draft(ctx)
	case "logs":
		s.logs(ctx, rest)
	default:
		s.line("%q is no number of the menu and no word that is known here; help names them.", word)
	}
	return nil
}

// leave says what leaving means now, and asks where it means something.
func (s *Session) leave(ctx context.Context) error {
	state := s.rb.State()
	if text := state.Leaving(); text != "" {
		s.line("%s", text)
		if err := s.yes(ctx); errors.Is(err, errBack) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return errLeave
}

// goTo shows another step; without a name, the current one again.
func (s *Session) goTo(name string) {
	s.shown = false
	if name == "" {
		s.other = false
		return
	}
	for _, step := range incident.AllSteps() {
		if strings.EqualFold(step.String(), name) {
			s.step, s.other = step, true
			return
		}
	}
	s.line("There is no step %q. The steps are %s.", name, strings.Trim(fmt.Sprint(incident.AllSteps()), "[]"))
}

func (s *Session) help() {
	s.line("%s: %s", s.step, s.step.Purpose())
	for i, a := range s.menu.offered {
		if a.About != "" {
			s.line(" %d  %s: %s", i+1, a.Label, a.About)
		}
	}
	s.block(commandWords)
}

const commandWords = `Enter       does what is recommended, the number 1
NUMBER      does what stands behind it
status      shows everything again
wait [N]    waits N seconds, or until something else can be done
go [STEP]   shows another step; without a name, the current one
password    shows the new password
letter      shows the letter to the owner
text        shows what to send to a list
logs QUERY  shows the log lines of an account, a client address, a message or a session
quit        leaves; the incident stays open and can be resumed
A blocklist is what many call a blacklist. To go back from a question, answer with a dot.`

// logs shows the lines of the logs behind what the operator names.
func (s *Session) logs(ctx context.Context, query string) {
	state := s.rb.State()
	if s.opts.Lines == nil || state.Incident.Logs == "" {
		s.line("There are no logs here to look through.")
		return
	}
	search, err := traffic.ParseSearch(query)
	if err != nil {
		s.line("%s", words.Sentence(err.Error()))
		return
	}
	s.line("The logs are looked through. Where they are large, that takes a minute.")
	found, err := s.opts.Lines(ctx, search)
	if err != nil {
		s.line("The logs cannot be looked through: %s.", err)
		return
	}
	s.block(state.LinesText(search, found))
}

// password shows the new password of an account.
func (s *Session) password(ctx context.Context) error {
	state := s.rb.State()
	account, err := s.oneOf(ctx, suspects(state.Incident.Suspects))
	if errors.Is(err, errBack) {
		return nil
	}
	if err != nil {
		return err
	}
	s.showPassword(account)
	return nil
}

func (s *Session) showPassword(account string) {
	secret, ok := s.rb.Reveal(account)
	if !ok {
		s.line("There is no new password of %s to show: it is not made yet, or not kept any more. Reset makes another one.", account)
		return
	}
	s.line("New password of %s: %s", account, secret.Reveal())
}

// draft shows the link and the text for one listing.
func (s *Session) draft(ctx context.Context) error {
	state := s.rb.State()
	l, err := s.listing(ctx, &state.Incident)
	if errors.Is(err, errBack) {
		return nil
	}
	if err != nil {
		return err
	}
	if r := l.Removal; r != nil {
		s.facts("Link", r.Link(l.IP), "Have ready", r.Need, "Takes", r.Usual, "Asking early", r.Penalty, "Advice", r.Advice)
	}
	s.facts("First", state.Incident.Hindrance(l), "Look up", l.Lookup)
	draft := steps.Draft(&state.Incident, l.IP, l.List)
	if draft == "" {
		s.line("  There is nothing to ask for, and nothing to send.")
		return nil
	}
	s.block(draft)
	return nil
}

// facts writes pairs of a name and a value, those with a value.
func (s *Session) facts(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			s.line("  %s: %s", pairs[i], pairs[i+1])
		}
	}
}
