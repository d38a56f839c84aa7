// Walk leads delist through an incident in a real terminal, as an operator who only follows: it presses what Enter is said
// to do, answers what is asked, and nothing else. It fails where the screen leads nowhere.
//
//	walk [flags] -- PROGRAM ARGS...
//	walk spool DIR [relay]        makes a spool that delist did not make
//	walk delivered DIR            tells what left the practice server in DIR, and fails if spam did
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// settings are the flags.
type settings struct {
	name                           string
	cols, rows                     int
	plain, kill, verbose           bool
	leaveAt                        string
	stopCmd, startCmd, passwordCmd string
	most, want                     int
	limit, patience                time.Duration

	program, resume []string
}

func main() {
	err := run(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "walk:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 1 && args[0] == "spool" {
		return makeSpool(args[1], len(args) > 2 && args[2] == "relay", time.Now())
	}
	if len(args) == 2 && args[0] == "delivered" {
		return delivered(args[1])
	}
	s, err := parse(args)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "walk-")
	if err != nil {
		return fmt.Errorf("a folder for the terminal: %w", err)
	}
	defer os.RemoveAll(dir)
	term, err := openTerminal(dir, s.cols, s.rows, s.program)
	if err != nil {
		return err
	}
	defer term.close()
	go func() { // whoever ends this walk ends what it drives
		end := make(chan os.Signal, 1)
		signal.Notify(end, os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
		<-end
		term.close()
		_ = os.RemoveAll(dir)
		os.Exit(1)
	}()
	began := time.Now()
	w := &walk{settings: s, term: term, spent: func() time.Duration { return time.Since(began) }, chosen: map[string]int{}, left: map[string]bool{}}
	if err := w.follow(); err != nil {
		return fmt.Errorf("%s stopped at %s after %d presses, %.0f s: %w", s.title(), w.step, w.presses, w.spent().Seconds(), err)
	}
	if err := w.reported(); err != nil {
		return fmt.Errorf("%s: %w", s.title(), err)
	}
	w.told()
	return nil
}

// told writes the one line about a walk that led to its end.
func (w *walk) told() {
	fmt.Printf("walked %s: %d presses, %.0f s", w.title(), w.presses, w.spent().Seconds())
	if len(w.hands) > 0 {
		fmt.Printf(", by hand: %s", strings.Join(w.hands, ", "))
	}
	if w.leaveAt != "" {
		fmt.Printf(", left %d times", len(w.left))
	}
	fmt.Println()
}

// parse reads the flags and the program behind them.
func parse(args []string) (settings, error) {
	var s settings
	var size, resume string
	flags := flag.NewFlagSet("walk", flag.ContinueOnError)
	flags.StringVar(&s.name, "name", "an incident", "the scenario's `NAME`, for the line at the end")
	flags.StringVar(&size, "size", "80x24", "the terminal's `COLUMNSxROWS`")
	flags.BoolVar(&s.plain, "plain", false, "the program is in line mode")
	flags.StringVar(&s.leaveAt, "leave-at", "", "leave once at this `STEP`, or at every, and go on with the same incident")
	flags.BoolVar(&s.kill, "kill", false, "leave by SIGKILL")
	flags.StringVar(&resume, "resume-args", "", "the program's `ARGS` to go on with, separated by spaces; else the same")
	flags.StringVar(&s.stopCmd, "stop-cmd", "", "the `COMMAND` that stops mail by hand")
	flags.StringVar(&s.startCmd, "start-cmd", "", "the `COMMAND` that starts mail by hand")
	flags.StringVar(&s.passwordCmd, "password-cmd", "", "the `COMMAND` that sets $WALK_PASSWORD of $WALK_ACCOUNT by hand")
	flags.IntVar(&s.most, "presses", 120, "fail after this `NUMBER` of key presses")
	flags.IntVar(&s.want, "status", 0, "the exit `STATUS` that the program has to end with")
	flags.DurationVar(&s.limit, "limit", 3*time.Minute, "fail after this `TIME`")
	flags.DurationVar(&s.patience, "patience", 40*time.Second, "fail when nothing is offered for this `TIME`")
	flags.BoolVar(&s.verbose, "v", false, "tell each press")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if s.program = flags.Args(); len(s.program) == 0 {
		return s, errors.New("no program to walk through; give it behind --")
	}
	if _, err := fmt.Sscanf(size, "%dx%d", &s.cols, &s.rows); err != nil {
		return s, fmt.Errorf("--size %s: %w", size, err)
	}
	s.resume = s.program
	if resume != "" {
		s.resume = append([]string{s.program[0]}, strings.Fields(resume)...)
	}
	return s, nil
}

// title names the walk and how it was walked.
func (s *settings) title() string {
	title := fmt.Sprintf("%s, %dx%d", s.name, s.cols, s.rows)
	if s.plain {
		title += ", line mode"
	}
	switch {
	case s.leaveAt != "" && s.kill:
		title += ", killed at " + s.leaveAt
	case s.leaveAt != "":
		title += ", left at " + s.leaveAt
	}
	return title
}

// reported says whether the report of the incident is where the program was told to keep incidents.
func (w *walk) reported() error {
	for i, arg := range w.program {
		dir, ok := strings.CutPrefix(arg, "--incidents=")
		if arg == "--incidents" && i+1 < len(w.program) {
			dir, ok = w.program[i+1], true
		}
		if !ok {
			continue
		}
		found, err := filepath.Glob(filepath.Join(dir, "*", "report.md"))
		if err != nil || len(found) != 1 {
			return fmt.Errorf("reports in %s: %d, want 1", dir, len(found))
		}
		text, err := os.ReadFile(found[0])
		if err != nil {
			return fmt.Errorf("read the report: %w", err)
		}
		if !strings.Contains(string(text), "Still to do by hand") {
			return fmt.Errorf("%s does not say what is still to do", found[0])
		}
	}
	return nil
}
