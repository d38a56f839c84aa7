package drill_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/checks/outbound"
	"delist/spool"
	"delist/steps"
	"delist/steps/drill"
	"delist/steps/incident"
)

// speaking are the programs that a look sees.
func speaking(t *testing.T, eyes steps.Outbound) []outbound.Program {
	t.Helper()
	sample, err := eyes.Sample(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sample.Programs
}

func eyesOf(t *testing.T, p *drill.Practice) steps.Outbound {
	t.Helper()
	eyes, err := p.Outbound()
	if err != nil {
		t.Fatal(err)
	}
	return eyes
}

func TestAProgramSendsPastTheMailService(t *testing.T) {
	dir := t.TempDir()
	p := begin(t, drill.Options{Dir: dir, Direct: true})
	eyes := eyesOf(t, p)
	eventually(t, "the program is seen", func() bool { return len(speaking(t, eyes)) == 1 })
	for _, seen := range speaking(t, eyes) {
		if filepath.Dir(seen.Path) != filepath.Join(p.Dir, "Temp") || seen.PID == os.Getpid() || seen.IsMail() {
			t.Errorf("%+v", seen)
		}
	}
	if p.World.Spam != 0 || p.World.Stolen != "" || p.World.Ordinary != p.World.Messages {
		t.Errorf("the spool is not quiet: %+v", p.World)
	}
	s, err := spool.Open(p.SpoolDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	snap, err := s.Scan(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if snap.Len() == 0 || len(snap.Problems()) != 0 || slices.ContainsFunc(snap.Senders(), func(row spool.Sender) bool { return row.Suspect }) {
		t.Errorf("%d messages, problems %v, senders %+v", snap.Len(), snap.Problems(), snap.Senders())
	}
	eventually(t, "spam arrives outside", func() bool {
		tally, err := p.Delivered()
		return err == nil && slices.ContainsFunc(tally.Arrivals, func(a drill.Arrival) bool { return strings.HasPrefix(a.ID, "straight-") })
	})
	if err := drill.HandsOn(dir).EndProgram(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := speaking(t, eyes); len(left) != 0 {
		t.Errorf("after its end: %+v", left)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	again := begin(t, drill.Options{Dir: dir})
	if !again.Direct {
		t.Error("the drill taken up again is another")
	}
	time.Sleep(300 * time.Millisecond)
	if left := speaking(t, eyesOf(t, again)); len(left) != 0 {
		t.Errorf("what was ended speaks again: %+v", left)
	}
}

// The program has a name of its own, but where none can be given it sends all the same; and nothing of it is left behind.
func TestTheProgramHasANameOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	place := filepath.Join(dir, "Temp")
	for _, c := range []struct { // the first makes the drill, the others go on with it
		name string
		lie  func() error
	}{
		{"a new drill", func() error { return nil }},
		{"left by a kill", func() error {
			return errors.Join(os.Mkdir(place, 0o700), os.WriteFile(filepath.Join(place, "parcel-update"), nil, 0o600))
		}},
		{"no place for a name", func() error { return os.WriteFile(place, nil, 0o600) }},
	} {
		name := c.name
		if err := c.lie(); err != nil {
			t.Fatal(err)
		}
		p := begin(t, drill.Options{Dir: dir, Direct: true})
		eyes := eyesOf(t, p)
		eventually(t, "the program is seen", func() bool { return len(speaking(t, eyes)) == 1 })
		if seen := speaking(t, eyes)[0]; strings.HasPrefix(seen.Path, place) == (name == "no place for a name") {
			t.Errorf("%q: %+v", name, seen)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(place); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: left behind: %v", name, err)
		}
	}
}

func TestNoProgramSendsPastTheMailServiceInAUsualDrill(t *testing.T) {
	p := begin(t, drill.Options{})
	eyes := eyesOf(t, p)
	for until := time.Now().Add(time.Second); time.Now().Before(until); {
		if seen := speaking(t, eyes); len(seen) != 0 {
			t.Fatalf("the mail service is accused: %+v", seen)
		}
	}
	if err := p.EndProgram(t.Context()); err == nil {
		t.Error("there is no program to end")
	}
}

func TestTheDirectDrillPlaysItself(t *testing.T) {
	p := begin(t, drill.Options{Direct: true})
	got := playOn(t, p, drill.Choices{Bounce: drill.BounceText, EndProgram: p.EndProgram})
	inc := got.rb.State().Incident
	if len(inc.Speakers) != 1 || len(inc.Suspects) != 0 || inc.Steps[incident.Stop].State != incident.NotNeeded || inc.Steps[incident.Verify].State != incident.Done {
		t.Errorf("speakers %v, suspects %v, steps %v", inc.Speakers, inc.Suspects, inc.Steps)
	}
	xbl := inc.Listing(p.IP, "Spamhaus XBL")
	if xbl == nil || xbl.State != incident.ListingAsked || !strings.Contains(xbl.Reason, "HELO") {
		t.Errorf("the listing: %+v", xbl)
	}
	for _, l := range inc.Listings {
		if strings.Contains(steps.Draft(&inc, l.IP, l.List), "password") {
			t.Errorf("the text for %s speaks of a password: %q", l.List, steps.Draft(&inc, l.IP, l.List))
		}
	}
}
