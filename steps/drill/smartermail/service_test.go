package smartermail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// testPace makes the service forty times as fast: what takes ten seconds in a drill takes 250 ms here.
const testPace = 0.025

// running is a service under test.
type running struct {
	t    *testing.T
	dir  string
	api  string
	spam chan time.Time // when spam came in
	stop func()         // stops the service and waits for its end; a second call does nothing
}

// start runs the service on dir.
func start(t *testing.T, dir string, change func(*Config)) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{t: t, dir: dir, spam: make(chan time.Time, 100_000)}
	ready := make(chan Ready, 1)
	c := Config{Dir: dir, Pace: testPace, Ready: func(r Ready) { ready <- r }, Spam: func() { r.spam <- time.Now() }}
	if change != nil {
		change(&c)
	}
	done := make(chan error, 1)
	go func() { done <- Run(ctx, c) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the service: %v", err)
		}
	})
	t.Cleanup(r.stop)
	select {
	case said := <-ready:
		r.api = said.API
	case err := <-done:
		close(done) // for stop
		t.Fatalf("the service ended: %v", err)
	case <-time.After(30 * time.Second):
		t.Fatal("the service does not start")
	}
	return r
}

// call asks the API and returns the HTTP status and the answer.
func (r *running) call(method, path, bearer, body string, headers ...string) (int, map[string]any) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.api+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	said := map[string]any{}
	if resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal(b, &said); err != nil {
			r.t.Fatalf("%s %s: %v in %q", method, path, err, b)
		}
	}
	return resp.StatusCode, said
}

// must is a call that has to succeed.
func (r *running) must(method, path, bearer, body string, headers ...string) map[string]any {
	r.t.Helper()
	code, said := r.call(method, path, bearer, body, headers...)
	if code != http.StatusOK || said["success"] != true {
		r.t.Fatalf("%s %s: %d %v", method, path, code, said)
	}
	return said
}

// admin logs in as the administrator.
func (r *running) admin() string {
	r.t.Helper()
	return r.must("POST", "auth/authenticate-user", "", `{"username":"admin","password":"`+AdminPassword+`"}`)["accessToken"].(string)
}

// acting is a token that acts as the stolen account's domain administrator.
func (r *running) acting() string {
	r.t.Helper()
	return r.must("POST", "settings/sysadmin/manage-domain/harbourlight.example", r.admin(), `{}`)["impersonateAccessToken"].(string)
}

const newPassword = "xK4-tulip-Harbour"

func (r *running) setPassword() {
	r.t.Helper()
	r.must("POST", "settings/domain/post-user", r.acting(), `{"email":"`+StolenAccount+`","userData":{"password":"`+newPassword+`"}}`)
}

func (r *running) dropConnections() {
	r.t.Helper()
	r.must("POST", "settings/sysadmin/drop-user-connections", r.admin(), `{"email":"`+StolenAccount+`","dropInfo":["`+StolenAccount+`"]}`)
}

// awaitSpam waits for the next spam message that comes in after now.
func (r *running) awaitSpam(within time.Duration) {
	r.t.Helper()
	now, deadline := time.Now(), time.After(within)
	for {
		select {
		case at := <-r.spam:
			if at.After(now) {
				return
			}
		case <-deadline:
			r.t.Fatalf("no spam within %v", within)
		}
	}
}

// quiet says that no spam comes in for that long.
func (r *running) quiet(long time.Duration) {
	r.t.Helper()
	now, deadline := time.Now(), time.After(long)
	for {
		select {
		case at := <-r.spam:
			if at.After(now) {
				r.t.Fatalf("spam after %v", at.Sub(now))
			}
		case <-deadline:
			return
		}
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// aWhile after a start, the thief would have sent something if he could.
const aWhile = HeadStart + 500*time.Millisecond

// tenSeconds of a drill, as fast as it runs here, plus what a busy machine needs.
const tenSeconds = time.Duration(10*testPace*float64(time.Second)) + 20*time.Second

func TestSpamComesUntilThePasswordIsNewAndConnectionsAreEnded(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 1, Messages: 60})
	r := start(t, dir, nil)
	r.awaitSpam(tenSeconds)

	r.setPassword()
	r.dropConnections()
	r.quiet(paced(20*time.Second, testPace))

	r.stop()
	before := count(t, tree(t, dir))
	r = start(t, dir, nil)
	r.quiet(aWhile)
	r.stop()
	if after := count(t, tree(t, dir)); after.spam > before.spam || after.writing != 1 {
		t.Errorf("%+v before, %+v after the restart", before, after)
	}
}

func TestOpenConnectionsOutliveThePassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		after time.Duration
		drop  bool
		sent  int
	}{
		{"open connections go on", 5 * time.Second, false, 1},
		{"until they end by themselves", sessionLife + time.Second, false, 0},
		{"or are dropped", 5 * time.Second, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := seeded(t, Options{Seed: 1, Messages: 20})
			s, err := open(Config{Dir: dir, Pace: 1})
			if err != nil {
				t.Fatal(err)
			}
			now := time.Now()
			s.thiefLogsIn(now)
			s.accounts.find(StolenAccount).Password = newPassword
			if c.drop {
				s.dropConnections(call{body: map[string]any{"email": StolenAccount}})
			}
			now = now.Add(c.after)
			s.thiefLogsIn(now) // refused from now on
			s.thiefSends(now)
			if len(s.receiving) != c.sent {
				t.Errorf("%d messages came in, want %d", len(s.receiving), c.sent)
			}
		})
	}
}

func TestRestartWithoutAResetBringsTheSpamBack(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 1, Messages: 60})
	r := start(t, dir, nil)
	r.awaitSpam(tenSeconds)
	r.stop()
	stopped := tree(t, dir)
	r = start(t, dir, nil)
	r.awaitSpam(tenSeconds)
	r.stop()
	came := 0
	for name, text := range tree(t, dir) {
		if _, old := stopped[name]; !old && strings.HasSuffix(name, ".hdr") && strings.Contains(text, "auth: "+StolenAccount) {
			came++
		}
	}
	if came == 0 {
		t.Error("the second run left no new spam in the spool")
	}
}

func TestADisabledAccountSendsNothing(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 1, Messages: 60})
	r := start(t, dir, nil)
	r.must("POST", "settings/sysadmin/users-disable/true/harbourlight.example", r.admin(), `{"input":["sales"]}`)
	r.dropConnections()
	r.quiet(aWhile)
}

func TestOrdinaryMailIsDeliveredAndSpamDeferred(t *testing.T) {
	t.Parallel()
	dir, w := seeded(t, Options{Seed: 5, Messages: 150})
	r := start(t, dir, nil)
	eventually(t, "mail is delivered past the spam, and spam is deferred", func() bool {
		files := tree(t, dir)
		deferred := 0
		for name, text := range files {
			if strings.HasSuffix(name, ".hdr") && strings.Contains(text, "\r\nretry: ") && !strings.Contains(text, "\r\nretry: 0;") {
				deferred++
			}
		}
		c := count(t, files)
		return c.spam > w.Spam && c.ordinary+c.bounces+c.own < w.Ordinary+w.Bounces+w.OwnMail && deferred > 0
	})
	r.stop()
	log, err := os.ReadFile(filepath.Join(dir, "Logs", time.Now().Format("2006.01.02")+"-delivery.log"))
	if err != nil || !bytes.Contains(log, []byte("has completed (Delivered)")) || !bytes.Contains(log, []byte("RSP: 4")) {
		t.Errorf("the delivery log: %v, %d bytes", err, len(log))
	}
}

func TestAFreedQueueRunsEmpty(t *testing.T) {
	t.Parallel()
	dir, w := seeded(t, Options{Seed: 5, Messages: 150})
	for name, text := range tree(t, dir) { // what the operator's purge does
		if strings.HasSuffix(name, ".hdr") && strings.Contains(text, "auth: "+StolenAccount) {
			base := filepath.Join(dir, strings.TrimSuffix(name, ".hdr"))
			os.Remove(base + ".hdr")
			os.Remove(base + ".eml")
		}
	}
	r := start(t, dir, nil)
	r.setPassword()
	r.dropConnections()
	eventually(t, "at most a few messages wait", func() bool {
		c := count(t, tree(t, dir))
		return c.ordinary+c.bounces < (w.Ordinary+w.Bounces)/10
	})
}

func TestWhatIsPutIntoTheSpoolIsTakenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spam bool
		done func(base string) bool
	}{
		"ordinary mail is delivered": {false, func(base string) bool { return gone(base+".hdr") && gone(base+".eml") }},
		"spam is deferred": {true, func(base string) bool {
			b, _ := os.ReadFile(base + ".hdr")
			e, err := readEnvelope(b, time.Local)
			return err == nil && e.retries > 0
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, _ := seeded(t, Options{Seed: 5, Messages: 1})
			r := start(t, dir, nil)
			r.setPassword() // nothing but what is put there is to wait
			r.dropConnections()

			a := newAuthor(1, 99)
			l := a.business(a.somebody(), time.Now())
			if c.spam {
				l = a.spam(time.Now(), "198.51.100.7", a.session())
			}
			held := t.TempDir()
			if err := os.Mkdir(filepath.Join(held, filepath.Base(filepath.Dir(l.base("")))), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := l.store(held); err != nil {
				t.Fatal(err)
			}
			from, base := l.base(held), l.base(filepath.Join(dir, "Spool"))
			move(t, from+".eml", base+".eml")
			time.Sleep(paced(5*lookEvery, testPace))
			if gone(base + ".eml") {
				t.Fatal("half a pair was taken")
			}
			move(t, from+".hdr", base+".hdr")
			eventually(t, name, func() bool { return c.done(base) })
		})
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func gone(name string) bool {
	_, err := os.Stat(name)
	return errors.Is(err, fs.ErrNotExist)
}

func TestASpoolSetAsideAppearsEmptyAgain(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 5, Messages: 50})
	if err := os.Rename(filepath.Join(dir, "Spool"), filepath.Join(dir, "spool_old")); err != nil {
		t.Fatal(err)
	}
	r := start(t, dir, nil)
	r.awaitSpam(tenSeconds)
}

func TestProcessEndsWithItsParent(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *io.PipeWriter){
		"told to stop":     func(w *io.PipeWriter) { io.WriteString(w, "stop\n") },
		"the parent died":  func(w *io.PipeWriter) { w.Close() },
		"the pipe is torn": func(w *io.PipeWriter) { w.CloseWithError(io.ErrUnexpectedEOF) },
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := seeded(t, Options{Seed: 5, Messages: 20})
			control, hand := io.Pipe()
			defer control.Close()
			said, out := io.Pipe()
			done := make(chan error, 1)
			go func() {
				defer out.Close()
				done <- Process(t.Context(), Config{Dir: dir, Pace: testPace}, control, out)
			}()
			lines := json.NewDecoder(said)
			var first Said
			if err := lines.Decode(&first); err != nil || first.Ready == nil || first.Ready.PID != os.Getpid() {
				t.Fatalf("said %+v, %v", first, err)
			}
			go io.Copy(io.Discard, said)
			end(hand)
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("still runs")
			}
		})
	}
}

func TestOnlyOneServiceWorksOnASpool(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 5, Messages: 20})
	start(t, dir, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := Run(ctx, Config{Dir: dir, Pace: testPace}); err == nil {
		t.Error("a second service ran")
	}
}
