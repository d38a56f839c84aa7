package steps

import (
	"context"
	"sync"
	"time"

	"delist/spool"
)

// firstLook reads the whole spool. A large one takes a while, so the rows of who sends are shown from the first messages
// on. They are made beside the reading, and less and less often the longer they take.
func (r *Runbook) firstLook(ctx context.Context) (*spool.Snapshot, error) {
	early := earlyRows{wanted: make(chan struct{}, 1), sofar: make(chan *spool.Snapshot), show: func(snap *spool.Snapshot) {
		rows := r.senderRows(snap, nil, nil)
		r.see(func(l *Live) { l.Senders = rows })
	}}
	var work sync.WaitGroup
	work.Go(early.run)
	snap, err := r.liveSpool().Scan(ctx, func(p spool.Progress) {
		early.offer(p)
		p.SoFar = nil // it does not work later
		r.see(func(l *Live) { l.Scanning = &p })
	})
	close(early.sofar)
	work.Wait()
	return snap, err
}

// earlyRows makes rows of what is read so far, whenever it is ready for more.
type earlyRows struct {
	wanted chan struct{}
	sofar  chan *spool.Snapshot
	show   func(*spool.Snapshot)
}

func (e *earlyRows) run() {
	for {
		e.wanted <- struct{}{}
		snap, more := <-e.sofar
		if !more {
			return
		}
		began := time.Now()
		e.show(snap)
		select {
		case <-time.After(4 * time.Since(began)): // most of the processor is for the reading
		case _, more := <-e.sofar:
			if !more {
				return
			}
		}
	}
}

// offer hands over what is read so far if that is wanted now. It does not wait.
func (e *earlyRows) offer(p spool.Progress) {
	if p.SoFar == nil {
		return
	}
	select {
	case <-e.wanted:
	default:
		return
	}
	if snap := p.SoFar(); snap.Len() > 0 {
		e.sofar <- snap // which waits for it
		return
	}
	e.wanted <- struct{}{}
}
