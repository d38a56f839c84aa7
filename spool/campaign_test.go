package spool_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// raid is a spool with two stolen accounts that send the same campaign under changing forged senders, each from many
// clients, and their owners and others at work.
func raid(t *testing.T) (*spool.Spool, *spool.Snapshot) {
	t.Helper()
	root := t.TempDir()
	start := time.Now().UTC().Truncate(time.Second).Add(-50 * time.Minute)
	stolen := []string{"sales@harbour.example", "h.marsh@quay.example"}
	queue(t, root, "SubSpool1", 120, func(i int) spooltest.Pair {
		return spooltest.Pair{Auth: stolen[i%2], MailFrom: fmt.Sprintf("pay%d@bank.test", i), Subject: fmt.Sprintf("Invoice %d overdue", 48000+i),
			To: []string{"a@web.test", "b@web.test"}, IP: fmt.Sprintf("198.51.100.%d", i%30+1), HELO: "[10.0.0.1]", Created: start.Add(time.Duration(i) * 20 * time.Second)}
	})
	queue(t, root, "SubSpool2", 6, func(i int) spooltest.Pair { // an owner's, from his desk
		return spooltest.Pair{Auth: stolen[0], Subject: fmt.Sprint("Quote for window ", string(rune('a'+i))), IP: "192.0.2.8", HELO: "SALES-PC", Created: start}
	})
	queue(t, root, "SubSpool3", 12, func(i int) spooltest.Pair { // his newsletter, alike, from the same desk
		return spooltest.Pair{Auth: stolen[0], Subject: fmt.Sprintf("News %d", i), IP: "192.0.2.8", HELO: "SALES-PC", Created: start}
	})
	queue(t, root, "SubSpool4", 1, func(int) spooltest.Pair { // a lone message of the thief's, from a client of his
		return spooltest.Pair{Auth: stolen[0], MailFrom: "x@bank.test", Subject: "Test one two", IP: "198.51.100.3", HELO: "[10.0.0.1]", Created: start}
	})
	queue(t, root, "SubSpool5", 15, func(i int) spooltest.Pair { // somebody whose account is his own
		return spooltest.Pair{Auth: "ann@quay.example", Subject: fmt.Sprint("Minutes ", i), IP: "192.0.2.17", HELO: "DESK-01", Created: start}
	})
	queue(t, root, "SubSpool6", 11, func(i int) spooltest.Pair {
		return spooltest.Pair{Auth: "-", MailFrom: "<>", To: []string{stolen[0]}, Subject: "Delivery Failure", IP: "-", Created: start}
	})
	sp, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sp.Close() })
	snap, err := sp.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return sp, snap
}

func TestCampaignsSeeThroughForgedSenders(t *testing.T) {
	_, snap := raid(t)
	rows := snap.Campaigns()
	if len(rows) != 4 {
		t.Fatalf("%d campaigns, want the invoices, the minutes, the news and the bounces: %+v", len(rows), rows)
	}
	c := rows[0]
	if c.Queued != 120 || c.AccountCount != 2 || c.MailFromCount != 120 || c.IPCount != 30 || c.Recipients != 240 {
		t.Errorf("the invoices: %+v", c)
	}
	if c.Name != "invoice # overdue/0" || c.Query != "subject:Invoice subject:overdue" || !c.Suspect || len(c.Why) < 2 {
		t.Errorf("the invoices: %q, %q, suspect %v, why %q", c.Name, c.Query, c.Suspect, c.Why)
	}
	charted := 0
	for _, n := range c.Arrivals {
		charted += n
	}
	if charted != 120 {
		t.Errorf("the chart shows %d of 120: %v", charted, c.Arrivals)
	}
	if c.FirstSeen.After(c.LastSeen) || c.NewestSubject != "Invoice 48119 overdue" {
		t.Errorf("from %v to %v, newest %q", c.FirstSeen, c.LastSeen, c.NewestSubject)
	}
	for _, c := range rows[1:] {
		if c.Suspect {
			t.Errorf("%s is suspected: %q", c.Name, c.Why)
		}
	}
}

func TestClientsByMail(t *testing.T) {
	_, snap := raid(t)
	rows := snap.Clients()
	if len(rows) != 32 {
		t.Fatalf("%d clients, want 30 of the thief's and two desks", len(rows))
	}
	if rows[0].IP != netip.MustParseAddr("192.0.2.8") || rows[0].Queued != 18 || rows[0].Suspect || rows[0].Query != "ip:192.0.2.8" {
		t.Errorf("the fullest: %+v", rows[0])
	}
	for _, c := range rows[2:] {
		if !c.Suspect || c.AccountCount < 1 || len(c.Why) == 0 {
			t.Errorf("%v of the thief's is not suspected: %+v", c.IP, c)
		}
	}
}

func TestOwnersMailIsNotMarked(t *testing.T) {
	sp, snap := raid(t)
	for _, c := range []struct {
		query            string
		marked, doubtful int
	}{
		{"account:sales@harbour.example", 61, 18}, // the quotes and the news from his desk
		{"subject:Quote", 0, 6},
		{"account:h.marsh@quay.example", 60, 0},
		{"account:ann@quay.example", 15, 0}, // no thief: whoever asks for Ann's mail means it
		{"class:bounce", 11, 0},
		{"to:sales@harbour.example", 0, 0},
	} {
		q, err := spool.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		res, err := sp.Search(t.Context(), snap, q, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.Marked() != c.marked || res.Doubtful() != c.doubtful {
			t.Errorf("%s: %d marked, %d may be the owner's; want %d and %d", c.query, res.Marked(), res.Doubtful(), c.marked, c.doubtful)
		}
	}
}

// The thief may send under the account's own name, from one machine; its owner is away from his desk.
func TestOwnersMailBesideSpamInHisName(t *testing.T) {
	root := t.TempDir()
	queue(t, root, "A", 40, func(i int) spooltest.Pair {
		return spooltest.Pair{Subject: fmt.Sprintf("Lottery %d", i), IP: "198.51.100.7", HELO: "WIN-X1"}
	})
	queue(t, root, "B", 2, func(i int) spooltest.Pair { return spooltest.Pair{Subject: fmt.Sprint("Lunch", i), IP: "203.0.113.9"} })
	queue(t, root, "C", 1, func(int) spooltest.Pair { // web mail
		return spooltest.Pair{Subject: "Notes from the meeting", IP: "-", HELO: "-"}
	})
	queue(t, root, "D", 1, func(int) spooltest.Pair { // his name, but to more people than anybody writes to
		to := make([]string, 200)
		for i := range to {
			to[i] = fmt.Sprintf("r%d@web.test", i)
		}
		return spooltest.Pair{Subject: "Win now", IP: "198.51.100.7", HELO: "WIN-X1", To: to}
	})
	sp, err := spool.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	snap, err := sp.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	doubtful := map[string]bool{}
	for i := range snap.Len() {
		if snap.Doubtful(i) {
			doubtful[snap.At(i).ID.Dir()] = true
		}
	}
	if !doubtful["B"] || !doubtful["C"] || doubtful["A"] || doubtful["D"] {
		t.Errorf("may be the owner's: %v", doubtful)
	}
}
