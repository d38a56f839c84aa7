package cli

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// TestTheLogNamesWhoSentByCommand asks who sent the mail of layouts whose files do not say it, where logs are known and where
// none are.
func TestTheLogNamesWhoSentByCommand(t *testing.T) {
	for i, l := range spooltest.Layouts() {
		if l.As == spool.LayoutCurrent || testing.Short() && i%3 != 0 {
			continue
		}
		for _, form := range spooltest.LogForms() {
			t.Run(l.Name+", "+form.Name, func(t *testing.T) {
				dir := t.TempDir()
				root, logs := filepath.Join(dir, "Spool"), filepath.Join(dir, "Logs")
				at := time.Now().Add(-2 * time.Hour)
				spam := spooltest.WriteLayout(t, root, "SubSpool0", l.WithoutAuth(), false)
				spooltest.WriteSMTPLog(t, logs, form, spooltest.Thief, at, spam)
				look := commands{t, []string{"--spool", root, "--logs", logs, "--service", "none"}}

				_, out, _ := look.status("senders", "--json")
				var senders struct {
					Senders []struct {
						Account, Basis string
						Queued         int
					}
				}
				if err := json.Unmarshal([]byte(out), &senders); err != nil {
					t.Fatal(err, out)
				}
				rows := 0
				for _, row := range senders.Senders {
					if row.Account == spooltest.Thief {
						rows++
						if row.Basis != "log" || row.Queued != len(spam) {
							t.Errorf("%d of it wait, by %s", row.Queued, row.Basis)
						}
					}
				}
				if rows != 1 {
					t.Errorf("%d rows of the account in %s", rows, out)
				}

				query := "account:" + spooltest.Thief
				_, out, _ = look.status("search", "--json", query)
				if n := strings.Count(out, `"basis":"log"`); n != len(spam) || strings.Count(out, "\n") != n {
					t.Errorf("search finds %d by the log: %.300s", n, out)
				}
				_, out, _ = commands{t, look.flags[:2]}.status("search", "--json", query)
				if strings.Contains(out, `"basis":"log"`) {
					t.Error("without logs the log is a ground")
				}

				act := commands{t, append(look.flags, "--incidents", filepath.Join(dir, "incidents"))}
				_, said := act.run(BadNews, "quarantine", query, fmt.Sprintf("--yes=%d", len(spam)))
				if !strings.Contains(said, "--all-matches") { // the log alone marks nothing
					t.Errorf("quarantine says %s", said)
				}
				act.run(Good, "quarantine", query, "--all-matches", fmt.Sprintf("--yes=%d", len(spam)))
				if left := holding(t, root, spooltest.LayoutString); len(left) != 0 {
					t.Errorf("%d are left", len(left))
				}
			})
		}
	}
}

// TestWhatTheLogDoesNotTellIsSaid leaves out the log of the messages' day, which may be torn.
func TestWhatTheLogDoesNotTellIsSaid(t *testing.T) {
	dir := t.TempDir()
	root, logs := filepath.Join(dir, "Spool"), filepath.Join(dir, "Logs")
	at := time.Now().Add(-2 * time.Hour)
	for _, l := range spooltest.Layouts() {
		if l.Name == "status of two words" {
			spooltest.WriteLayout(t, root, "SubSpool0", l.WithoutAuth(), false)
		}
	}
	name := at.Format("2006.01.02") + "-smtpLog.log.zip"
	spooltest.File(t, logs, name, []byte("PK\x03\x04 torn"), at)
	look := commands{t, []string{"--spool", root, "--logs", logs, "--service", "none", "--incidents", filepath.Join(dir, "incidents")}}
	for _, words := range [][]string{{"senders", "--by", "campaign"}, {"search", "account:nobody@quay.example"}, {"quarantine", "account:nobody@quay.example"}} {
		status, _, said := look.status(words...)
		if !strings.Contains(said, "Not known from the logs: "+name+": it is no whole zip") {
			t.Errorf("%q says %s", words, said)
		}
		if words[0] != "senders" && status != NoAnswer {
			t.Errorf("%q ends with %d", words, status)
		}
	}
	look.run(Good, "search", "text:"+spooltest.LayoutString)
}
