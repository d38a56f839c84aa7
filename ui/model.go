package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/incident"
)

// Runbook is what the screens need of the state machine: they read its state and hand
// it intents.
type Runbook interface {
	// State is a copy of everything there is to show. It returns at once.
	State() steps.State
	// Do carries out an intent and returns when it is done, refused or broken off.
	Do(context.Context, steps.Intent) error
	// Cancel stops the running act safely, and says whether there was one.
	Cancel() bool
	// Reveal gives the new password of an account, as long as it is kept.
	Reveal(account string) (steps.Secret, bool)
}

// Options are what the screens need beside the runbook. A nil function is refused in
// words where its key is pressed.
type Options struct {
	Glyphs Glyphs
	ASCII  bool // of mail, too: the terminal's letters are not UTF-8
	Colour bool
	Clock  func() time.Time // nil: time.Now
	// Resume is how the operator comes back: "delist", "delist drill --keep DIR".
	Resume string
	// Preview reads one message.
	Preview func(context.Context, spool.ID) (message.View, error)
	// Lines looks through the logs.
	Lines func(context.Context, traffic.Search) (*traffic.Found, error)
	// ReadHeld reads some of the messages in the quarantine; SearchHeld names those that match a query.
	ReadHeld   func(context.Context, []spool.ID) (*spool.Snapshot, error)
	SearchHeld func(ctx context.Context, query string) (map[spool.ID]bool, error)
	// Open shows a web page in the operator's own browser; nil where none can be reached, which NoBrowser then explains.
	Open      func(ctx context.Context, link string) error
	NoBrowser string
	// Write keeps a text in the incident's folder and says where.
	Write func(ctx context.Context, name, text string) (path string, err error)
	// Copy puts a text on the clipboard and says where it went; the text may be a
	// password, so it is kept nowhere.
	Copy func(context.Context, string) (where string, err error)
}

// Model is the one model of the wizard: what the runbook said last, where the operator
// is, and the dialog they are in. It does no I/O; commands do.
type Model struct {
	runbook  Runbook
	options  Options
	ctx      context.Context // ends with the program
	commands commands

	glyphs Glyphs
	styles Styles
	w, h   int

	state   steps.State
	current incident.Step // of the incident, as last seen
	step    incident.Step // on the screen
	panels  [incident.Close + 1]panel

	popup   *popup
	plan    string    // the plan whose question was asked
	said    string    // what the last key led to, until the next key
	heard   string    // what was said when the last key came: the help has it whole
	lastKey time.Time // when the last key came
	answers answers   // of the terminal, among the keys
	gate    gate      // shut when the screen goes to another step by itself
	cancels int       // Ctrl+C pressed in a row
	sent    []*sent   // what the runbook was given and has not ended, the oldest first
	leaving bool

	frame string // the last drawn, good until something changes
	stale bool
}

// panel is the live part of a step's screen.
type panel interface {
	// update takes over what the runbook says now.
	update(*steps.State)
	// blocks are the parts of the panel, top to bottom, for a width of w.
	blocks(m *Model, w int) []block
	// binds are keys that are the screen's own: they change what is shown, not the server.
	binds(m *Model) []Bind
	// table is the list that the cursor moves in, nil where there is none.
	table() *Table
	// answer is what an action is about: the row under the cursor. It is asked for each frame.
	answer() steps.Answer
	// marked is how many messages are marked, and ids which: there may be many.
	marked() int
	ids() []spool.ID
}

// New makes the wizard's model for a runbook.
func New(runbook Runbook, o Options) *Model {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	m := &Model{
		runbook: runbook, options: o, ctx: context.Background(),
		glyphs: o.Glyphs, styles: NewStyles(o.Colour), w: lineFrom, h: 24, stale: true,
	}
	m.panels = [...]panel{
		incident.Look: newLookPanel(o.Glyphs), incident.Stop: &stopPanel{}, incident.Purge: newPurgePanel(o.Glyphs), incident.Reset: newResetPanel(),
		incident.Restart: newWatchPanel(incident.Restart, o.Glyphs), incident.Notify: &notifyPanel{}, incident.Verify: newWatchPanel(incident.Verify, o.Glyphs),
		incident.Delist: newDelistPanel(), incident.Close: &closePanel{},
	}
	m.take(runbook.State())
	m.step = m.current
	m.gate = gate{}
	return m
}

// The messages that reach the model.
type (
	// News is the runbook's newest state.
	News struct{ State steps.State }
	// saidMsg is a sentence for the box whose key led to it, or for the status line once that is closed.
	saidMsg struct {
		text string
		in   *viewer
	}
	// endMsg is the system's wish that the program ends.
	endMsg struct{}
)

// Init implements tea.Model.
func (m *Model) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.stale = true
	cmd := m.hear(msg)
	return m, tea.Batch(cmd, m.arrange(), m.readHeld())
}

// hear acts on a message.
func (m *Model) hear(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = max(msg.Width, 1), max(msg.Height, 1)
	case tea.KeyMsg:
		return m.keys(msg)
	case News:
		return m.take(msg.State)
	case doneMsg:
		return m.ended(msg)
	case saidMsg:
		m.say(msg)
	case previewMsg:
		m.showPreview(msg)
	case linesMsg:
		m.showLines(msg)
	case arrangedMsg:
		m.arrived(msg)
	case heldReadMsg:
		m.showHeld(msg)
	case heldFoundMsg:
		m.showFoundHeld(msg)
	case revealMsg:
		return m.showPassword(msg)
	case endMsg:
		m.leaving = true
		for _, s := range m.sent {
			s.stop(steps.ErrClosed)
		}
		return tea.Sequence(m.run(func(context.Context) tea.Msg { m.runbook.Cancel(); return nil }), tea.Quit)
	}
	return nil
}

// say shows what a key led to.
func (m *Model) say(msg saidMsg) {
	if msg.in != nil && m.popup != nil && m.popup.dialog == msg.in {
		msg.in.said = msg.text
		return
	}
	m.said = msg.text
}

// take takes over the runbook's state. Where the operator was at the current step, the
// screen goes on with the runbook; who looked elsewhere stays there.
func (m *Model) take(state steps.State) tea.Cmd {
	if state.Incident.ID != m.state.Incident.ID {
		m.said = "" // it was about what is over now
	}
	// A relapse, or mail that is down without anybody's doing, calls the operator back, wherever they look.
	called := state.Incident.Round != m.state.Incident.Round || !state.Incident.MailDown.IsZero() && m.state.Incident.MailDown.IsZero()
	m.state = state
	m.showSent()
	next := state.Incident.Current()
	if next != m.current {
		if m.step == m.current || called {
			m.goTo(next)
		}
		m.current = next
	}
	for _, p := range m.panels {
		p.update(&m.state)
	}
	return m.askPlan()
}

// goTo shows a step, and hears no key that was meant for the one before.
func (m *Model) goTo(step incident.Step) {
	if m.step != step {
		m.step, m.gate = step, shutAt(m.options.Clock())
	}
}

// begun says that there is an incident; before, whatever opens it says what it waits for.
func (m *Model) begun() bool { return m.state.Incident.ID != "" }

// View implements tea.Model.
func (m *Model) View() string {
	if m.stale {
		m.frame, m.stale = m.draw(), false
		if m.options.ASCII {
			m.frame = ASCII(m.frame)
		}
	}
	return m.frame
}

// run makes a command that the program waits for before it ends.
func (m *Model) run(work func(context.Context) tea.Msg) tea.Cmd {
	ctx := m.ctx
	return func() tea.Msg {
		if !m.commands.begin() {
			return nil
		}
		defer m.commands.end()
		return work(ctx)
	}
}
