package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/dustin/go-humanize"

	"delist/spool/message"
	"delist/steps"
	"delist/steps/incident"
)

// deleteQuarantine removes for good what is in the quarantine of an incident.
func (p *program) deleteQuarantine(ctx context.Context, o options, q quarantineOptions) (err error) {
	if o.readOnly {
		return badNews("delist runs read-only; leave --read-only out to delete anything")
	}
	found, err := p.findIncident(o, q.query)
	if err != nil {
		return err
	}
	dir := quarantineOf(found.inc)
	if dir == "" {
		return badNews("incident %s has moved no message, so there is nothing to delete", found.inc.ID)
	}
	if o.dryRun {
		return p.wouldDelete(found.inc, dir)
	}
	o.spool = found.inc.Spool
	s := p.detect(ctx, o)
	session, err := p.openHeld(o, s, found, q.takeOver)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.close()) }()
	held := session.State().Live.Held
	if err := p.tellDelete(held, session.id, dir); err != nil {
		return err
	}
	count, err := p.agree(q.yes, len(held), true)
	if err != nil {
		return err
	}
	before := len(session.Records())
	err = session.telling(ctx, p.env.Stderr, steps.DeleteQuarantined{Count: count})
	return p.deleted(ctx, session, q, session.Records()[before:], err)
}

// wouldDelete tells what would go, from what is written down.
func (p *program) wouldDelete(inc incident.Incident, dir string) error {
	held, err := steps.QuarantinedIn(dir)
	if err != nil {
		return noAnswer("the quarantine cannot be read: %w", err)
	}
	if err := p.tellDelete(held, inc.ID, dir); err != nil {
		return err
	}
	fmt.Fprintln(p.env.Stdout, "Dry run: nothing was deleted.")
	return nil
}

func (p *program) tellDelete(held []steps.Quarantined, id, dir string) error {
	if len(held) == 0 {
		return badNews("the quarantine of incident %s is empty; there is nothing to delete", id)
	}
	bytes := int64(0)
	for _, h := range held {
		bytes += h.Stamp.EML.Size
	}
	fmt.Fprintf(p.env.Stdout, "%s in %s, %s, would be gone for good: no command brings them back.\n",
		countOf(len(held)), message.Printable(dir), humanize.Bytes(uint64(max(bytes, 0))))
	return nil
}

// deleted says what came of it, by the records that it left.
func (p *program) deleted(ctx context.Context, s *session, q quarantineOptions, news []incident.Record, err error) error {
	var last *incident.Deleted
	for _, r := range news {
		if fact, ok := r.Fact.(incident.Deleted); ok {
			last = &fact
		}
	}
	if last == nil {
		return stoppedOr(ctx, err)
	}
	fmt.Fprintf(p.env.Stdout, "%s deleted for good.\n", countOf(last.Deleted))
	again := goesOn(len(s.State().Live.Held), q.again)
	switch {
	case err != nil:
		return unfinished("stopped part way: %s; %s", sentence(err), again)
	case len(last.Skipped) > 0:
		return unfinished("%s; %s", last.Say(), again)
	}
	return nil
}
