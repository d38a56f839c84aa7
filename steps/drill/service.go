package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"delist/steps"
	"delist/steps/drill/smartermail"
)

const (
	startLimit = 30 * time.Second // a start that takes longer has failed
	stopLimit  = 30 * time.Second // a service that takes longer is killed
)

// mailService is the practice mail service: a child process. It implements steps.Service.
type mailService struct {
	command []string
	ready   func(running bool) // told when the service works and when its process has ended
	spam    func()             // told of every spam message it takes in
	wanted  func(on bool) error

	mu      sync.Mutex
	process *process
	detail  string // why there is no process, when it ended by itself
}

// process is one life of the service. Its fields below done are written before done is closed, and read after.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	works chan struct{} // closed when it says that it works
	done  chan struct{} // closed when it has ended and been waited for
	err   error

	mu       sync.Mutex
	stopping bool
}

// Name implements steps.Service.
func (*mailService) Name() string { return "MailService (SmarterMail, practice)" }

// ByHand implements steps.Service.
func (*mailService) ByHand() bool { return false }

// Look implements steps.Service.
func (s *mailService) Look(context.Context) (steps.ServiceReport, error) {
	s.mu.Lock()
	p, detail := s.process, s.detail
	s.mu.Unlock()
	report := steps.ServiceReport{State: steps.ServiceStopped, Detail: detail, At: time.Now()}
	if p == nil {
		return report, nil
	}
	report.PID = p.cmd.Process.Pid
	switch {
	case ended(p.done):
		report.PID = 0
	case p.isStopping():
		report.State = steps.ServiceStopping
	case ended(p.works):
		report.State = steps.ServiceRunning
	default:
		report.State = steps.ServiceStarting
	}
	return report, nil
}

// Start implements steps.Service.
func (s *mailService) Start(ctx context.Context, say func(string)) error {
	p, err := s.launch()
	if err != nil {
		return err
	}
	say("the practice service starts")
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	select {
	case <-p.works:
		return s.wanted(true)
	case <-p.done:
		if p.err == nil {
			return errors.New("the practice service was asked to stop before it had started")
		}
		return fmt.Errorf("the practice service did not start: %w", p.err)
	case <-ctx.Done():
		return fmt.Errorf("the practice service has not started yet, look again: %w", ctx.Err())
	}
}

// launch starts the process, unless there is one already. One that is stopping has to end first.
func (s *mailService) launch() (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.process; p != nil && !ended(p.done) {
		if p.isStopping() {
			return nil, errors.New("the practice service is still stopping, wait for its end")
		}
		return p, nil
	}
	p := &process{works: make(chan struct{}), done: make(chan struct{})}
	p.cmd = exec.Command(s.command[0], s.command[1:]...)
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the practice service: %w", err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the practice service: %w", err)
	}
	complaint := &tail{}
	p.stdin, p.cmd.Stderr = stdin, complaint
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the practice service: %w", err)
	}
	s.process, s.detail = p, ""
	go s.follow(p, stdout, complaint) // ends with the process; done tells
	return p, nil
}

// follow reads what the process says until it ends.
func (s *mailService) follow(p *process, stdout io.Reader, complaint *tail) {
	lines := json.NewDecoder(stdout)
	for {
		var said smartermail.Said
		if err := lines.Decode(&said); err != nil {
			break
		}
		if said.Ready != nil && !ended(p.works) {
			s.ready(true)
			close(p.works)
		}
		if said.Spam {
			s.spam()
		}
	}
	_, _ = io.Copy(io.Discard, stdout) // whatever it says, it must not be held up
	err := p.cmd.Wait()
	s.ready(false)
	if err = errors.Join(err, complaint.err()); err == nil && !p.isStopping() {
		err = errors.New("nobody asked it to")
	}
	if err != nil {
		p.err = fmt.Errorf("the practice service ended: %w", err)
		s.mu.Lock()
		s.detail = strings.ReplaceAll(p.err.Error(), "\n", "; ")
		s.mu.Unlock()
	}
	close(p.done)
}

// Stop implements steps.Service: it returns when the process has ended.
func (s *mailService) Stop(ctx context.Context, say func(string)) error {
	s.mu.Lock()
	p := s.process
	s.mu.Unlock()
	if err := s.wanted(false); err != nil {
		return err
	}
	if p == nil || ended(p.done) {
		return nil
	}
	say("the practice service is asked to stop")
	p.askToStop()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the practice service is still stopping, look again: %w", ctx.Err())
	}
}

// close ends the process, at any price, without changing what the operator wanted.
func (s *mailService) close() error {
	s.mu.Lock()
	p := s.process
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	p.askToStop()
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-p.done:
		return nil
	case <-limit.C:
	}
	err := p.cmd.Process.Kill()
	<-p.done
	return errors.Join(errors.New("the practice service did not stop and was killed"), err)
}

// askToStop closes the process's standard input: the end of it tells the service to stop.
func (p *process) askToStop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopping {
		p.stopping = true
		_ = p.stdin.Close() // closed already when the process has ended
	}
}

func (p *process) isStopping() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopping
}

// ended says whether the channel is closed.
func ended(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// tail keeps the end of what a process complains of. Only exec's copier writes it, until Wait returns.
type tail struct{ text []byte }

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.text = append(t.text, b...)
	if extra := len(t.text) - 2000; extra > 0 {
		t.text = t.text[extra:]
	}
	return len(b), nil
}

// err is the complaint as an error, nil when there was none.
func (t *tail) err() error {
	if text := bytes.TrimSpace(t.text); len(text) > 0 {
		return fmt.Errorf("%q", text)
	}
	return nil
}
