package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/testscript"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"
	"delist/spool"
	"delist/spool/spooltest"
)

// TestMain lets the scripts call delist as a process of its own: the test binary again, also under the name of the program
// in a drill that sends past the mail service. The addresses and the programs of this machine have no part in them.
func TestMain(m *testing.M) {
	run := func() {
		env := System()
		env.Addresses, env.Outbound = nil, nil
		os.Exit(Main(env))
	}
	testscript.Main(m, map[string]func(){"delist": run, "parcel-update": run})
}

// TestScripts runs the scripts, which read like a shell session. Each finds a spool in $WORK/Spool, that of a raid in
// $WORK/Raid, one with long headers in $WORK/Long, logs of the last week in $WORK/Logs, and a DNS server with every zone of the catalogue at $DNS, where
// 203.0.113.25 is listed, and is mail01.example; 198.51.100.7 is neither.
//
//	ends STATUS delist ARG...   run delist, and hold it to its exit status
//	incident NAME FOLDER        put the one incident of a folder into the variable NAME
//	pairs N FOLDER              count the complete pairs below a folder
//	listed on|off ZONE IP CODE  put an address on a list, or take it off
//	awaits FILE TEXT            wait until a file holds a text
func TestScripts(t *testing.T) {
	names := serveCatalogue(t)
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("DNS", names.Addr().String())
			env.Setenv("USER", "maria")
			return errors.Join(layOutSpool(filepath.Join(env.WorkDir, "Spool")), layOutRaid(filepath.Join(env.WorkDir, "Raid")),
				layOutLong(filepath.Join(env.WorkDir, "Long")), layOutLogs(filepath.Join(env.WorkDir, "Logs")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ends": endsWith, "incident": theIncident, "pairs": pairsBelow, "listed": listedOn(names), "awaits": awaitText, "printed": printed,
		},
	})
}

// serveCatalogue runs a DNS server on which every list is healthy.
func serveCatalogue(t *testing.T) *dnsbltest.Server {
	t.Helper()
	catalogue, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	server := dnsbltest.Start(t)
	for i := range catalogue.Lists {
		l := &catalogue.Lists[i]
		if l.Zone == "" {
			continue
		}
		var answers []string
		for _, a := range l.TestAnswers() {
			answers = append(answers, a.String())
		}
		if l.OfDomains() {
			server.Set(l.PositiveName()+"."+l.Zone, dnsbltest.Reply{A: answers, TXT: []string{"test entry"}})
			continue
		}
		server.List(l.Zone, l.PositiveTest().String(), dnsbltest.Reply{A: answers, TXT: []string{"test entry"}})
		server.List(l.Zone, "::ffff:7f00:2", dnsbltest.Reply{A: answers})
	}
	server.List("zen.spamhaus.org", "203.0.113.25", dnsbltest.Reply{A: []string{"127.0.0.3"}, TXT: []string{"spam seen \x1b[31mhere"}})
	server.Set("mail01.example", dnsbltest.Reply{A: []string{"203.0.113.25"}})
	for domain, spf := range map[string]string{"good.example": "v=spf1 ip4:203.0.113.25 -all", "broken.example": "v=spf1 ip4:203.0.113.25 ipv4:192.0.2.1 -all"} {
		server.Set(domain, dnsbltest.Reply{A: []string{"203.0.113.25"}, TXT: []string{spf}})
		server.Set("_dmarc."+domain, dnsbltest.Reply{TXT: []string{"v=DMARC1; p=none"}})
	}
	server.Set("broken.example.dbl.spamhaus.org", dnsbltest.Reply{A: []string{"127.0.1.2"}, TXT: []string{"spam seen \x1b[31mhere"}})
	server.Handle("25.113.0.203.in-addr.arpa", func(w dns.ResponseWriter, query *dns.Msg) {
		m := new(dns.Msg).SetReply(query)
		m.Answer = []dns.RR{&dns.PTR{Hdr: dns.RR_Header{Name: query.Question[0].Name, Rrtype: dns.TypePTR, Class: dns.ClassINET}, Ptr: "mail01.example."}}
		_ = w.WriteMsg(m)
	})
	return server
}

// layOutSpool writes six messages of a stolen account, three of an ordinary one, one with a hostile subject, and an orphan.
func layOutSpool(root string) error {
	made := time.Date(2026, 8, 30, 22, 43, 20, 0, time.UTC)
	var pairs []spooltest.Pair
	for i := range 6 {
		pairs = append(pairs, spooltest.Pair{ID: spool.NewID("SubSpool0", strconv.Itoa(10000001+i)), Auth: "sales@harbourlight.example",
			MailFrom: "pay@bank.test", From: "Billing <pay@bank.test>", Subject: fmt.Sprintf("Invoice %d overdue", 48211+i), Created: made})
	}
	for i := range 3 {
		pairs = append(pairs, spooltest.Pair{ID: spool.NewID("SubSpool1", strconv.Itoa(20000001+i)), Auth: "info@quayside.example",
			Subject: "Minutes, Tuesday", Created: made})
	}
	pairs = append(pairs, spooltest.Pair{ID: "30000001", Auth: "joe@quayside.example", Subject: "\x1b]0;owned\x07Offer", Created: made})
	if err := writePairs(root, pairs); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "SubSpool1", "20000009.hdr"), []byte("Written \r\n"), 0o600)
}

// layOutRaid writes 60 messages that a thief sent as the stolen account, and two of its owner's.
func layOutRaid(root string) error {
	made := time.Date(2026, 8, 30, 22, 43, 20, 0, time.UTC)
	var pairs []spooltest.Pair
	for i := range 60 {
		pairs = append(pairs, spooltest.Pair{ID: spool.NewID("SubSpool0", strconv.Itoa(10000001+i)), Auth: "sales@harbourlight.example", HELO: "[10.0.0.9]",
			MailFrom: "pay@bank.test", Subject: fmt.Sprintf("Invoice %d overdue", 48211+i), IP: fmt.Sprintf("198.51.100.%d", i%12+1), Created: made})
	}
	for i := range 2 {
		pairs = append(pairs, spooltest.Pair{ID: spool.NewID("SubSpool1", strconv.Itoa(20000001+i)), Auth: "sales@harbourlight.example",
			Subject: "Lunch on Friday?", IP: "192.0.2.8", HELO: "SALES-PC", Created: made})
	}
	return writePairs(root, pairs)
}

// layOutLong writes three messages: From and Subject behind 300 recipients, behind 100 KB of them, and in front.
func layOutLong(root string) error {
	to := "To: a@b.test" + strings.Repeat(",\r\n somebody@company.test", 300) + "\r\n"
	far := strings.Repeat("X-Copied-"+to, 12)
	const prize = "From: Prize <prize@bank.test>\r\nSubject: You won a needle\r\n"
	return writePairs(root, []spooltest.Pair{
		{ID: "SubSpool0/500", Auth: "mara@quay.example", EML: to + prize + "\r\nx\r\n"},
		{ID: "SubSpool0/501", Auth: "mara@quay.example", EML: far + prize + "\r\nx\r\n"},
		{ID: "SubSpool0/502", Auth: "mara@quay.example", EML: "From: Mara <mara@quay.example>\r\nSubject: Minutes\r\n" + far + "\r\nx\r\n"},
	})
}

// layOutLogs writes smtpLogs: a week of three messages an hour by day, two of an account that hardly ever writes, and what
// a thief sent in the last hour, from 61 addresses.
func layOutLogs(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var errs []error
	session := 0
	send := func(at time.Time, account, ip string, messages int) {
		session++
		text := fmt.Sprintf("%s [%s][%d] Authenticated as %s\r\n", at.Format("15:04:05.000"), ip, session, account)
		for i := range messages {
			text += fmt.Sprintf("%s [%s][%d] Successfully wrote to the HDR file. (C:/SmarterMail/Spool/SubSpool3/%06d%02d.hdr)\r\n", at.Format("15:04:05.000"), ip, session, session, i)
		}
		name := filepath.Join(dir, at.Format("2006.01.02")+"-smtpLog.log")
		f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			errs = append(errs, err)
			return
		}
		_, err = f.WriteString(text)
		errs = append(errs, err, f.Close())
	}
	now := time.Now()
	for day := 7; day >= 2; day-- {
		for hour := 8; hour < 18; hour++ {
			send(time.Date(now.Year(), now.Month(), now.Day()-day, hour, 10, 0, 0, now.Location()), "info@quayside.example", "192.0.2.20", 3)
		}
	}
	send(now.Add(-31*time.Minute), "anna@quayside.example", "192.0.2.21", 2)
	for i := range 61 {
		send(now.Add(-30*time.Minute+time.Duration(i)*time.Second), "info@quayside.example", fmt.Sprintf("198.51.100.%d", i+1), 1)
	}
	return errors.Join(errs...)
}

// writePairs writes messages, as old as they say.
func writePairs(root string, pairs []spooltest.Pair) error {
	for _, p := range pairs {
		made := p.Created
		for name, data := range map[string][]byte{p.ID.HDR(): p.HDRBytes(), p.ID.EML(): p.EMLBytes()} {
			file := filepath.Join(root, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				return err
			}
			if err := errors.Join(os.WriteFile(file, data, 0o600), os.Chtimes(file, made, made)); err != nil {
				return err
			}
		}
	}
	return nil
}

func endsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: ends STATUS program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func theIncident(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: incident NAME FOLDER")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(entries) != 1 {
		ts.Fatalf("%s holds %d incidents, want 1", args[1], len(entries))
	}
	ts.Setenv(args[0], entries[0].Name())
}

// printed keeps what the last command wrote, as far as the parentheses of a pattern hold it, in a variable.
func printed(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("nothing fits %s", args[1])
	}
	ts.Setenv(args[0], found[1])
}

func listedOn(server *dnsbltest.Server) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		switch {
		case !neg && len(args) == 4 && args[0] == "on":
			server.List(args[1], args[2], dnsbltest.Reply{A: []string{args[3]}})
		case !neg && len(args) == 3 && args[0] == "off":
			server.Unset(dnsbltest.Reverse(args[2]) + "." + args[1])
		default:
			ts.Fatalf("usage: listed on ZONE IP CODE, or listed off ZONE IP")
		}
	}
}

func awaitText(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: awaits FILE TEXT")
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if data, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(data), args[1]) {
			return
		}
	}
	ts.Fatalf("%s does not hold %q", args[0], args[1])
}

func pairsBelow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: pairs N FOLDER")
	}
	got := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[1]), func(path string, _ os.DirEntry, err error) error {
		if base, ok := cutExt(path, ".eml"); ok {
			if _, err := os.Stat(base + ".hdr"); err == nil {
				got++
			}
		}
		return err
	}))
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s holds %d pairs, want %s", args[1], got, args[0])
	}
}

func cutExt(path, ext string) (string, bool) {
	return path[:max(0, len(path)-len(ext))], filepath.Ext(path) == ext
}
