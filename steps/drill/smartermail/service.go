package smartermail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Config says how the mail service runs.
type Config struct {
	Dir  string  // what Seed laid out
	Addr string  // where the API listens, on loopback; empty: any free port
	Pace float64 // multiplies every wait of the service: 1 is usual, 0.1 ten times as fast; 0: 1
	Sink string  // where mail for the world outside is delivered to, by SMTP; empty: it is only gone

	TokenLife time.Duration // how long an API token opens anything; 0: ten minutes
	Ready     func(Ready)   // called once, when the service works
	Spam      func()        // called for every spam message taken in; must not block
}

// Ready is what a service that has started says of itself.
type Ready struct {
	API string `json:"api"` // the API's URL, without a path
	PID int    `json:"pid"`
}

// Times of the service at pace 1.
const (
	startDelay = 800 * time.Millisecond
	stopDelay  = 1200 * time.Millisecond
	lockWait   = 10 * time.Second // not paced: for a predecessor that is still stopping
)

// Run is the mail service. While it runs, ordinary mail is delivered, spam is deferred, more of both comes in,
// and the API answers. It ends when ctx does: it finishes what it is receiving, then returns nil.
func Run(ctx context.Context, c Config) error {
	if c.Pace <= 0 {
		c.Pace = 1
	}
	if c.TokenLife <= 0 {
		c.TokenLife = 10 * time.Minute
	}
	unlock, err := alone(ctx, c.Dir)
	if err != nil {
		return err
	}
	defer unlock()
	if !pause(ctx, paced(startDelay, c.Pace)) {
		return nil
	}
	s, err := open(c)
	if err != nil {
		return err
	}
	door, err := s.listen(ctx)
	if err != nil {
		return err
	}
	api := &http.Server{Handler: s.api(), ReadHeaderTimeout: 5 * time.Second}
	var working sync.WaitGroup
	working.Go(func() { s.work(ctx) })
	working.Go(func() {
		if err := api.Serve(door); !errors.Is(err, http.ErrServerClosed) {
			s.failed(err)
		}
	})
	if c.Ready != nil {
		c.Ready(Ready{API: "http://" + door.Addr().String(), PID: os.Getpid()})
	}
	<-ctx.Done()
	err = api.Close()
	working.Wait()
	err = errors.Join(err, s.finish())
	pause(context.WithoutCancel(ctx), paced(stopDelay, c.Pace))
	return err
}

// LockName is the file in the server's folder that is locked while the service lives.
const LockName = "service.lock"

// alone makes sure that one service works on a spool, waiting for a predecessor that is about to end.
func alone(ctx context.Context, dir string) (unlock func() error, err error) {
	lock := flock.New(filepath.Join(dir, LockName))
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	if ok, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil || !ok {
		return nil, fmt.Errorf("another practice service works on %s: %w", dir, errors.Join(err, ctx.Err()))
	}
	return lock.Unlock, nil
}

// server is the running service. mu guards all below it.
type server struct {
	Config
	spool, logs string

	mu        sync.Mutex
	accounts  *accounts
	author    *author
	queue     map[string]letter // by path without extension; their texts stay on disk
	receiving []letter          // HDR says Writing, text in .em_
	sessions  []session         // the thief's open connections
	tokens    map[string]token
	failures  []error // what went wrong while working; told at the end
}

// open reads the accounts and the spool, as SmarterMail does when it starts.
func open(c Config) (*server, error) {
	all, err := loadAccounts(c.Dir)
	if err != nil {
		return nil, err
	}
	all.Starts++
	if err := all.save(c.Dir); err != nil {
		return nil, err
	}
	s := &server{
		Config:   c,
		spool:    filepath.Join(c.Dir, "Spool"),
		logs:     filepath.Join(c.Dir, "Logs"),
		accounts: all,
		author:   newAuthor(all.Seed, all.Starts),
		queue:    map[string]letter{},
		tokens:   map[string]token{},
	}
	return s, s.readSpool()
}

// readSpool takes every finished pair into the queue.
// A spool that is not there appears empty again, which is what setting it aside counts on.
func (s *server) readSpool() error {
	for n := range subSpools {
		if err := os.MkdirAll(s.subSpool(n), 0o750); err != nil {
			return fmt.Errorf("open spool: %w", err)
		}
		if err := s.takeUp(n); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) subSpool(n int) string { return filepath.Join(s.spool, fmt.Sprintf("SubSpool%d", n)) }

// takeUp takes the finished pairs of one folder into the queue that are not there yet. Half pairs and what it cannot
// read it leaves alone.
func (s *server) takeUp(n int) error {
	folder := s.subSpool(n)
	names, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("open spool: %w", err)
	}
	for _, name := range names {
		id, isHDR := strings.CutSuffix(name.Name(), ".hdr")
		if !isHDR {
			continue
		}
		s.author.taken[id] = true
		base := filepath.Join(folder, id)
		if _, queued := s.queue[base]; queued {
			continue
		}
		if env, ok := readPair(base); ok {
			s.queue[base] = letter{id: id, sub: n, env: env}
		}
	}
	return nil
}

// readPair reads the envelope of a pair that is whole and received to its end.
func readPair(base string) (env envelope, ok bool) {
	b, err := os.ReadFile(base + ".hdr")
	if err != nil {
		return env, false
	}
	env, err = readEnvelope(b, time.Local)
	_, missing := os.Stat(base + ".eml")
	return env, missing == nil && err == nil && env.status == statusWritten
}

// listen opens the API's door.
func (s *server) listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cmp.Or(s.Addr, "127.0.0.1:0"))
	if err != nil {
		return nil, fmt.Errorf("practice API: %w", err)
	}
	return l, nil
}

// finish ends what was being received, as SmarterMail's running threads do, and tells what went wrong.
func (s *server) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return errors.Join(s.failures...)
}

// failed keeps an error for the end; a file that has gone is nothing to tell of.
func (s *server) failed(err error) {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(err)
}

// keep is failed for those who hold mu. Ten are enough to see what is wrong.
func (s *server) keep(err error) {
	if err != nil && !errors.Is(err, fs.ErrNotExist) && len(s.failures) < 10 {
		s.failures = append(s.failures, err)
	}
}

// log writes lines to the logs.
func (s *server) log(lines ...logLine) { s.keep(appendLogs(s.logs, lines)) }

// paced scales a wait.
func paced(d time.Duration, pace float64) time.Duration {
	return max(time.Millisecond, time.Duration(float64(d)*pace))
}

// pause waits, and says whether ctx still goes on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
