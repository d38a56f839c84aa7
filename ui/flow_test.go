package ui_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/checks/bounce"
	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

// at sits an operator down before the incident at a step.
func at(t *testing.T, step incident.Step, o ui.Options) (*uitest.Driver, *uitest.Runbook) {
	t.Helper()
	return with(t, uitest.At(t, step), o)
}

func with(t *testing.T, state steps.State, o ui.Options) (*uitest.Driver, *uitest.Runbook) {
	t.Helper()
	runbook := uitest.NewRunbook(t, state)
	return uitest.New(t, runbook, o), runbook
}

func TestPermissionIsAskedFirst(t *testing.T) {
	state := uitest.At(t, incident.Look)
	state.Incident.Permit = incident.NotAsked
	d, runbook := with(t, state, ui.Options{})
	d.Expect("May you stop this mail server", "Enter: I may stop this server", "x: I may not")
	runbook.Expect(steps.Allow{May: true}, func(s *steps.State) error { s.Incident.Permit = incident.May; return nil })
	d.Press("enter").Expect("Enter: lock the thief out").ExpectNot("May you stop")
}

func TestLockOutAsksWithCancelFirst(t *testing.T) {
	d, runbook := at(t, incident.Look, ui.Options{})
	d.Press("enter").ExpectDialog("Lock the thief out", "> Cancel <", uitest.Stolen)
	d.Press("enter").ExpectNoDialog()
	runbook.Expect(steps.LockOut{}, nil)
	d.Press("enter", "y").ExpectNoDialog()
}

func TestStopIsOneKeyAwayEverywhere(t *testing.T) {
	for _, step := range []incident.Step{incident.Look, incident.Stop} {
		d, runbook := at(t, step, ui.Options{})
		d.Resize(60, 15).Expect("stop ALL mail now").Resize(80, 24)
		runbook.Expect(steps.StopService{}, func(s *steps.State) error {
			s.Incident.Steps[incident.Look] = incident.StepStatus{State: incident.Done, Since: s.Now}
			s.Incident.Steps[incident.Stop] = incident.StepStatus{State: incident.Done, Since: s.Now}
			s.Incident.MailDown = s.Now
			s.Live.Service.State = steps.ServiceStopped
			return nil
		})
		key := map[incident.Step]string{incident.Look: "s", incident.Stop: "enter"}[step]
		d.Press(key).ExpectDialog("Stop ALL mail now?").Press("y").Expect("MAIL DOWN", "Purge: move the spam out")
	}
}

func TestRefusedActionSaysWhy(t *testing.T) {
	d, _ := at(t, incident.Purge, ui.Options{})
	d.Resize(160, 40).Expect("(u: put marked messages back)")
	d.Press("u").Expect("The quarantine is empty.").Press("?").ExpectDialog("Help: Purge")
}

func TestRefusalOfTheRunbookIsShown(t *testing.T) {
	d, runbook := at(t, incident.Look, ui.Options{})
	runbook.Expect(steps.AskLists{}, func(*steps.State) error { return errors.New("ask the lists: no route to host") })
	d.Press("l").Expect("Ask the lists: no route to host.")
	d.Press("down").ExpectNot("no route to host")
}

// That data changed hides no column's name, and r shows it in the table that says so, wherever the cursor is.
func TestChangedDataHidesNothing(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}} {
		state := uitest.At(t, incident.Look)
		d, _ := with(t, state, ui.Options{})
		d.Resize(size[0], size[1]).Press("down", "tab")
		state.Live.Senders = slices.Clone(state.Live.Senders)
		slices.Reverse(state.Live.Senders)
		d.News(state)
		if size[0] >= 80 {
			d.Expect("account queued share in/min IPs newest subject", "r refreshes", "r: show what changed", "stop ALL mail now")
		} else {
			d.Press("tab").Expect("account queued share in/min IPs", "stop ALL mail now")
		}
		d.Press("r").ExpectNot("r refreshes", "r: show what changed")
	}
}

func TestKeyMeantForTheStepBeforeIsNotHeard(t *testing.T) {
	d, _ := at(t, incident.Look, ui.Options{})
	state := uitest.At(t, incident.Stop)
	d.News(state).Expect("Stop: stop the mail service")
	d.Wait(-900 * time.Millisecond).Press("enter").ExpectNoDialog()
	d.Press("enter").ExpectDialog("Stop ALL mail now?")
}

func TestWhoLooksElsewhereStaysThere(t *testing.T) {
	d, _ := at(t, incident.Purge, ui.Options{})
	d.Press("left", "left").Expect("Look: find out")
	d.News(uitest.At(t, incident.Reset)).Expect("Look: find out")
	d.Press("right", "right", "right").Expect("Reset: give the account")
}

func TestLookingElsewhereSaysWhereTheRunbookIs(t *testing.T) {
	for _, now := range incident.AllSteps() {
		d, _ := at(t, now, ui.Options{})
		for _, step := range incident.AllSteps() {
			d.Model().Show(step)
			for _, size := range [][2]int{{60, 15}, {80, 24}, {100, 30}, {120, 40}} {
				d.Resize(size[0], size[1])
				if step == now {
					d.ExpectNot("(the runbook is at")
				} else {
					d.Expect("(the runbook is at " + now.String() + ")")
				}
			}
		}
	}
}

// A long status has two lines where no row goes for it, and the help has all of it.
func TestLongStatusIsReadable(t *testing.T) {
	long := strings.Repeat("the service was looked at, and ", 3) + "it is still stopping"
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		for _, step := range incident.AllSteps() {
			state := uitest.At(t, step)
			state.Live.Last = ""
			d, _ := with(t, state, ui.Options{})
			rows := strings.Count(d.Resize(size[0], size[1]).Screen(), "@")
			state.Live.Last = long
			if size[0] < 100 && step != incident.Close { // else a column stands between; there, what is still to do has the rows
				d.News(state).Expect("Last: " + long)
			}
			if got := strings.Count(d.Screen(), "@"); got != rows {
				t.Errorf("%s: %d addresses are on the screen, %d without the status", step, got, rows)
			}
		}
	}
}

func TestHelpHasTheWholeStatus(t *testing.T) {
	longer := strings.Repeat("the service was looked at, and ", 12) + "it is still stopping"
	state := uitest.At(t, incident.Look)
	state.Live.Last = longer
	d, runbook := with(t, state, ui.Options{})
	d.Resize(80, 40).Press("?").Expect("Last: " + longer).Press("esc")
	runbook.Expect(steps.AskLists{}, func(*steps.State) error { return errors.New(longer) })
	d.Press("l", "?").Expect("T" + longer[1:] + ".")
}

// What the row under the cursor is for stands behind Enter, so that nobody has to find it in the help.
func TestKeysOfTheRowAreNamed(t *testing.T) {
	d, _ := at(t, incident.Look, ui.Options{})
	d.Expect("Tab: lists").Press("tab").Expect("then stop i: evidence", "Tab: senders")
	d.Resize(60, 15).Expect("then stop i: evidence")
	d, _ = at(t, incident.Purge, ui.Options{})
	d.Expect("Enter: quarantine 34 Space: mark p: preview").Resize(60, 15).Expect("Space: mark p: preview")
	state := uitest.At(t, incident.Purge)
	state.Live.Held = slices.Grow(state.Live.Held, 1)[:1]
	state.Live.Held[0].ID, state.Live.Held[0].Account = "SubSpool3/67518200", uitest.Stolen
	d, _ = with(t, state, ui.Options{})
	d.Expect("Tab: quarantine, 1").Press("tab").Expect("Space: mark", "Tab: back to the search")
}

func TestPasswordIsShownAsOftenAsWanted(t *testing.T) {
	const password = "k7Rm-Wq4x-Pz9t"
	state := uitest.At(t, incident.Restart)
	d, runbook := with(t, state, ui.Options{})
	runbook.Keep(uitest.Stolen, password)
	d.Press("left").Expect("Reset:", "NOT CHANGED YET", "held").ExpectNot(password)
	d.Press("v").ExpectDialog("New password", password).Press("esc").ExpectNot(password)
	d.Press("v").ExpectDialog("New password", password)
}

func TestPasswordIsCopied(t *testing.T) {
	state := uitest.At(t, incident.Restart)
	got := ""
	d, runbook := with(t, state, ui.Options{Copy: func(_ context.Context, text string) (string, error) { got = text; return "the clipboard", nil }})
	runbook.Keep(uitest.Stolen, "k7Rm-Wq4x-Pz9t")
	d.Press("c").Expect("copied to the clipboard").ExpectNot("k7Rm")
	if got != "k7Rm-Wq4x-Pz9t" {
		t.Errorf("copied %q", got)
	}
}

func TestPasswordThatCannotBeCopiedIsShown(t *testing.T) {
	d, runbook := at(t, incident.Restart, ui.Options{Copy: func(context.Context, string) (string, error) { return "", errors.New("no clipboard") }})
	runbook.Keep(uitest.Stolen, "k7Rm-Wq4x-Pz9t")
	d.Press("c").ExpectDialog("New password", "k7Rm-Wq4x-Pz9t", "no clipboard")
}

func TestPreviewShowsHostileMailAsText(t *testing.T) {
	d, _ := at(t, incident.Purge, ui.Options{Preview: func(_ context.Context, id spool.ID) (message.View, error) {
		return message.View{Headers: []message.Field{{Name: "Subject", Value: "\x1b[2J\x1b]0;own\x07Invoice"}, {Name: "X-Id", Value: string(id)}}, Text: "Pay\x1b[31m now\r\nSecond line"}, nil
	}})
	d.Press("p").ExpectDialog("Message SubSpool3/67518200", "Invoice", "now", "Second line")
	if strings.ContainsAny(d.View(), "\a") || strings.Contains(d.View(), "\x1b[2J") || strings.Contains(d.View(), "\x1b[31m now") {
		t.Errorf("the mail's own escape codes reached the terminal: %q", d.View())
	}
}

func TestWhatRunsComesFirst(t *testing.T) {
	state := uitest.At(t, incident.Restart)
	state.Live.Doing = &steps.Doing{What: "start mail", Since: state.Now}
	d, _ := with(t, state, ui.Options{})
	d.Expect("(e: start mail again)").Press("e").Expect("Start mail is still running; wait for it")
}

func TestNothingActsBeforeThereIsAnIncident(t *testing.T) {
	d, _ := with(t, steps.State{Live: steps.Live{Last: "The practice server is being made."}}, ui.Options{})
	d.Expect("One moment.", "The practice server is being made.").Press("enter", "s", "y").ExpectNoDialog()
	d.News(uitest.At(t, incident.Look)).Expect("marked as stolen").ExpectNot("One moment.")
}

func TestNoteAtAnyTime(t *testing.T) {
	for _, step := range incident.AllSteps() {
		d, runbook := at(t, step, ui.Options{})
		runbook.Expect(steps.AddNote{Text: "called the owner"}, nil)
		d.Press("n").ExpectDialog("Note").Type("called the owner").Press("enter").ExpectNoDialog()
	}
}

func TestBounceIsPasted(t *testing.T) {
	d, runbook := at(t, incident.Look, ui.Options{})
	const bounce = "554 fed1rmimpi309 cox\n203.0.113.25 blocked. Error Code: IPBL0100"
	runbook.Expect(steps.ReadBounce{Text: bounce}, nil)
	d.Press("b").ExpectDialog("Read a bounce").PasteAsKeys(bounce).Expect("IPBL0100").Press("tab", "tab", "enter").ExpectDialog("What the bounce says", "It names no blocker.")
	d.Press("esc").ExpectNoDialog()
}

// What a bounce says is shown whole, with what to do: the line below has room for its first words.
func TestBounceIsExplained(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}} {
		d, runbook := at(t, incident.Look, ui.Options{})
		advice := "Fill in the form at Microsoft. " + strings.Repeat("Say what happened and what you changed. ", 3) + "Then wait a day."
		runbook.Expect(steps.ReadBounce{Text: "550 5.7.1 blocked (S3140)\n"}, func(s *steps.State) error {
			s.Incident.Bounces = append(s.Incident.Bounces, bounce.Finding{Kind: bounce.Provider, Provider: "Outlook.com", Permanent: true, Certainty: bounce.Certain,
				Quote: "550 5.7.1 blocked (S3140)", Advice: advice, IP: s.Incident.Addresses[0], URL: "https://sender.example/form"})
			return nil
		})
		d.Resize(size[0], size[1]).Press("b").PasteAsKeys("550 5.7.1 blocked (S3140)\n").Press("tab", "tab", "enter")
		d.ExpectDialog("What the bounce says", "Outlook.com refuses this server by its own list", "It says: 550 5.7.1 blocked (S3140)").Press("end").Expect("Then wait a day.", "Go to: https://sender.example/form")
	}
}

// A text without a refusal is not said to be one.
func TestNoRefusalIsNoRefusal(t *testing.T) {
	d, runbook := at(t, incident.Look, ui.Options{})
	read, err := bounce.Read(strings.NewReader("Hello there"))
	if err != nil || len(read.Findings) != 1 || read.Findings[0].Refused() {
		t.Fatalf("%+v, %v", read, err)
	}
	runbook.Expect(steps.ReadBounce{Text: "Hello there\n"}, func(s *steps.State) error {
		s.Incident.Bounces = append(s.Incident.Bounces, read.Findings...)
		return nil
	})
	d.Press("b").PasteAsKeys("Hello there\n").Press("tab", "tab", "enter")
	d.ExpectDialog("What the bounce says", "No refusal was found in this text.", "It says: Hello there").ExpectNot("refuses the message", "tried again")
}

func TestLeaving(t *testing.T) {
	d, _ := at(t, incident.Restart, ui.Options{Resume: "delist drill --keep /tmp/practice"})
	d.Press("q").ExpectDialog("Leave delist?", "MAIL STAYS DOWN", "held in memory only", "delist drill --keep /tmp/practice")
	d.Press("n").ExpectQuit(false).Press("q", "y").ExpectQuit(true)
}

func TestCtrlCStopsSafelyThenLeaves(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	state.Live.Doing = &steps.Doing{What: "move messages into the quarantine", Done: 12, Total: 34, Since: state.Now}
	d, runbook := with(t, state, ui.Options{})
	d.Expect("Move messages into the quarantine, 12 of 34. Ctrl+C stops it safely.")
	d.Press("ctrl+c").Expect("Stopping safely").ExpectQuit(false)
	if runbook.Canceled() != 1 {
		t.Errorf("cancelled %d times", runbook.Canceled())
	}
	d.Press("ctrl+c").ExpectQuit(true)
}

func TestCtrlCWithNothingRunningAsks(t *testing.T) {
	d, _ := at(t, incident.Look, ui.Options{})
	d.Press("ctrl+c").ExpectDialog("Leave delist?").ExpectQuit(false).Press("ctrl+c").ExpectQuit(true)
}

func TestSystemEndsTheProgram(t *testing.T) {
	d, runbook := at(t, incident.Purge, ui.Options{})
	d.Send(ui.End).ExpectQuit(true)
	if runbook.Canceled() != 1 {
		t.Errorf("cancelled %d times", runbook.Canceled())
	}
}

func TestTooSmallWindowTakesNoKeys(t *testing.T) {
	d, _ := at(t, incident.Stop, ui.Options{})
	d.Resize(50, 10).Expect("Please enlarge").Press("enter", "y").Resize(80, 24).ExpectNoDialog()
	for _, size := range [][2]int{{1, 1}, {0, 0}, {300, 2}, {59, 400}} {
		d.Resize(size[0], size[1])
	}
}

func TestHelpHasEveryKeyAndReason(t *testing.T) {
	for _, step := range incident.AllSteps() {
		d, _ := at(t, step, ui.Options{})
		d.Press("?").ExpectDialog("Help: " + step.String())
		text := d.Screen()
		for range 20 {
			d.Press("pgdown")
			text += d.Screen()
		}
		d.Press("esc")
		for key, does := range d.Model().Keys() {
			for _, what := range does {
				if words := strings.Join(strings.Fields(what), " "); !strings.Contains(strings.Join(strings.Fields(text), " "), words[:min(len(words), 30)]) {
					t.Errorf("%s: the help does not have %s: %s", step, key, what)
				}
			}
		}
	}
}

// TestNoKeyDoesTwoThings looks at every step from every point of the incident.
func TestNoKeyDoesTwoThings(t *testing.T) {
	for _, now := range incident.AllSteps() {
		state := uitest.At(t, now)
		d, _ := with(t, state, ui.Options{})
		for _, step := range incident.AllSteps() {
			d.Model().Show(step)
			for key, does := range d.Model().Keys() {
				if len(does) > 1 {
					t.Errorf("at %s, on the screen of %s, %s does %q", now, step, key, does)
				}
			}
		}
	}
}

func TestWarningsOfTheRecordAreShown(t *testing.T) {
	state := uitest.At(t, incident.Purge)
	state.Incident.Warnings = []string{"The last line of the record was cut off (12 bytes) and was dropped."}
	d, _ := with(t, state, ui.Options{})
	d.Expect("The last line of the record was cut off")
}

func TestModesStandOnEveryScreen(t *testing.T) {
	for _, step := range incident.AllSteps() {
		state := uitest.At(t, step)
		state.Incident.Mode = incident.Mode{Drill: true, DryRun: true, ReadOnly: true}
		d, _ := with(t, state, ui.Options{})
		for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}} {
			d.Resize(size[0], size[1]).Expect("DRILL", "DRY RUN", "READ ONLY")
		}
	}
}

func TestTheLinesBehindASuspicion(t *testing.T) {
	var asked []string
	found := &traffic.Found{From: time.Date(2026, 11, 22, 0, 0, 0, 0, time.Local), More: 3, Unread: []string{"2026.11.23-smtpLog.log.zip: the zip is torn"},
		Conversations: []traffic.Conversation{{Account: uitest.Stolen, Session: "10000003", Client: netip.MustParseAddr("198.51.100.6"), Lines: []traffic.Line{
			{File: "2026.11.24-smtpLog.log", Number: 4711, Text: "08:31:04.000 [198.51.100.6][10000003] Authenticated as " + uitest.Stolen}}}}}
	var err error
	d, _ := at(t, incident.Look, ui.Options{Lines: func(_ context.Context, s traffic.Search) (*traffic.Found, error) {
		asked = append(asked, s.String())
		return found, err
	}})
	d.Expect("i: logs").Press("i").ExpectDialog("Logs: account:"+uitest.Stolen, "Not known: 2026.11.23-smtpLog.log.zip: the zip is torn.", "the newest first",
		uitest.Stolen+", from 198.51.100.6, session 10000003", "2026.11.24-smtpLog.log:4711", "3 older ones are not shown").Press("esc").ExpectNoDialog()
	d.Press("v", "v", "i").ExpectDialog("Logs: client:").Press("esc")
	found = &traffic.Found{From: found.From}
	d.Press("v", "i").ExpectDialog("Logs: account:", "Nothing in the logs since Sun 22 Nov is about it.").Press("esc")
	err = errors.New("permission denied")
	d.Press("i").ExpectNoDialog().Expect("The logs cannot be looked through: permission denied.")
	if len(asked) != 4 || asked[0] != "account:"+uitest.Stolen || !strings.HasPrefix(asked[1], "client:") {
		t.Errorf("asked %q", asked)
	}
	// Where no logs are known, nothing is offered.
	state := uitest.At(t, incident.Look)
	state.Incident.Logs = ""
	d, _ = with(t, state, ui.Options{})
	d.ExpectNot("i: logs")
}
