package spool_test

import (
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// What lies in Drop and Quarantine is counted, in every look, and is no queued message.
func TestApart(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  spool.Apart
	}{
		"nothing":                {nil, spool.Apart{}},
		"a drop":                 {[]string{"Drop/a.eml", "Drop/b.EML", "Drop/b.txt"}, spool.Apart{Drop: 2}},
		"small letters":          {[]string{"drop/a.eml"}, spool.Apart{Drop: 1}},
		"quarantined by day":     {[]string{"Quarantine/2026-11-27/1.eml", "Quarantine/2026-11-28/2.eml", "Quarantine/2026-11-28/2.hdr"}, spool.Apart{Quarantine: 2}},
		"both":                   {[]string{"Drop/a.eml", "Quarantine/1.eml"}, spool.Apart{Drop: 1, Quarantine: 1}},
		"a folder below another": {[]string{"SubSpool1/Drop/10000009.eml"}, spool.Apart{}},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			spooltest.Write(t, root, spooltest.Pair{})
			for _, file := range c.files {
				spooltest.File(t, root, file, []byte("Subject: x\r\n\r\n"), time.Time{})
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
			again, _, err := sp.Rescan(t.Context(), snap, nil)
			if err != nil {
				t.Fatal(err)
			}
			if snap.Apart() != c.want || again.Apart() != c.want || snap.Len() != 1 {
				t.Errorf("%+v, then %+v; want %+v; %d messages", snap.Apart(), again.Apart(), c.want, snap.Len())
			}
		})
	}
}
