package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"delist/steps/drill"
	"delist/steps/incident"
)

// delivered holds what has arrived outside from the practice server in dir against its incident: after the restart that was
// called done no spam and no answer to a sender that it forged, each good message once, and none lost.
func delivered(dir string) error {
	stopped, err := lastStop(filepath.Join(dir, "incidents"))
	if err != nil {
		return err
	}
	tally, err := drill.DeliveredIn(dir)
	if err != nil {
		return err
	}
	before, after := tally.Before(stopped), tally.After(stopped)
	lies, err := files(dir)
	if err != nil {
		return err
	}
	lost := 0
	for _, message := range tally.Waiting {
		if !lies[message.ID+".eml"] {
			lost++
		}
	}
	fmt.Printf("  arrived outside before the last stop: %d spam, %d bounces, %d good; since: %d, %d, %d; %d good still here\n",
		before.Spam, before.Bounces, before.Good, after.Spam, after.Bounces, after.Good, len(tally.Waiting)-lost)
	switch {
	case after.Spam+after.Bounces > 0:
		return errors.New("spam left after a restart that was called done")
	case len(tally.Repeated) > 0:
		return fmt.Errorf("%d good messages arrived more than once", len(tally.Repeated))
	case lost > 0:
		return fmt.Errorf("%d good messages neither arrived nor lie anywhere", lost)
	case after.Good == 0:
		return errors.New("no good message arrived after the stop: nothing was measured")
	}
	return nil
}

// lastStop is when mail was seen stopped before the restart that was called done. Until then a thief may come in again: where
// a password is set by hand, mail has to run for it.
func lastStop(incidents string) (time.Time, error) {
	var stopped time.Time
	journals, err := filepath.Glob(filepath.Join(incidents, "*", "journal.jsonl"))
	if err != nil || len(journals) != 1 {
		return stopped, fmt.Errorf("incidents in %s: %d, want 1", incidents, len(journals))
	}
	text, err := os.ReadFile(journals[0])
	if err != nil {
		return stopped, err
	}
	for line := range bytes.Lines(text) {
		record, err := incident.DecodeRecord(bytes.TrimSpace(line))
		if err != nil {
			return stopped, fmt.Errorf("%s: %w", journals[0], err)
		}
		switch fact := record.Fact.(type) {
		case incident.MailStopped:
			stopped = record.At
		case incident.StepChanged:
			if fact.Step == incident.Restart && fact.State == incident.Done && !stopped.IsZero() {
				return stopped, nil
			}
		}
	}
	return stopped, errors.New("mail was never stopped and started again")
}

// files are the names of all files below dir.
func files(dir string) (map[string]bool, error) {
	names := map[string]bool{}
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil {
			names[entry.Name()] = true
		}
		return err
	})
	return names, err
}
