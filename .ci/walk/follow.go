package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// The pauses of an operator. A screen or a box that has just come listens after 0.4 s of quiet.
const (
	look    = 100 * time.Millisecond // between two looks at the screen
	settled = 500 * time.Millisecond // an offer counts once it has stood for this long
	once    = 4 * time.Second        // a key that changed nothing for this long is pressed again
	idle    = 3 * time.Second        // with nothing offered for this long, an operator does by hand what the step is for
)

// How often one and the same is chosen in an incident before it is called a loop.
const mostOften = 12

// mostVain is how often a key that changes nothing is pressed again.
const mostVain = 3

// walk is one incident, led from the offers of the screen to its end.
type walk struct {
	settings
	term  *terminal
	spent func() time.Duration

	step     string         // as told last
	answered int            // in line mode: the lines that were there at the last answer
	read     bool           // the text that Enter shows was read
	presses  int            // key presses so far; a typed word and a hook are none
	chosen   map[string]int // how often each offer was taken
	vain     int            // how often the last offer was taken again because nothing had changed
	left     map[string]bool
	stopped  bool // mail was stopped by hand, and not started since
	hands    []string

	account, password string // as read from the screen last
	given             string // the password that was set by hand last
}

// stuck is a walk that did not get on.
type stuck struct{ why, screen string }

func (s *stuck) Error() string {
	lines := strings.Split(strings.TrimRight(s.screen, "\n "), "\n")
	return s.why + "; the screen:\n" + strings.Join(lines[max(0, len(lines)-45):], "\n")
}

// follow goes on until the program ends by itself.
func (w *walk) follow() error {
	var seen, taken offer
	since, takenAt, offeredAt := time.Now(), time.Time{}, time.Now()
	for ; ; time.Sleep(look) {
		over, status, err := w.term.ended()
		if err != nil {
			return err
		}
		text, o, err := w.see()
		if err != nil {
			return err
		}
		if over {
			return w.judge(status, text)
		}
		now := time.Now()
		if o.step != "" {
			w.step = o.step
		}
		if !o.same(seen) {
			seen, since = o, now
		}
		if why := w.late(o, now.Sub(offeredAt)); why != "" {
			return &stuck{why, text}
		}
		if o.same(taken) && now.Sub(takenAt) < once || now.Sub(since) < settled {
			continue
		}
		if w.leaves(o) {
			if err := w.leave(text); err != nil {
				return err
			}
			seen, taken, offeredAt = offer{}, offer{}, time.Now()
			continue
		}
		if o.what == "" {
			if now.Sub(offeredAt) > idle {
				if err := w.byItself(text); err != nil {
					return err
				}
			}
			if o.press == nil {
				continue
			}
		} else {
			offeredAt = now
			if why := w.loops(o, o.same(taken)); why != "" {
				return &stuck{why, text}
			}
			if err := w.byHand(o); err != nil {
				return err
			}
		}
		if err := w.take(o, text); err != nil {
			return err
		}
		taken, takenAt = o, time.Now()
	}
}

// late says which bound is passed; empty when none is.
func (w *walk) late(o offer, bare time.Duration) string {
	switch {
	case w.spent() > w.limit:
		return fmt.Sprintf("not closed after %v", w.limit)
	case w.presses >= w.most:
		return fmt.Sprintf("not closed after %d key presses", w.presses)
	case o.what == "" && bare > w.patience:
		return fmt.Sprintf("at %s nothing is offered for %v", w.step, w.patience)
	}
	return ""
}

// loops counts an offer that is about to be taken, and says when it has been taken too often; again is for one that changed
// nothing the last time.
func (w *walk) loops(o offer, again bool) string {
	name := o.step + ": " + o.what
	w.chosen[name]++
	if w.vain++; !again {
		w.vain = 0
	}
	switch {
	case w.vain > mostVain:
		return fmt.Sprintf("pressed %d times, and nothing changed: %s", w.vain, name)
	case w.chosen[name] > mostOften:
		return "the same again and again: " + name
	}
	return ""
}

// same says whether the operator would see no difference.
func (o offer) same(other offer) bool {
	return o.step == other.step && o.what == other.what && slices.Equal(o.press, other.press)
}

// see reads the screen.
func (w *walk) see() (string, offer, error) {
	text, err := w.term.screen(w.plain)
	if err != nil {
		return "", offer{}, err
	}
	w.remember(text)
	if !w.plain || w.step == "" && !strings.Contains(text, "Step ") {
		return text, readScreen(text, w.read), nil
	}
	text = strings.TrimRight(text, "\n ")
	lines := strings.Split(text, "\n")
	return text, readLines(strings.Join(lines[min(w.answered, len(lines)):], "\n"), w.step), nil
}

// take presses what answers an offer.
func (w *walk) take(o offer, text string) error {
	if w.verbose {
		fmt.Fprintf(os.Stderr, "%6.1f s  %s: %s %v\n", w.spent().Seconds(), o.step, o.what, o.press)
	}
	if w.plain && w.step != "" {
		w.answered = len(strings.Split(text, "\n"))
	}
	for i, s := range o.press {
		if i > 0 {
			time.Sleep(settled)
		}
		if s.text != "" {
			if err := w.term.write(s.text); err != nil {
				return err
			}
			continue
		}
		if err := w.term.press(s.key); err != nil {
			return err
		}
	}
	if o.what != "" {
		w.presses++
	}
	w.read = o.reads
	return nil
}

// judge says how a program that has ended by itself did.
func (w *walk) judge(status int, text string) error {
	if status == w.want {
		return nil
	}
	return &stuck{fmt.Sprintf("the program ended with %d, want %d", status, w.want), text}
}

// leaves says whether this is the moment to leave, as the flags have it: once at a step, with no question open.
func (w *walk) leaves(o offer) bool {
	return w.leaveAt != "" && o.opens && !o.box && o.step != "" && !w.left[o.step] && !w.read &&
		(w.leaveAt == "every" || strings.EqualFold(w.leaveAt, o.step))
}

// leave ends the program, as asked or by force, and starts it again.
func (w *walk) leave(text string) error {
	w.left[w.step] = true
	if w.verbose {
		fmt.Fprintf(os.Stderr, "%6.1f s  %s: leaves\n", w.spent().Seconds(), w.step)
	}
	if w.kill {
		if err := w.term.kill(); err != nil {
			return err
		}
	} else if err := w.goAway(); err != nil {
		return err
	}
	status, err := w.end()
	if err != nil {
		return err
	}
	if !w.kill && status != unfinished {
		return &stuck{fmt.Sprintf("left at %s, the program ended with %d, want %d", w.step, status, unfinished), text}
	}
	w.answered, w.step, w.read, w.password = 0, "", false, "" // a password that was made ends with the program
	return w.term.again(w.resume)
}

// unfinished is the exit status that says: not through, can be gone on with.
const unfinished = 4

// goAway leaves by the keys for it.
func (w *walk) goAway() error {
	if w.plain {
		if err := w.term.write("quit"); err != nil {
			return err
		}
		return w.term.press("Enter")
	}
	if err := w.term.press("q"); err != nil {
		return err
	}
	for range 50 {
		time.Sleep(look)
		text, o, err := w.see()
		if err != nil {
			return err
		}
		if o.box && strings.Contains(o.what, "Leave delist") {
			time.Sleep(settled)
			return w.term.press("y")
		}
		if over, _, _ := w.term.ended(); over {
			return nil
		}
		if o.box {
			return &stuck{"q did not ask about leaving", text}
		}
	}
	text, _, err := w.see()
	return errors.Join(err, &stuck{"q did not ask about leaving", text})
}

// end waits for the program's end.
func (w *walk) end() (int, error) {
	for range 200 {
		over, status, err := w.term.ended()
		if over || err != nil {
			return status, err
		}
		time.Sleep(look)
	}
	text, _, err := w.see()
	return 0, errors.Join(err, &stuck{"the program did not end", text})
}
