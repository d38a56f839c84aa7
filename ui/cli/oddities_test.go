package cli

import (
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// TestOddities: what is no readable message is counted and listed, and so is what was cut off while it arrived; what still arrives is no oddity.
func TestOddities(t *testing.T) {
	root := t.TempDir()
	old := time.Now().Add(-time.Hour)
	for name, text := range map[string]string{
		"1.hdr": "no envelope at all", "1.eml": "x", "2.em_": "x", "2.hdr": "Writing \r\n", "3.eml": "x", "4.eml": "x",
	} {
		spooltest.File(t, root, name, []byte(text), old)
	}
	spooltest.File(t, root, "5.em_", []byte("x"), time.Now())
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
		"The spool holds 1 message of an older layout, not understood.\n" +
		"1 message in the spool could not be read, so nobody knows what is in it; `delist doctor` lists it."
	if got != want {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
	var listed []string
	for _, s := range odditySigns(snap) {
		listed = append(listed, s.says[:5])
	}
	if got := strings.Join(listed, " "); got != "1 mes 2.em_ 3.eml 4.eml" {
		t.Errorf("listed: %s", got)
	}
}
