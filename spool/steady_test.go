package spool_test

import (
	"fmt"
	"testing"

	"delist/spool"
	"delist/spool/spooltest"
)

// Of what a client hands in without a log-in, the mail of a sender that keeps sending its own is not chosen beforehand:
// it may be a machine that is meant to send there. Spam is, however it spreads its senders.
func TestASteadySenderAmongARelaysMail(t *testing.T) {
	type mail struct {
		senders, each int
		subject       string
	}
	for name, c := range map[string]struct {
		mails          []mail
		marked, steady int
	}{
		"orders amid 40 forged senders":             {[]mail{{40, 1, "Your parcel %d waits"}, {1, 30, "Order confirmation %d"}}, 40, 30},
		"a sender of the spam's own subject":        {[]mail{{40, 1, "Your parcel %d waits"}, {1, 30, "Your parcel %d waits"}}, 70, 0},
		"ten forged senders, four each":             {[]mail{{10, 4, "Your parcel %d waits"}}, 40, 0},
		"few senders tell nothing":                  {[]mail{{1, 40, "Your parcel %d waits"}, {2, 1, "Hello %d"}}, 42, 0},
		"a sender of little":                        {[]mail{{40, 1, "Your parcel %d waits"}, {1, 4, "Order confirmation %d"}}, 44, 0},
		"two steady ones, as different as can be":   {[]mail{{40, 1, "Your parcel %d waits"}, {1, 12, "Order %d"}, {1, 9, "Scan from floor %d"}}, 40, 21},
		"each with a subject of its own, ten times": {[]mail{{1, 10, "a %d b"}, {1, 10, "cd %d"}, {10, 10, "Your parcel %d waits"}}, 120, 0},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			n, sender := 0, 0
			for _, m := range c.mails {
				for range m.senders {
					sender++
					for range m.each {
						n++
						from := fmt.Sprintf("u%d@from%d.test", sender, sender)
						spooltest.Write(t, root, spooltest.Pair{ID: spool.ID(fmt.Sprintf("S/%08d", n)), Auth: "-", MailFrom: from, From: from, IP: "10.20.0.7",
							To: []string{fmt.Sprintf("r%d@web%d.test", n, n)}, Subject: fmt.Sprintf(m.subject, n)})
					}
				}
			}
			sp := open(t, root)
			query, err := spool.ParseQuery("class:nologin ip:10.20.0.7")
			if err != nil {
				t.Fatal(err)
			}
			r, err := sp.Search(t.Context(), scan(t, sp), query, nil)
			if err != nil {
				t.Fatal(err)
			}
			steady := 0
			for _, k := range r.Steady {
				steady += k
			}
			if r.Marked() != c.marked || steady != c.steady || len(r.Hits) != n {
				t.Errorf("%d marked and %d steady of %d, want %d and %d", r.Marked(), steady, len(r.Hits), c.marked, c.steady)
			}
		})
	}
}
