package steps

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps/cause"
	"delist/steps/incident"
	"delist/steps/words"
)

// logsTimeout bounds one look at the logs. Days of them may take longer: the next look goes on where this one stopped.
const logsTimeout = time.Minute

// trafficLoop looks at the logs again and again, with longer pauses where a look takes long. The first look, which may
// take several turns, does not rest: the operator waits for it.
func (r *Runbook) trafficLoop(ctx context.Context) {
	for {
		began := time.Now()
		if err := r.lookAtTraffic(ctx); err != nil && ctx.Err() == nil {
			r.say(err.Error())
		} else if err := r.keepLines(ctx); err != nil && ctx.Err() == nil {
			r.say(err.Error())
		}
		pause := max(r.between(r.settings.LogsEvery), 4*time.Since(began))
		if r.State().Live.ReadingLogs {
			pause = r.settings.LogsEvery
		}
		select {
		case <-ctx.Done():
			return
		case <-r.kickLogs:
		case <-time.After(pause):
		}
	}
}

// lookAtTraffic takes one look at the logs, and judges what they say.
func (r *Runbook) lookAtTraffic(ctx context.Context) error {
	began := time.Now()
	reading, cancel := context.WithTimeout(ctx, logsTimeout)
	defer cancel()
	report, err := r.hands.Traffic.Read(reading)
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		r.sawNothing(atLogs)
		r.see(func(l *Live) {
			if !l.ReadingLogs {
				l.TrafficErr = "what is new in them took more than " + words.Span(logsTimeout) + " to read; reading goes on"
			}
		})
		return nil
	case err != nil:
		r.see(func(l *Live) { l.TrafficErr, l.ReadingLogs = err.Error(), false })
		r.sawNothing(atLogs)
		return nil
	}
	if err := r.nameLogged(report); err != nil {
		return err
	}
	inc := r.State().Incident
	r.see(func(l *Live) {
		l.Traffic, l.TrafficErr, l.ReadingLogs = report, "", false
		l.Senders = joinTraffic(l.Senders, report, &inc)
	})
	took := time.Since(began)
	if report.Blind(inc.Restarted) != "" {
		r.sawNothing(atLogs)
	} else {
		r.saw(atLogs, took+max(r.between(r.settings.LogsEvery), 4*took))
	}
	if err := r.checkRates(report); err != nil {
		return err
	}
	return r.checkLogins(report)
}

// StandOut are the accounts that are not marked and whose mail of the last day the logs do not find usual: far above the
// usual rate, or much where that is not known. The operator judges.
func (s *State) StandOut() []SenderRow {
	var rows []SenderRow
	for _, row := range s.Live.Senders {
		if !row.Marked && row.Logged != nil && row.Logged.Judge() != traffic.Usual {
			rows = append(rows, row)
		}
	}
	return rows
}

// joinTraffic brings what the logs say into the senders table. An account that sends far above its usual rate, and one
// that is marked, has a row even when nothing of it waits; so has one whose usual rate is not known, which the operator
// judges.
func joinTraffic(rows []SenderRow, report *traffic.Report, inc *incident.Incident) []SenderRow {
	if report == nil {
		return rows
	}
	var first, joined, last []SenderRow
	there := map[string]bool{}
	for _, row := range rows {
		if row.waits {
			there[row.Account] = true
			joined = append(joined, row.join(report))
		}
	}
	for i := range report.Accounts {
		name := report.Accounts[i].Name
		if name == "" || there[name] {
			continue
		}
		row := SenderRow{Sender: spool.Sender{Account: name}, Marked: inc.Suspect(name) != nil}.join(report)
		switch judged := row.Logged.Judge(); {
		case row.Marked || judged == traffic.FarAbove:
			first = append(first, row)
		case judged == traffic.Unknown:
			last = append(last, row)
		}
	}
	return slices.Concat(first, joined, last)
}

// join adds to a row what the logs say of its account.
func (row SenderRow) join(report *traffic.Report) SenderRow {
	row.Logged = report.Account(row.Account)
	row.Why = slices.Clip(row.spoolWhy)
	if row.Logged == nil {
		return row
	}
	why := row.Logged.Why
	if row.Suspect { // the spool knows from how many addresses
		why = why[:min(len(why), 1)]
	}
	for _, text := range why {
		if !slices.Contains(row.Why, text) {
			row.Why = append(row.Why, text)
		}
	}
	if !row.waits {
		senders := row.Logged.Senders(report.At.Add(-lastDay))
		row.FirstSeen, row.LastSeen, row.IPs, row.IPCount = row.Logged.First, row.Logged.Last, senders, len(senders)
	}
	return row
}

// lastDay is how far back the logs are asked for what happens now.
const lastDay = 24 * time.Hour

// nameLogged marks the accounts that look stolen by the logs, while Look goes on, once the spool has had its say: of those
// that are marked already it adds how much they send. The operator can unmark them.
func (r *Runbook) nameLogged(report *traffic.Report) error {
	s := r.State()
	inc := &s.Incident
	if inc.Steps[incident.Look].State.Passed() || !inc.Restarted.IsZero() || !inc.Closed.IsZero() || r.hands.Spool != nil && s.Live.Spool == nil && s.Live.SpoolErr == "" {
		return nil
	}
	for i := range report.Accounts {
		a := &report.Accounts[i]
		if slices.Contains(inc.Unmarked, a.Name) || honest(s.Live.Found.About(a.Name)) {
			continue
		}
		fact := incident.SuspectMarked{Account: a.Name, Why: a.Why, IPs: loggedIPs(report, a.Name)}
		switch known := inc.Suspect(a.Name); {
		case known == nil && a.Suspect:
		case known != nil && known.Reset == incident.ResetToDo && len(a.Why) > 0 && !slices.ContainsFunc(known.Why, isRate):
			fact = incident.SuspectMarked{Account: a.Name, Why: append(slices.Clip(known.Why), a.Why[0])}
		default:
			continue
		}
		if err := r.record(fact); err != nil {
			return err
		}
		r.showMarks()
	}
	return nil
}

// honest says that an account's mail is explained by something else than a thief.
func honest(f *cause.Finding) bool {
	return f != nil && (f.Class == incident.Newsletter || f.Class == incident.Form)
}

// isRate says that a reason is the logs': it is kept as it was first seen.
func isRate(why string) bool { return strings.HasPrefix(why, "it sent ") }

// loggedIPs are the client addresses that an account far above its usual rate sent from in the last day, and never
// before: where the owner works is known to the logs.
func loggedIPs(report *traffic.Report, account string) []netip.Addr {
	a := report.Account(account)
	if a == nil || a.Judge() != traffic.FarAbove {
		return nil
	}
	ips := a.Strangers(report.At.Add(-lastDay))
	return ips[:min(len(ips), maxThiefIPs)]
}

// checkRates opens a new round when an account sends far above its usual rate since mail was started. An account that
// the operator unmarked is his to judge.
func (r *Runbook) checkRates(report *traffic.Report) error {
	inc := r.State().Incident
	if !inc.Watched() {
		return nil
	}
	var back incident.Relapsed
	var news []incident.Fact
	var whys []string
	for i := range report.Accounts {
		a := &report.Accounts[i]
		since := incident.Later(inc.Restarted, inc.ResetAt(a.Name, r.hands.Clock())) // what came before is the old password's doing
		if a.Name == "" || slices.Contains(inc.Unmarked, a.Name) || report.Above(a.Name, since) != traffic.FarAbove {
			continue
		}
		why := fmt.Sprintf("sent %s since the start, %s", humanize.Comma(int64(a.Since(since))), a.Usually())
		if inc.Suspect(a.Name) == nil {
			news = append(news, incident.SuspectMarked{Account: a.Name, Why: []string{"it " + why}, IPs: a.Strangers(inc.Restarted)})
		}
		back.Accounts = append(back.Accounts, a.Name)
		whys = append(whys, message.Printable(a.Name)+" "+why)
	}
	if len(back.Accounts) == 0 {
		return nil
	}
	slices.Sort(back.Accounts)
	back.Why = strings.Join(whys, "; ")
	_, err := r.relapsed(append(news, back)...)
	return err
}

// checkLogins begins the waiting time of Verify again when somebody logs in from an address that the thief used: the new
// password may be his as well.
func (r *Runbook) checkLogins(report *traffic.Report) error {
	inc := r.State().Incident
	if inc.Steps[incident.Verify].State != incident.Running || !inc.Watched() || inc.Watch.Until.IsZero() {
		return nil
	}
	said := ""
	for _, login := range report.Logins(incident.Later(inc.Restarted, r.heard), inc.ThiefIPs) {
		if !login.At.After(inc.ResetAt(login.Account, r.hands.Clock())) {
			continue // with the old password, while that still worked
		}
		who := "somebody"
		if login.Account != "" {
			who = message.Printable(login.Account)
		}
		said = fmt.Sprintf("%s logged in by %s from %s at %s, an address that the thief used",
			who, message.Printable(login.Protocol), login.IP, login.At.Local().Format("15:04:05"))
		r.heard = incident.Later(r.heard, login.At)
	}
	if said == "" {
		return nil
	}
	_, err := r.beginWatchIf(inc.Watch.StillOn, incident.Verify, said)
	return err
}
