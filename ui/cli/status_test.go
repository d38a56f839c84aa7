package cli

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"delist/steps"
)

// TestWorse: where several statuses hold, the first of 2, 4, 1, 3 counts.
func TestWorse(t *testing.T) {
	order := []Status{Usage, Unfinished, BadNews, NoAnswer, Good}
	for i, a := range order {
		for j, b := range order {
			if got, want := worse(a, b), order[min(i, j)]; got != want {
				t.Errorf("worse(%d, %d) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestStatusOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Status
	}{
		{nil, Good},
		{silent(Good), Good},
		{silent(BadNews), BadNews},
		{usage("give %s", "one"), Usage},
		{fmt.Errorf("wrapped: %w", unfinished("half")), Unfinished},
		{&steps.Refusal{Reason: "not now"}, BadNews},
		{errors.Join(errors.New("a"), fmt.Errorf("x: %w", steps.ErrTakenOver)), BadNews},
		{context.Canceled, Unfinished},
		{errors.New("anything else"), NoAnswer},
	} {
		if got := statusOf(c.err); got != c.want {
			t.Errorf("statusOf(%v) = %d, want %d", c.err, got, c.want)
		}
	}
}

// TestSentence: one line, nothing unprintable, nothing twice.
func TestSentence(t *testing.T) {
	err := errors.Join(errors.New("first\nsecond"), errors.New("first"), errors.New("\x1b[31mred"))
	if got, want := sentence(err), "first; second; [31mred"; got != want {
		t.Errorf("sentence = %q, want %q", got, want)
	}
}
