package steps

import (
	"delist/checks/traffic"
	"delist/spool"
	"delist/steps/cause"
	"delist/steps/incident"
	"delist/steps/words"
)

// Glance sorts what waits as Look does, for whoever has no incident: those who look stolen are taken to be, and nobody has
// explained anything. report is nil where no logs were read.
func Glance(snap *spool.Snapshot, report *traffic.Report, found cause.Findings) Waiting {
	s := State{Settings: DefaultSettings(), Live: Live{Spool: snap, Found: found, Traffic: report}}
	own := snap.OwnersMail(func(string) bool { return false })
	var rows []SenderRow
	for _, sender := range snap.Senders() {
		row := SenderRow{Sender: sender, Own: own[sender.Account], waits: true, spoolWhy: sender.Why}
		row.classify(found)
		if row.Marked = row.Suspect && row.Account != ""; row.Marked {
			s.Incident.Suspects = append(s.Incident.Suspects, incident.Suspect{Account: row.Account})
		}
		rows = append(rows, row)
	}
	s.Live.Counts = countSpool(snap, &s.Incident, report)
	s.Live.Senders = joinTraffic(rows, report, &s.Incident)
	return s.Waiting()
}

// NotExplained are the rows that nothing explains and that look like nothing known, each in words.
func (w *Waiting) NotExplained() []string {
	var said []string
	for _, u := range w.rows() {
		switch u.Class {
		case incident.NotExplained:
			said = append(said, words.Number(u.Count)+" "+u.of()+": "+u.Why)
		case incident.Newsletter: // anybody can write the header of one
			said = append(said, words.Number(u.Count)+" of "+u.Row+": it looks like a newsletter, and nobody has said that its readers asked for it")
		}
	}
	return said
}
