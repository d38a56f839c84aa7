package spool_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delist/spool"
	"delist/spool/spooltest"
)

// searchable is a spool with one message for each thing that a search can tell apart.
func searchable(t *testing.T) (string, *spool.Spool, *spool.Snapshot) {
	t.Helper()
	root := t.TempDir()
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf("r%d@web.test", i)
	}
	now := time.Now().UTC().Truncate(time.Second)
	for _, p := range []spooltest.Pair{
		{ID: "S/spam", Auth: "sales@harbour.example", MailFrom: "pay@bank.test", From: "Billing <pay@bank.test>", To: many,
			Subject: "Invoice 48213 =?utf-8?Q?=C3=BCberf=C3=A4llig?=", IP: "198.51.100.7", HELO: "[10.0.0.9]", Created: now.Add(-time.Hour),
			Body: "Click https://bank.test/PAY\r\n"},
		{ID: "S/own", Auth: "sales@harbour.example", Subject: "Minutes", Created: now.Add(-72 * time.Hour), Body: strings.Repeat("x", 30000)},
		{ID: "S/bounce", Auth: "-", MailFrom: "<>", To: []string{"sales@harbour.example"}, Subject: "Delivery Failure", IP: "-"},
		{ID: "S/reply", Auth: "bob@quay.example", To: []string{"sales@harbour.example"}, Subject: "Re: Invoice", Status: "Ready"},
		{ID: "S/talk", Auth: "bob@quay.example", To: []string{"al@web.test"}, Subject: "about sales@harbour.example"},
		{ID: "S/jsales", Auth: "jsales@harbour.example", Status: "Failed", IP: "2001:db8::9"},
		{ID: "S/two", HDR: "Written \nsales@harbour.example\nal@web.test\nauth: sales@harbour.example\nauth: bob@quay.example\n", Subject: "Odd"},
	} {
		if p.Created.IsZero() {
			p.Created = now.Add(-48 * time.Hour)
		}
		spooltest.Write(t, root, p)
	}
	s := open(t, root)
	return root, s, scan(t, s)
}

func search(t *testing.T, s *spool.Spool, snap *spool.Snapshot, query string) *spool.Results {
	t.Helper()
	q, err := spool.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Search(t.Context(), snap, q, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// In any case is in any letter, in UTF-8 and as Western Europe writes it.
func TestITextInAnyCase(t *testing.T) {
	root := t.TempDir()
	for i, body := range []string{"\u00dcBER uns", "\xdcBER uns", "\u00fcber uns", "uber uns"} {
		spooltest.Write(t, root, spooltest.Pair{ID: spool.NewID("SubSpool1", fmt.Sprint(i+1)), Subject: "x", Body: body + "\r\n"})
	}
	s := open(t, root)
	for query, want := range map[string]int{"itext:\"\u00fcber uns\"": 3, "itext:\"\u00dcBER UNS\"": 3, "text:\"\u00dcBER uns\"": 1, "-itext:\"\u00fcber\"": 1, `itext:uber`: 1} {
		q, err := spool.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, found, err := s.ScanFor(t.Context(), q, nil, nil); err != nil || len(found.Hits) != want {
			t.Errorf("%s: %d, %v; want %d", query, len(found.Hits), err, want)
		}
	}
}

func TestSearch(t *testing.T) {
	_, s, snap := searchable(t)
	tests := []struct{ query, want string }{ // hits by name, with the first letter of their relation
		{"", ""},
		{"sales@harbour.example", "bounce:a jsales:s own:s reply:a spam:s talk:m two:m"},
		{"SALES -jsales", "bounce:a own:s reply:a spam:s talk:m two:m"},
		{"account:Sales@harbour.example", "own:s spam:s"},
		{"account:sales", "own:s spam:s"},
		{"domain:harbour.example", "jsales:s own:s spam:s"},
		{"domain:harbour", ""},
		{"from:pay@bank.test", "spam:s"},
		{"from:billing", "spam:s"},
		{"to:sales@harbour.example", "bounce:a reply:a"},
		{"to:r99@web.test", "spam:a"}, // beyond those kept in memory
		{"r99@web.test", "spam:a"},
		{"to:al@web.test", "talk:a two:m"},
		{"subject:überfällig", "spam:s"},
		{"subject:invoice -account:sales", "reply:s"},
		{"invoice", "reply:m spam:m"},
		{"ip:198.51.100.0/24", "spam:s"},
		{"ip:2001:db8::/32", "jsales:s"},
		{"helo:10.0.0.9", "spam:s"},
		{"status:ready", "reply:s"},
		{"status:failed", "jsales:s"},
		{"class:bounce", "bounce:s"},
		{"class:bounce to:sales@harbour.example", "bounce:s"},
		{"size:>20k", "own:s"},
		{"age:<2h", "spam:s"},
		{"age:<2h to:r1@web.test", "spam:a"}, // narrowing does not make it more than addressed
		{"id:spam", "spam:s"},
		{"id:S/spam", "spam:s"},
		{"id:s/spam", ""},
		{`text:"https://bank.test/PAY"`, "spam:m"},
		{"text:https", "spam:m"},
		{`text:"https://bank.test/pay"`, ""},
		{`itext:"HTTPS://bank.test/pay"`, "spam:m"},
		{`text:"connectedip: 198.51.100.7"`, "spam:m"}, // in the HDR
		{`re:(?i)invoice\s\d+`, "spam:m"},
		{`re:^sales@`, "bounce:a own:s reply:a spam:s two:m"},
		{`decoded:"invoice 48213 ÜBERFÄLLIG"`, "spam:m"},
		{`decoded:"click https://bank.test/pay"`, "spam:m"},
		{`decoded:"connectedip: 198.51.100.7"`, ""}, // the HDR is no text
		{`account:sales decoded:click`, "spam:s"},
		{`account:sales -decoded:click`, "own:s"},
		{`account:sales text:"bank.test/PAY"`, "spam:s"},
		{`-text:bank.test -account:bob@quay.example`, "bounce:m jsales:m own:m two:m"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			var got []string
			for _, h := range search(t, s, snap, tt.query).Hits {
				got = append(got, h.ID.Base()+":"+h.Relation.String()[:1])
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("hits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSearchTotals(t *testing.T) {
	_, s, snap := searchable(t)
	res := search(t, s, snap, "account:sales")
	spam, _ := snap.Find("S/spam")
	own, _ := snap.Find("S/own")
	if res.Bytes != spam.Size+own.Size || !res.Oldest.Equal(own.Created) || !res.Newest.Equal(spam.Created) {
		t.Errorf("%d bytes, %v to %v", res.Bytes, res.Oldest, res.Newest)
	}
	if res.Count(spool.Sent) != 2 || res.Count(spool.Addressed) != 0 {
		t.Errorf("sent %d, addressed %d", res.Count(spool.Sent), res.Count(spool.Addressed))
	}
	want := []spool.Nearby{{Account: "sales@harbour.example", Bounces: true, Count: 1, Query: "class:bounce to:sales@harbour.example"}}
	if diff := cmp.Diff(want, res.Near); diff != "" {
		t.Errorf("near (-want +got):\n%s", diff)
	}
}

func TestSearchMisspelt(t *testing.T) {
	_, s, snap := searchable(t)
	res := search(t, s, snap, "account:slaes@harbour.example")
	if len(res.Hits) != 0 || len(res.Near) == 0 || res.Near[0].Query != "account:sales@harbour.example" || res.Near[0].Count != 2 {
		t.Errorf("hits %v, near %+v; want sales@harbour.example with 2", res.Hits, res.Near)
	}
	if res := search(t, s, snap, "account:sales subject:nowhere"); len(res.Near) != 0 {
		t.Errorf("the account is there, yet near is %+v", res.Near)
	}
	if res := search(t, s, snap, "account:completely@different.test"); len(res.Near) != 0 {
		t.Errorf("nothing is near, yet near is %+v", res.Near)
	}
}

func TestSearchWhatCannotBeRead(t *testing.T) {
	root, s, snap := searchable(t)
	for _, id := range []string{"S/spam.eml", "S/spam.hdr"} { // vanished: delivered, so no hit and no problem
		if err := os.Remove(filepath.Join(root, filepath.FromSlash(id))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(root, "S", "own.eml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "S", "own.eml"), 0o755); err != nil { // there, and not readable
		t.Fatal(err)
	}
	for _, query := range []string{"account:sales text:x", "account:sales -text:nowhere", "account:sales decoded:x", "account:sales -decoded:nowhere"} {
		res := search(t, s, snap, query)
		if len(res.Hits) != 0 || len(res.Problems) != 1 || res.Problems[0].Kind != spool.Unreadable {
			t.Errorf("%s: hits %v, problems %v; want no hit and one unreadable", query, res.Hits, res.Problems)
		}
	}
}

func TestSearchCancelled(t *testing.T) {
	_, s, snap := searchable(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q, _ := spool.ParseQuery("sales")
	if res, err := s.Search(ctx, snap, q, nil); !errors.Is(err, context.Canceled) || res != nil {
		t.Errorf("Search = %v, %v; want only the context's error", res, err)
	}
}

// An envelope that names several log-ins is not one of nobody; a file of zeros, or of nothing, was not read.
func TestSearchWhatIsNotPlain(t *testing.T) {
	root := t.TempDir()
	spooltest.Write(t, root, spooltest.Pair{ID: "S/two", HDR: "Written \r\nmara@quay.example\r\na@b.test\r\nauth: mara@quay.example\r\nauth: other@quay.example\r\n"})
	spooltest.Write(t, root, spooltest.Pair{ID: "S/nobody", Auth: "-"})
	spooltest.Write(t, root, spooltest.Pair{ID: "S/zeros", EML: strings.Repeat("\x00", 4096)})
	spooltest.Write(t, root, spooltest.Pair{ID: "S/long", EML: names(70<<10) + prize + "\r\nx"})
	spooltest.Write(t, root, spooltest.Pair{ID: "S/empty"})
	if err := os.Truncate(filepath.Join(root, "S", "empty.eml"), 0); err != nil {
		t.Fatal(err)
	}
	s := open(t, root)
	snap := scan(t, s)
	for query, want := range map[string]string{"class:nologin": "S/nobody", "class:cut": "S/empty S/long S/zeros", "class:unread": ""} {
		var ids []string
		for _, hit := range search(t, s, snap, query).Hits {
			ids = append(ids, string(hit.ID))
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	if res := search(t, s, snap, "from:nobody@home.test"); len(res.Problems) != 3 || !snap.Partial() {
		t.Errorf("%v, partial %v", res.Problems, snap.Partial())
	}
}

// A message that cannot be decoded to its end may hold the word all the same: it is neither a hit nor a miss.
func TestSearchWhatCannotBeDecoded(t *testing.T) {
	root := t.TempDir()
	inside := "Subject: nothing\r\n\r\nIn plain sight.\r\n"
	for range 20 {
		inside = "Content-Type: message/rfc822\r\n\r\n" + inside
	}
	spooltest.Write(t, root, spooltest.Pair{ID: "S/deep", EML: inside})
	spooltest.Write(t, root, spooltest.Pair{ID: "S/plain"})
	// A subject of which a word cannot be decoded, one in a character set that is not known, and one that only looks so.
	spooltest.Write(t, root, spooltest.Pair{ID: "S/torn", Subject: "=?utf-8?B?cGlsbHM*?= now"})
	spooltest.Write(t, root, spooltest.Pair{ID: "S/unheard", Subject: "=?x-unheard?Q?tea?= now"})
	spooltest.Write(t, root, spooltest.Pair{ID: "S/clear", Subject: "=?utf-8?B?Y2FrZQ==?= =?"})
	s := open(t, root)
	snap := scan(t, s)
	for query, want := range map[string][2]int{ // hits and problems
		`decoded:"in plain sight"`: {1, 2}, "decoded:elsewhere": {0, 3}, "-decoded:elsewhere": {2, 3}, "decoded:morning": {4, 1},
		"subject:pills": {0, 2}, "-subject:pills": {3, 2}, "subject:now": {2, 0}, "subject:tea": {1, 1}, "subject:cake": {1, 2}, "pills": {0, 2}, "from:pills": {0, 0},
	} {
		q, err := spool.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, atOnce, err := s.ScanFor(t.Context(), q, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, res := range []*spool.Results{search(t, s, snap, query), atOnce} {
			if got := [2]int{len(res.Hits), len(res.Problems)}; got != want {
				t.Errorf("%s: hits %v, problems %v; want %v of them", query, res.Hits, res.Problems, want)
			}
		}
	}
}
