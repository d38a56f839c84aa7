package steps_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// What stays is told as one sum, whichever search comes last, and what is still to do with it.
func TestPurgeSaysAllThatStays(t *testing.T) {
	for _, c := range []struct{ own, answers, back int }{{4, 6, 5}, {1, 3, 2}, {2, 1, 0}, {0, 2, 0}, {19, 25, 185}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			w := emptyWorld(t)
			put := func(p spooltest.Pair) {
				p.ID = w.id()
				spooltest.Write(t, w.root, p)
			}
			for i := range 90 {
				put(spooltest.Pair{Auth: stolen, MailFrom: fmt.Sprintf("victim%d@other.example", i), To: []string{fmt.Sprintf("u%d@far.test", i)},
					IP: fmt.Sprintf("198.51.100.%d", 1+i), Subject: fmt.Sprintf("Invoice overdue %d", i)})
			}
			for i := range c.own {
				put(spooltest.Pair{Auth: stolen, MailFrom: stolen, To: []string{"friend@client.test"}, IP: "192.0.2.8", Subject: fmt.Sprintf("%c%c", 'a'+i, 'k'+i)})
			}
			bounce := spooltest.Pair{Auth: "-", IP: "-", MailFrom: "<>", Headers: "X-SmarterMail-MessageType: Bounce\r\n", Subject: "Delivery Failure"}
			for i := range c.answers {
				bounce.To = []string{fmt.Sprintf("victim%d@other.example", i)}
				put(bounce)
			}
			for range c.back {
				bounce.To = []string{stolen}
				put(bounce)
			}
			rb := w.open()
			w.do(rb, steps.Allow{May: true})
			w.do(rb, steps.StopService{})
			stay := func(n int) string {
				if n == 0 {
					return ""
				}
				return fmt.Sprintf("; %d that may be the owner's stay", n)
			}
			w.purge(rb, "account:"+stolen)
			want := "90 messages moved, left of what matches: 0" + stay(c.own)
			s := rb.State()
			if page := s.Page(incident.Purge).Advice; !slices.Contains(page, "Still to search for: class:answer.") {
				t.Errorf("the page says %q", page)
			}
			if purge := rb.State().Incident.Steps[incident.Purge]; purge.State != incident.ToDo || purge.Result != want {
				t.Errorf("%s: %q, want %q", purge.State, purge.Result, want)
			}
			w.purge(rb, "class:answer")
			want = fmt.Sprintf("%d messages moved, none left", 90+c.answers) + stay(c.own+c.back)
			if purge := rb.State().Incident.Steps[incident.Purge]; purge.State != incident.Done || purge.Result != want {
				t.Errorf("%s: %q, want %q", purge.State, purge.Result, want)
			}
		})
	}
}

// A move that ends before its end says how far it came, and whose doing that was.
func TestAMoveSaysWhyItEnded(t *testing.T) {
	for _, c := range []struct {
		why  error
		says string
	}{
		{steps.ErrClosed, "0 moved; the window was closed, or delist was ended from outside"}, {nil, "0 moved; stopped by the operator"},
	} {
		w, rb := stoppedWorld(t)
		in := w.planAll(rb)
		release, err := rb.HangLooking(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- rb.Do(ctx, in) }()
		w.until(rb, "the move", func(s steps.State) bool { return s.Incident.Steps[incident.Purge].State == incident.Running })
		stop(c.why)
		rb.Cancel()
		if err := <-ended; err == nil || err.Error() != c.says {
			t.Errorf("it says %v, want %s", err, c.says)
		}
		release()
		if purge := rb.State().Incident.Steps[incident.Purge]; purge.State != incident.ToDo || purge.Reason != c.says {
			t.Errorf("Purge: %+v", purge)
		}
	}
}
