package plain

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"delist/spool/message"
	"delist/steps"
	"delist/steps/incident"
	"delist/ui/uitest"
)

// still is a runbook in which nothing happens.
type still struct{ state steps.State }

func (s still) State() steps.State                   { return s.state }
func (still) Do(context.Context, steps.Intent) error { return nil }
func (still) Reveal(string) (steps.Secret, bool)     { return steps.Secret{}, false }

// shown is all that line mode says of a step, with its help.
func shown(state steps.State, step incident.Step) string {
	var b bytes.Buffer
	s := New(still{state}, &b, Options{})
	s.step = step
	s.show(&state)
	s.help()
	return b.String()
}

// hard are the states that the recorded incident is put into at each step.
var hard = map[string]func(*steps.State){
	"as recorded": func(*steps.State) {},
	"a second round, with the spool set aside": func(s *steps.State) {
		s.Incident.Round, s.Incident.MailDown = 2, s.Now
		s.Incident.Aside = incident.Aside{Dir: "/srv/x.aside", Outside: 3217}
	},
	"may not":   func(s *steps.State) { s.Incident.Permit = incident.MayNot },
	"read-only": func(s *steps.State) { s.Incident.Mode.ReadOnly = true },
	"by hand":   func(s *steps.State) { s.Live.Control, s.Live.ByHand, s.Live.APIReady = steps.ByHand, true, false },
	"held up": func(s *steps.State) {
		s.Live.Watched = &steps.Watched{Step: s.Incident.Current(), Since: s.Now, Until: s.Now, Trap: "the spool has not been seen for 40 s"}
	},
}

func TestRoads8LineModeHasTheHeadAndThePage(t *testing.T) {
	for name, put := range hard {
		for _, step := range incident.AllSteps() {
			state := uitest.At(t, step)
			put(&state)
			text := shown(state, step)
			head, page := state.Head(), state.Page(step)
			want := append([]string{head.Who, head.Where, page.Purpose, page.Alarm}, head.Alarms...)
			want = append(want, page.Advice...)
			for _, f := range page.Facts {
				want = append(want, f.Value)
			}
			for _, list := range page.Lists {
				want = append(append(want, list.Title), list.Items...)
			}
			for _, part := range want {
				if !strings.Contains(text, message.Printable(part)) {
					t.Errorf("%s, %s: line mode does not say %q:\n%s", step, name, part, text)
				}
			}
		}
	}
}

func TestRoads8HeadSaysWhatMustNotBeOverlooked(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	hard["a second round, with the spool set aside"](&state)
	hard["may not"](&state)
	line, _, _ := strings.Cut(strings.TrimSpace(shown(state, incident.Purge)), "\n")
	for _, word := range []string{"MAIL DOWN", "3,217 OUTSIDE", "READ ONLY", "round 2", "incident " + state.Incident.ID} {
		if !strings.Contains(line, word) {
			t.Errorf("the head does not say %q: %s", word, line)
		}
	}
}

// keys are the names of keys of the full screen. Enter is a word of line mode, too.
var keys = regexp.MustCompile(`\b(Tab|Esc|Space|Backspace|Ctrl\+\w|[Pp]ress|the key)\b|(^|[ (])[a-zA-Z/*+]: `)

func TestRoads8ReasonsNameActionsNotKeys(t *testing.T) {
	for name, put := range hard {
		for _, step := range incident.AllSteps() {
			state := uitest.At(t, step)
			put(&state)
			texts := state.Page(step).Advice
			for _, a := range state.Actions(step) {
				texts = append(texts, a.Label, a.Refused, a.About, a.Prompt)
			}
			if i := slices.IndexFunc(texts, keys.MatchString); i >= 0 {
				t.Errorf("%s, %s: %q names a key", step, name, texts[i])
			}
		}
	}
}
