package drill_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/steps"
	"delist/steps/drill"
)

func TestHandsStopAndStartMail(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{ByHand: true})
	if !p.ByHand {
		t.Fatal("it is not by hand")
	}
	hands := drill.HandsOn(p.Dir)
	listens := func() bool {
		c, err := net.DialTimeout("tcp", p.MailPort.String(), time.Second)
		if err != nil {
			return false
		}
		c.Close()
		return true
	}
	if !listens() {
		t.Error("mail runs, and its port does not answer")
	}
	for range 2 { // the second time there is nothing to do
		if err := hands.StopMail(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if r := state(t, p); r.State != steps.ServiceStopped || listens() {
		t.Errorf("%+v, the port answers: %v", r, listens())
	}
	if err := hands.SetPassword(t.Context(), drill.StolenAccount, steps.NewSecret("new-Password-1")); err == nil || !strings.Contains(err.Error(), "only while mail runs") {
		t.Errorf("a password was set with mail down: %v", err)
	}
	for range 2 {
		if err := hands.StartMail(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if r := state(t, p); r.State != steps.ServiceRunning || !listens() {
		t.Errorf("%+v, the port answers: %v", r, listens())
	}
}

func TestHandsLockTheThiefOut(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{ByHand: true})
	hands := drill.HandsOn(p.Dir)
	password := steps.NewSecret("xK4-tulip-Harbour")
	if err := hands.SetPassword(t.Context(), drill.StolenAccount, steps.NewSecret("weak")); err == nil {
		t.Error("SmarterMail's password rules were not asked")
	}
	if err := hands.SetPassword(t.Context(), "nobody@harbourlight.example", password); err == nil {
		t.Error("an account that is not there got a password")
	}
	if err := hands.SetPassword(t.Context(), drill.StolenAccount, password); err != nil {
		t.Fatal(err)
	}
	if err := hands.EndSessions(t.Context(), drill.StolenAccount); err != nil {
		t.Fatal(err)
	}
	for _, nobody := range []string{"nobody@harbourlight.example", "nobody@nowhere.example", "nobody"} {
		if err := hands.EndSessions(t.Context(), nobody); err == nil {
			t.Errorf("the connections of %s were ended", nobody)
		}
	}
	accounts, err := os.ReadFile(filepath.Join(p.Dir, "SmarterMail", "Domains", "accounts.json"))
	if err != nil || strings.Contains(string(accounts), "Harbour2019!") || !strings.Contains(string(accounts), password.Reveal()) {
		t.Errorf("the accounts: %v\n%s", err, accounts)
	}
}

func TestADrillByHandStaysOne(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	p := begin(t, drill.Options{Dir: dir, ByHand: true})
	if err := drill.HandsOn(dir).StopMail(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := drill.Start(t.Context(), drill.Options{Dir: dir, Exe: []string{os.Args[0], "drill-child"}}); err == nil || !strings.Contains(err.Error(), "another window") {
		t.Errorf("the drill was opened twice: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := drill.HandsOn(dir).StartMail(t.Context()); err == nil || !strings.Contains(err.Error(), "no drill runs there") {
		t.Errorf("with nobody there: %v", err)
	}
	p = begin(t, drill.Options{Dir: dir})
	if r := state(t, p); !p.ByHand || r.State != steps.ServiceStopped {
		t.Errorf("taken up by hand: %v, %+v", p.ByHand, r)
	}
}

// Who cannot read the drill's folder cannot touch its mail.
func TestHandsNeedTheKey(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{})
	name := filepath.Join(p.Dir, "hands.json")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var plate map[string]string
	if err := json.Unmarshal(b, &plate); err != nil {
		t.Fatal(err)
	}
	plate["key"] = "guess"
	b, err = json.Marshal(plate)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := drill.HandsOn(p.Dir).StopMail(t.Context()); err == nil {
		t.Error("obeyed a stranger")
	}
	if r := state(t, p); r.State != steps.ServiceRunning {
		t.Errorf("%+v", r)
	}
}

// killed leaves the folder of a drill whose process was killed.
func killed(t *testing.T, dir string) {
	t.Helper()
	parent := exec.CommandContext(t.Context(), os.Args[0], "drill-parent", dir)
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var apiURL string
	if err := json.NewDecoder(out).Decode(&apiURL); err != nil {
		t.Fatal(err)
	}
	if err := drill.RemoveAbandoned(filepath.Dir(dir), time.Now()); err != nil || !exists(dir) {
		t.Errorf("a drill under way: %v, still there: %v", err, exists(dir))
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

func TestOnlyAbandonedDrillsAreRemoved(t *testing.T) {
	t.Parallel()
	temp, elsewhere := t.TempDir(), t.TempDir()
	in := func(name string) string { return filepath.Join(temp, name) }
	killed(t, in("delist-drill-killed"))
	killed(t, in("drill-of-another-name"))

	left := begin(t, drill.Options{Dir: in("delist-drill-left")})
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	begin(t, drill.Options{Dir: in("delist-drill-running")})
	if err := os.Mkdir(in("delist-drill-thesis"), 0o700); err != nil {
		t.Fatal(err)
	}
	target := begin(t, drill.Options{Dir: filepath.Join(elsewhere, "kept")})
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target.Dir, in("delist-drill-link")); err != nil {
		t.Skip(err)
	}
	remove := func(now time.Time) func() bool {
		return func() bool {
			if err := drill.RemoveAbandoned(temp, now); err != nil {
				t.Error(err)
			}
			return !exists(in("delist-drill-killed"))
		}
	}
	eventually(t, "the killed one is removed, once its service has ended", remove(time.Now()))
	for _, name := range []string{"drill-of-another-name", "delist-drill-left", "delist-drill-running", "delist-drill-thesis", "delist-drill-link"} {
		if !exists(in(name)) {
			t.Errorf("%s was removed", name)
		}
	}
	remove(time.Now().Add(8 * 24 * time.Hour))()
	for name, stays := range map[string]bool{"delist-drill-left": false, "delist-drill-running": true, "delist-drill-link": true} {
		if exists(in(name)) != stays {
			t.Errorf("a week later %s is there: %v", name, !stays)
		}
	}
	if !exists(filepath.Join(target.Dir, "drill.json")) {
		t.Error("a link was followed")
	}
}
