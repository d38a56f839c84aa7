package spool_test

import (
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// An envelope that nobody can read and that was written just now may be half written: a search that nobody repeats waits
// for it, and never says that its message is not there.
func TestWhatArrivesIsNotAbsent(t *testing.T) {
	root := t.TempDir()
	now := time.Now()
	spooltest.File(t, root, "SubSpool1/10000001.hdr", []byte("<envelope/>"), now)
	spooltest.File(t, root, "SubSpool1/10000001.eml", []byte("Subject: parcel\r\n\r\nhello\r\n"), now)
	s, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for text, hits := range map[string]int{"subject:parcel": 1, "text:parcel": 1, "text:letter": 0} {
		q, err := spool.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		_, found, err := s.ScanFor(t.Context(), q, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Hits) != hits {
			t.Errorf("%s finds %d, want %d", text, len(found.Hits), hits)
		}
	}
	spooltest.File(t, root, "SubSpool1/10000002.hdr", []byte("<envelope/>"), time.Now())
	spooltest.File(t, root, "SubSpool1/10000002.eml", []byte("Subject: parcel\r\n\r\nhello\r\n"), time.Now())
	if snap, err := s.ScanOnce(t.Context(), nil); err != nil || snap.Len() != 2 || snap.Arriving() != 0 {
		t.Errorf("%d messages, %v", snap.Len(), err)
	}
}
