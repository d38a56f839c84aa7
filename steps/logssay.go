package steps

import (
	"fmt"

	"delist/checks/traffic"
	"delist/steps/words"
)

// LogsTell says that the logs were read and tell of mail, and that they go on: since mail was last started, something
// stands in them.
func (s *State) LogsTell() bool {
	return s.Live.Traffic.Tells() && s.Live.TrafficErr == "" && s.Live.Traffic.Newest.After(s.Incident.Restarted)
}

// LogsSay says what the logs come to since mail was last started, in one line.
func (s *State) LogsSay() string {
	report := s.Live.Traffic
	switch {
	case s.Live.ReadingLogs:
		return "still being read"
	case s.Live.TrafficErr != "":
		return "cannot be read: " + s.Live.TrafficErr
	case report == nil:
		return "none are known, so only the spool tells who sends; name them with --logs FOLDER"
	case !report.Tells():
		return "they tell of no mail: SmarterMail writes it at the level Detailed"
	case !s.LogsTell():
		return "nothing stands in them since mail was started"
	}
	for i := range report.Accounts {
		if a := &report.Accounts[i]; a.Name != "" && report.Above(a.Name, s.Incident.Restarted) != traffic.Usual {
			return fmt.Sprintf("%s sent %s, %s", a.Name, words.Number(a.Since(s.Incident.Restarted)), a.Usually())
		}
	}
	return "no account sends far above its usual rate"
}

// LogsTrouble says why the logs do not tell who sends; empty where they do, and where none are known.
func (s *State) LogsTrouble() string {
	if live := &s.Live; live.ReadingLogs || live.TrafficErr != "" || live.Traffic != nil && !live.Traffic.Tells() {
		return s.LogsSay()
	}
	return ""
}
