package steps_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/incident"
)

// unnamedWorld is a server whose spool is of one layout and does not name who logged in, with logs that do. asked counts how
// often they are read.
func unnamedWorld(t *testing.T, name string, form spooltest.LogForm) (w *world, spam []spool.ID, asked *atomic.Int32) {
	t.Helper()
	w, asked = emptyWorld(t), &atomic.Int32{}
	for _, l := range spooltest.Layouts() {
		if l.Name == name {
			spam = spooltest.WriteLayout(t, w.root, "SubSpool0", l.WithoutAuth(), false)
		}
	}
	dir := t.TempDir()
	spooltest.WriteSMTPLog(t, dir, form, spooltest.Thief, time.Now().Add(-2*time.Hour), spam)
	w.senders = func(ctx context.Context, messages []traffic.Spooled) (accounts, unknown []string, err error) {
		asked.Add(1)
		return traffic.Senders(ctx, dir, messages, traffic.Options{})
	}
	return w, spam, asked
}

func TestTheLogNamesWhoSent(t *testing.T) {
	for i, name := range []string{"status of two words", "line without a colon", "keys only", "INI file", "XML", "binary", "empty"} {
		t.Run(name, func(t *testing.T) {
			w, spam, asked := unnamedWorld(t, name, spooltest.LogForms()[i%2])
			rb := w.open()
			w.until(rb, "names", func(s steps.State) bool { return !s.Live.Naming })
			s := rb.State()
			r := row(s, spooltest.Thief)
			if r == nil || r.Basis != spool.BasisLog || r.Queued != len(spam) {
				t.Fatalf("the row of the account is %+v", r)
			}
			w.do(rb, steps.Search{Query: "account:" + spooltest.Thief})
			if res := rb.State().Live.Results; len(res.Hits) != len(spam) || res.Marked() != 0 {
				t.Errorf("%d found, %d of them marked", len(res.Hits), res.Marked())
			}
			looked := rb.State().Live.Spool
			w.until(rb, "more looks", func(s steps.State) bool {
				return s.Live.Spool.TakenAt().After(looked.TakenAt().Add(100 * time.Millisecond))
			})
			if n := asked.Load(); n != 1 {
				t.Errorf("the logs were read %d times", n)
			}
			if r := row(rb.State(), spooltest.Thief); r == nil || r.Basis != spool.BasisLog || r.Queued != len(spam) {
				t.Errorf("after more looks the row is %+v", r)
			}

			w.do(rb, steps.Allow{May: true})
			w.do(rb, steps.StopService{})
			w.do(rb, steps.SetAside{Count: rb.State().Live.Spool.Pairs()})
			w.until(rb, "names in the spool set aside", func(s steps.State) bool {
				return s.Live.Aside != nil && slices.ContainsFunc(s.Live.Aside.Senders(), func(r spool.Sender) bool { return r.Basis == spool.BasisLog && r.Queued == len(spam) })
			})
		})
	}
}

func TestTheLogIsNotReadForNothing(t *testing.T) {
	w, _, asked := unnamedWorld(t, "current", spooltest.LogForms()[0])
	rb := w.open()
	w.until(rb, "names", func(s steps.State) bool { return !s.Live.Naming })
	looked := rb.State().Live.Spool
	w.until(rb, "more looks", func(s steps.State) bool {
		return s.Live.Spool.TakenAt().After(looked.TakenAt().Add(100 * time.Millisecond))
	})
	if n := asked.Load(); n != 0 {
		t.Errorf("the logs were read %d times", n)
	}
}

func TestWhatTheLogDoesNotTell(t *testing.T) {
	for name, c := range map[string]struct {
		unknown []string
		err     error
		says    string
	}{
		"a torn log": {[]string{"2026.11.28-smtpLog.log.zip: the zip is torn"}, nil, "2026.11.28-smtpLog.log.zip: the zip is torn"},
		"no folder":  {nil, os.ErrNotExist, "file does not exist"},
		"too long":   {nil, context.DeadlineExceeded, "to look through the SMTP log took more than 60 s, so that it names no sender of 75 messages whose files do not"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, asked := unnamedWorld(t, "XML", spooltest.LogForms()[0])
			w.senders = func(_ context.Context, messages []traffic.Spooled) (accounts, unknown []string, err error) {
				asked.Add(1)
				return make([]string, len(messages)), c.unknown, c.err
			}
			rb := w.open()
			w.until(rb, "names", func(s steps.State) bool { return !s.Live.Naming && s.Live.NamesUnknown != "" })
			s := rb.State()
			if got := s.LogsTrouble(); got != c.says {
				t.Errorf("the logs' trouble is %q", got)
			}
			if look := strings.Join(s.Page(incident.Look).Advice, "\n"); !strings.Contains(look, c.says) {
				t.Errorf("Look says:\n%s", look)
			}
			looked := s.Live.Spool
			w.until(rb, "more looks", func(s steps.State) bool {
				return s.Live.Spool.TakenAt().After(looked.TakenAt().Add(100 * time.Millisecond))
			})
			if n := asked.Load(); n != 1 && !errors.Is(c.err, os.ErrNotExist) { // which may come back
				t.Errorf("the logs were read %d times", n)
			}
		})
	}
}

// What comes after a start is judged once the log has named who sent it.
func TestSpamThatOnlyTheLogNamesComesBack(t *testing.T) {
	w := newWorld(t)
	w.settings.WatchRestart = time.Minute
	ini := spooltest.Layouts()[slices.IndexFunc(spooltest.Layouts(), func(l spooltest.Layout) bool { return l.Name == "INI file" })]
	w.senders = func(_ context.Context, asked []traffic.Spooled) (accounts, unknown []string, err error) {
		return slices.Repeat([]string{stolen}, len(asked)), nil, nil
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	w.do(rb, steps.StopService{})
	w.purge(rb, "account:"+stolen)
	w.do(rb, steps.StartService{Reason: "practice"})
	for i := range 3 {
		id, at := w.id(), time.Now().Add(-time.Second)
		spooltest.File(t, w.root, id.EML(), []byte("From: pay@bank.test\r\nSubject: Invoice overdue\r\n\r\nPay\r\n"), at)
		hdr := ini.HDR(spooltest.Envelope{From: "pay@bank.test", To: []string{fmt.Sprintf("v%d@shop.test", i)}})
		spooltest.File(t, w.root, id.HDR(), []byte(hdr), at)
	}
	w.until(rb, "a second round", func(s steps.State) bool { return s.Incident.Round == 2 })
}

// A log that hangs does not keep the runbook from ending.
func TestNamingEndsWithTheRunbook(t *testing.T) {
	w, _, _ := unnamedWorld(t, "XML", spooltest.LogForms()[0])
	hangs := make(chan struct{})
	w.senders = func(ctx context.Context, _ []traffic.Spooled) (accounts, unknown []string, err error) {
		close(hangs)
		<-ctx.Done()
		return nil, nil, ctx.Err()
	}
	rb := w.open()
	<-hangs
	if err := rb.Close(); err != nil {
		t.Error(err)
	}
	if s := rb.State(); !s.Live.Naming || s.Live.NamesUnknown != "" {
		t.Errorf("naming %v, unknown %q", s.Live.Naming, s.Live.NamesUnknown)
	}
}
