package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

var (
	saysStopped = regexp.MustCompile(`(?i)\bmail is stopped\b|\bhave stopped\b`)
	saysRuns    = regexp.MustCompile(`(?i)\bmail runs\b|\bhave started\b|\bmail is started\b`)
	saysSet     = regexp.MustCompile(`(?i)\bhave set\b`)
	asksToSet   = regexp.MustCompile(`\bset the new\s+password of\b`)
	newPassword = regexp.MustCompile(`The new password of (\S+?):?\s+(?:\S+: )?(\S{8,})`)
)

// byHand does what Enter says that the operator has done, where it says so.
func (w *walk) byHand(o offer) error {
	switch {
	case saysStopped.MatchString(o.act):
		w.stopped = true
		return w.hook("stop", w.stopCmd)
	case saysRuns.MatchString(o.act):
		w.stopped = false
		return w.hook("start", w.startCmd)
	case saysSet.MatchString(o.act):
		return w.setPassword()
	}
	return nil
}

// byItself does by hand what the step is for, where nothing is offered until it has happened.
func (w *walk) byItself(screen string) error {
	switch {
	case asksToSet.MatchString(screen) && offered(screen, "v: show") && (w.password == "" || w.given != w.password):
		return w.setPassword()
	case w.step == "Stop" && !w.stopped && w.stopCmd != "":
		w.stopped = true
		return w.hook("stop", w.stopCmd)
	case w.step == "Restart" && w.stopped && w.startCmd != "":
		w.stopped = false
		return w.hook("start", w.startCmd)
	}
	return nil
}

// hook runs a command that does what the operator does beside the program.
func (w *walk) hook(name, command string, env ...string) error {
	if command == "" {
		return nil
	}
	w.hands = append(w.hands, name)
	cmd := exec.Command("sh", "-c", command)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("by hand, %s: %w: %s", name, err, out)
	}
	return nil
}

// remember keeps the new password that a box shows: an operator notes it.
func (w *walk) remember(screen string) {
	box, _ := boxOn(strings.Split(screen, "\n"))
	if m := newPassword.FindStringSubmatch(strings.Join(box, " ")); m != nil {
		w.account, w.password = m[1], m[2]
	}
}

// setPassword gives the new password to the hook; one that is not known yet is looked at first, with the key for it.
func (w *walk) setPassword() error {
	if w.passwordCmd == "" {
		return nil
	}
	text, _, err := w.see()
	if err != nil {
		return err
	}
	if w.password == "" && offered(text, "v: show") {
		for _, key := range []string{"v", "Escape"} {
			if err := w.term.press(key); err != nil {
				return err
			}
			time.Sleep(2 * settled)
			if _, _, err := w.see(); err != nil {
				return err
			}
		}
	}
	if err := w.hook("password", w.passwordCmd, "WALK_ACCOUNT="+w.account, "WALK_PASSWORD="+w.password); err != nil {
		return &stuck{err.Error(), text}
	}
	w.given = w.password
	return nil
}
