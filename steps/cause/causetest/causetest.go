// Package causetest makes spools of which it is known what waits in them and why: for each class of cause as many as one
// likes, each another. They are made after what mail admins tell of their servers, not after what finds them.
package causetest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/spooltest"
	"delist/steps/incident"
)

// Truth is a cause that is in a spool.
type Truth struct {
	Class incident.Class
	Name  string // as a finding names it; empty where any will do
	Mail  int
}

// Spool is a spool of which the causes are known.
type Spool struct {
	Root   string
	Truths []Truth
	Story  string // what was drawn, for a failing test

	t    testing.TB
	dice *rand.Rand
	home string              // the domain of the mailboxes here
	logs map[string][]string // by day; nil: none
	now  time.Time
	next int
	line int
}

// Here are the domains whose mailboxes are in the spools.
var Here = []string{"quay.example", "harbour.example", "mill.example"}

// New makes a spool in which some causes are, beside the ordinary mail of a server. The same seed makes the same spool.
func New(t testing.TB, seed uint64, classes ...incident.Class) *Spool {
	t.Helper()
	s := &Spool{t: t, Root: memory(t), dice: rand.New(rand.NewPCG(seed, 77)), now: time.Date(2026, 11, 25, 14, 40, 0, 0, time.Local)}
	s.home = pick(s, Here...)
	if s.maybe(0.5) {
		s.logs = map[string][]string{}
		for hours := range 5 * 24 { // somebody sends something in every hour
			s.log(s.now.Add(-time.Duration(hours)*time.Hour), "backup@"+s.home, "10.0.0.4", fmt.Sprint(20_000_000+hours))
		}
	}
	s.ordinary()
	for _, class := range classes {
		before := s.next
		name := makers[class](s)
		s.Truths = append(s.Truths, Truth{class, name, s.next - before})
	}
	return s
}

// memory is a folder in memory where the system has one: thousands of small files are made.
func memory(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "spool-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// makers put the mail of each class into a spool, and say whom it is about.
var makers = map[incident.Class]func(*Spool) string{
	incident.StolenAccount: (*Spool).stolen, incident.Relay: (*Spool).relay, incident.Form: (*Spool).form,
	incident.ForwardedSpam: (*Spool).forwarding, incident.Backscatter: (*Spool).backscatter,
	incident.MailingList: (*Spool).mailingList, incident.Newsletter: (*Spool).newsletter,
}

// Snapshot reads the spool.
func (s *Spool) Snapshot() *spool.Snapshot {
	s.t.Helper()
	sp, err := spool.Open(s.Root)
	if err != nil {
		s.t.Fatal(err)
	}
	defer sp.Close()
	snap, err := sp.Scan(s.t.Context(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return snap
}

// Traffic opens the logs; nil where there are none.
func (s *Spool) Traffic() *traffic.Logs {
	s.t.Helper()
	if s.logs == nil {
		return nil
	}
	dir := s.t.TempDir()
	for day, entries := range s.logs {
		slices.Sort(entries) // by time
		spooltest.File(s.t, dir, day+"-smtpLog.log", []byte(strings.Join(entries, "")), time.Time{})
	}
	return traffic.Open(dir, traffic.Options{Clock: func() time.Time { return s.now }})
}

// Logs reads the logs; nil where there are none.
func (s *Spool) Logs() *traffic.Report {
	s.t.Helper()
	logs := s.Traffic()
	if logs == nil {
		return nil
	}
	report, err := logs.Read(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return report
}

func pick[T any](s *Spool, of ...T) T      { return of[s.dice.IntN(len(of))] }
func (s *Spool) maybe(chance float64) bool { return s.dice.Float64() < chance }
func (s *Spool) between(least, most int) int {
	return least + s.dice.IntN(most-least+1)
}

// drew notes what was drawn.
func (s *Spool) drew(format string, args ...any) { s.Story += fmt.Sprintf(format, args...) + "; " }

// put writes a message, and what the log has of it.
func (s *Spool) put(p spooltest.Pair) {
	s.next++
	base := fmt.Sprintf("%08d", 30_000_000+s.next)
	p.ID = spool.NewID(fmt.Sprintf("SubSpool%d", s.next%4), base)
	p.Created = s.now.Add(-time.Duration(s.between(10, 3000)) * time.Second).Truncate(time.Second)
	if p.Body == "" {
		p.Body = strings.Repeat("Lorem ipsum. ", s.between(5, 8)) + "\r\n"
	}
	spooltest.Write(s.t, s.Root, p)
	if p.Auth != "" && p.Auth != "-" && p.IP != "-" {
		s.log(p.Created, p.Auth, p.IP, base)
	}
}

// log writes what the SMTP log has of a message that an account sent.
func (s *Spool) log(at time.Time, account, ip, base string) {
	if s.logs == nil {
		return
	}
	s.line++
	stamp, day := at.Format("15:04:05.000"), at.Format("2006.01.02")
	s.logs[day] = append(s.logs[day], fmt.Sprintf("%s [%s][%d] Authenticated as %s\r\n%s [%s][%d] Successfully wrote to the HDR file. (C:/Spool/SubSpool1/%s.hdr)\r\n",
		stamp, ip, s.line, account, stamp, ip, s.line, base))
}

// usually is what an account sent in the days before, from one address.
func (s *Spool) usually(account, ip string, hourly int) {
	for day := 4; day >= 2; day-- {
		for hour := 9; hour < 13; hour++ {
			for i := range hourly {
				at := time.Date(2026, 11, 25-day, hour, i%60, 7, 0, time.Local)
				s.log(at, account, ip, fmt.Sprintf("%08d", 10_000_000+s.line))
			}
		}
	}
}

func (s *Spool) outside(i int) string {
	return fmt.Sprintf("%s%d@%s", pick(s, "ann", "j.lind", "kaya", "m.okafor", "info", "tom"), i, pick(s, "freemail.test", "web.test", "post.test", "mailbox.test", "city.test", "corp7.test", "uni.test"))
}

func (s *Spool) anyIP() string {
	return fmt.Sprintf("%s.%d.%d", pick(s, "198.51", "185.20", "45.130", "91.200", "103.9"), s.between(1, 250), s.between(1, 250))
}

func (s *Spool) privateIP() string {
	return fmt.Sprintf(pick(s, "10.20.%d.%d", "192.168.%d.%d", "172.16.%d.%d"), s.between(0, 20), s.between(2, 250))
}

var topics = []string{"Offer", "Minutes of Tuesday", "Re: your order", "Holiday plan", "Invoice for March", "Lunch", "Drawing rev B", "Contract", "Visit", "Delivery date"}

// ordinary is what waits on any day: the staff's mail, some that came from outside, bounces that came back.
func (s *Spool) ordinary() {
	office := pick(s, "203.0.113.8", "10.20.30.40", "192.168.5.9")
	people := s.between(3, 7)
	for i := range people {
		s.usually(fmt.Sprintf("staff%d@%s", i, s.home), office, s.between(1, 4))
	}
	for i := range s.between(12, 40) {
		p := spooltest.Pair{Auth: fmt.Sprintf("staff%d@%s", i%people, s.home), To: []string{s.outside(i)}, IP: office, HELO: fmt.Sprintf("DESKTOP-%d", i%people),
			Subject: fmt.Sprintf("%s %s", pick(s, topics...), pick(s, "", "2", "please", "today"))}
		if s.maybe(0.1) {
			p.IP = s.anyIP() // on the way
		}
		s.put(p)
	}
	for i := range s.between(0, 8) {
		s.put(spooltest.Pair{Auth: "-", MailFrom: s.outside(i), To: []string{fmt.Sprintf("staff%d@%s", i%people, s.home)}, IP: s.anyIP(), HELO: "mx.post.test", Subject: pick(s, topics...)})
	}
	for i := range s.between(0, 4) {
		s.put(spooltest.Pair{Auth: "-", MailFrom: "<>", IP: "-", From: "Mail Delivery <mailer-daemon@web.test>", To: []string{fmt.Sprintf("staff%d@%s", i%people, s.home)}, Subject: "Undelivered mail"})
	}
	for i := range s.between(0, 4) { // a wrong address now and then
		s.put(spooltest.Pair{Auth: "-", MailFrom: "<>", IP: "-", From: "System Administrator <postmaster@" + s.home + ">", To: []string{s.outside(i)}, Subject: "Delivery Failure",
			Headers: "X-SmarterMail-MessageType: Bounce\r\n"})
	}
}
