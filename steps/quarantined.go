package steps

import "delist/spool/quarantine"

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
