package steps

import (
	"cmp"
	"fmt"
	"time"

	"delist/checks/traffic"
	"delist/steps/words"
)

// LogsTell says that the logs were read, understood and tell of mail, and that they go on: since mail was last started,
// something stands in them.
func (s *State) LogsTell() bool {
	return logsTell(s.Live.Traffic, s.Incident.Restarted) && s.Live.TrafficErr == "" && s.Live.Traffic.Newest.After(s.Incident.Restarted)
}

// logsTell says that the logs tell of mail, and of all since a time.
func logsTell(report *traffic.Report, since time.Time) bool {
	return report.Tells() && report.Blind(since) == ""
}

// LogsSay says what the logs come to since mail was last started, in one line.
func (s *State) LogsSay() string {
	report := s.Live.Traffic
	blind := report.Blind(s.Incident.Restarted)
	switch {
	case s.Live.ReadingLogs:
		return "still being read"
	case s.Live.TrafficErr != "":
		return "cannot be read: " + s.Live.TrafficErr
	case report == nil:
		return "none are known, so only the spool tells who sends; name them with --logs FOLDER"
	case !report.Tells():
		return report.Silence()
	case blind == "" && !s.LogsTell():
		return "nothing stands in them since mail was started"
	}
	for i := range report.Accounts {
		if a := &report.Accounts[i]; a.Name != "" && report.Above(a.Name, s.Incident.Restarted) != traffic.Usual {
			return fmt.Sprintf("%s sent %s, %s", a.Name, words.Number(a.Since(s.Incident.Restarted)), a.Usually())
		}
	}
	if blind != "" {
		return "not all of them is known. " + blind
	}
	return "no account sends far above its usual rate"
}

// LogsTrouble says why the logs do not tell who sends, or not all of it; empty where they do, and where none are known.
func (s *State) LogsTrouble() string {
	live := &s.Live
	if live.ReadingLogs || live.TrafficErr != "" || live.Traffic != nil && !live.Traffic.Tells() {
		return s.LogsSay()
	}
	return cmp.Or(live.Traffic.Blind(s.Incident.Restarted), live.NamesUnknown)
}
