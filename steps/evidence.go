package steps

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"delist/steps/incident"
)

// keepEvidence copies what the next steps change - who sent what from where, and what the lists said, as they were in a
// state - into the incident's folder, each file with its SHA-256 in the record.
func (r *Runbook) keepEvidence(s State) error {
	dir := filepath.Join(r.dir, "evidence")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of the evidence: %w", err)
	}
	stamp := r.hands.Clock().UTC().Format("20060102T150405")
	parts := map[string]any{"senders": s.Live.Senders, "listings": s.Incident.Listings}
	if s.Incident.Identity != nil {
		parts["identity"] = s.Incident.Identity
	}
	if s.Live.Spool != nil {
		parts["problems"] = s.Live.Spool.Problems()
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		data, err := json.MarshalIndent(parts[name], "", "  ")
		if err != nil {
			return fmt.Errorf("write down the %s: %w", name, err)
		}
		if text := string(data); text == "null" || text == "[]" { // it would be taken for a proof of something
			continue
		}
		file := fmt.Sprintf("%s-%s.json", name, stamp)
		if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
			return fmt.Errorf("write down the %s: %w", name, err)
		}
		sum := sha256.Sum256(data)
		if err := r.record(incident.EvidenceTaken{Name: "evidence/" + file, SHA256: hex.EncodeToString(sum[:])}); err != nil {
			return err
		}
	}
	return nil
}
