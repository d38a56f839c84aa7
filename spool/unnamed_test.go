package spool_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// tell answers for the mail of the spam as the SMTP log would.
func tell(list []spool.Unnamed, spam []spool.ID) []spool.Unnamed {
	for i := range list {
		if slices.Contains(spam, list[i].ID) {
			list[i].Account = strings.ToUpper(spooltest.Thief)
		}
	}
	return list
}

// TestNamedByTheLog tries every layout without a word of who logged in.
func TestNamedByTheLog(t *testing.T) {
	for _, l := range spooltest.Layouts() {
		t.Run(l.Name, func(t *testing.T) {
			root := t.TempDir()
			spam := spooltest.WriteLayout(t, root, "SubSpool1", l.WithoutAuth(), false)
			s := open(t, root)
			snap, err := s.Scan(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			list := snap.Unnamed()
			if l.As == spool.LayoutCurrent {
				if list != nil {
					t.Fatalf("%d messages are asked about", len(list))
				}
				return
			}
			if odd := snap.Len() - snap.Layout(spool.LayoutCurrent); len(list) != odd || odd < spooltest.LayoutSpam {
				t.Fatalf("%d messages are asked about", len(list))
			}
			named, n := snap.Named(tell(list, spam))
			if n != len(list) || named.Unnamed() != nil || named.OddLayouts() != snap.OddLayouts() || named.Len() != snap.Len() {
				t.Errorf("%d told, %d left: %s", n, len(named.Unnamed()), named.OddLayouts())
			}
			if m, _ := snap.Find(spam[1]); m.Basis == spool.BasisLog {
				t.Error("the snapshot before has changed")
			}
			for _, id := range spam {
				if m, _ := named.Find(id); m.Account != spooltest.Thief || m.Basis != spool.BasisLog || !m.Guessed() || m.NoLogin() || m.Bounce {
					t.Fatalf("%s: %q by %s, guessed %v", id, m.Account, m.Basis, m.Guessed())
				}
			}
			q, err := spool.ParseQuery("account:" + spooltest.Thief)
			if err != nil {
				t.Fatal(err)
			}
			res, err := s.Search(t.Context(), named, q, nil)
			if err != nil {
				t.Fatal(err)
			}
			var hits []spool.ID
			for _, h := range res.Hits {
				hits = append(hits, h.ID)
			}
			slices.Sort(spam)
			if slices.Sort(hits); !slices.Equal(hits, spam) || res.Marked() != 0 {
				t.Errorf("account: finds %d of %d, %d of them marked", len(hits), len(spam), res.Marked())
			}
			for _, row := range named.Senders() {
				if row.Account == spooltest.Thief && (row.Basis != spool.BasisLog || row.Queued != len(spam)) {
					t.Errorf("the row of the account has %d by %s", row.Queued, row.Basis)
				}
			}
		})
	}
}

func TestNamesStay(t *testing.T) {
	root := t.TempDir()
	layout := spooltest.Layouts()[slices.IndexFunc(spooltest.Layouts(), func(l spooltest.Layout) bool { return l.Name == "INI file" })]
	spam := spooltest.WriteLayout(t, root, "SubSpool1", layout.WithoutAuth(), false)
	s := open(t, root)
	snap, err := s.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	snap, _ = snap.Named(tell(snap.Unnamed(), spam))

	write := func(id spool.ID, ext, text string) {
		t.Helper()
		path := filepath.Join(root, filepath.FromSlash(string(id))+ext)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	envelope := layout.WithoutAuth().HDR(spooltest.Envelope{From: "a@b.test", To: []string{"c@d.test"}})
	retried, another, noted, came := spam[0], spam[1], spam[2], spool.NewID("SubSpool1", "99")
	write(retried, ".hdr", envelope+"Retry=1\r\n")
	write(another, ".hdr", envelope)
	write(another, ".eml", "Subject: of the same name\r\n\r\n")
	write(noted, ".hdr", "Written\r\na@b.test\r\nc@d.test\r\nauth: ann@b.test\r\n\r\n")
	write(came, ".hdr", envelope)
	write(came, ".eml", "Subject: new\r\n\r\n")
	next, changes, err := s.Rescan(t.Context(), snap, nil)
	if err != nil || len(changes.Rewritten) != 3 {
		t.Fatal(changes, err)
	}
	var asked []string
	for _, u := range next.Unnamed() {
		asked = append(asked, string(u.ID))
	}
	if want := []string{string(another), string(came)}; strings.Join(asked, " ") != strings.Join(want, " ") {
		t.Errorf("asked about %q, not %q", asked, want)
	}
	for id, want := range map[spool.ID]spool.Basis{retried: spool.BasisLog, spam[5]: spool.BasisLog, noted: spool.BasisAuth} {
		if m, _ := next.Find(id); m.Basis != want {
			t.Errorf("%s: %q by %s, not by %s", id, m.Account, m.Basis, want)
		}
	}
	if m, _ := next.Find(another); m.Basis == spool.BasisLog {
		t.Errorf("another message of the name is %q's", m.Account)
	}
	late := tell(snap.Unnamed(), nil)
	late = append(late, spool.Unnamed{ID: another, Written: time.Now().Add(-2 * time.Hour), Account: "x@y.test"}, spool.Unnamed{ID: "gone/1", Account: "x@y.test"})
	if same, n := next.Named(late); n != 0 || same != next {
		t.Errorf("%d answers about what is not there any more are taken", n)
	}
}
