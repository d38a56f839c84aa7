package steps_test

import (
	"delist/spool/spooltest"
	"delist/steps"
	"delist/steps/cause/causetest"
	"delist/steps/incident"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Whatever fills a spool, Look never says that nothing waits: it stops mail, or has the operator judge. A newsletter is
// never marked as stolen.
func TestNoClassIsNoSpam(t *testing.T) {
	classes := []incident.Class{incident.StolenAccount, incident.Relay, incident.Form, incident.ForwardedSpam, incident.Backscatter, incident.MailingList, incident.Newsletter}
	stories := uint64(6)
	if testing.Short() {
		stories = 2
	}
	for i, class := range classes {
		t.Run(class.String(), func(t *testing.T) {
			for n := range stories {
				made := causetest.New(t, uint64(i)*1000+n, class)
				rb := inSpool(t, made)
				s := rb.State()
				w := s.Waiting()
				if w.Spam+w.Open() < made.Truths[0].Mail/2 && class != incident.Newsletter { // which may be usual
					t.Errorf("%d (%s): %s", n, made.Story, w.Say())
				}
				name := made.Truths[0].Name
				best, _ := s.Recommended(incident.Look)
				known := s.Incident.Cause(name)
				switch {
				case class == incident.Newsletter && s.Incident.Suspect(name) != nil:
					t.Errorf("%d (%s): a newsletter is marked as stolen", n, made.Story)
				case class == incident.Newsletter:
				case class == incident.StolenAccount && s.Incident.Suspect(name) == nil, class.ByHand() && (known == nil || known.Class != class):
					if w.Open() == 0 {
						t.Errorf("%d (%s): nothing of it is told: %s", n, made.Story, w.Say())
					}
				case best.ID != steps.ActStop && best.ID != steps.ActLockOut:
					t.Errorf("%d (%s): Enter does %s", n, made.Story, best.ID)
				}
			}
		})
	}
}

// Little mail to very many recipients is much, where no log says that it is usual.
func TestLittleMailToVeryMany(t *testing.T) {
	var many []string
	for i := range 2000 {
		many = append(many, fmt.Sprintf("u%d@web%d.test", i, i%50))
	}
	w := emptyWorld(t)
	for i := range 30 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: fmt.Sprintf("user%d@quayside.example", i%6), IP: "192.0.2.8", Subject: fmt.Sprintf("%c and so on", 'a'+i)})
	}
	for i := range 5 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: "joe@quayside.example", MailFrom: "ceo@bank.test", IP: fmt.Sprintf("198.51.100.%d", 1+i%4), To: many, Subject: fmt.Sprintf("%c wins", 'a'+i)})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	s := rb.State()
	if a, _ := s.Recommended(incident.Look); a.ID != steps.ActStop || !strings.Contains(fmt.Sprint(s.Page(incident.Look).Advice), "to 10,000 recipients") {
		t.Errorf("Enter is %q; %q", a.Label, s.Page(incident.Look).Advice)
	}
}

// What is too little in each row of the senders is much together, where no log says what is usual. One word explains it all.
func TestALittleOfVeryMany(t *testing.T) {
	w := emptyWorld(t)
	for i := range 520 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: fmt.Sprintf("user%d@quayside.example", i%40), IP: fmt.Sprintf("192.0.2.%d", i%40),
			Subject: fmt.Sprintf("%c%c and %c", 'a'+i%26, 'b'+i/4%20, 'c'+i/9%20), To: []string{fmt.Sprintf("u%d@web%d.test", i, i%50)}})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	s := rb.State()
	if a, _ := s.Recommended(incident.Look); a.ID != steps.ActStop || !strings.Contains(fmt.Sprint(s.Page(incident.Look).Advice), "a little each of 40") {
		t.Errorf("Enter is %q; %q", a.Label, s.Page(incident.Look).Advice)
	}
	w.do(rb, steps.Explain{Row: "user7@quayside.example", Word: "all of them wait for one server that is down"})
	s = rb.State()
	if waiting := s.Waiting(); waiting.Open() != 0 || waiting.Judged != 520 || !s.Explained("user9@quayside.example") {
		t.Errorf("%s", waiting.Say())
	}
	w.do(rb, steps.Unexplain{Row: "user9@quayside.example"})
	s = rb.State()
	if waiting := s.Waiting(); waiting.Open() != 520 {
		t.Errorf("%s", waiting.Say())
	}
}

// Mail for mailboxes here, each from another sender, is one thing to look at, not hundreds.
func TestOneReasonIsOneRow(t *testing.T) {
	w := emptyWorld(t)
	for i := range 130 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: "-", MailFrom: fmt.Sprintf("u%d@web%d.test", i, i%3), From: fmt.Sprintf("u%d@web%d.test", i, i%3), IP: fmt.Sprintf("198.51.100.%d", i),
			To: []string{fmt.Sprintf("desk%d@quayside.example", i%7)}})
	}
	spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: ordinary})
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	s := rb.State()
	waiting := s.Waiting()
	if said := waiting.NotExplained(); len(said) != 1 || !strings.HasPrefix(said[0], "130 messages of 130 senders: nobody logged in") {
		t.Errorf("%q", said)
	}
}

// Many bounces that came back to one mailbox say that mail went out in its name: nobody knows who sent it.
func TestBouncesThatCameBack(t *testing.T) {
	w := emptyWorld(t)
	for i := range 80 {
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: "-", MailFrom: "<>", From: "MAILER-DAEMON@far.test", IP: fmt.Sprintf("198.51.100.%d", i), To: []string{"desk@quayside.example"}})
		spooltest.Write(t, w.root, spooltest.Pair{ID: w.id(), Auth: fmt.Sprintf("user%d@quayside.example", i%9), Subject: fmt.Sprintf("%c and so on", 'a'+i%26)})
	}
	rb := w.open()
	w.do(rb, steps.Allow{May: true})
	s := rb.State()
	if waiting := s.Waiting(); waiting.Open() != 80 || !strings.Contains(fmt.Sprint(s.Page(incident.Look).Advice), "80 bounces came back to desk@quayside.example") {
		t.Errorf("%s; %q", waiting.Say(), s.Page(incident.Look).Advice)
	}
	w.do(rb, steps.MarkSuspect{Account: "desk@quayside.example"})
	s = rb.State()
	if waiting := s.Waiting(); waiting.Open() != 0 {
		t.Errorf("of a stolen account's: %s", waiting.Say())
	}
}

// What lies in Drop is sent when mail starts: it is shown, and a full one is named before.
func TestAFullDropIsNamed(t *testing.T) {
	for n, want := range map[int]bool{0: false, 3: false, 19: false, 20: true, 300: true} {
		w := newWorld(t)
		for i := range n {
			spooltest.File(t, w.root, fmt.Sprintf("Drop/%d.eml", i), []byte("Subject: x\r\n\r\n"), time.Time{})
		}
		spooltest.File(t, w.root, "Quarantine/2026-11-28/1.eml", []byte("Subject: x\r\n\r\n"), time.Time{})
		rb := w.open()
		s := rb.State()
		if said := strings.Contains(strings.Join(s.Page(incident.Look).Advice, "\n"), "Drop folder"); said != (n > 0) {
			t.Errorf("%d: said %v", n, said)
		}
		if waiting := s.Waiting(); !strings.Contains(waiting.Say(), "1 held back by SmarterMail") {
			t.Error(waiting.Say())
		}
		if named := strings.Contains(s.Refusal(steps.StartService{}), "in the Drop folder would be sent"); named != want {
			t.Errorf("%d: named %v", n, named)
		}
	}
}

// A relay weighs whatever there is of it; of what also waits in good order there has to be much.
func TestWeighs(t *testing.T) {
	s := steps.DefaultSettings()
	for _, c := range []struct {
		class    incident.Class
		n, total int
		want     bool
	}{
		{incident.Relay, 20, 100_000, true}, {incident.Backscatter, 25, 90, false}, {incident.Backscatter, 60, 100, true}, {incident.Backscatter, 60, 10_000, false},
		{incident.MailingList, 300, 320, true}, {incident.MailingList, 40, 2000, false}, {incident.ForwardedSpam, 300, 10_000, true},
		{incident.Form, 400, 420, true}, {incident.Newsletter, 5000, 5000, false}, {incident.StolenAccount, 5000, 5000, false}, {incident.NotExplained, 5000, 5000, false},
	} {
		if got := s.Weighs(c.class, c.n, c.total); got != c.want {
			t.Errorf("%s, %d of %d: %v", c.class, c.n, c.total, got)
		}
	}
}
