package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize"

	"delist/spool"
)

// progressEvery is how often a long look at the spool says how far it is.
const progressEvery = 2 * time.Second

// progressTo tells on standard error how far a look at the spool is, a line each time: for people and for logs.
func progressTo(w io.Writer, what string) func(spool.Progress) {
	said := time.Now()
	return func(p spool.Progress) {
		now := time.Now()
		if now.Sub(said) < progressEvery || p.Done >= p.Total {
			return
		}
		said = now
		line := fmt.Sprintf("%s: %s of %s messages", what, humanize.Comma(int64(p.Done)), humanize.Comma(int64(p.Total)))
		if p.Listing {
			line = fmt.Sprintf("%s: %s messages so far", what, humanize.Comma(int64(p.Done)))
		}
		if left := p.Left(now); left > 0 {
			line += fmt.Sprintf(", about %s to go", left.Round(time.Second))
		}
		fmt.Fprintln(w, line)
	}
}
