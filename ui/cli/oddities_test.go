package cli

import (
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// TestOddities: what is no readable message is counted and listed; what still arrives is no oddity.
func TestOddities(t *testing.T) {
	root := t.TempDir()
	old := time.Now().Add(-time.Hour)
	for name, text := range map[string]string{
		"1.hdr": "no envelope at all", "1.eml": "x", "2.em_": "x", "2.hdr": "Writing \r\n", "3.eml": "x", "4.eml": "x",
	} {
		spooltest.File(t, root, name, []byte(text), old)
	}
	sp, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	snap, err := sp.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(oddLines(snap, "delist doctor"), "\n")
	want := "2 files in the spool belong to no message (2 messages without envelope); `delist doctor` lists them.\n" +
		"1 message in the spool is damaged and left out; `delist doctor` lists it."
	if got != want {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
	var listed []string
	for _, s := range odditySigns(snap) {
		listed = append(listed, s.says[:5])
	}
	if got := strings.Join(listed, " "); got != "1.hdr 3.eml 4.eml" {
		t.Errorf("listed: %s", got)
	}
}
