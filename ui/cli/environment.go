package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"os/user"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"delist/checks/identity"
	"delist/checks/outbound"
	"delist/steps"
	"delist/steps/service"
)

// Environment is everything delist takes from its process, so that a test needs none.
type Environment struct {
	Program   string   // how it was called: delist, ./delist, C:\Tools\delist.exe; empty for delist
	Args      []string // without the program's name
	Stdin     io.Reader
	Stdout    io.Writer
	Stderr    io.Writer
	LookupEnv func(string) (string, bool)
	Clock     func() time.Time
	Terminal  bool // a person sits at standard input and output

	// Width is how wide the terminal of standard output is, 0 where it is none; nil means 0.
	Width func() int
	// Escapes says why the terminal does not take escape codes; nil where it does. CodePage is a Windows console's, else 0.
	// They are only called when Terminal is true, and may be nil.
	Escapes  func() error
	CodePage func() uint32

	// ReadSecret reads one line without showing it. It is only called when Terminal is true.
	ReadSecret func() (string, error)
	// Notify relays the signals that ask delist to end; the function it returns stops that.
	Notify func(chan<- os.Signal) func()
	// Executable is this program's own file, for the practice server's child.
	Executable func() (string, error)
	// Locate looks for SmarterMail on this server.
	Locate func(context.Context) service.Located
	// Addresses are those bound to this machine; nil where nobody looks.
	Addresses identity.Source
	// Outbound sees who on this machine speaks to mail servers elsewhere; nil where nobody looks.
	Outbound steps.Outbound
}

// System is the environment of this process.
func System() Environment {
	return Environment{
		Program: os.Args[0], Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		LookupEnv: os.LookupEnv, Clock: time.Now,
		Terminal:   term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()),
		Width:      outputWidth,
		Escapes:    takesEscapes,
		CodePage:   codePage,
		ReadSecret: readSecret,
		Notify: func(c chan<- os.Signal) func() {
			// Window close, log-off and shut-down arrive as SIGTERM on Windows, a dropped SSH link as SIGHUP elsewhere.
			signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			return func() { signal.Stop(c) }
		},
		Executable: os.Executable,
		Locate:     service.Locate,
		Addresses:  identity.Interfaces,
		Outbound:   outbound.New(),
	}
}

func outputWidth() int {
	width, _, err := term.GetSize(os.Stdout.Fd())
	if err != nil {
		return 0
	}
	return width
}

// width is the width to keep lines within, 0 for none.
func (e *Environment) width() int {
	if e.Width == nil {
		return 0
	}
	return e.Width()
}

func readSecret() (string, error) {
	b, err := term.ReadPassword(os.Stdin.Fd())
	return string(b), err
}

// get is the value of an environment variable, empty when it is not set.
func (e *Environment) get(name string) string {
	value, _ := e.LookupEnv(name)
	return value
}

// operator says who is at the keyboard, as user@host: behind sudo the person, not root.
func (e *Environment) operator() string {
	name := ""
	for _, variable := range []string{"SUDO_USER", "USER", "LOGNAME", "USERNAME"} {
		if name == "" {
			name = e.get(variable)
		}
	}
	if name == "" { // last, since it may ask a domain controller that is far away
		if u, err := user.Current(); err == nil {
			name = u.Username
		}
	}
	if name == "" {
		name = "somebody"
	}
	return name + "@" + hostname()
}

// hostname is this server's name.
func hostname() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "this-server"
	}
	return name
}

// errNoSecret says that there is nobody to ask for a password.
var errNoSecret = errors.New("the password cannot be asked for without a terminal; set DELIST_ADMIN_PASSWORD, or leave out --admin and change passwords by hand")
