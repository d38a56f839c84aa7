package cli

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"

	"delist/checks/traffic"
	"delist/spool/message"
	"delist/steps/incident"
)

// logsJSON says which logs were read.
type logsJSON struct {
	From         time.Time  `json:"from,omitzero"`
	Newest       time.Time  `json:"newest,omitzero"`
	HistoryHours int        `json:"historyHours"`
	Unread       []string   `json:"unread"` // what was not read, or not understood, and why they tell of no mail where they tell of none
	Files        []fileJSON `json:"files"`
}

// fileJSON is how much of a log is understood.
type fileJSON struct {
	File       string `json:"file"`
	Lines      int    `json:"lines"`
	Understood int    `json:"understood"`
}

// loggedJSON is what the logs say of an account; the fields are there where the logs know it.
type loggedJSON struct {
	LastHour     int        `json:"lastHour"`
	UsualPerHour *float64   `json:"usualPerHour"` // null: the logs do not reach back far enough
	BusiestHour  int        `json:"busiestHour"`  // of the last day
	BusiestAt    *time.Time `json:"busiestAt,omitempty"`
	Logged       int        `json:"logged"` // messages in all days that were read
	Rate         string     `json:"rate"`   // unknown, usual, or far above its usual rate
}

// basisLogs is the ground of a row of which nothing waits in the spool.
const basisLogs = "logs"

// join adds what the logs say: to the accounts of the spool, and of others that sent within the last day.
func (v *sendersView) join(report *traffic.Report) {
	v.logs = report
	v.answer.Logs = &logsJSON{From: report.From.UTC(), Newest: report.Newest.UTC(), HistoryHours: report.Hours, Unread: []string{}, Files: []fileJSON{}}
	for _, f := range report.Files {
		v.answer.Logs.Files = append(v.answer.Logs.Files, fileJSON{f.Name, f.Lines, f.Understood})
	}
	for _, why := range v.unreadLogs() {
		v.answer.Logs.Unread = append(v.answer.Logs.Unread, message.Printable(why))
	}
	waits := map[string]bool{}
	for i := range v.rows {
		row := &v.rows[i]
		waits[*row.Account] = true
		if a := report.Account(*row.Account); a != nil {
			row.log(a)
		}
	}
	for i := range report.Accounts {
		a := &report.Accounts[i]
		name := message.Printable(a.Name)
		if name == "" || waits[name] || a.LastHour == 0 && a.Busiest == 0 {
			continue
		}
		row := senderRow{Account: &name, Basis: basisLogs, IPs: []string{}, FirstSeen: a.First.UTC(), LastSeen: a.Last.UTC(), Why: []string{}, name: name}
		for _, ip := range a.Senders(report.At.AddDate(0, 0, -1)) {
			row.IPs = append(row.IPs, ip.String())
		}
		row.IPCount = len(row.IPs)
		row.log(a)
		v.rows = append(v.rows, row)
	}
	v.answer.Senders = v.rows
}

// log adds what the logs say of the row's account.
func (r *senderRow) log(a *traffic.Account) {
	r.loggedJSON = &loggedJSON{LastHour: a.LastHour, BusiestHour: a.Busiest, Logged: a.Messages, Rate: a.Judge().String()}
	if a.History {
		r.UsualPerHour = &a.Usual
	}
	if at := a.BusiestAt.UTC(); a.Busiest > 0 {
		r.BusiestAt = &at
	}
	if r.class == incident.NotExplained {
		r.Suspect = r.Suspect || a.Suspect
	}
	for _, why := range a.Why {
		if !slices.Contains(r.Why, why) {
			r.Why = append(r.Why, why)
		}
	}
	r.rate = a.Rate()
}

// unreadLogs is what the logs do not tell.
func (v *sendersView) unreadLogs() []string {
	if v.logs == nil {
		return v.unnamed
	}
	unread := slices.Clone(v.logs.NotKnown())
	for _, why := range append([]string{v.logs.Stale()}, v.unnamed...) {
		if why != "" && !slices.Contains(unread, why) {
			unread = append(unread, why)
		}
	}
	return unread
}

// shownRates bounds the table of rates for people.
const shownRates = 10

// sent shows who sent most in the last hour, by the logs, and whoever is not at a usual rate.
func (v *sendersView) sent(w io.Writer) {
	if v.logs == nil {
		return
	}
	if silence := v.logs.Silence(); silence != "" {
		fmt.Fprintf(w, "By the logs it is not known who sent: %s.\n", message.Printable(silence))
		return
	}
	fmt.Fprintf(w, "\nBy the logs, from %s to %s:\n", shortTime(v.logs.From), shortTime(v.logs.Newest))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "account\tlast hour\tusual\t\n")
	for i := range v.logs.Accounts {
		a := &v.logs.Accounts[i]
		if a.Name == "" || a.Messages == 0 || i >= shownRates && a.Judge() == traffic.Usual {
			continue
		}
		note := ""
		if a.Judge() != traffic.Usual {
			note = a.Rate()
		}
		usual := "not known"
		if a.History {
			usual = fmt.Sprintf("%.0f an hour", a.Usual)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", cell(a.Name, 45), humanize.Comma(int64(a.LastHour)), usual, note)
	}
	table.Flush()
}
