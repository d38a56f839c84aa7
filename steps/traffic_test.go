package steps_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"delist/checks/traffic"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// logs are a folder of smtpLogs with a week behind it.
type logs struct {
	t    *testing.T
	dir  string
	next int
}

const ordinary = "user1@quayside.example"

// withLogs gives the world logs: a week in which the stolen account and an ordinary one sent a dozen messages an hour by
// day, each from one desk.
func (w *world) withLogs() *logs {
	l := &logs{t: w.t, dir: w.t.TempDir()}
	now := time.Now()
	for day := 7; day >= 2; day-- {
		for h := 8; h < 18; h++ {
			at := time.Date(now.Year(), now.Month(), now.Day()-day, h, 10, 0, 0, now.Location())
			l.sent(at, stolen, "192.0.2.8", 12)
			l.sent(at.Add(time.Minute), ordinary, "192.0.2.21", 12)
		}
	}
	w.traffic = traffic.Open(l.dir, traffic.Options{})
	return l
}

// sent writes what the smtpLog has of a session. Reading goes on meanwhile, so a session is one write.
func (l *logs) sent(at time.Time, account, ip string, messages int) {
	l.t.Helper()
	l.next++
	var b strings.Builder
	session := l.next
	fmt.Fprintf(&b, "%s [%s][%d] Authenticated as %s\r\n", at.Format("15:04:05.000"), ip, session, account)
	for range messages {
		l.next++
		fmt.Fprintf(&b, "%s [%s][%d] Successfully wrote to the HDR file. (C:/Spool/SubSpool1/%08d.hdr)\r\n", at.Format("15:04:05.000"), ip, session, l.next)
	}
	name := filepath.Join(l.dir, at.Format("2006.01.02")+"-smtpLog.log")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		l.t.Fatal(err)
	}
	_, err = f.WriteString(b.String())
	if err = errors.Join(err, f.Close()); err != nil {
		l.t.Fatal(err)
	}
}

// raid is what a thief sends within some minutes, ended a while ago: five messages from each of 61 addresses.
func (l *logs) raid(account string) {
	at := time.Now().Add(-2 * time.Hour)
	for i := range 61 {
		l.sent(at.Add(time.Duration(i)*time.Second), account, fmt.Sprintf("198.51.100.%d", i+1), 5)
	}
}

func row(s steps.State, account string) *steps.SenderRow {
	for i := range s.Live.Senders {
		if s.Live.Senders[i].Account == account {
			return &s.Live.Senders[i]
		}
	}
	return nil
}

// Logs that tell of an account on other days only, as where their level of detail was lowered, do not find usual what waits.
func TestTheLogsHaveStoppedTelling(t *testing.T) {
	for name, late := range map[string]bool{"they tell of it": false, "they have stopped": true} {
		t.Run(name, func(t *testing.T) {
			w := emptyWorld(t)
			for i := range 70 {
				spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: ordinary, IP: "192.0.2.21", Created: time.Now(), Subject: fmt.Sprintf("%c%c and so on", 'a'+i%26, 'b'+i/4)})
			}
			l := w.withLogs()
			for i := range 240 { // else it is nearly all that waits, which says something by itself
				account := fmt.Sprintf("desk%d@quayside.example", i%6)
				spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: account, IP: "192.0.2.30", Subject: fmt.Sprintf("%c and %c", 'a'+i%26, 'b'+i/9)})
				if i < 6 {
					l.sent(time.Now(), account, "192.0.2.30", 40)
				}
			}
			if !late {
				l.sent(time.Now(), ordinary, "192.0.2.21", 40)
			}
			rb := w.open()
			w.until(rb, "the logs", func(s steps.State) bool { return s.Live.Traffic != nil && s.Live.Spool != nil })
			s := rb.State()
			waiting := s.Waiting()
			if waiting.Usual+waiting.Open() != 310 || waiting.Backlog(s.Settings) != late {
				t.Errorf("%s", waiting.Say())
			}
			if told := strings.Contains(fmt.Sprint(s.Page(incident.Look).Advice), "tell of nothing that it sent since"); told != late {
				t.Errorf("%q", s.Page(incident.Look).Advice)
			}
		})
	}
}

func TestTheSpamHasLeftAndTheLogsNameTheSender(t *testing.T) {
	w := newWorld(t)
	if err := os.RemoveAll(w.root); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(w.root, 0o700); err != nil {
		t.Fatal(err)
	}
	l := w.withLogs()
	l.raid(stolen)
	l.sent(time.Now().Add(-2*time.Hour), ordinary, "192.0.2.21", 300) // much, from the usual desk: a newsletter
	rb := w.open()
	w.until(rb, "a suspect", func(s steps.State) bool { return len(s.Incident.Suspects) == 1 && s.Live.Traffic != nil })
	s := rb.State()
	p := s.Incident.Suspect(stolen)
	if p == nil || !strings.Contains(strings.Join(p.Why, "; "), "usually 12 an hour; its mail came from 61 client addresses in a day") {
		t.Fatalf("suspects %+v", s.Incident.Suspects)
	}
	if len(s.Incident.ThiefIPs) != 61 {
		t.Errorf("the thief's addresses are %v; the owner's desk is known for a week", s.Incident.ThiefIPs)
	}
	if r := row(s, stolen); r == nil || !r.Marked || r.Queued != 0 || r.IPCount < 61 {
		t.Errorf("the stolen account's row is %+v", r)
	}
	if r := row(s, ordinary); r == nil || r.Marked || !strings.Contains(strings.Join(r.Why, "; "), "it sent 300 ") {
		t.Errorf("the newsletter's row is %+v", r)
	}
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.FinishLook{})
	s = rb.State()
	if s.Incident.Steps[incident.Stop].State != incident.NotNeeded || s.Incident.Steps[incident.Purge].State != incident.NotNeeded || s.Incident.Current() != incident.Reset {
		t.Errorf("after Look: %s", verdictsOf(s))
	}
}

func TestFarAboveItsUsualRateIsAReason(t *testing.T) {
	w := newWorld(t)
	w.withLogs().raid(stolen)
	rb := w.open()
	w.until(rb, "the logs", func(s steps.State) bool { return s.Live.Traffic != nil })
	w.until(rb, "the reason", func(s steps.State) bool {
		r := row(s, stolen)
		return r != nil && r.Queued == 120 && strings.Contains(strings.Join(r.Why, "; "), "client addresses; ") &&
			strings.Contains(strings.Join(r.Why, "; "), "usually 12 an hour")
	})
	s := rb.State()
	if r := row(s, "user2@quayside.example"); r.Logged != nil || len(r.Why) != 0 || !s.LogsTell() {
		t.Errorf("an account that the logs do not know: %+v", r)
	}
}

// toVerify leads an incident to the waiting time.
func toVerify(t *testing.T, w *world) *steps.Runbook {
	t.Helper()
	w.settings.VerifyWait = time.Minute
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.until(rb, "the logs", func(s steps.State) bool { return s.Live.Traffic != nil && s.Incident.Suspect(stolen) != nil })
	w.do(rb, steps.LockOut{})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.RemoveForwarding{Account: stolen})
	w.do(rb, steps.StartService{})
	w.until(rb, "Verify", func(s steps.State) bool { return s.Incident.Steps[incident.Verify].State == incident.Running })
	return rb
}

func TestAnAccountFarAboveItsRateIsARelapse(t *testing.T) {
	w := newWorld(t)
	l := w.withLogs()
	l.raid(stolen)
	rb := toVerify(t, w)
	time.Sleep(time.Second) // what was sent in the second of the start counts as before it
	l.sent(time.Now(), ordinary, "198.51.100.200", 45)
	l.sent(time.Now(), stolen, "192.0.2.8", 45)
	time.Sleep(100 * time.Millisecond)
	if s := rb.State(); s.Incident.Round != 1 {
		t.Fatalf("45 messages opened round %d", s.Incident.Round)
	}
	l.sent(time.Now(), ordinary, "198.51.100.201", 30)
	w.until(rb, "a second round", func(s steps.State) bool { return s.Incident.Round == 2 })
	s := rb.State()
	why := s.Incident.Steps[incident.Stop].Reason
	if s.Incident.Current() != incident.Stop || !strings.Contains(why, ordinary+" sent 75 since the start, usually 12 an hour") || s.Incident.Suspect(ordinary) == nil {
		t.Errorf("at %s: %s; suspects %+v", s.Incident.Current(), why, s.Incident.Suspects)
	}
}

func TestAnAccountThatTheOperatorUnmarkedIsHis(t *testing.T) {
	w := newWorld(t)
	l := w.withLogs()
	l.raid(ordinary)
	rb := w.open()
	w.until(rb, "two suspects", func(s steps.State) bool { return len(s.Incident.Suspects) == 2 })
	w.refused(rb, steps.ClearSuspect{Account: ordinary}, "looks stolen")
	w.do(rb, steps.ClearSuspect{Account: ordinary, Reason: "it is our newsletter"})
	time.Sleep(60 * time.Millisecond)
	if s := rb.State(); s.Incident.Suspect(ordinary) != nil {
		t.Error("the logs marked it again")
	}
}

func TestTheThiefLogsInAgain(t *testing.T) {
	w := newWorld(t)
	l := w.withLogs()
	l.raid(stolen)
	rb := toVerify(t, w)
	began := rb.State().Incident.Watch.Since
	l.sent(time.Now(), stolen, "192.0.2.8", 1) // its owner
	time.Sleep(60 * time.Millisecond)
	if s := rb.State(); !s.Incident.Watch.Since.Equal(began) {
		t.Fatal("the owner's login begins the waiting time again")
	}
	l.sent(time.Now(), stolen, "198.51.100.7", 0)
	w.until(rb, "the waiting time to begin again", func(s steps.State) bool { return s.Incident.Watch.Since.After(began) })
	began = rb.State().Incident.Watch.Since
	time.Sleep(60 * time.Millisecond)
	s := rb.State()
	if !s.Incident.Watch.Since.Equal(began) || s.Incident.Round != 1 {
		t.Error("one login is told again and again")
	}
	if said := w.said(); !strings.Contains(said, stolen+" logged in by SMTP from 198.51.100.7 at ") {
		t.Errorf("the record does not tell: %s", said)
	}
}

// silentLogs cannot be read.
type silentLogs struct {
	mu  sync.Mutex
	err error
}

func (s *silentLogs) Read(context.Context) (*traffic.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return nil, s.err
}

func TestWithoutLogsQuietIsSaidOfTheSpoolAlone(t *testing.T) {
	w := newWorld(t)
	w.traffic = &silentLogs{err: errors.New("list the logs: permission denied")}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.LockOut{})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.RemoveForwarding{Account: stolen})
	w.do(rb, steps.StartService{})
	w.until(rb, "Verify", func(s steps.State) bool { return s.Incident.Steps[incident.Verify].State == incident.Done })
	s := rb.State()
	if got := s.Incident.Steps[incident.Verify].Result; !strings.Contains(got, "as far as the spool shows: the logs do not tell") || s.Live.TrafficErr == "" {
		t.Errorf("%q, %q", got, s.Live.TrafficErr)
	}
}

// odd writes lines into today's log in a form that nobody knows.
func (l *logs) odd(lines int) {
	l.t.Helper()
	name := filepath.Join(l.dir, time.Now().Format("2006.01.02")+"-smtpLog.log")
	if err := os.WriteFile(name, []byte(strings.Repeat("Nov 28 09:00:00 mail01 smtpd: a client came\r\n", lines)), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// Logs that are not understood are said to be so where the good word stands, are not blamed on the level of detail, and
// Verify does not rest on them.
func TestLogsThatAreNotUnderstoodAreNotQuiet(t *testing.T) {
	for name, history := range map[string]bool{"none of them": false, "today's": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			l := w.withLogs()
			if !history {
				l.dir = t.TempDir()
				w.traffic = traffic.Open(l.dir, traffic.Options{})
			}
			l.odd(30)
			rb := w.open()
			w.until(rb, "the logs", func(s steps.State) bool { return s.Live.Traffic != nil })
			s := rb.State()
			for where, said := range map[string]string{"look": strings.Join(s.Page(incident.Look).Advice, "\n"), "logs": s.LogsSay(), "trouble": s.LogsTrouble()} {
				if !strings.Contains(said, "none of its 30 lines is understood; this one is not: ") || strings.Contains(said, "Detailed") {
					t.Errorf("%s: %q", where, said)
				}
			}
			if s.LogsTell() {
				t.Error("the logs are said to tell")
			}
			w.do(rb, steps.Allow{May: true})
			w.do(rb, steps.LockOut{})
			w.purge(rb, "account:"+stolen)
			w.do(rb, steps.RemoveForwarding{Account: stolen})
			w.do(rb, steps.StartService{})
			w.until(rb, "Verify", func(s steps.State) bool { return s.Incident.Steps[incident.Verify].State == incident.Done })
			s = rb.State()
			if got := s.Incident.Steps[incident.Verify].Result; !strings.Contains(got, "as far as the spool shows: the logs do not tell") {
				t.Errorf("%q", got)
			}
		})
	}
}

// The lines behind a suspicion are in the record, from the thief's address, once.
func TestTheLinesBehindASuspicionAreKept(t *testing.T) {
	w := newWorld(t)
	l := w.withLogs()
	l.raid(stolen)
	l.sent(time.Now().Add(-time.Hour), stolen, "192.0.2.8", 1) // its owner, later
	w.trace = func(ctx context.Context, s traffic.Search) (*traffic.Found, error) {
		return traffic.Trace(ctx, l.dir, s, traffic.Options{Days: 3}, 20)
	}
	rb := w.open()
	w.until(rb, "the lines", func(s steps.State) bool {
		p := s.Incident.Suspect(stolen)
		return p != nil && len(p.Lines) > 0
	})
	time.Sleep(60 * time.Millisecond)
	kept := 0
	for _, r := range rb.Records() {
		if f, ok := r.Fact.(incident.LinesKept); ok {
			kept++
			for _, line := range f.Lines {
				text, err := os.ReadFile(filepath.Join(l.dir, line.File))
				if err != nil {
					t.Fatal(err)
				}
				if want := strings.Split(string(text), "\r\n")[line.Line-1]; line.Text != want {
					t.Errorf("%s is %q, it says %q", line.Where(), want, line.Text)
				}
			}
			if len(f.Lines) != 6 || !strings.Contains(f.Lines[0].Text, "[198.51.100.") || !strings.Contains(f.Lines[0].Text, "Authenticated as "+stolen) {
				t.Errorf("%+v", f.Lines)
			}
		}
	}
	if kept != 1 {
		t.Errorf("the lines were kept %d times", kept)
	}
}

func TestLinesThatCannotBeKept(t *testing.T) {
	w := newWorld(t)
	w.withLogs().raid(stolen)
	tries := 0
	w.trace = func(context.Context, traffic.Search) (*traffic.Found, error) {
		tries++
		return nil, errors.New("list the logs: permission denied")
	}
	rb := w.open()
	w.until(rb, "the reason", func(steps.State) bool {
		return strings.Contains(w.told(), "were not kept: list the logs: permission denied")
	})
	time.Sleep(60 * time.Millisecond)
	if err := rb.Close(); err != nil {
		t.Error(err)
	}
	if tries != 1 {
		t.Errorf("tried %d times", tries)
	}
}

// Where the logs tell of no mail at all, that nothing is about an account is not the whole answer.
func TestNothingInSilentLogs(t *testing.T) {
	now := time.Now()
	s := steps.State{Now: now, Live: steps.Live{Traffic: &traffic.Report{At: now}}}
	text := s.LinesText(traffic.Search{Account: stolen}, &traffic.Found{From: now})
	if !strings.HasPrefix(text, "Not known: they tell of no mail: ") || !strings.Contains(text, "Nothing in the logs since ") {
		t.Error(text)
	}
	if text = s.LinesText(traffic.Search{Account: stolen}, &traffic.Found{From: now, Conversations: []traffic.Conversation{{Account: stolen}}}); strings.Contains(text, "Not known") {
		t.Error(text)
	}
}
