package drill_test

import (
	"encoding/json"
	"fmt"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/steps/drill"
	"delist/steps/drill/smartermail"
)

func delivered(t *testing.T, dir string) drill.Tally {
	t.Helper()
	tally, err := drill.DeliveredIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

// keepOnly takes out of the spool all that leaves as another kind, as a purge does.
func keepOnly(t *testing.T, p *drill.Practice, stays func(hdr string) bool) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(p.SpoolDir, "SubSpool*", "*.hdr"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if stays(string(b)) {
			continue
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(strings.TrimSuffix(name, ".hdr") + ".eml") // half pairs have none
	}
}

func isSpam(hdr string) bool {
	lines := strings.Split(hdr, "\r\n")
	return strings.Contains(hdr, "auth: "+drill.StolenAccount) && lines[1] != drill.StolenAccount
}

func isReport(hdr string) bool {
	lines := strings.Split(hdr, "\r\n")
	return lines[1] == "" && lines[2] != drill.StolenAccount
}

// Good mail arrives once and whole however often the drill is left, and nothing else does once the spool is clean.
func TestGoodMailArrivesOnceAcrossLeavingAndResuming(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	p := begin(t, drill.Options{Dir: dir, Messages: 400})
	stop(t, p)
	before := delivered(t, dir)
	keepOnly(t, p, func(hdr string) bool { return !isSpam(hdr) && !isReport(hdr) })
	lockOut(t, p)
	purged := time.Now()
	run(t, p)
	eventually(t, "some good mail arrives", func() bool { return delivered(t, dir).After(purged).Good > 3 })
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	left := delivered(t, dir)
	if len(left.Waiting) == 0 {
		t.Error("all had arrived before the drill was left; it proves nothing")
	}

	begin(t, drill.Options{Dir: dir})
	// The half message among the oddities was never whole, so that it is not waited for.
	eventually(t, "all good mail has arrived", func() bool { return len(delivered(t, dir).Waiting) == 0 })
	got := delivered(t, dir)
	if c := got.After(purged); c.Spam+c.Bounces > 0 || len(got.Repeated) > 0 {
		t.Errorf("after the purge %+v arrived, repeated: %v", c, got.Repeated)
	}
	if len(got.Arrivals) < len(left.Arrivals) || len(left.Arrivals) < len(before.Arrivals) {
		t.Errorf("%d, then %d, then %d arrivals", len(before.Arrivals), len(left.Arrivals), len(got.Arrivals))
	}
	for _, a := range got.Arrivals {
		if a.ID == "" || a.At.IsZero() || a.Recipients == 0 || a.Kind == smartermail.KindGood && (a.MessageID == "" || a.From == "") {
			t.Errorf("noted only %+v", a)
		}
	}
}

// Spam and reports that a purge has left in the spool do leave, and are counted as what they are.
func TestWhatAPurgeLeftBehindArrives(t *testing.T) {
	t.Parallel()
	p := begin(t, drill.Options{Messages: 400})
	stop(t, p)
	lockOut(t, p)
	spam := 0
	keepOnly(t, p, func(hdr string) bool {
		if isSpam(hdr) && strings.HasPrefix(hdr, "Written") {
			spam++
			return spam <= 3
		}
		return isReport(hdr)
	})
	restarted := time.Now()
	run(t, p)
	var got drill.Counts
	eventually(t, "what was left behind arrives", func() bool {
		got = delivered(t, p.Dir).After(restarted)
		return got.Spam >= 3 && got.Bounces >= p.World.Reports-1 // one may have left before the stop
	})
	if c := delivered(t, p.Dir).Before(restarted); p.World.Reports < 2 || got.Spam != 3 || c.Bounces+got.Bounces < p.World.Reports {
		t.Errorf("%d reports laid out; %+v before, %+v after", p.World.Reports, c, got)
	}
	for _, a := range delivered(t, p.Dir).Arrivals {
		if a.Kind == smartermail.KindBounce && a.From != "" {
			t.Errorf("a bounce from %q", a.From)
		}
	}
}

// A parent that is killed loses no note, and a line cut short counts for nothing.
func TestTheTallyOutlivesAKill(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "killed")
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
	eventually(t, "something arrives", func() bool { return len(delivered(t, dir).Arrivals) > 1 })
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed
	before := delivered(t, dir)
	name := filepath.Join(dir, "delivered.jsonl")
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, `{"at":"2026-11`)
	f.Close()
	if torn := delivered(t, dir); len(torn.Arrivals) != len(before.Arrivals) {
		t.Errorf("%d arrivals with a torn line, %d without", len(torn.Arrivals), len(before.Arrivals))
	}
	eventually(t, "the service has ended", func() bool { return !answers(apiURL) })
	begin(t, drill.Options{Dir: dir})
	eventually(t, "more arrives", func() bool { return len(delivered(t, dir).Arrivals) > len(before.Arrivals) })
	for i, a := range delivered(t, dir).Arrivals[:len(before.Arrivals)] {
		if a.ID != before.Arrivals[i].ID {
			t.Fatalf("arrival %d was %s and is %s", i, before.Arrivals[i].ID, a.ID)
		}
	}
}

func TestACopyShowsAsRepeated(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	p := begin(t, drill.Options{Dir: dir})
	eventually(t, "a good message arrives", func() bool { return delivered(t, dir).After(time.Time{}).Good > 0 })
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "delivered.jsonl")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(b, b...), 0o600); err != nil {
		t.Fatal(err)
	}
	got := delivered(t, dir)
	good := got.After(time.Time{}).Good / 2
	if len(got.Repeated) != good {
		t.Errorf("%d repeated of %d good messages: %v", len(got.Repeated), good, got.Repeated)
	}
	if err := os.WriteFile(name, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := drill.DeliveredIn(dir); err == nil {
		t.Error("a damaged file was taken for a count")
	}
}

func TestTheSinkKeepsItsBounds(t *testing.T) {
	t.Parallel()
	addr, notes := drill.OpenSink(t)
	for name, c := range map[string]struct {
		recipients, bytes int
		says              string
	}{
		"what is usual":       {3, 2000, ""},
		"too many recipients": {201, 10, "452"},
		"too large":           {1, 2 << 20, "552"},
	} {
		var to []string
		for n := range c.recipients {
			to = append(to, fmt.Sprintf("u%d@web.test", n))
		}
		text := "X-Practice-Id: 1\r\nX-Practice-Kind: good\r\nMessage-ID: <" + strings.ReplaceAll(name, " ", ".") + "@x.test>\r\n\r\n" +
			strings.Repeat(".0123456\r\n", c.bytes/10+1)
		err := smtp.SendMail(addr, nil, "a@b.example", to, []byte(text))
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.HasPrefix(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	got := notes()
	if len(got) != 1 || got[0].Recipients != 3 || got[0].MessageID != "<what.is.usual@x.test>" || got[0].Kind != smartermail.KindGood {
		t.Errorf("noted %+v", got)
	}
}
