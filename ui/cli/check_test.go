package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delist/checks/dnsbl"
	"delist/checks/dnsbl/dnsbltest"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before committing it")

// inProcess is an environment without a process: a fixed clock, no variables, nothing found on this machine.
func inProcess(args ...string) (Environment, *bytes.Buffer, *bytes.Buffer) {
	var out, errs bytes.Buffer
	return Environment{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		LookupEnv: func(string) (string, bool) { return "", false },
		Clock:     func() time.Time { return time.Date(2026, 11, 23, 9, 41, 0, 0, time.UTC) },
	}, &out, &errs
}

// TestCheckJSON holds the contract of `check --json`: names are added, never renamed.
func TestCheckJSON(t *testing.T) {
	dns := serveCatalogue(t).Addr().String()
	env, out, errs := inProcess("check", "--json", "--resolver", dns, "203.0.113.25", "198.51.100.7")
	if status := Main(env); status != int(BadNews) {
		t.Fatalf("status %d, want %d: %s", status, BadNews, errs)
	}
	got := strings.ReplaceAll(out.String(), dns, "DNS")
	path := filepath.Join("testdata", "check.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("check --json changed (-want +got):\n%s", diff)
	}
	if errs.Len() > 0 {
		t.Errorf("standard error: %s", errs)
	}
}

// Exit statuses over several addresses: listed before unknown before clear.
func TestCheckStatus(t *testing.T) {
	for _, tt := range []struct {
		verdicts []dnsbl.AddressVerdict
		want     Status
	}{
		{[]dnsbl.AddressVerdict{dnsbl.AddressClear}, Good},
		{[]dnsbl.AddressVerdict{dnsbl.AddressClear, dnsbl.AddressUnknown}, NoAnswer},
		{[]dnsbl.AddressVerdict{dnsbl.AddressUnknown, dnsbl.AddressListed, dnsbl.AddressClear}, BadNews},
	} {
		var v checkView
		for _, verdict := range tt.verdicts {
			v.addresses = append(v.addresses, checked{verdict: verdict})
		}
		if got := v.status(); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.verdicts, got, tt.want)
		}
	}
}

// What takes long is announced before it begins, on standard error even beside JSON.
func TestCheckAnnounces(t *testing.T) {
	catalogue, err := dnsbl.Default()
	if err != nil {
		t.Fatal(err)
	}
	ips, err := parseNetworks([]string{"203.0.113.0/24", "203.0.113.7"}, "check")
	if err != nil || len(ips) != 256 || ips[0].String() != "203.0.113.0" || ips[255].String() != "203.0.113.255" {
		t.Fatalf("%d addresses, %v", len(ips), err)
	}
	env, _, errs := inProcess()
	p := &program{env: env}
	p.announce(dnsbl.New(nil, catalogue, dnsbl.Options{}), ips, true)
	if got := errs.String(); !regexp.MustCompile(`^This takes about \d+ s: [^:]+ takes at most \d questions a second\.\n$`).MatchString(got) {
		t.Errorf("said %q", got)
	}
	errs.Reset()
	p.announce(dnsbl.New(nil, catalogue, dnsbl.Options{}), ips[:1], true)
	if errs.Len() > 0 {
		t.Errorf("one address: said %q", errs)
	}
}

// Every verdict a list can have, with the names of the contract: listed, clear, refused and unusable.
func TestCheckJSONVerdicts(t *testing.T) {
	server := dnsbltest.Start(t)
	server.Zone("zen.spamhaus.org", "127.0.0.2")
	server.List("zen.spamhaus.org", "203.0.113.25", dnsbltest.Reply{A: []string{"127.0.0.2", "127.0.0.9"}})
	server.Zone("bl.spamcop.net", "127.0.0.2")
	server.Zone("b.barracudacentral.org", "127.255.255.254")
	env, out, errs := inProcess("check", "--json", "--resolver", server.Addr().String(), "203.0.113.25")
	if status := Main(env); status != int(BadNews) {
		t.Fatalf("status %d: %s", status, errs)
	}
	var answer struct {
		Addresses []struct{ Results []map[string]any }
	}
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"zen.spamhaus.org": "listed", "bl.spamcop.net": "clear", "b.barracudacentral.org": "refused", "psbl.surriel.com": "unusable"}
	for _, result := range answer.Addresses[0].Results {
		for _, name := range []string{"list", "zone", "tier", "verdict", "codes", "meaning", "reason", "lookup"} {
			if _, ok := result[name]; !ok {
				t.Errorf("%v has no %q", result["list"], name)
			}
		}
		verdict, asked := want[result["zone"].(string)]
		if asked && result["verdict"] != verdict {
			t.Errorf("%v is %v, want %v: %v", result["list"], result["verdict"], verdict, result["note"])
		}
		delete(want, result["zone"].(string))
		removal, listed := result["removal"].(map[string]any)
		if listed != (verdict == "listed") {
			t.Errorf("%v is %v with the removal %v", result["list"], verdict, result["removal"])
		}
		for _, name := range []string{"kind", "url", "advice", "expires"} {
			if _, ok := removal[name]; listed && !ok {
				t.Errorf("the removal of %v has no %q", result["list"], name)
			}
		}
		if note, _ := result["note"].(string); (verdict == "refused" || verdict == "unusable") && note == "" {
			t.Errorf("%v does not say why it is %v", result["list"], verdict)
		}
	}
	if len(want) > 0 {
		t.Errorf("not in the answer: %v", want)
	}
}
