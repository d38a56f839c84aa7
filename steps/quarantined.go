package steps

import (
	"context"
	"fmt"

	"delist/spool"
	"delist/spool/quarantine"
)

// Quarantined is a message in quarantine.
type Quarantined = quarantine.Held

// QuarantinedIn lists what is in the quarantine at dir by its manifest, and changes nothing: what a killed run left half
// done stays so. There is nothing in a quarantine that was never begun.
func QuarantinedIn(dir string) ([]Quarantined, error) {
	if !quarantine.Begun(dir) {
		return nil, nil
	}
	store, err := quarantine.Open(dir, quarantine.SameVolume)
	if err != nil {
		return nil, err
	}
	return store.Held(), store.Close()
}

// OpenQuarantined opens the messages in the quarantine at dir as a spool, since they are laid out like one.
func OpenQuarantined(dir string) (*spool.Spool, error) {
	held, err := spool.Open(quarantine.Files(dir))
	if err != nil {
		return nil, fmt.Errorf("the quarantine cannot be read: %w", err)
	}
	return held, nil
}

// ReadQuarantined reads some of the messages in the quarantine at dir.
func ReadQuarantined(ctx context.Context, dir string, ids []spool.ID) (*spool.Snapshot, error) {
	held, err := OpenQuarantined(dir)
	if err != nil {
		return nil, err
	}
	defer held.Close()
	return held.Read(ctx, ids), ctx.Err()
}

// SearchQuarantined names the messages in the quarantine at dir that match a query. progress may be nil.
func SearchQuarantined(ctx context.Context, dir string, query spool.Query, progress func(spool.Progress)) (map[spool.ID]bool, error) {
	held, err := OpenQuarantined(dir)
	if err != nil {
		return nil, err
	}
	defer held.Close()
	_, results, err := held.ScanFor(ctx, query, nil, progress)
	if err != nil {
		return nil, fmt.Errorf("search the quarantine: %w", err)
	}
	match := make(map[spool.ID]bool, len(results.Hits))
	for _, hit := range results.Hits {
		match[hit.ID] = true
	}
	return match, nil
}
