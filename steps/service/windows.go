package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"delist/spool/message"
	"delist/steps"
)

// scm is the part of the Windows Service Control Manager that delist uses. It is made of functions so that what no test
// bed shows (refusals, dependent services) can be tested too. The errors are winErrors.
type scm struct {
	status     func(name string) (scmStatus, error)
	stop       func(name string) error
	start      func(name string) error
	dependents func(name string) ([]string, error) // the services that run and need this one
	startType  func(name string) (uint32, error)
	hold       func(pid int) (process, error)
	mayStop    func(name string) error         // nil where this user has the right to
	recovers   func(name string) (bool, error) // whether it is started again when it stops with an error
}

// scmStatus is SERVICE_STATUS_PROCESS, as far as it is used.
type scmStatus struct {
	state        uint32
	pid          int
	ownProcess   bool // the process ends with the service
	exitCode     uint32
	specificCode uint32 // the service's own code, when exitCode is errServiceSpecific
}

// process is a handle on a running process, which no other process can take the place of.
type process interface {
	Alive() bool
	Close() error
}

// The states of a service (SERVICE_STATUS, dwCurrentState).
const (
	scmStopped = iota + 1
	scmStartPending
	scmStopPending
	scmRunning
	scmContinuePending
	scmPausePending
	scmPaused
)

// The start types of a service (QUERY_SERVICE_CONFIG, dwStartType).
const (
	startAutomatic = 2
	startDisabled  = 4
)

// windowsService controls one service through the Service Control Manager.
type windowsService struct {
	name string
	scm  scm

	mu     sync.Mutex
	ending process // the process that was asked to stop, until it has ended
}

func (w *windowsService) look(context.Context) (sight, error) {
	st, err := w.scm.status(w.name)
	if err != nil {
		return sight{}, explainCode("look at", w.name, err)
	}
	s := sight{ServiceReport: steps.ServiceReport{PID: st.pid, At: time.Now()}}
	switch st.state {
	case scmStopped:
		s.State = steps.ServiceStopped
		s.fell = ended(st)
		if w.stillEnding() {
			s.State = steps.ServiceStopping
			s.Detail = "Windows calls it stopped, but its process has not ended yet"
		}
	case scmStartPending:
		s.State = steps.ServiceStarting
	case scmStopPending:
		s.State = steps.ServiceStopping
	case scmRunning, scmContinuePending:
		s.State = steps.ServiceRunning
	case scmPausePending, scmPaused:
		s.State = steps.ServiceRunning
		s.Detail = "it is paused: it runs, but takes no work"
	}
	return s, nil
}

// stillEnding says whether the process that was asked to stop is still there. A service tells Windows that it has
// stopped before its process ends, and until then it may have files open.
func (w *windowsService) stillEnding() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ending == nil {
		return false
	}
	if w.ending.Alive() {
		return true
	}
	_ = w.ending.Close()
	w.ending = nil
	return false
}

// holdProcess keeps hold of the service's process before it is asked to stop. Without the right to, Windows' word is all
// there is.
func (w *windowsService) holdProcess() {
	st, err := w.scm.status(w.name)
	if err != nil || !st.ownProcess || st.pid == 0 {
		return
	}
	p, err := w.scm.hold(st.pid)
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ending != nil {
		_ = w.ending.Close()
	}
	w.ending = p
}

// stop asks once. Windows gives the service up to 30 s to take the request, and a call cannot be cut short.
func (w *windowsService) stop(_ context.Context, say func(string)) error {
	if t, err := w.scm.startType(w.name); err == nil && t == startAutomatic {
		say(w.name + " starts by itself when this server restarts (start type automatic)")
	}
	needing, _ := w.scm.dependents(w.name)
	if len(needing) > 0 {
		say(fmt.Sprintf("these services need %s: %s", w.name, names(needing)))
	}
	w.holdProcess()
	err := w.scm.stop(w.name)
	switch winCode(err) {
	case errServiceNotActive:
		return nil
	case errServiceCannotAcceptControl:
		return errNotNow
	case errServiceRequestTimeout:
		say(w.name + " did not answer the request to stop in time; it may still stop")
		return nil
	case errDependentServicesRunning:
		return fmt.Errorf("stop %s: Windows does not stop it while services run that need it: %s. Stop those first (net stop NAME), then try again",
			w.name, names(needing))
	}
	return explainCode("stop", w.name, err)
}

func (w *windowsService) start(_ context.Context, say func(string)) error {
	err := w.scm.start(w.name)
	switch winCode(err) {
	case errServiceAlreadyRunning:
		return nil
	case errServiceRequestTimeout: // or its process ended before it could answer: what is seen of it then tells why
		say(w.name + " did not answer the request to start in time; it may still start")
		return nil
	case errServiceCannotAcceptControl:
		return errNotNow
	}
	return explainCode("start", w.name, err)
}

func (w *windowsService) stuck(s sight) string {
	pid := ""
	if s.PID != 0 {
		pid = fmt.Sprintf(" (process %d)", s.PID)
	}
	return fmt.Sprintf("Look at it in Services and Task Manager%s and in the event log under System, then try again; large spools take up to ten minutes", pid)
}

// names lists services for a sentence, as far as a sentence goes.
func names(list []string) string {
	const most = 8
	if len(list) == 0 {
		return "(Windows does not say which)"
	}
	more := ""
	if len(list) > most {
		more = fmt.Sprintf(" and %d more", len(list)-most)
		list = list[:most]
	}
	return message.Printable(strings.Join(list, ", ") + more)
}

// winCode is the number of a Windows error, 0 when err is nil or another kind of error.
func winCode(err error) winError {
	var code winError
	errors.As(err, &code)
	return code
}
