package cause_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps/cause"
	"delist/steps/cause/causetest"
	"delist/steps/incident"
)

var classes = []incident.Class{incident.StolenAccount, incident.Relay, incident.Form, incident.ForwardedSpam, incident.Backscatter, incident.MailingList, incident.Newsletter}

// known is what a server knows of itself.
func known(s *causetest.Spool, snap *spool.Snapshot) cause.Known {
	logs := s.Logs()
	return cause.Known{Here: cause.Here(snap, logs), Logs: logs}
}

// named reports whether a cause was found, and wrong says what else its mail was taken for.
func named(found cause.Findings, truth causetest.Truth) (right bool, wrong string) {
	f := found.About(truth.Name)
	switch {
	case f == nil:
		return false, ""
	case f.Class != truth.Class || f.Count < truth.Mail/2:
		return false, fmt.Sprintf("%s, %d messages", f.Class, f.Count)
	}
	return true, ""
}

// Twenty spools of each class, each another: the right class stands first in eighteen, and in the others nothing is named
// rather than a wrong one.
func TestClassesAlone(t *testing.T) {
	const spools, least = 20, 18
	for i, class := range classes {
		t.Run(class.String(), func(t *testing.T) {
			t.Parallel()
			right := 0
			for n := range uint64(spools) {
				s := causetest.New(t, uint64(i)*1000+n, class)
				snap := s.Snapshot()
				found := cause.Find(snap, known(s, snap))
				truth := s.Truths[0]
				ok, wrong := named(found, truth)
				if ok && found[0].Name == truth.Name {
					right++
					continue
				}
				t.Logf("spool %d (%s) is not explained: %s %d messages", n, s.Story, truth.Name, truth.Mail)
				if wrong != "" || len(found) > 0 {
					t.Errorf("spool %d (%s): %s is taken for %s; found %+v", n, s.Story, truth.Name, wrong, found)
				}
			}
			if right < least {
				t.Errorf("%d of %d", right, spools)
			}
		})
	}
}

// Two causes at a time: both are named in seven of ten spools, and no newsletter is ever called a thief's.
func TestClassesMixed(t *testing.T) {
	each := 6
	if testing.Short() {
		each = 2
	}
	spools, both := 0, 0
	for i, one := range classes {
		for j, other := range classes[i+1:] {
			for n := range each {
				s := causetest.New(t, uint64(1_000_000+i*10_000+j*100+n), one, other)
				snap := s.Snapshot()
				found := cause.Find(snap, known(s, snap))
				spools++
				if s.Truths[0].Name == s.Truths[1].Name {
					spools--
					continue
				}
				all := true
				for _, truth := range s.Truths {
					ok, wrong := named(found, truth)
					all = all && ok
					if wrong != "" {
						t.Errorf("%s: %s is taken for %s", s.Story, truth.Name, wrong)
					}
				}
				if all {
					both++
				} else {
					t.Logf("%s %v: found %+v", s.Story, s.Truths, found)
				}
			}
		}
	}
	t.Logf("both named in %d of %d", both, spools)
	if 10*both < 7*spools {
		t.Errorf("both named in %d of %d", both, spools)
	}
}

// On a day without any of it nothing is found.
func TestNothingToFind(t *testing.T) {
	for n := range uint64(20) {
		s := causetest.New(t, 5_000_000+n)
		snap := s.Snapshot()
		if found := cause.Find(snap, known(s, snap)); len(found) > 0 {
			t.Errorf("%d: %+v", n, found)
		}
	}
}

// A thief may use many accounts a little each; people who share an office, a subject or a trip are none.
func TestALittleOfMany(t *testing.T) {
	for name, c := range map[string]struct {
		pair func(i int) spooltest.Pair
		n    int
		want bool
	}{
		"forged, by many": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%12), MailFrom: "pay@bank.test", IP: fmt.Sprintf("198.51.100.%d", i%60), Subject: fmt.Sprintf("Invoice %d", i)}
		}, 96, true},
		"from one computer": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%12), IP: "198.51.100.7", Subject: fmt.Sprintf("Invoice %d", i)}
		}, 96, true},
		"in their own name, from everywhere": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%12), IP: fmt.Sprintf("198.51.100.%d", i%60), Subject: fmt.Sprintf("Invoice %d", i)}
		}, 96, true},
		"an office": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%12), IP: "203.0.113.8", Subject: unlike(i)}
		}, 96, false},
		"one word as subject, now and then": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%40), IP: fmt.Sprintf("203.0.113.%d", i%40), Subject: "Hello"}
		}, 60, false},
		"a form letter of five": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%5), IP: "203.0.113.8", Subject: fmt.Sprintf("Offer %d", i)}
		}, 60, false},
		"no two alike, from everywhere": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%30), IP: fmt.Sprintf("198.51.%d.7", i%101), Subject: unlike(i)}
		}, 200, true},
		"an office with phones": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%30), IP: fmt.Sprintf("198.51.%d.7", (i%30)*(i/30%2)), Subject: unlike(i)}
		}, 200, false},
		"three who travel": {func(i int) spooltest.Pair {
			if i < 100 {
				return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%30), IP: "203.0.113.8", Subject: unlike(i)}
			}
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%3), IP: fmt.Sprintf("198.51.%d.7", i), Subject: unlike(i)}
		}, 160, false},
		"four of a family": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%4), IP: "203.0.113.8", Subject: "Party"}
		}, 40, false},
	} {
		t.Run(name, func(t *testing.T) {
			snap := waiting(t, c.n, c.pair)
			found := cause.Find(snap, cause.Known{Here: cause.Here(snap, nil)})
			for _, f := range found {
				if f.Class != incident.StolenAccount {
					t.Errorf("%+v", f)
				}
			}
			if got := len(found) > 0; got != c.want {
				t.Errorf("found %d: %+v", len(found), found)
			}
		})
	}
}

// waiting is a spool of so many messages, each to another stranger where nothing else is said.
func waiting(t *testing.T, n int, pair func(i int) spooltest.Pair) *spool.Snapshot {
	t.Helper()
	root := t.TempDir()
	for i := range n {
		p := pair(i)
		p.ID = spool.NewID("SubSpool1", fmt.Sprintf("%08d", 40_000_000+i))
		if p.To == nil {
			p.To = []string{fmt.Sprintf("u%d@far%d.test", i, i%9)}
		}
		spooltest.Write(t, root, p)
	}
	_, snap := scanned(t, root)
	return snap
}

// scanned is a spool, and what a look at it finds.
func scanned(t *testing.T, root string) (*spool.Spool, *spool.Snapshot) {
	t.Helper()
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

// sent is what an account sent in an hour of a day.
type sent struct {
	account, ip string
	n           int
}

// logsOf are the logs of five days, today's first.
func logsOf(t *testing.T, now time.Time, day func(ago int) []sent) *traffic.Report {
	t.Helper()
	dir, session := t.TempDir(), 0
	for ago := range 5 {
		log := "00:00:01.000 [192.0.2.99][1] disconnected at 11/25/2026 12:00:01 AM\r\n"
		for _, s := range day(ago) {
			session++
			log += fmt.Sprintf("13:30:07.000 [%s][%d] Authenticated as %s\r\n", s.ip, session, s.account)
			for i := range s.n {
				log += fmt.Sprintf("13:30:08.000 [%s][%d] Successfully wrote to the HDR file. (C:/Spool/SubSpool1/%d.hdr)\r\n", s.ip, session, 30_000_000+1000*session+i)
			}
		}
		spooltest.File(t, dir, now.AddDate(0, 0, -ago).Format("2006.01.02")+"-smtpLog.log", []byte(log), time.Time{})
	}
	report, err := traffic.Open(dir, traffic.Options{Clock: func() time.Time { return now }}).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Where the logs know who works at an address, a letter that all of them send from there is an office's. An address that
// came today is none, and neither is one that most of them never sent from.
func TestALetterFromTheOffice(t *testing.T) {
	now := time.Date(2026, 11, 25, 14, 0, 0, 0, time.Local)
	for name, c := range map[string]struct {
		ip    string // that the letter comes from
		daily string // that they send from on other days
		known int    // of the twelve
		want  int
	}{
		"known":            {"203.0.113.8", "203.0.113.8", 12, 0},
		"but for a few":    {"203.0.113.8", "203.0.113.8", 8, 0},
		"most never":       {"203.0.113.8", "203.0.113.8", 4, 12},
		"another computer": {"198.51.100.7", "203.0.113.8", 12, 12},
	} {
		t.Run(name, func(t *testing.T) {
			letter := func(i int) spooltest.Pair {
				return spooltest.Pair{Auth: fmt.Sprintf("user%d@quay.example", i%12), IP: c.ip, Subject: fmt.Sprintf("Closed in week %d", i)}
			}
			snap := waiting(t, 96, letter)
			logs := logsOf(t, now, func(ago int) (all []sent) {
				ip, known := c.daily, c.known
				if ago == 0 {
					ip, known = c.ip, 12
				}
				for i := range known {
					all = append(all, sent{fmt.Sprintf("user%d@quay.example", i), ip, 8})
				}
				return all
			})
			if logs.Account("user1@quay.example").Messages < 8 {
				t.Fatal("the logs are not understood")
			}
			if found := cause.Find(snap, cause.Known{Here: cause.Here(snap, logs), Logs: logs}); len(found) != c.want {
				t.Errorf("%+v", found)
			}
		})
	}
}

// Who sends for others takes the bounces of what they send: mail that says to be bulk, comes from the account and comes
// back to one other domain is a newsletter. A thief's senders are many, or he gives another's name as his own.
func TestAServiceThatTakesTheBounces(t *testing.T) {
	for name, c := range map[string]struct {
		from, back, header string
		want               incident.Class
	}{
		"a service":    {"news@quay.example", "bounces+%d@em.sender.test", "List-Unsubscribe: <https://quay.example/u>\r\n", incident.Newsletter},
		"many senders": {"news@quay.example", "pay@bank%d.test", "List-Unsubscribe: <https://quay.example/u>\r\n", incident.StolenAccount},
		"another name": {"pay@bank.test", "bounces+%d@em.sender.test", "List-Unsubscribe: <https://quay.example/u>\r\n", incident.StolenAccount},
		"says no such": {"news@quay.example", "bounces+%d@em.sender.test", "", incident.StolenAccount},
	} {
		t.Run(name, func(t *testing.T) {
			snap := waiting(t, 90, func(i int) spooltest.Pair {
				return spooltest.Pair{Auth: "news@quay.example", MailFrom: fmt.Sprintf(c.back, i), From: c.from, Headers: c.header,
					IP: fmt.Sprintf("192.0.%d.7", i%12), HELO: fmt.Sprintf("o%d.sender.test", i%12), Subject: "Spring news"}
			})
			found := cause.Find(snap, cause.Known{Here: cause.Here(snap, nil)})
			if len(found) != 1 || found[0].Class != c.want {
				t.Errorf("%+v", found)
			}
		})
	}
}

// What a header says is its sender's word, and so is where mail for an unknown domain goes; what the envelope and the logs
// say is the server's.
func TestWhoseWordItIs(t *testing.T) {
	now := time.Date(2026, 11, 25, 14, 0, 0, 0, time.Local)
	jump := func(from string) *traffic.Report {
		return logsOf(t, now, func(ago int) []sent {
			if ago == 0 {
				return []sent{{"sales@quay.example", "198.51.100.77", 600}}
			}
			return []sent{{"sales@quay.example", from, 2}}
		})
	}
	const script = "X-Mailer: PHPMailer 5.2.9\r\n"
	as := func(account, from, headers, ip string) func(int) spooltest.Pair {
		return func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: account, MailFrom: account, From: fmt.Sprintf(from, i%3), IP: ip, HELO: "vps7.hosting.test", Headers: headers, Subject: fmt.Sprintf("Your parcel %d", i)}
		}
	}
	open := func(p spooltest.Pair) func(int) spooltest.Pair {
		return func(i int) spooltest.Pair {
			if i == 0 {
				return spooltest.Pair{Auth: "mara@quay.example"}
			}
			q := p
			q.Auth = "-"
			if strings.Contains(q.From, "%d") {
				q.From = fmt.Sprintf(q.From, i)
			}
			return q
		}
	}
	for name, c := range map[string]struct {
		pair func(i int) spooltest.Pair
		logs *traffic.Report
		want incident.Class
		why  string
	}{
		"a script elsewhere, in others' names":   {as("sales@quay.example", "no-reply@dhl%d.test", script, "198.51.100.77"), nil, incident.StolenAccount, "senders that are not its own"},
		"a form elsewhere, in visitors' names":   {as("kontakt@quay.example", "visitor@web%d.test", script, "198.51.100.77"), nil, incident.Form, "a web page wrote it"},
		"a script here, in others' names":        {as("sales@quay.example", "visitor@web%d.test", script, "127.0.0.1"), nil, incident.Form, "a web page wrote it"},
		"a script that began today, and jumps":   {as("sales@quay.example", "Desk %d <sales@quay.example>", script, "198.51.100.77"), jump("203.0.113.8"), incident.StolenAccount, "sent 600"},
		"a script that the logs know, and jumps": {as("sales@quay.example", "Desk %d <sales@quay.example>", script, "198.51.100.77"), jump("198.51.100.77"), incident.Form, "a web page wrote it"},
		"bulk from a client":                     {open(spooltest.Pair{MailFrom: "promo@quay.example", From: "win%d@casino.test", IP: "192.0.2.200", HELO: "pc", Headers: "Precedence: bulk\r\n"}), nil, incident.Relay, "no log-in"},
		"a page without a log-in":                {open(spooltest.Pair{MailFrom: "www-data@web01.quay.example", From: "noreply@quay.example", IP: "127.0.0.1", HELO: "web01", Headers: script}), nil, incident.Relay, "a web page wrote it"},
		"for a mailbox elsewhere": {func(i int) spooltest.Pair {
			return open(spooltest.Pair{MailFrom: fmt.Sprintf("ann%d@partner%d.test", i, i%17), IP: fmt.Sprintf("198.51.100.%d", i), To: []string{"info@tenant.test"}})(i)
		}, nil, incident.ForwardedSpam, "one mailbox outside"},
		"for a mailbox here": {func(i int) spooltest.Pair {
			if i == 0 {
				return spooltest.Pair{Auth: "mara@quay.example"}
			}
			from := fmt.Sprintf("ann%d@partner%d.test", i, i%17)
			return spooltest.Pair{HDR: fmt.Sprintf("Written \r\n%s\r\ninfo@tenant.test\r\nretry: 0;11/25/2026 13:08:10\r\nfrom: %s\r\ncontainsLocalDeliveries: True\r\nconnectedip: 198.51.100.%d\r\n\r\n", from, from, i)}
		}, nil, incident.NotExplained, ""},
	} {
		t.Run(name, func(t *testing.T) {
			snap := waiting(t, 90, c.pair)
			found := cause.Find(snap, cause.Known{Here: cause.Here(snap, c.logs), Logs: c.logs})
			if c.want == incident.NotExplained {
				if len(found) != 0 {
					t.Errorf("%+v", found)
				}
				return
			}
			if len(found) != 1 || found[0].Class != c.want || !strings.Contains(strings.Join(found[0].Why, ", "), c.why) {
				t.Errorf("%+v", found)
			}
		})
	}
}

// unlike is a subject that is like few others.
func unlike(i int) string { return fmt.Sprintf("%c%c and %c", 'a'+i%26, 'b'+i/4%20, 'c'+i/9%20) }

// Where no envelope tells of a login, as in a layout that has no line for it, none tells that there was none: nothing is
// called a relay.
func TestWhoLoggedInIsNotKnown(t *testing.T) {
	for name, c := range map[string]struct {
		hdr   string // of a message, after its addresses
		staff bool
		want  int
	}{
		"no line for it": {"retry: 0;11/28/2026 16:08:10\r\nconnectedip: 10.20.0.7\r\n\r\n", false, 0},
		"as others have": {"retry: 0;11/28/2026 16:08:10\r\nconnectedip: 10.20.0.7\r\n\r\n", true, 1},
		"nothing else":   {"", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for i := range 60 {
				spooltest.Write(t, root, spooltest.Pair{ID: spool.NewID("SubSpool1", fmt.Sprintf("%08d", 40_000_000+i)), Auth: "-", IP: "10.20.0.7",
					HDR: fmt.Sprintf("Written \r\npay%d@bank%d.test\r\nu%d@web%d.test\r\n%s", i, i%9, i, i%11, c.hdr)})
			}
			if c.staff {
				spooltest.Write(t, root, spooltest.Pair{Auth: "mara@quay.example"})
			}
			_, snap := scanned(t, root)
			if found := cause.Find(snap, cause.Known{Here: cause.Here(snap, nil)}); len(found) != c.want {
				t.Errorf("%+v", found)
			}
		})
	}
}

// A null sender that a client gave is no bounce of this server's.
func TestWhatAClientClaims(t *testing.T) {
	for name, c := range map[string]struct {
		pair func(i int) spooltest.Pair
		want incident.Class
		row  string
	}{
		"null sender, from within": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: "-", MailFrom: "<>", From: "ceo@bank.test", IP: "10.20.0.7"}
		}, incident.Relay, "10.20.0.7"},
		"null sender, from everywhere": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: "-", MailFrom: "<>", From: fmt.Sprintf("ceo@bank%d.test", i%9), IP: fmt.Sprintf("198.51.%d.7", i)}
		}, incident.Relay, "many clients"},
		"bounces of ours": {func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: "-", MailFrom: "<>", From: "postmaster@quay.example", IP: "-"}
		}, incident.Backscatter, incident.RowBounces},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for i := range 60 {
				p := c.pair(i)
				p.ID, p.To = spool.NewID("SubSpool1", fmt.Sprintf("%08d", 40_000_000+i)), []string{fmt.Sprintf("u%d@far%d.test", i, i%9)}
				spooltest.Write(t, root, p)
			}
			spooltest.Write(t, root, spooltest.Pair{Auth: "mara@quay.example"})
			sp, snap := scanned(t, root)
			found := cause.Find(snap, cause.Known{Here: cause.Here(snap, nil)})
			if len(found) != 1 || found[0].Class != c.want || found[0].Name != c.row || found[0].Count != 60 {
				t.Fatalf("%+v", found)
			}
			query, err := spool.ParseQuery(found[0].Query)
			if err != nil {
				t.Fatal(err)
			}
			if hits, err := sp.Search(t.Context(), snap, query, nil); err != nil || len(hits.Hits) != 60 {
				t.Errorf("%s finds %d", found[0].Query, len(hits.Hits))
			}
		})
	}
}

// What one client hands in for a few domains elsewhere is relayed. A gateway hands in for domains that nobody has logged in
// from, too, beside mail for those that somebody has.
func TestToAFewDomains(t *testing.T) {
	for name, c := range map[string]struct {
		to   func(i int) string
		want int
	}{
		"three, elsewhere": {func(i int) string { return fmt.Sprintf("u%d@far%d.test", i, i%3) }, 1},
		"a gateway's": {func(i int) string {
			if i%4 == 0 {
				return fmt.Sprintf("user%d@quay.example", i)
			}
			return fmt.Sprintf("u%d@tenant%d.test", i, i%4)
		}, 0},
		"one, which may be here": {func(i int) string { return fmt.Sprintf("u%d@tenant.test", i) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			snap := waiting(t, 90, func(i int) spooltest.Pair {
				if i == 0 {
					return spooltest.Pair{Auth: "mara@quay.example"}
				}
				return spooltest.Pair{Auth: "-", MailFrom: fmt.Sprintf("x%d@shop%d.test", i, i%20), IP: "198.51.100.7", To: []string{c.to(i)}}
			})
			if found := cause.Find(snap, cause.Known{Here: cause.Here(snap, nil)}); len(found) != c.want {
				t.Errorf("%+v", found)
			}
		})
	}
}

// A web page on another computer is told by its mailbox's name and by its greeting, however its subjects differ.
func TestAFormFromElsewhere(t *testing.T) {
	for helo, want := range map[string]int{"web01": 1, "DESKTOP-7": 0} {
		snap := waiting(t, 60, func(i int) spooltest.Pair {
			return spooltest.Pair{Auth: "kontakt@quay.example", IP: "203.0.113.80", HELO: helo, Subject: unlike(i)}
		})
		if found := cause.Find(snap, cause.Known{Here: cause.Here(snap, nil)}); len(found) != want || want > 0 && found[0].Class != incident.Form {
			t.Errorf("%s: %+v", helo, found)
		}
	}
}
