package ui_test

import (
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"delist/checks/outbound"
	"delist/checks/resolver"
	"delist/spool"
	"delist/steps"
	"delist/steps/incident"
	"delist/testdata"
	"delist/ui"
	"delist/ui/uitest"
)

// TestScreensOnTheWay holds the screens between the steps to their golden files: the
// questions, the states that a step passes through, the help.
func TestScreensOnTheWay(t *testing.T) {
	for _, test := range []struct {
		name  string
		step  incident.Step
		state func(*steps.State)
		keys  []string
	}{
		{"opening", incident.Look, func(s *steps.State) {
			s.Incident = incident.Incident{Mode: s.Incident.Mode, Host: s.Incident.Host, Opened: s.Now}
			s.Live = steps.Live{Last: "The practice server is being made."}
		}, nil},
		{"look-begin", incident.Look, func(s *steps.State) {
			s.Live = steps.Live{Asking: true}
			s.Incident = incident.Fold(testdata.Whole()[:3])
		}, nil},
		{"look-lists", incident.Look, nil, []string{"tab", "down"}},
		{"look-evidence", incident.Look, nil, []string{"tab", "down", "down", "i"}},
		{"look-resolver", incident.Look, func(s *steps.State) {
			s.Live.Preflight = &resolver.Finding{Kind: resolver.PublicRefused, Sentence: "Spamhaus refuses this resolver (192.0.2.53): it is a public or open resolver.",
				Remedy: "Use a resolver of your own, and give it with --resolver."}
		}, nil},
		{"look-direct", incident.Look, direct, nil},
		{"reset-direct", incident.Reset, direct, nil},
		{"notify-direct", incident.Notify, direct, nil},
		{"look-unexplained", incident.Look, unexplained, nil},
		{"delist-unexplained", incident.Delist, unexplained, nil},
		{"delist-helo", incident.Delist, unexplained, []string{"h"}},
		{"verify-direct", incident.Verify, func(s *steps.State) {
			direct(s)
			s.Live.Watched.Trap = incident.SayProgram(s.Incident.Speakers[0].Program) + " speaks to mail servers elsewhere, past the mail service"
		}, nil},
		{"look-lock-out", incident.Look, nil, []string{"enter"}},
		{"look-campaigns", incident.Look, nil, []string{"v", "down"}},
		{"look-clients", incident.Look, nil, []string{"v", "v"}},
		{"purge-row", incident.Purge, func(s *steps.State) { s.Live.Results = nil }, []string{"v", "enter"}},
		{"purge-senders", incident.Purge, nil, []string{"v"}},
		{"purge-empty", incident.Purge, func(s *steps.State) { s.Live.Results = nil }, nil},
		{"purge-plan", incident.Purge, func(s *steps.State) { _ = planned(s, 34) }, nil},
		{"purge-running", incident.Purge, func(s *steps.State) {
			s.Live.Doing = &steps.Doing{What: "move messages into the quarantine", Done: 12, Total: 34, Since: s.Now}
		}, nil},
		{"purge-finding", incident.Purge, func(s *steps.State) {
			s.Live.Results, s.Live.Finding = nil, &spool.Progress{Done: 120_000, Total: 1_000_000, Began: s.Now.Add(-3 * time.Second)}
		}, nil},
		{"purge-search", incident.Purge, nil, []string{"/"}},
		{"reset-held", incident.Restart, nil, []string{"left"}},
		{"relapse", incident.Stop, func(s *steps.State) {
			s.Incident.Round, s.Live.Last = 2, "the spam is back: 12 messages like it in 10 s"
		}, nil},
		{"skip", incident.Verify, nil, []string{"j"}},
		{"help", incident.Purge, nil, []string{"?"}},
		{"leave", incident.Restart, nil, []string{"q"}},
		{"bounce", incident.Look, nil, []string{"b", "5", "5", "4"}},
		{"closed", incident.Close, func(s *steps.State) {
			s.Incident.Steps[incident.Close] = incident.StepStatus{State: incident.Done, Since: s.Now}
			s.Incident.Closed, s.Incident.ReportAt = s.Now, "/var/lib/delist/7F3A/report.md"
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.HasSuffix(test.name, "-direct") {
				t.Skip("the command that ends a program is another one there")
			}
			state := uitest.At(t, test.step)
			if test.state != nil {
				test.state(&state)
			}
			ui.InEveryWindow(t, test.name, func(w, h int, g ui.Glyphs) string {
				return uitest.New(t, uitest.NewRunbook(t, state), ui.Options{Glyphs: g}).Resize(w, h).Press(test.keys...).View()
			})
		})
	}
}

// unexplained is a server that is listed, and at which nothing is seen that brings a listing.
func unexplained(s *steps.State) {
	s.Incident.Suspects, s.Incident.Purges, s.Live.Known = nil, nil, nil
	s.Live.Senders, s.Live.Traffic, s.Live.Found, s.Incident.Causes = nil, nil, nil, nil
}

// direct is one at which a program sends past the mail service.
func direct(s *steps.State) {
	unexplained(s)
	mailer := outbound.Program{PID: 20417, Path: "/usr/bin/php8.2", Script: "/var/www/shop/wp-content/up.php", Owner: "www-data", Remote: netip.MustParseAddrPort("198.51.100.7:25"), Connections: 3}
	s.Live.Outbound = &steps.OutboundLook{At: s.Now, Looks: 30, Others: []outbound.Program{mailer}}
	uitest.Tell(s, incident.SpeakerSeen{Program: mailer})
}
