package ui_test

import (
	"context"
	"slices"
	"testing"

	"delist/steps"
	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

func TestDelistShowsTheLinkBeforeMarking(t *testing.T) {
	state := uitest.At(t, incident.Delist)
	d, runbook := with(t, state, ui.Options{})
	d.Expect("Spamhaus CSS lists", "Enter: show the link and the text", "m: mark as asked")
	d.Press("enter").ExpectDialog("Spamhaus CSS", "Ask here: https://check.spamhaus.org/", "delist sends nothing").Press("end").Expect("We ask you to remove the listing").Press("esc")
	runbook.Expect(steps.MarkRequested{IP: state.Incident.Addresses[0], List: "Spamhaus CSS", Ticket: "T-77"}, nil)
	d.Press("m").ExpectDialog("Mark Spamhaus CSS as asked").Type("T-77").Press("enter")
}

func TestDelistGoesOnToTheNextListing(t *testing.T) {
	state := uitest.At(t, incident.Delist)
	d, runbook := with(t, state, ui.Options{})
	ask := func(list string) {
		runbook.Expect(steps.MarkRequested{IP: state.Incident.Addresses[0], List: list}, func(s *steps.State) error {
			s.Incident.Listings = slices.Clone(s.Incident.Listings)
			uitest.Asked(s, list, "")
			return nil
		})
		d.Press("m").ExpectDialog("Mark " + list + " as asked").Press("enter")
	}
	ask("Spamhaus CSS")
	d.Expect("Spamhaus CSS lists", "do not ask again", "Enter: go on to Barracuda") // the cursor stays
	d.Press("enter").Expect("Barracuda lists", "Enter: show the link and the text")
	ask("Barracuda")
	d.Expect("Enter: nothing is left to do now: go on to Close")
}

// What is asked about a listing names it, and the cursor stays on it, whatever comes of it.
func TestDelistStaysAtTheListing(t *testing.T) {
	d, runbook := with(t, uitest.At(t, incident.Delist), ui.Options{})
	server := runbook.State().Incident.Addresses[0]
	runbook.Expect(steps.MarkRequested{IP: server, List: "Barracuda"}, func(*steps.State) error { return &steps.Refusal{Reason: "too early"} })
	d.Press("down", "m").ExpectDialog("Mark Barracuda as asked").Press("enter").Expect("Too early.", "Barracuda lists")
	runbook.Expect(steps.LeaveListing{IP: server, List: "Barracuda", Reason: "sold"}, func(s *steps.State) error {
		s.Incident.Listings = slices.Clone(s.Incident.Listings)
		s.Incident.Listing(server, "Barracuda").State = incident.ListingLeft
		return nil
	})
	d.Press("x").ExpectDialog("Leave Barracuda as it is").Type("sold").Press("enter").Expect("Barracuda lists", "Enter: go on to Spamhaus CSS")
	d.Press("enter").Expect("Spamhaus CSS lists", "Enter: show the link and the text")
}

// Only what fits the listing under the cursor can be pressed.
func TestDelistOffersWhatFitsTheListing(t *testing.T) {
	d, runbook := with(t, uitest.At(t, incident.Delist), ui.Options{})
	server := runbook.State().Incident.Addresses[0]
	d.Expect("m: mark as asked").ExpectNot("mark as cleared")
	d.Press("down", "down").Expect("Outlook.com refuses", "c: mark as cleared").ExpectNot("  m: mark as asked")
	d.Press("m").Expect("says no until Spamhaus CSS and Barracuda have cleared")
	d.Press("down").Expect("SpamCop lists", "Do nothing").ExpectNot("leave it, with reason", "mark as cleared")
	d.Press("m").ExpectNoDialog().Expect("There is nothing to ask for at SpamCop").Press("down").Expect("UCEPROTECT 2 lists", "Do nothing", "never pay").ExpectNot("leave it, with reason")
	d.Press("up", "up")
	runbook.Expect(steps.MarkCleared{IP: server, List: "Outlook.com", Reason: "a test message arrived"}, nil)
	d.Press("c").ExpectDialog("Mark Outlook.com as cleared", "How do you know").Type("a test message arrived").Press("enter")
}

// The request goes into a browser, onto the clipboard or into a file; where no browser opens, the text says why.
func TestTheRequestGoesWhereItIsNeeded(t *testing.T) {
	var went []string
	o := ui.Options{
		Open: func(_ context.Context, link string) error { went = append(went, "open "+link); return nil },
		Copy: func(_ context.Context, text string) (string, error) {
			went = append(went, "copy "+text)
			return "the clipboard", nil
		},
		Write: func(_ context.Context, name, _ string) (string, error) {
			went = append(went, "write "+name)
			return "/var/lib/delist/7F3A/" + name, nil
		},
	}
	d, _ := with(t, uitest.At(t, incident.Delist), o)
	d.Press("down", "enter").ExpectDialog("Barracuda", "o: open the link", "l: copy the link", "c: copy all", "w: write to a file")
	d.Press("o").ExpectDialog("Barracuda", "The desktop was asked to open the link.")
	d.Press("l").ExpectDialog("Barracuda", "The link is copied to the clipboard.").ExpectNot("The desktop was asked")
	d.Resize(60, 15).Press("w").ExpectDialog("Barracuda", "Written to", "request-barracuda-203-0-113-25.txt.", "Esc: back").Press("esc").Resize(80, 24)
	const link = "https://www.barracudacentral.org/rbl/removal-request"
	if want := []string{"open " + link, "copy " + link, "write request-barracuda-203-0-113-25.txt"}; !slices.Equal(went, want) {
		t.Errorf("went %q, want %q", went, want)
	}
	d, _ = with(t, uitest.At(t, incident.Delist), ui.Options{NoBrowser: "you work over SSH"})
	d.Press("enter").ExpectNot("o: open the link").Expect("No browser opens from here: you work over SSH")
	d.Press("esc", "down", "down", "down", "t").ExpectDialog("SpamCop", "There is nothing to ask for")
}
