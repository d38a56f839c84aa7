package cli

import (
	"context"
	"errors"
	"os"

	"github.com/atotto/clipboard"
	"github.com/aymanbagabas/go-osc52/v2"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/ui"
	"delist/ui/plain"
)

// runbook is what the screens need of a session.
type runbook interface {
	ui.Runbook
	Preview(context.Context, spool.ID) (message.View, error)
	Lines(context.Context, traffic.Search) (*traffic.Found, error)
	ReadHeld(context.Context, []spool.ID) (*spool.Snapshot, error)
	SearchHeld(ctx context.Context, query string) (map[spool.ID]bool, error)
	KeepText(ctx context.Context, name, text string) (path string, err error)
}

// screens shows the wizard: drawn on a terminal, or line by line.
func (p *program) screens(ctx context.Context, o options, rb runbook, f *feed, command string) error {
	if yes, why := p.lineByLine(o); yes {
		if why != "" {
			p.note("%s", why)
		}
		lines := plain.New(rb, p.env.Stdout, plain.Options{Lines: rb.Lines, SearchHeld: rb.SearchHeld, ReadHeld: rb.ReadHeld})
		f.attach(lines.Hear)
		return lines.Run(ctx, p.questions().in)
	}
	changed := make(chan struct{}, 1)
	f.attach(func(steps.Event) {
		select {
		case changed <- struct{}{}:
		default: // a look at the state is asked for already
		}
	})
	glyphs := ui.LineGlyphs()
	if o.ascii || p.noLines() != "" {
		glyphs = ui.ASCIIGlyphs()
	}
	open, noBrowser := p.browser()
	model := ui.New(rb, ui.Options{Glyphs: glyphs, ASCII: p.otherLetters() != "", Colour: !o.noColor, Clock: p.env.Clock, Resume: command,
		Preview: rb.Preview, Lines: rb.Lines, ReadHeld: rb.ReadHeld, SearchHeld: rb.SearchHeld, Copy: p.copyText, Open: open, NoBrowser: noBrowser, Write: rb.KeepText})
	// From here on the screens hear the signals and stop safely; a context that ended with one would hide it from them.
	p.releaseSignals()
	if ctx.Err() != nil {
		return stoppedOr(ctx, ctx.Err())
	}
	return ui.Run(context.WithoutCancel(ctx), model, changed, !o.noAltScreen)
}

// copyText puts a text on the operator's clipboard. Over SSH only the operator's own terminal can do that (OSC 52).
func (p *program) copyText(_ context.Context, text string) (string, error) {
	if !p.remote() && clipboard.WriteAll(text) == nil {
		return "the clipboard", nil
	}
	if len(text) > 50_000 {
		return "", errors.New("this text is too long for a terminal's clipboard; open its file instead")
	}
	if _, err := osc52.New(text).WriteTo(os.Stdout); err != nil {
		return "", err
	}
	return "your terminal's clipboard, if it allows that", nil
}
