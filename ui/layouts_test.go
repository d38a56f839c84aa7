package ui_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// holding counts the messages below the spool of which a file holds a text, as findstr finds them.
func (v *server) holding(text string) int {
	v.t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(v.root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			found[strings.TrimSuffix(path, filepath.Ext(path))] = true
		}
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return len(found)
}

// with lays a spool out anew, in a layout, and where mixed with mail of today's beside it.
func (v *server) laidOut(l spooltest.Layout, mixed bool) *server {
	v.t.Helper()
	if err := os.RemoveAll(v.root); err != nil {
		v.t.Fatal(err)
	}
	spooltest.WriteLayout(v.t, v.root, "SubSpool0", l, false)
	if mixed {
		spooltest.WriteLayout(v.t, v.root, "SubSpool1", spooltest.Layouts()[0], false)
	}
	return v
}

// stopMail stops mail by its key.
func (v *server) stopMail() *server {
	v.t.Helper()
	v.Press("s", "y")
	return v.until("mail to be down", func(s *steps.State) bool { return !s.Incident.MailDown.IsZero() }).expectStep(incident.Purge)
}

// search types a search in Purge.
func (v *server) search(query string) *server {
	v.t.Helper()
	v.News(v.runbook.State()).Press("/").ExpectDialog("Search").Press("ctrl+u").Wait(time.Second).Type(query).Press("enter")
	return v.until("the search", func(s *steps.State) bool {
		return s.Live.Finding == nil && s.Live.Results != nil && s.Live.Results.Query.String() == query
	})
}

// TestTheArticlesTaskByKeys finds all messages that hold a text, moves them, puts three back and starts mail again, in spools
// of every layout, alone and beside mail of today's, in a window of 80 by 24.
func TestTheArticlesTaskByKeys(t *testing.T) {
	const query = "text:" + spooltest.LayoutString
	for i, l := range spooltest.Layouts() {
		for _, mixed := range []bool{false, true} {
			if testing.Short() && i%4 != map[bool]int{false: 0, true: 2}[mixed] {
				continue
			}
			t.Run(fmt.Sprintf("%s, mixed %v", l.Name, mixed), func(t *testing.T) {
				v, _, _ := controlled(t)
				v.laidOut(l, mixed).sitDown().ExpectNot("SPOOL  0 waiting")
				want, unread := v.holding(spooltest.LayoutString), l.As == spool.LayoutUnknown
				v.enter("I may stop this server")
				if unread {
					v.Expect("not understood")
				}
				v.stopMail()
				v.search(query).Expect(fmt.Sprintf("matches %d of", want), "None of them comes marked", fmt.Sprintf("* marks all %d", want))
				v.Press("*").Expect(fmt.Sprintf("%d marked", want), fmt.Sprintf("Enter: quarantine %d", want)).Press("m").ExpectDialog(fmt.Sprintf("Move %d messages out of the spool?", want))
				if unread {
					v.Expect("Who sent them is not", "Said to be from").ExpectNot("Sent by").Wait(time.Second).Type(fmt.Sprint(want)).Press("enter")
				} else {
					v.Press("y")
				}
				v.until("the move", func(s *steps.State) bool { return len(s.Live.Held) == want && s.Live.Doing == nil })
				if left := v.holding(spooltest.LayoutString); left != 0 {
					t.Errorf("%d are left", left)
				}
				v.Model().Show(incident.Purge)
				v.Press("tab").Expect("QUARANTINE").Press("space", "space", "space", "u").ExpectDialog("Put marked messages back, 3?")
				if unread {
					v.Expect("The status of 3 messages could")
				}
				v.Wait(time.Second).Type("3").Press("enter")
				v.until("three back", func(s *steps.State) bool { return len(s.Live.Held) == want-3 && s.Live.Doing == nil })
				if back := v.holding(spooltest.LayoutString); back != 3 {
					t.Errorf("%d are back, want 3", back)
				}
			})
		}
	}
}

// A search that finds nothing in what is known offers the same words as they stand in both files, at one key.
func TestNothingFoundOffersTheText(t *testing.T) {
	for _, l := range spooltest.Layouts() {
		if l.Name != "INI file" && l.Name != "current" {
			continue
		}
		t.Run(l.Name, func(t *testing.T) {
			v, _, _ := controlled(t)
			v.laidOut(l, false).sitDown().enter("I may stop this server").stopMail()
			v.search("subject:" + spooltest.LayoutString).Expect("text:" + spooltest.LayoutString)
			if l.As == spool.LayoutUnknown {
				v.Expect("Whether anything matches", "75 not understood").ExpectNot("Nothing matches")
			} else {
				v.Expect("Nothing matches subject:")
			}
			v.Press("t")
			v.until("the second search", func(s *steps.State) bool { return s.Live.Results != nil && len(s.Live.Results.Hits) > 0 })
			v.Expect(fmt.Sprintf("matches %d of 75", v.holding(spooltest.LayoutString)))
		})
	}
}

// Setting the spool aside counts pairs, whatever is in them, and what may have failed goes back by its count only.
func TestSetAsideCountsPairs(t *testing.T) {
	for _, l := range spooltest.Layouts() {
		if l.Name != "binary" && l.Name != "empty" {
			continue
		}
		t.Run(l.Name, func(t *testing.T) {
			v, _, _ := controlled(t)
			v.laidOut(l, false)
			past := time.Now().Add(-time.Hour)
			spooltest.File(t, v.root, "SubSpool0/9.hdr", []byte("Writing \r\n"), past)
			spooltest.File(t, v.root, "SubSpool0/9.eml", []byte("x"), past)
			v.sitDown().enter("I may stop this server").stopMail()
			v.Press("w").ExpectDialog("Set the whole spool aside").Wait(time.Second).Type("76").Press("enter").ExpectNoDialog().Expect("76 OUTSIDE")
			v.Model().Show(incident.Purge)
			v.until("the empty spool", func(s *steps.State) bool { return s.Live.Spool != nil && s.Live.Spool.Pairs() == 0 })
			v.search("text:"+spooltest.LayoutString).Press("*", "m").ExpectDialog("Move 30 messages").Wait(time.Second).Type("30").Press("enter")
			v.until("the move", func(s *steps.State) bool { return len(s.Live.Held) == 30 && s.Live.Doing == nil }).Expect("46 OUTSIDE")
			v.Press("g")
			v.Wait(time.Second).Type("looked at").Press("enter")
			v.Model().Show(incident.Purge)
			v.News(v.runbook.State()).Press("w").ExpectDialog("Put the rest back").Expect("could not be read").Wait(time.Second).Type("46").Press("enter")
			v.until("all of it to be back", func(s *steps.State) bool { return s.Incident.Aside.Dir == "" && s.Live.Spool.Pairs() == 46 })
		})
	}
}

// TestThePreviewSaysThatTheLogNamesTheSender finds the mail of an account that only the SMTP log names.
func TestThePreviewSaysThatTheLogNamesTheSender(t *testing.T) {
	for _, l := range spooltest.Layouts() {
		if l.Name != "status is a number" && l.Name != "XML" {
			continue
		}
		t.Run(l.Name, func(t *testing.T) {
			v, _, _ := controlled(t)
			v.senders = func(_ context.Context, asked []traffic.Spooled) (accounts, unknown []string, err error) {
				return slices.Repeat([]string{"mara@quay.example"}, len(asked)), nil, nil
			}
			v.options.Preview = func(context.Context, spool.ID) (message.View, error) { return message.View{Text: "Pay"}, nil }
			v.laidOut(l.WithoutAuth(), false).sitDown()
			v.until("the names", func(s *steps.State) bool { return !s.Live.Naming })
			v.enter("I may stop this server")
			v.stopMail()
			v.search("account:mara@quay.example").Expect("matches 75 of 75", "0 marked")
			v.Press("p").ExpectDialog("Message SubSpool0/", "Sent by mara@quay.example, by the SMTP log: its own files do not say")
		})
	}
}
