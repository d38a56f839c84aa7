package spool

import (
	"testing"
	"time"
)

func TestFoldedSubject(t *testing.T) {
	for _, c := range []struct{ subject, recipient, want string }{
		{"Invoice 48213 overdue", "m.okafor@gmail.test", "invoice # overdue"},
		{"INVOICE A-77 / 2026 overdue!", "", "invoice a # overdue"},
		{"Hello Okafor, your parcel x7f3 waits", "m.okafor@gmail.test", "hello ~ your parcel # waits"},
		{"Ann Berg: read this", "ann.berg@web.test", "~ read this"},
		{"Okafors house", "m.okafor@gmail.test", "okafors house"}, // a name within a word is none
		{"Me too", "me@web.test", "me too"},                       // too short for a name
		{"Größe und Preis", "", "größe und preis"},
		{"", "a@web.test", ""},
		{"48213", "", "#"},
		{"\x1b[2J\x00 Offer \xff", "", "# offer"},
	} {
		if got := string(foldedSubject(nil, c.subject, c.recipient)); got != c.want {
			t.Errorf("%q to %s: %q, want %q", c.subject, c.recipient, got, c.want)
		}
	}
}

func TestCampaignQueryFindsTheSharedWords(t *testing.T) {
	for _, c := range []struct{ subject, recipient, want string }{
		{"Invoice 48213 overdue", "", `subject:Invoice subject:overdue`},
		{"Voice message 48213 (0:41)", "", `subject:"Voice message"`},
		{"Your parcel, Okafor, waits today", "m.okafor@gmail.test", `subject:"Your parcel" subject:"waits today"`},
		{"48213", "", ``},
		{"\x1b[31mYour\x07account", "", `subject:account`},
		{`Say "yes" now`, "", `subject:"Say ""yes"" now"`},
	} {
		got := campaignQuery(c.subject, c.recipient, false)
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.subject, got, c.want)
		}
		q, err := ParseQuery(got)
		if err != nil || q.String() != got {
			t.Errorf("%q: %s is read as %s: %v", c.subject, got, q, err)
		}
	}
}

func TestSizeClassIsRough(t *testing.T) {
	for _, c := range []struct {
		bytes int64
		want  byte
	}{{0, 0}, {8 << 10, 0}, {8<<10 + 1, 1}, {64<<10 + 1, 2}, {1 << 62, 8}} {
		if got := sizeClass(c.bytes); got != c.want {
			t.Errorf("%d bytes: class %d, want %d", c.bytes, got, c.want)
		}
	}
}

func TestChartCountsByWhenMailCame(t *testing.T) {
	end := fromNanos(1_800_000_000_000_000_000)
	var c Chart
	for _, age := range []int{-1, 0, 9, 10, 119, 120, 5000} {
		c.add(end.Add(-time.Duration(age)*time.Minute), end)
	}
	if want := (Chart{0: 1, 10: 1, 11: 3}); c != want {
		t.Errorf("%v, want %v", c, want)
	}
}
