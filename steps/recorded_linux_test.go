package steps_test

import (
	"bytes"
	"context"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"delist/checks/dnsbl"
	"delist/checks/identity"
	"delist/checks/traffic"
	"delist/steps"
	"delist/steps/incident"
	"delist/testdata"
)

var update = flag.Bool("update", false, "record the shared incident anew; read the difference before committing it")

// TestTheRecordedIncident plays the incident that the tests of all packages share, in simulated time on a real spool, and
// compares its record with the one that they take their states from.
func TestTheRecordedIncident(t *testing.T) {
	const path = "../testdata/incident/journal.jsonl"
	var got []byte
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(testdata.Opened()))
		w := emptyWorld(t)
		got = w.playPractice()
	})
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("another record than before (-want +got); -update records it anew:\n%s", diff)
	}
}

// playPractice plays the incident from the first record to its closing, and gives its journal.
func (w *world) playPractice() []byte {
	logs := w.t.TempDir()
	rb := w.practice(logs)
	think := func(pace time.Duration) { // to the second: what came before may have been seen a look later
		time.Sleep(time.Until(time.Now().Add(pace).Round(time.Second)))
	}
	pass := func(in steps.Intent) { // at the pace of a person
		w.t.Helper()
		think(time.Minute)
		w.do(rb, in)
	}
	pass(steps.Allow{May: true})
	pass(steps.ReadBounce{Text: testdata.Outlook})
	pass(steps.MarkSuspect{Account: stolen})
	if err := os.Remove(filepath.Join(w.root, testdata.Arriving)); err != nil { // its sender gave up
		w.t.Error(err)
	}
	pass(steps.FinishLook{})
	pass(steps.StopService{})
	time.Sleep(time.Minute)
	w.purge(rb, "account:"+stolen)
	pass(steps.RemoveForwarding{Account: stolen})
	pass(steps.ResetPassword{Account: stolen})
	pass(steps.StartService{})
	time.Sleep(w.settings.WatchRestart)
	w.until(rb, "mail runs", passed(incident.Restart))
	think(time.Second)
	if _, ok := rb.Reveal(stolen); !ok {
		w.t.Error("the new password is not shown")
	}
	pass(steps.OwnerTold{How: "by phone"})
	time.Sleep(w.settings.VerifyWait / 2)
	testdata.WriteLogs(w.t, logs, time.Now()) // mail goes on
	time.Sleep(w.settings.VerifyWait / 2)
	w.until(rb, "it is quiet", passed(incident.Verify))
	for _, list := range []string{"Spamhaus CSS", "Barracuda"} {
		pass(steps.MarkRequested{IP: serverIP, List: list, Ticket: "T-4711"})
	}
	pass(steps.FinishDelist{})
	pass(steps.AddNote{Text: "call the owner again on Monday"})
	pass(steps.CloseIncident{})
	return w.journalOf(rb)
}

// passed says that a step is passed.
func passed(step incident.Step) func(steps.State) bool {
	return func(s steps.State) bool { return s.Incident.Steps[step].State.Passed() }
}

// practice opens the incident on the practice server. It answers as slowly as a real one, so that its record has one order.
func (w *world) practice(logs string) *steps.Runbook {
	t := w.t
	testdata.WriteSpool(t, w.root, time.Now())
	testdata.WriteLogs(t, logs, testdata.Opened())
	w.settings = steps.DefaultSettings()
	w.settings.HELO = testdata.Host
	w.settings.LookEvery, w.settings.RescanEvery, w.settings.LogsEvery = 2003*time.Millisecond, 5011*time.Millisecond, 5023*time.Millisecond // never two at once
	w.lists.listed["Barracuda"], w.lists.silent = true, map[string]bool{"Validity": true, "PSBL": true}
	w.traffic = slowTraffic{traffic.Open(logs, traffic.Options{Clock: time.Now})}
	hands := w.hands()
	hands.Service, hands.Mailboxes, hands.Lists, hands.Identity = slowService{w.service}, slowMailboxes{w.mailboxes}, slowLists{w.lists}, seenAs{}
	rb, err := steps.Begin(filepath.Join(w.incidents, testdata.ID), incident.Opened{ID: testdata.ID, Mode: incident.Mode{Drill: true}, Host: testdata.Host,
		Spool: w.root, Logs: testdata.Home + "/Logs", Service: "SmarterMail (practice)", Mailboxes: "SmarterMail's API at http://127.0.0.1:17017",
		Addresses: []netip.Addr{serverIP}}, incident.Started{PID: 4711, Host: "mail01"}, testdata.Operator, hands, w.settings)
	if err != nil {
		t.Fatal(err)
	}
	return w.begin(rb)
}

// journalOf is the journal as it would be on every machine: without this one's folders, and with the plan's usual name.
func (w *world) journalOf(rb *steps.Runbook) []byte {
	var b bytes.Buffer
	plan := ""
	for _, r := range rb.Records() {
		line, err := incident.EncodeRecord(r)
		if err != nil {
			w.t.Fatal(err)
		}
		if f, ok := r.Fact.(incident.Planned); ok {
			plan = f.PlanID
		}
		b.Write(append(line, '\n'))
	}
	return []byte(strings.NewReplacer(filepath.Dir(w.root), testdata.Home, w.incidents, testdata.Records, plan, testdata.PlanID).Replace(b.String()))
}

type slowService struct{ *fakeService }

func (s slowService) Stop(ctx context.Context, say func(string)) error {
	time.Sleep(4 * time.Second)
	return s.fakeService.Stop(ctx, say)
}

func (s slowService) Start(ctx context.Context, say func(string)) error {
	time.Sleep(5 * time.Second)
	return s.fakeService.Start(ctx, say)
}

type slowMailboxes struct{ *fakeMailboxes }

// Ready says so once the spool was read: whether the mailbox is read at once or a look later is no accident then.
func (m slowMailboxes) Ready(ctx context.Context) error {
	time.Sleep(300 * time.Millisecond)
	return m.fakeMailboxes.Ready(ctx)
}

func (m slowMailboxes) Read(ctx context.Context, account string) (incident.Mailbox, error) {
	time.Sleep(time.Second)
	box, err := m.fakeMailboxes.Read(ctx, account)
	box.ReadAt = time.Now().UTC()
	return box, err
}

// slowTraffic reads the logs after the spool is read: which of the two marks the account is no accident then.
type slowTraffic struct{ steps.Traffic }

func (l slowTraffic) Read(ctx context.Context) (*traffic.Report, error) {
	time.Sleep(time.Second / 2)
	return l.Traffic.Read(ctx)
}

type slowLists struct{ *fakeLists }

func (l slowLists) Check(ctx context.Context, ips []netip.Addr, each func(dnsbl.Result)) (dnsbl.Report, error) {
	time.Sleep(3 * time.Second)
	return l.fakeLists.Check(ctx, ips, each)
}

// seenAs is the practice server's identity: all in order but one DMARC record.
type seenAs struct{}

// Check implements steps.Identity.
func (seenAs) Check(context.Context, identity.Input) identity.Report {
	time.Sleep(5 * time.Second)
	r := identity.Report{At: time.Now().UTC(), HELO: testdata.Host, Addresses: []identity.Address{
		{IP: serverIP, Scope: identity.Public, Grounds: []string{"given"}, Origins: []identity.Origin{identity.FromOperator}}}}
	add := func(kind identity.Kind, about identity.Subject, name, short, sentence, remedy string) {
		r.Findings = append(r.Findings, identity.Finding{Kind: kind, About: about, Name: name, Short: short, Sentence: sentence, Remedy: remedy})
	}
	add(identity.NotAsked, identity.OfRelay, "", "", "Whether mail leaves through a relay or gateway was not looked at: no log named the hosts that take it.", "")
	add(identity.Good, identity.OfForward, testdata.Host, "PTR mail01.example, forward-confirmed", "The PTR record of 203.0.113.25 names mail01.example, and that name points back to the address (forward-confirmed, FCrDNS).", "")
	add(identity.Good, identity.OfHELO, testdata.Host, "HELO agrees", "In HELO this server says mail01.example: that name has the address 203.0.113.25, and is its PTR name.", "")
	add(identity.Good, identity.OfSPF, "harbourlight.example", "SPF of harbourlight.example passes", "SPF of harbourlight.example: pass.", "")
	add(identity.Good, identity.OfSPF, "quayside.example", "SPF of quayside.example passes", "SPF of quayside.example: pass.", "")
	add(identity.Note, identity.OfDMARC, "quayside.example", "no DMARC at quayside.example", "quayside.example has no DMARC record.", "Publish a TXT record at _dmarc.quayside.example, to begin with: \"v=DMARC1; p=none\".")
	return r
}
