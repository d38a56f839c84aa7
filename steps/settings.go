package steps

import (
	"strings"
	"time"
)

// Settings are the runbook's times and thresholds. A drill shortens the times, and says so.
type Settings struct {
	RescanEvery     time.Duration // pause between two looks at the spool
	LookEvery       time.Duration // pause between two looks at the service
	LogsEvery       time.Duration // pause between two looks at the logs
	OutboundEvery   time.Duration // pause between two looks at who speaks to mail servers elsewhere
	ListsEvery      time.Duration // pause between two rounds of questions to the lists, in Delist
	WatchRestart    time.Duration // how long nothing like the spam may appear after a restart
	VerifyWait      time.Duration // how long it has to stay quiet before anybody is asked for anything
	APIDeadline     time.Duration // how long the API may take to answer after a start
	SuggestAside    time.Duration // mail down for this long: suggest setting the spool aside
	BacklogMessages int           // from how many messages on that nothing explains they are taken for spam
	BacklogShare    float64       // and from what part of all that waits
	BusyPerHour     int           // an account that sends more than this in an hour is looked at
	QuarantineDir   string        // where quarantines go; empty: the nearest permitted folder above the spool
	OtherVolume     bool          // the quarantine, or a folder of the spool, may be on another volume: messages are copied then
	PutBackRate     int           // messages a second at most that go back from a spool set aside; 0: no limit
	SampleBounce    string        // in a drill, a bounce to read
	Config          string        // the file of the settings, whether it is there or not; empty where there can be none
	HELO            string        // the name that the server says in HELO; empty: it is looked for
	Earlier         []Earlier     // requests for removal from earlier incidents of this server

	// HowTo is what to do by hand on this server; empty parts are as on a usual one. A practice server has commands for it.
	HowTo HowTo

	// Command writes a command of this program so that it runs as it is printed; nil where nobody says how it was called.
	Command func(words ...string) string
}

// HowTo is what to click or type by hand, a sentence each, and the command that ends a program that sends past the mail
// service.
type HowTo struct{ Stop, Start, Password, EndProgram string }

// DefaultSettings are those of a real server.
func DefaultSettings() Settings {
	return Settings{
		RescanEvery:     5 * time.Second,
		LookEvery:       2 * time.Second,
		LogsEvery:       5 * time.Second,
		OutboundEvery:   2 * time.Second,
		ListsEvery:      10 * time.Minute,
		WatchRestart:    time.Minute,
		VerifyWait:      time.Hour,
		APIDeadline:     2 * time.Minute,
		SuggestAside:    15 * time.Minute,
		BusyPerHour:     50,
		BacklogMessages: 50,
		BacklogShare:    0.1,
		PutBackRate:     50,
	}
}

// commandLine is a command for the operator, as it can be typed.
func (s *Settings) commandLine(words ...string) string {
	if s.Command == nil {
		return "delist " + strings.Join(words, " ")
	}
	return s.Command(words...)
}
