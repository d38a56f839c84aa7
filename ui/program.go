package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"

	_ "delist/ui/noprobe" // keeps Bubble Tea from asking the terminal at start-up
)

// framesPerSecond bounds what goes to the terminal: every run may be remote, and RDP
// pays for each changed part of the screen.
const framesPerSecond = 20

// newsEvery is how often news from the runbook makes a new frame. Keys do so at once.
const newsEvery = 100 * time.Millisecond

// tickEvery is how often a frame is made without news, for the ages on it.
const tickEvery = time.Second

// Run shows the wizard until the operator leaves it, the incident is closed, or the
// system ends the session. altScreen is off for consoles that lose the alternate screen
// (Windows Server 2019 before KB5011551). News arrives through changed, which is to be
// signalled, never blocked on, by whoever listens to the runbook.
//
// It returns with the terminal restored. What still runs belongs to the runbook: close
// that next.
func Run(ctx context.Context, m *Model, changed <-chan struct{}, altScreen bool) error {
	input, closeInput, err := terminalInput()
	if err != nil {
		return fmt.Errorf("the keyboard cannot be read: %w: start delist with --plain", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	options := []tea.ProgramOption{
		input, tea.WithFPS(framesPerSecond), tea.WithoutSignalHandler(), tea.WithFilter(trueSize()),
	}
	if altScreen {
		options = append(options, tea.WithAltScreen())
	}
	m.ctx = ctx
	p := tea.NewProgram(m, options...)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP) // before anything else: a link may drop at once
	defer signal.Stop(signals)
	var feeders sync.WaitGroup
	feeders.Go(func() { feedSignals(ctx, p, signals) })
	feeders.Go(func() { feedNews(ctx, p, m.runbook, changed) })
	_, err = p.Run()
	cancel()
	err = errors.Join(err, closeInput())
	feeders.Wait()
	m.commands.finish() // commands outlive the loop; what they call ends with the context
	if errors.Is(err, tea.ErrProgramPanic) {
		return fmt.Errorf("the screen failed, the record is safe: start delist again to go on: %w", err)
	}
	if err != nil {
		return fmt.Errorf("the terminal was lost, the record is safe: start delist again to go on: %w", err)
	}
	return nil
}

// feedSignals turns the system's wish to end into a message, so that the model stops
// safely. A dropped SSH link comes as SIGHUP; on Windows closing the window, logging off
// and shutting down come as SIGTERM, seconds before the end.
func feedSignals(ctx context.Context, p *tea.Program, signals <-chan os.Signal) {
	defer restoreOnPanic(p)
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			p.Send(endMsg{})
		}
	}
}

// feedNews brings the runbook's state to the model: at most once in newsEvery, however
// much happens, and at least once in tickEvery.
func feedNews(ctx context.Context, p *tea.Program, runbook Runbook, changed <-chan struct{}) {
	defer restoreOnPanic(p)
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-tick.C:
		}
		p.Send(News{runbook.State()})
		pause.Reset(newsEvery)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// restoreOnPanic gives the terminal back before a panic of our own goroutine ends the
// program: Bubble Tea does so only for its own.
func restoreOnPanic(p *tea.Program) {
	if r := recover(); r != nil {
		_ = p.ReleaseTerminal()
		panic(r)
	}
}

// trueSize replaces every reported size by the window's real one and drops repeats: on
// Windows later reports carry the console's buffer size, and each one repaints the
// whole screen. A filter runs before the renderer sees the message.
func trueSize() func(tea.Model, tea.Msg) tea.Msg {
	var last tea.WindowSizeMsg
	return func(_ tea.Model, msg tea.Msg) tea.Msg {
		if _, ok := msg.(tea.WindowSizeMsg); !ok {
			return msg
		}
		w, h, err := term.GetSize(os.Stdout.Fd())
		if err != nil {
			return msg
		}
		size := tea.WindowSizeMsg{Width: max(w, 1), Height: max(h, 1)}
		if size == last {
			return nil
		}
		last = size
		return size
	}
}
