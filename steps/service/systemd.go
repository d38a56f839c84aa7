package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"delist/spool/message"
	"delist/steps"
)

// systemdUnit controls one systemd unit through systemctl. `systemctl show` is made for programs (systemctl(1)), unlike
// `systemctl status`; a command needs no D-Bus library and works wherever the operator's own systemctl does.
type systemdUnit struct {
	unit  string
	call  systemctl
	lives func(controlGroup string) bool // whether a control group has processes
	euid  func() int                     // who asks
}

// systemctl runs systemctl and returns what it printed.
type systemctl func(ctx context.Context, args ...string) (string, error)

// systemctlError is a systemctl that ended with a status other than 0.
type systemctlError struct {
	status int
	text   string // first line of its standard error, printable
}

func (e *systemctlError) Error() string {
	if e.text == "" {
		return fmt.Sprintf("systemctl said nothing (status %d)", e.status)
	}
	return fmt.Sprintf("systemctl: %s (status %d)", e.text, e.status)
}

// exitNoPermission is systemctl's exit status for an unprivileged caller (LSB init script actions).
const exitNoPermission = 4

// callTimeout bounds one call of systemctl, which answers within milliseconds unless systemd hangs.
const callTimeout = 30 * time.Second

// runSystemctl is systemctl of this machine.
func runSystemctl(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "systemctl", args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "SYSTEMD_COLORS=0", "SYSTEMD_PAGER=", "SYSTEMD_LOG_LEVEL=notice")
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return stdout.String(), nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("systemctl %s did not answer: %w", args[0], ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("%w: this system has no systemctl; use --service by-hand", ErrNoManager)
	case errors.As(err, &exit):
		text, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return "", &systemctlError{status: exit.ExitCode(), text: message.Printable(text)}
	}
	return "", fmt.Errorf("run systemctl: %w", err)
}

// unmanaged says that systemctl had no systemd to ask, as in a container: there it often ends without a word.
func (e *systemctlError) unmanaged() bool {
	text := strings.ToLower(e.text)
	return strings.Contains(text, "not been booted with systemd") || strings.Contains(text, "failed to connect to bus") || text == "" && !booted()
}

// booted says whether systemd manages this system, the way sd_booted(3) does.
func booted() bool {
	_, err := os.Lstat("/run/systemd/system")
	return !errors.Is(err, fs.ErrNotExist)
}

func newSystemdUnit(name string, call systemctl) *systemdUnit {
	if !strings.HasSuffix(name, ".service") {
		name += ".service"
	}
	return &systemdUnit{unit: name, call: call, lives: controlGroupLives, euid: os.Geteuid}
}

// unitProperties are what look reads. Meanings: org.freedesktop.systemd1(5).
const unitProperties = "LoadState,ActiveState,SubState,MainPID,Result,ExecMainStatus,ControlGroup,Job"

func (u *systemdUnit) look(ctx context.Context) (sight, error) {
	out, err := u.call(ctx, "show", "--no-pager", "--property="+unitProperties, "--", u.unit)
	if err != nil {
		return sight{}, u.explain("ask systemd about", err)
	}
	return u.read(properties(out), time.Now())
}

// properties reads the lines KEY=VALUE of `systemctl show`.
func properties(out string) map[string]string {
	p := map[string]string{}
	for line := range strings.Lines(out) {
		if key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "="); ok {
			p[key] = value
		}
	}
	return p
}

// read says what a unit's properties mean. A unit that has failed but still has processes is not stopped: systemd has
// given up on it (SendSIGKILL=no, KillMode=process, or a process that cannot be killed), and they may still write.
func (u *systemdUnit) read(p map[string]string, at time.Time) (sight, error) {
	switch p["LoadState"] {
	case "not-found":
		return sight{}, fmt.Errorf("%w: systemd has no unit %s; see `systemctl list-units --type=service`, then give its name with --service", ErrMissing, u.unit)
	case "":
		return sight{}, fmt.Errorf("systemd said nothing about %s; try `systemctl show %s`, or use --service by-hand", u.unit, u.unit)
	}
	pid, _ := strconv.Atoi(p["MainPID"])
	s := sight{ServiceReport: steps.ServiceReport{PID: pid, At: at}}
	s.queued = p["Job"] != "" && p["Job"] != "0"
	if r := p["Result"]; r != "success" && r != "" {
		s.fell = fmt.Sprintf("%s (exit status %s)", message.Printable(r), message.Printable(p["ExecMainStatus"]))
	}
	switch state := p["ActiveState"]; state {
	case "active", "reloading", "refreshing":
		s.State, s.fell = steps.ServiceRunning, ""
	case "activating":
		s.State = steps.ServiceStarting
		if p["SubState"] == "auto-restart" {
			s.Detail = "it ended by itself, and systemd is about to start it again"
		} else {
			s.fell = ""
		}
	case "deactivating":
		s.State = steps.ServiceStopping
	case "inactive", "failed":
		s.State = steps.ServiceStopped
		if group := p["ControlGroup"]; group != "" && u.lives(group) {
			s.State = steps.ServiceStopping
			s.Detail = "systemd calls it " + state + ", but some of its processes still run"
		}
	default:
		s.Detail = "systemd calls it " + message.Printable(state)
	}
	return s, nil
}

func (u *systemdUnit) stop(ctx context.Context, say func(string)) error {
	if out, err := u.call(ctx, "show", "--no-pager", "--property=TriggeredBy,UnitFileState", "--", u.unit); err == nil {
		p := properties(out)
		if by := p["TriggeredBy"]; by != "" {
			say(fmt.Sprintf("%s can start %s again by itself; stop that too", message.Printable(by), u.unit))
		}
		if p["UnitFileState"] == "enabled" {
			say(u.unit + " starts by itself when this server restarts")
		}
	}
	_, err := u.call(ctx, "--no-ask-password", "--no-block", "stop", "--", u.unit)
	return u.explain("stop", err)
}

func (u *systemdUnit) start(ctx context.Context, _ func(string)) error {
	_, err := u.call(ctx, "--no-ask-password", "--no-block", "start", "--", u.unit)
	return u.explain("start", err)
}

func (u *systemdUnit) stuck(sight) string {
	return fmt.Sprintf("Look at `systemctl status %s` and `journalctl -e -u %s`, then try again; large spools take up to ten minutes", u.unit, u.unit)
}

// explain makes a sentence of what systemctl refused.
func (u *systemdUnit) explain(doing string, err error) error {
	var e *systemctlError
	if !errors.As(err, &e) {
		return err
	}
	text := strings.ToLower(e.text)
	switch {
	case e.status == exitNoPermission, strings.Contains(text, "authentication required"), strings.Contains(text, "access denied"):
		return fmt.Errorf("%s %s: %w for this user; leave, and run delist again with sudo (the incident goes on where it is)", doing, u.unit, ErrRights)
	case strings.Contains(text, "not loaded"), strings.Contains(text, "not found"):
		return fmt.Errorf("%s %s: %w; see `systemctl list-units --type=service`, then give its name with --service", doing, u.unit, ErrMissing)
	case strings.Contains(text, "masked"):
		return fmt.Errorf("%s %s: it is masked, so nobody can start it; `sudo systemctl unmask %s`, then try again", doing, u.unit, u.unit)
	case e.unmanaged():
		return fmt.Errorf("%s %s: %w: systemd does not run here; use --service by-hand", doing, u.unit, ErrNoManager)
	}
	return fmt.Errorf("%s %s: %w; try it yourself with systemctl, or use --service by-hand", doing, u.unit, e)
}
