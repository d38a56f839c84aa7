package incident

import (
	"fmt"
	"time"

	"github.com/dustin/go-humanize"

	"delist/steps/words"
)

// Aside is the spool that was set aside, so that mail can run with an empty one while it is purged.
type Aside struct {
	Dir     string    // where it is; empty while none is set aside
	At      time.Time // when
	Outside int       // messages that wait there: all at first, then those that did not go back yet
	Kept    int       // messages and files that never go back: Failed, still arriving, halves
	Begun   bool      // the rename was begun, and no record tells its end
	Stuck   []string  // of those outside, a few that the last try could not put back, with the reason; none before a try
}

// Say implements Fact.
func (f AsideBegan) Say() string {
	return fmt.Sprintf("the spool with %s is being set aside, to %s", words.Messages(f.Count), f.Dir)
}

// Say implements Fact.
func (AsideDone) Say() string { return "the spool is set aside; an empty one is in its place" }

// Say implements Fact.
func (f AsideDropped) Say() string { return "the spool was not set aside: " + f.Why }

// Say implements Fact.
func (f GoodPutBack) Say() string {
	if f.Why != "" {
		return words.Messages(f.Left) + " of the spool set aside stay outside: " + f.Why
	}
	s := words.Messages(f.Restored) + " of the spool set aside put back"
	if f.Left > 0 {
		s += ", " + humanize.Comma(int64(f.Left)) + " still outside"
	}
	return words.Join(s, skipped(f.Skipped))
}

func (f AsideBegan) apply(inc *Incident, r Record) {
	inc.Aside = Aside{Dir: f.Dir, At: r.At, Outside: f.Count, Begun: true}
}

func (AsideDone) apply(inc *Incident, _ Record) { inc.Aside.Begun = false }

func (AsideDropped) apply(inc *Incident, _ Record) { inc.Aside = Aside{} }

func (f GoodPutBack) apply(inc *Incident, _ Record) {
	if f.Why != "" {
		inc.warn(fmt.Sprintf("%s of the spool set aside stay in %s: %s.", words.Messages(f.Left), inc.Aside.Dir, f.Why))
		inc.Aside = Aside{}
		return
	}
	inc.Aside.Outside, inc.Aside.Kept, inc.Aside.Stuck = f.Left, total(f.Skipped), f.Names
	if was := inc.Aside.Dir; !f.Stopped && f.Left == 0 {
		inc.Aside.Dir = ""
		if inc.Aside.Kept > 0 {
			inc.warn(fmt.Sprintf("What stays of the spool set aside, in %s: %s. Nothing has to be done about it now.", was, Reasons(f.Skipped)))
		}
	}
}
