package spool_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delist/spool"
	"delist/spool/spooltest"
)

// pairsHolding are the messages of which a file holds a text, in any case if so asked: what `grep -rlF` and findstr name.
func pairsHolding(t *testing.T, root, text string, anyCase bool) []spool.ID {
	t.Helper()
	found := map[spool.ID]bool{}
	want := []byte(text)
	if anyCase {
		want = bytes.ToLower(want)
	}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if anyCase {
			data = bytes.ToLower(data)
		}
		if bytes.Contains(data, want) {
			name, _ := filepath.Rel(root, path)
			found[spool.ID(filepath.ToSlash(name[:len(name)-len(".hdr")]))] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(func(yield func(spool.ID) bool) {
		for id := range found {
			if !yield(id) {
				return
			}
		}
	})
}

func hitIDs(res *spool.Results) []spool.ID {
	var ids []spool.ID
	for _, h := range res.Hits {
		ids = append(ids, h.ID)
	}
	slices.Sort(ids)
	return ids
}

// searchBoth finds messages in both ways there are: in what a look has seen, and without one. They have to agree.
func searchBoth(t *testing.T, s *spool.Spool, seen *spool.Snapshot, query string) *spool.Results {
	t.Helper()
	q, err := spool.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Search(t.Context(), seen, q, nil)
	if err != nil {
		t.Fatal(err)
	}
	snap, again, err := s.ScanFor(t.Context(), q, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(hitIDs(res), hitIDs(again)); diff != "" {
		t.Errorf("%s: with a look before (-) and without (+):\n%s", query, diff)
	}
	if snap.Partial() != (snap.Layout(spool.LayoutUnknown) > 0) {
		t.Errorf("%s: partial %v with %d not understood", query, snap.Partial(), snap.Layout(spool.LayoutUnknown))
	}
	return res
}

// TestLayouts makes spools of every layout, alone and beside mail of today's, with and without the login's name in the EML:
// all of it is found by what its files hold, nothing is chosen beforehand that nobody knows, and none of it is called read.
func TestLayouts(t *testing.T) {
	today := spooltest.Layouts()[0]
	for i, l := range spooltest.Layouts() {
		for _, mixed := range []bool{false, true} {
			if testing.Short() && (mixed || i%4 > 0) {
				continue
			}
			name := l.Name
			if mixed {
				name += ", mixed"
			}
			t.Run(name, func(t *testing.T) {
				root := t.TempDir()
				spam := spooltest.WriteLayout(t, root, "SubSpool0", l, mixed)
				all := spooltest.LayoutSpam + spooltest.LayoutMail
				for _, id := range spam {
					data, _ := os.ReadFile(filepath.Join(root, id.HDR()))
					if got := spool.ParseHDR(data).Layout; got != l.As {
						t.Fatalf("%q is read as %v, want %v", data, got, l.As)
					}
				}
				if mixed {
					spam = append(spam, spooltest.WriteLayout(t, root, "SubSpool1", today, true)...)
					all *= 2
				}
				s := open(t, root)
				snap := scan(t, s)
				if snap.Len() != all || snap.Pairs() != all || len(snap.Problems()) != 0 {
					t.Fatalf("%d messages, %d pairs, problems %v; want %d", snap.Len(), snap.Pairs(), snap.Problems(), all)
				}
				if snap.Partial() != (l.As == spool.LayoutUnknown) || (snap.OddLayouts() == "") != (l.As == spool.LayoutCurrent) {
					t.Errorf("partial %v, %q", snap.Partial(), snap.OddLayouts())
				}
				holdsAsFindstr(t, s, snap, root)
				byField(t, s, snap, spam)
				for _, h := range searchBoth(t, s, snap, "class:nologin").Hits {
					if m, _ := snap.Find(h.ID); m.Layout == spool.LayoutUnknown {
						t.Errorf("nobody knows whether somebody logged in to send %s", h.ID)
					}
				}
				for _, h := range searchBoth(t, s, snap, spooltest.Thief).Hits {
					if m, _ := snap.Find(h.ID); h.Marked() && (m.Layout == spool.LayoutUnknown || m.Layout == spool.LayoutAlike && !m.Basis.Proven()) {
						t.Errorf("%s comes marked, and nobody knows who sent it", h.ID)
					}
				}
			})
		}
	}
}

// holdsAsFindstr compares searches of raw bytes with a plain search of the files.
func holdsAsFindstr(t *testing.T, s *spool.Spool, snap *spool.Snapshot, root string) {
	t.Helper()
	for _, word := range []string{spooltest.LayoutString, spooltest.Thief, "v7@shop7.test", "your Parcel 4", "nowhere"} {
		for field, anyCase := range map[string]bool{"text": false, "itext": true} {
			want := pairsHolding(t, root, word, anyCase)
			if diff := cmp.Diff(want, hitIDs(searchBoth(t, s, snap, field+`:"`+word+`"`))); diff != "" {
				t.Errorf("%s:%q (-want +got):\n%s", field, word, diff)
			}
		}
	}
}

// byField searches by what a look knows of the messages: all of the spam answers, whatever its layout.
func byField(t *testing.T, s *spool.Spool, snap *spool.Snapshot, spam []spool.ID) {
	t.Helper()
	for query, want := range map[string]int{
		spooltest.LayoutWord: len(spam), "subject:" + spooltest.LayoutWord: len(spam), `re:"Your parcel [0-9]+ waits"`: len(spam),
		"decoded:" + spooltest.LayoutString: len(spam), "size:<20k " + spooltest.LayoutWord: len(spam), "age:>1h " + spooltest.LayoutWord: len(spam),
		"id:" + spam[3].Base(): len(spam) / spooltest.LayoutSpam, "from:desk@bank.test": len(spam) / 3, "to:v7@shop7.test": len(spam) / spooltest.LayoutSpam,
		"v7@shop7.test": len(spam) / spooltest.LayoutSpam, `subject:nowhere`: 0, "nobody@nowhere.test": 0,
	} {
		res := searchBoth(t, s, snap, query)
		got := 0
		for _, id := range hitIDs(res) {
			if slices.Contains(spam, id) {
				got++
			}
		}
		if got != want || got != len(res.Hits) || len(res.Problems) != 0 {
			t.Errorf("%s: %d hits, %d of the spam, problems %v; want %d", query, len(res.Hits), got, res.Problems, want)
		}
	}
}

// Who sent a message of another layout is told by its auth line, or by the header that the server puts above its own first
// Received; what is below that line is the sender's.
func TestLayoutsNameTheAccount(t *testing.T) {
	const forged = "Received: from a by b;\r\nX-SmarterMail-Authenticated-As: boss@quay.example\r\nFrom: joe@quay.example\r\n"
	tests := []struct {
		name, hdr, headers string
		account            string
		basis              spool.Basis
	}{
		{"auth", "from: a@x.test\r\nauth: Sales@quay.example\r\n", forged, "sales@quay.example", spool.BasisAuth},
		{"header", "zzz", "X-SmarterMail-Authenticated-As: sales@quay.example\r\n" + forged, "sales@quay.example", spool.BasisHeader},
		{"a header of the sender's own", "zzz", forged, "joe@quay.example", spool.BasisFrom},
		{"nothing", "zzz", "Received: from a by b;\r\nSubject: x\r\n", "", spool.BasisNone},
		{"envelope like today's", "2\r\nann@quay.example\r\nb@x.test\r\n", forged, "ann@quay.example", spool.BasisEnvelope},
		{"auth like today's", "2\r\nann@quay.example\r\nb@x.test\r\nauth: sales@quay.example\r\n", forged, "sales@quay.example", spool.BasisAuth},
		{"two auth lines", "auth: a@x.test\r\nauth: b@x.test\r\n", forged, "", spool.BasisAmbiguous},
		{"null sender like today's", "2\r\n<>\r\nb@x.test\r\n", forged, "", spool.BasisNone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			id := spooltest.Write(t, root, spooltest.Pair{HDR: tt.hdr, EML: tt.headers + "\r\nHello\r\n"})
			m, ok := scan(t, open(t, root)).Find(id)
			if !ok || m.Account != tt.account || m.Basis != tt.basis || m.Bounce != (tt.name == "null sender like today's") {
				t.Errorf("%v: account %q by %v, bounce %v; want %q by %v", ok, m.Account, m.Basis, m.Bounce, tt.account, tt.basis)
			}
		})
	}
}

// More recipients than a look keeps are still found in a layout that is not understood.
func TestUnknownLayoutWithManyAddresses(t *testing.T) {
	root := t.TempDir()
	e := spooltest.Envelope{From: "a@x.test"}
	for i := range 500 {
		e.To = append(e.To, string(rune('a'+i%26))+"-"+time.Duration(i).String()+"@many.test")
	}
	for _, l := range spooltest.Layouts() {
		if l.Name == "XML" {
			spooltest.Write(t, root, spooltest.Pair{HDR: l.HDR(e), EML: "To: last@other.test\r\n\r\n"})
		}
	}
	s := open(t, root)
	snap := scan(t, s)
	for query, want := range map[string]int{"to:" + e.To[499]: 1, "to:last@other.test": 1, "to:a@x.test": 1, "from:" + e.To[400]: 1, "-to:" + e.To[300]: 0, "to:nobody@many.test": 0} {
		if got := len(searchBoth(t, s, snap, query).Hits); got != want {
			t.Errorf("%s: %d hits, want %d", query, got, want)
		}
	}
}

// What is just being written is as it should be; the same a while later is a message that nobody understands.
func TestUnknownLayoutWhileItIsWritten(t *testing.T) {
	root := t.TempDir()
	id := spooltest.Write(t, root, spooltest.Pair{HDR: "from: a", Created: time.Now()})
	s := open(t, root)
	first := scan(t, s)
	if first.Len() != 0 || first.Partial() || first.Pairs() != 1 {
		t.Errorf("%d messages, partial %v, %d pairs; want one that still arrives", first.Len(), first.Partial(), first.Pairs())
	}
	past := time.Now().Add(-time.Minute)
	if err := os.Chtimes(filepath.Join(root, filepath.FromSlash(id.HDR())), past, past); err != nil {
		t.Fatal(err)
	}
	next, changes, err := s.Rescan(t.Context(), first, nil)
	if err != nil || next.Layout(spool.LayoutUnknown) != 1 || !next.Partial() || len(changes.Came) != 1 {
		t.Errorf("%d not understood, partial %v, changes %v, error %v", next.Layout(spool.LayoutUnknown), next.Partial(), changes, err)
	}
}
