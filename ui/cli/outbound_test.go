package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delist/checks/outbound"
	"delist/steps"
)

type eyes struct {
	sample outbound.Sample
	err    error
}

func (e eyes) Sample(context.Context) (outbound.Sample, error) { return e.sample, e.err }

func seen(programs ...outbound.Program) eyes {
	return eyes{sample: outbound.Sample{At: time.Now(), Programs: programs}}
}

func TestWhoSpeaksInDoctorAndSenders(t *testing.T) {
	remote := netip.MustParseAddrPort("198.51.100.7:25")
	mail := outbound.Program{PID: 7, Path: `C:\SmarterMail\Service\MailService.exe`, Owner: "SYSTEM", Remote: remote, Connections: 9}
	perl := outbound.Program{PID: 9, Path: "/usr/bin/perl", Script: "/tmp/.x/s.pl", Owner: "www-data", Remote: remote, Connections: 1}
	scanner := outbound.Program{PID: 11, Path: "/opt/scan/relay", Owner: "scan", Remote: remote, Connections: 1}
	hidden := outbound.Program{Owner: "root", Remote: remote, Connections: 2}
	blind := seen(hidden)
	blind.sample.Unseen = []string{"Other users' programs cannot be seen: run delist with sudo."}
	apart := seen(mail)
	apart.sample.Unseen = []string{"Programs in containers cannot be seen: run delist with sudo."}
	for name, c := range map[string]struct {
		eyes   steps.Outbound
		health health
		says   []string
		lines  int
	}{
		"nobody":            {seen(), works, []string{"no program but the mail service", "5 looks"}, 1},
		"the mail service":  {seen(mail), works, []string{"no program but the mail service"}, 1},
		"a script":          {seen(mail, perl), hint, []string{"/usr/bin/perl", "/tmp/.x/s.pl", "PID 9", "www-data", "not the mail service"}, 1},
		"two":               {seen(perl, scanner), hint, []string{"and 1 more program does", "/opt/scan/relay"}, 2},
		"no rights":         {blind, unsure, []string{"is not known", "2 connections", "with sudo"}, 1},
		"containers apart":  {apart, hint, []string{"no program but the mail service", "in containers cannot be seen"}, 1},
		"no table":          {eyes{err: errors.New("the table cannot be read")}, unsure, []string{"not known: the table cannot be read"}, 1},
		"gone between them": {seen(hidden), unsure, []string{"is not known"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &program{env: Environment{Outbound: c.eyes, Clock: time.Now}}
			signs := p.outboundSigns(t.Context(), server{service: finding{value: "by-hand"}})
			if len(signs) != c.lines || signs[0].health != c.health {
				t.Fatalf("%+v", signs)
			}
			text := ""
			for _, s := range signs {
				text += s.says + "\n"
			}
			for _, want := range c.says {
				if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
					t.Errorf("%q is not said: %s", want, text)
				}
			}
			if strings.Contains(text, "MailService.exe") {
				t.Errorf("the mail service is accused: %s", text)
			}
		})
	}
	p := &program{env: Environment{Outbound: seen(perl), Clock: time.Now}}
	if signs := p.outboundSigns(t.Context(), server{service: finding{value: "none"}}); signs != nil {
		t.Errorf("the mail server is elsewhere: %+v", signs)
	}
}

func TestSendersTellsWhoElseSpeaks(t *testing.T) {
	root := filepath.Join(t.TempDir(), "Spool")
	if err := layOutSpool(root); err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	perl := outbound.Program{PID: 9, Path: "/usr/bin/perl", Owner: "www-data", Remote: netip.MustParseAddrPort("198.51.100.7:25"), Connections: 1}
	env := Environment{Args: []string{"senders", "--json", "--spool", root, "--service", "by-hand"}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &complaints,
		LookupEnv: func(string) (string, bool) { return "", false }, Clock: time.Now, Outbound: seen(perl)}
	Main(env)
	var answer struct {
		Outbound struct {
			Looks    int
			Programs []struct{ Path, Owner, Remote string }
		}
	}
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatalf("%v: %s %s", err, &out, &complaints)
	}
	if o := answer.Outbound; o.Looks != 5 || len(o.Programs) != 1 || o.Programs[0].Path != "/usr/bin/perl" || o.Programs[0].Owner != "www-data" {
		t.Errorf("%+v: %s", o, &out)
	}
	if !strings.Contains(complaints.String(), "/usr/bin/perl (PID 9, of www-data) speaks to port 25") {
		t.Errorf("people are not told: %s", &complaints)
	}
}
