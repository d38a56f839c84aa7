package spool_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// queue writes n messages that differ as vary says.
func queue(t *testing.T, root, folder string, n int, vary func(i int) spooltest.Pair) {
	t.Helper()
	for i := range n {
		p := vary(i)
		p.ID = spool.ID(fmt.Sprintf("%s/%d", folder, i))
		spooltest.Write(t, root, p)
	}
}

func row(t *testing.T, rows []spool.Sender, account string) spool.Sender {
	t.Helper()
	for _, r := range rows {
		if r.Account == account && !r.Bounces {
			return r
		}
	}
	t.Fatalf("no row for %q", account)
	return spool.Sender{}
}

func TestSendersFindsTheStolenAccount(t *testing.T) {
	root := t.TempDir()
	start := time.Date(2026, 8, 30, 8, 0, 0, 0, time.UTC)
	queue(t, root, "SubSpool1", 60, func(i int) spooltest.Pair {
		forged := fmt.Sprintf("pay%d@bank.test", i%5)
		return spooltest.Pair{Auth: "sales@harbourlight.example", MailFrom: forged, To: []string{"a@web.test", "b@web.test"},
			IP: fmt.Sprintf("198.51.100.%d", i%30+1), Subject: fmt.Sprint("Invoice ", i), Created: start.Add(time.Duration(i) * time.Minute)}
	})
	queue(t, root, "SubSpool2", 30, func(i int) spooltest.Pair {
		return spooltest.Pair{Auth: "news@quayside.example", To: []string{fmt.Sprintf("r%d@web.test", i)}}
	})
	queue(t, root, "SubSpool3", 12, func(int) spooltest.Pair {
		return spooltest.Pair{Auth: "-", MailFrom: "<>", To: []string{"Sales@HarbourLight.example"}, IP: "-"}
	})
	spooltest.Write(t, root, spooltest.Pair{ID: "1", HDR: "Written \na@x.test\nb@x.test\nauth: a@x.test\nauth: b@x.test\n"})

	rows := scan(t, open(t, root)).Senders()
	if len(rows) != 4 {
		t.Fatalf("%d rows, want 4: %+v", len(rows), rows)
	}
	thief := rows[0]
	if thief.Account != "sales@harbourlight.example" || thief.Basis != spool.BasisAuth || thief.Queued != 60 ||
		thief.Recipients != 120 || len(thief.IPs) != 30 || thief.IPCount != 30 || thief.MailFroms != 5 || thief.ReturnedBounces != 12 {
		t.Errorf("the stolen account: %+v", thief)
	}
	if !thief.FirstSeen.Equal(start) || !thief.LastSeen.Equal(start.Add(59*time.Minute)) || thief.NewestSubject != "Invoice 59" {
		t.Errorf("seen %v to %v, newest %q", thief.FirstSeen, thief.LastSeen, thief.NewestSubject)
	}
	why := strings.Join(thief.Why, "; ")
	for _, want := range []string{"30 client addresses", "5 senders that are not its own, such as pay0@bank.test", "58 % of what waits", "12 bounces"} {
		if !strings.Contains(why, want) {
			t.Errorf("why %q does not say %q", why, want)
		}
	}
	if !thief.Suspect {
		t.Error("the stolen account is not suspected")
	}
	if bounces := rows[2]; !bounces.Bounces || bounces.Account != "" || bounces.Queued != 12 || bounces.Suspect {
		t.Errorf("the row of bounces: %+v", bounces)
	}
	if odd := rows[3]; odd.Basis != spool.BasisAmbiguous || odd.Account != "" || odd.Bounces || odd.Suspect {
		t.Errorf("the row of two logins: %+v", odd)
	}
}

// TestSuspects holds the rule against ordinary mail. Ten other messages are in the spool.
func TestSuspects(t *testing.T) {
	tests := []struct {
		name string
		n    int
		pair func(i int) spooltest.Pair
		want bool
	}{
		{"newsletter: one client, its own sender", 80, func(int) spooltest.Pair { return spooltest.Pair{} }, false},
		{"newsletter with a return path of its own", 80, func(i int) spooltest.Pair {
			return spooltest.Pair{MailFrom: fmt.Sprintf("bounce-%d@example.com", i), From: "joe@example.com"}
		}, false},
		{"web form that names its visitors, little of it", 30, func(i int) spooltest.Pair {
			return spooltest.Pair{From: fmt.Sprintf("v%d@web.test", i)}
		}, false},
		{"traveller with little mail", 12, func(i int) spooltest.Pair {
			return spooltest.Pair{IP: fmt.Sprintf("203.0.113.%d", i+1)}
		}, false},
		{"a second name of the same domain", 80, func(int) spooltest.Pair { return spooltest.Pair{From: "info@example.com"} }, false},
		{"botnet with the account's own sender", 80, func(i int) spooltest.Pair {
			return spooltest.Pair{IP: fmt.Sprintf("203.0.113.%d", i%50+1)}
		}, true},
		{"one client with forged senders", 80, func(i int) spooltest.Pair {
			return spooltest.Pair{MailFrom: fmt.Sprintf("x%d@bank.test", i%4)}
		}, true},
		{"a flood from outside, by the envelope only", 80, func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: "-", MailFrom: "list@web.test", From: fmt.Sprintf("x%d@bank.test", i%4)}
		}, false},
		{"a flood from everywhere in the name of one who works here, whom nobody logged in as", 80, func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: "-", MailFrom: "other@example.com", From: "other@example.com", IP: fmt.Sprintf("203.0.113.%d", i%50+1)}
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			queue(t, root, "SubSpool1", tt.n, tt.pair)
			queue(t, root, "SubSpool2", 10, func(int) spooltest.Pair { return spooltest.Pair{Auth: "staff@example.com"} })
			got := scan(t, open(t, root)).Senders()[0]
			if got.Queued != tt.n || got.Suspect != tt.want {
				t.Errorf("%d queued, suspect %v, because %q; want %d, %v", got.Queued, got.Suspect, got.Why, tt.n, tt.want)
			}
		})
	}
}
