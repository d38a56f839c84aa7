package plain

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"delist/steps"
)

// errBack says that the operator went back from a question.
var errBack = errors.New("back")

// answers asks what an action needs to know.
func (s *Session) answers(ctx context.Context, state *steps.State, a steps.Action) (steps.Answer, error) {
	given, err := s.row(ctx, state, a)
	if err != nil {
		return given, err
	}
	if a.AboutOf != nil {
		a.About = a.AboutOf(given)
	}
	if a.About != "" && a.Ask != steps.AskNothing {
		s.line("%s", a.About)
	}
	switch a.Ask {
	case steps.AskYes:
		err = s.yes(ctx)
	case steps.AskCount:
		want := a.Count
		if want < 0 {
			want = len(given.IDs)
		}
		given.Count, err = s.count(ctx, want)
	case steps.AskReason, steps.AskText:
		given.Text, err = s.text(ctx, a)
	case steps.AskWord:
		given.Text, err = s.ask(ctx, a.Prompt+" ")
		if err == nil && given.Text != a.Word {
			s.line("That is not %q.", a.Word)
			err = errBack
		}
	}
	return given, err
}

// yes asks for a y; anything else is a no.
func (s *Session) yes(ctx context.Context) error {
	answer, err := s.ask(ctx, "Go on? [y/N] ")
	if err != nil {
		return err
	}
	if answer = strings.ToLower(answer); answer != "y" && answer != "yes" {
		return errBack
	}
	return nil
}

// count asks for a number to be typed.
func (s *Session) count(ctx context.Context, want int) (int, error) {
	answer, err := s.ask(ctx, fmt.Sprintf("To go on, type the number of messages (%s): ", number(want)))
	if err != nil {
		return 0, err
	}
	if n, err := strconv.Atoi(strings.ReplaceAll(answer, ",", "")); err != nil || n != want {
		s.line("That is not the number.")
		return 0, errBack
	}
	return want, nil
}

// text asks for a sentence, or for several lines.
func (s *Session) text(ctx context.Context, a steps.Action) (string, error) {
	question := a.Prompt
	if question == "" {
		question = a.Label + ":"
	}
	if a.Many {
		return s.lines(ctx, question)
	}
	if a.Default != "" {
		question += fmt.Sprintf(" [%s]", a.Default)
	}
	s.line("%s", question)
	answer, err := s.ask(ctx, prompt)
	switch {
	case err != nil:
		return "", err
	case answer == ".":
		return "", errBack
	case answer == "":
		answer = a.Default
	}
	if answer == "" && a.Ask == steps.AskReason {
		return "", errBack
	}
	return answer, nil
}

// lines asks for text that ends with a line of a single dot, as in SMTP (RFC 5321 section 4.1.1.4).
func (s *Session) lines(ctx context.Context, question string) (string, error) {
	s.line("%s End with a line that holds only a dot.", question)
	var text strings.Builder
	for text.Len() < maxLine {
		answer, err := s.ask(ctx, "")
		if err != nil {
			return "", err
		}
		if answer == "." {
			break
		}
		text.WriteString(answer + "\n")
	}
	if strings.TrimSpace(text.String()) == "" {
		return "", errBack
	}
	return text.String(), nil
}
