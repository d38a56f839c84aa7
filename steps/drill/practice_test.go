package drill_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/resolver"
	"delist/spool"
	"delist/steps"
	"delist/steps/drill"
	"delist/steps/mailbox"
)

// The test binary is also the practice service, and a parent that dies.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "drill-child":
			if err := drill.Child(context.Background(), os.Args[2:], os.Stdin, os.Stdout); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		case "drill-parent":
			p, err := drill.Start(context.Background(), drill.Options{Dir: os.Args[2], Messages: 50, Pace: testPace, Exe: []string{os.Args[0], "drill-child"}})
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			json.NewEncoder(os.Stdout).Encode(p.APIURL)
			select {} // until it is killed
		}
	}
	os.Exit(m.Run())
}

const testPace = 0.05

// begin starts a drill that ends with the test.
func begin(t *testing.T, o drill.Options) *drill.Practice {
	t.Helper()
	o.Pace, o.Exe = testPace, []string{os.Args[0], "drill-child"}
	if o.Messages == 0 {
		o.Messages = 80
	}
	p, err := drill.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func quietly(string) {}

func state(t *testing.T, p *drill.Practice) steps.ServiceReport {
	t.Helper()
	r, err := p.Service().Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// answers says whether somebody listens at the API's address.
func answers(apiURL string) bool {
	c, err := net.DialTimeout("tcp", strings.TrimPrefix(apiURL, "http://"), time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func stop(t *testing.T, p *drill.Practice) {
	t.Helper()
	if err := p.Service().Stop(t.Context(), quietly); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, p *drill.Practice) {
	t.Helper()
	if err := p.Service().Start(t.Context(), quietly); err != nil {
		t.Fatal(err)
	}
}

func TestStopAndStartAreReal(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{})
	first := state(t, p)
	if first.State != steps.ServiceRunning || first.PID == 0 || first.PID == os.Getpid() || !answers(p.APIURL) {
		t.Fatalf("%+v, API answers: %v", first, answers(p.APIURL))
	}
	stop(t, p)
	if r := state(t, p); r.State != steps.ServiceStopped || r.PID != 0 || answers(p.APIURL) {
		t.Errorf("after the stop: %+v, API answers: %v", r, answers(p.APIURL))
	}
	stop(t, p) // again: nothing to do
	run(t, p)
	if r := state(t, p); r.State != steps.ServiceRunning || r.PID == first.PID || !answers(p.APIURL) {
		t.Errorf("after the start: %+v", r)
	}
	dir := p.Dir
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
}

func TestACrashIsSeen(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{})
	process, err := os.FindProcess(state(t, p).PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the service is seen stopped", func() bool { return state(t, p).State == steps.ServiceStopped })
	if r := state(t, p); r.Detail == "" {
		t.Error("nothing says why")
	}
	run(t, p)
}

func TestTheSpoolReadsAsTheIncident(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{Messages: 400})
	stop(t, p)
	s, err := spool.Open(p.SpoolDir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	snap, err := s.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if snap.Len() < 360 { // some were delivered before the stop
		t.Errorf("%d messages", snap.Len())
	}
	kinds := map[spool.ProblemKind]int{}
	for _, problem := range snap.Problems() {
		kinds[problem.Kind]++
	}
	if kinds[spool.OrphanHDR] != 1 || kinds[spool.OrphanEML] != 2 || kinds[spool.Receiving] == 0 || kinds[spool.Unknown] != 1 {
		t.Errorf("problems %v", snap.Problems())
	}
	senders := snap.Senders()
	worst := senders[0]
	if worst.Account != drill.StolenAccount || !worst.Suspect || worst.Basis != spool.BasisAuth || worst.Share < 0.8 || len(worst.IPs) < 61 || worst.ReturnedBounces == 0 {
		t.Errorf("the first sender is %+v", worst)
	}
	for _, sender := range senders[1:] {
		if sender.Suspect {
			t.Errorf("%s is suspected: %v", sender.Account, sender.Why)
		}
	}
}

// verdicts asks every list about the practice server.
func verdicts(t *testing.T, p *drill.Practice) map[string]dnsbl.Verdict {
	t.Helper()
	report := check(t, p)
	got := map[string]dnsbl.Verdict{}
	for _, r := range report.Addresses[0].Results {
		got[r.List.Zone] = r.Verdict
	}
	return got
}

func check(t *testing.T, p *drill.Practice) dnsbl.Report {
	t.Helper()
	catalogue, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	report, err := dnsbl.New(client(p), catalogue, dnsbl.Options{}).Check(t.Context(), []netip.Addr{p.IP}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func client(p *drill.Practice) *resolver.Client {
	return resolver.New([]resolver.Server{{Addr: p.Resolver}}, resolver.Options{})
}

func TestTheListsSayWhatTheIncidentNeeds(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{})
	if f := resolver.Preflight(t.Context(), client(p)); f.Kind != resolver.Good {
		t.Errorf("preflight: %+v", f)
	}
	want := map[string]dnsbl.Verdict{
		"zen.spamhaus.org": dnsbl.Listed, "b.barracudacentral.org": dnsbl.Listed, "bl.spamcop.net": dnsbl.Listed, "dnsbl-2.uceprotect.net": dnsbl.Listed,
		"bl.score.senderscore.com": dnsbl.Refused, "psbl.surriel.com": dnsbl.Unusable,
	}
	for _, r := range check(t, p).Addresses[0].Results {
		expected, special := want[r.List.Zone]
		if !special {
			expected = dnsbl.Clear
		}
		if r.List.Zone == "" { // only a bounce shows it
			continue
		}
		if r.Verdict != expected {
			t.Errorf("%s: %v, want %v (%s)", r.List.Name, r.Verdict, expected, r.Note)
		}
		if expected == dnsbl.Listed && (r.Reason == "" || len(r.Codes) != 1) {
			t.Errorf("%s: reason %q, codes %v", r.List.Name, r.Reason, r.Codes)
		}
		delete(want, r.List.Zone)
	}
	if len(want) > 0 {
		t.Errorf("not asked: %v", want)
	}
	viaTCP := resolver.New([]resolver.Server{{Addr: p.Resolver, TCP: true}}, resolver.Options{})
	if f := resolver.Preflight(t.Context(), viaTCP); f.Kind != resolver.Good {
		t.Errorf("preflight by TCP: %+v", f)
	}
}

// lockOut gives the stolen account a new password, as the API does, while the service is stopped.
func lockOut(t *testing.T, p *drill.Practice) {
	t.Helper()
	name := filepath.Join(p.Dir, "SmarterMail", "Domains", "accounts.json")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.ReplaceAll(b, []byte("Harbour2019!"), []byte("new-Password-1"))
	if bytes.Equal(b, changed) {
		t.Fatal("the stolen password is not in the accounts file")
	}
	if err := os.WriteFile(name, changed, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestListingsEndOnceTheSpamHas(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{})
	stop(t, p)
	lockOut(t, p)
	run(t, p)
	for _, list := range []string{"Spamhaus ZEN", "b.barracudacentral.org", "UCEPROTECT 2"} {
		if err := p.Requested(list); err != nil {
			t.Error(err)
		}
	}
	if err := p.Requested("no such list"); err == nil {
		t.Error("an unknown list was marked")
	}
	var got map[string]dnsbl.Verdict
	eventually(t, "the lists let go", func() bool {
		got = verdicts(t, p)
		return got["zen.spamhaus.org"] == dnsbl.Clear && got["b.barracudacentral.org"] == dnsbl.Clear && got["bl.spamcop.net"] == dnsbl.Clear
	})
	if got["dnsbl-2.uceprotect.net"] != dnsbl.Listed {
		t.Error("the network around the server was taken off by asking")
	}
}

func TestARequestWhileTheSpamGoesOnIsLost(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{})
	if err := p.Requested("Spamhaus ZEN"); err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(p.Dir, "drill.json")
	eventually(t, "new spam puts an end to the request", func() bool {
		b, err := os.ReadFile(record)
		return err == nil && bytes.Contains(b, []byte(`"lists": {}`))
	})
	if got := verdicts(t, p)["zen.spamhaus.org"]; got != dnsbl.Listed {
		t.Errorf("Spamhaus says %v", got)
	}
}

// newSpam counts the messages in forged names that are in the spool now and were not before.
func newSpam(t *testing.T, s *spool.Spool, before *spool.Snapshot) (int, *spool.Snapshot) {
	t.Helper()
	after, changes, err := s.Rescan(t.Context(), before, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, id := range changes.Came {
		if m, found := after.Find(id); found && m.Account == drill.StolenAccount && m.MailFrom != m.Account {
			n++
		}
	}
	return n, after
}

func TestTheThiefIsLockedOutThroughTheAPI(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{})
	s, err := spool.Open(p.SpoolDir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	snap, err := s.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the spam goes on", func() bool {
		n, after := newSpam(t, s, snap)
		snap = after
		return n > 0
	})
	api, err := mailbox.NewREST(mailbox.Options{URL: p.APIURL, Admin: p.AdminUser, Password: p.AdminPassword})
	if err != nil {
		t.Fatal(err)
	}
	if err := api.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	box, err := api.Read(t.Context(), drill.StolenAccount)
	if err != nil || !box.Exists || !box.LocalPassword || box.Disabled || len(box.Forwarding.Addresses) != 1 {
		t.Fatalf("%+v, %v", box, err)
	}
	password, err := mailbox.Generate()
	if err != nil {
		t.Fatal(err)
	}
	for n, act := range []func() error{
		func() error { return api.SetPassword(t.Context(), drill.StolenAccount, password) },
		func() error { return api.Prove(t.Context(), drill.StolenAccount, password) },
		func() error { return api.EndSessions(t.Context(), drill.StolenAccount) },
		func() error { return api.RemoveForwarding(t.Context(), drill.StolenAccount) },
	} {
		if err := act(); err != nil {
			t.Fatalf("act %d: %v", n, err)
		}
	}
	if box, err := api.Read(t.Context(), drill.StolenAccount); err != nil || len(box.Forwarding.Addresses) != 0 {
		t.Errorf("%+v, %v", box, err)
	}
	_, snap = newSpam(t, s, snap)
	stop(t, p) // what was under way is in the spool now
	_, snap = newSpam(t, s, snap)
	run(t, p)
	time.Sleep(1500 * time.Millisecond) // the thief would be back after a second
	if n, _ := newSpam(t, s, snap); n > 0 {
		t.Errorf("%d new spam messages after the reset and a restart", n)
	}
	if err := api.Disable(t.Context(), drill.StolenAccount); err != nil {
		t.Error(err)
	}
}

func TestRestartWithoutAResetBringsTheSpamBack(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{})
	stop(t, p)
	s, err := spool.Open(p.SpoolDir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	snap, err := s.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	run(t, p)
	eventually(t, "the spam is back", func() bool {
		n, after := newSpam(t, s, snap)
		snap = after
		return n > 0
	})
}

func TestAKeptDrillIsResumed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	p := begin(t, drill.Options{Dir: dir, Seed: 9})
	if p.Resumed {
		t.Error("a new drill says that it was resumed")
	}
	world, api := p.World, p.APIURL
	stop(t, p)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	p = begin(t, drill.Options{Dir: dir})
	if !p.Resumed || p.World.Spam != world.Spam || p.APIURL != api || p.Pace != testPace {
		t.Errorf("resumed %v, %d spam, %s, pace %v", p.Resumed, p.World.Spam, p.APIURL, p.Pace)
	}
	if r := state(t, p); r.State != steps.ServiceStopped {
		t.Errorf("the operator had stopped the service: %+v", r)
	}
	run(t, p)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	p = begin(t, drill.Options{Dir: dir})
	if r := state(t, p); r.State != steps.ServiceRunning {
		t.Errorf("the service ran when the drill was left: %+v", r)
	}
}

func TestAFolderOfSomethingElseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := drill.Start(t.Context(), drill.Options{Dir: dir, Exe: []string{os.Args[0], "drill-child"}})
	if err == nil {
		p.Close()
		t.Fatal("a drill was laid out among somebody's files")
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("the folder now holds %v", names)
	}
}

func TestTheServiceEndsWithItsParent(t *testing.T) {
	t.Parallel()
	parent := exec.CommandContext(t.Context(), os.Args[0], "drill-parent", filepath.Join(t.TempDir(), "orphaned"))
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var apiURL string
	if err := json.NewDecoder(out).Decode(&apiURL); err != nil || !answers(apiURL) {
		t.Fatalf("the parent's service does not answer at %q: %v", apiURL, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed
	eventually(t, "the service has ended", func() bool { return !answers(apiURL) })
}

func TestTheChildIsNotForHands(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"-dir"}, {"-nonsense"}} {
		if err := drill.Child(t.Context(), args, strings.NewReader(""), &bytes.Buffer{}); err == nil {
			t.Errorf("Child(%q) ran", args)
		}
	}
}
