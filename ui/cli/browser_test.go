package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

func TestNoBrowserOverSSH(t *testing.T) {
	for _, variable := range []string{"SSH_CONNECTION", "SSH_TTY"} {
		env, _, _ := inProcess()
		env.LookupEnv = func(name string) (string, bool) {
			if name == variable || name == "DISPLAY" {
				return ":0", true
			}
			return "", false
		}
		if open, why := (&program{env: env}).browser(); open != nil || !strings.Contains(why, "SSH") {
			t.Errorf("with %s a browser opens: %q", variable, why)
		}
	}
	if runtime.GOOS == "linux" {
		env, _, _ := inProcess()
		if open, why := (&program{env: env}).browser(); open != nil || !strings.Contains(why, "desktop") {
			t.Errorf("without a desktop a browser opens: %q", why)
		}
	}
}

func TestOnlyWebAddressesAreOpened(t *testing.T) {
	open := openWith("no-such-program-here")
	for _, link := range []string{"mailto:joe@example.com", "file:///etc/passwd", "C:\\Windows\\calc.exe", "javascript:alert(1)", "https://", "\\\\server\\share"} {
		if err := open(t.Context(), link); err == nil || !strings.Contains(err.Error(), "no web address") {
			t.Errorf("%s: %v", link, err)
		}
	}
	if err := open(t.Context(), "https://example.com/?ip=203.0.113.25"); err == nil || !strings.Contains(err.Error(), "could be started") {
		t.Errorf("a program that is not there: %v", err)
	}
}

func TestATextIsKeptInTheIncidentsFolder(t *testing.T) {
	dir := t.TempDir()
	path, err := (&session{dir: dir}).KeepText(t.Context(), "../request-barracuda.txt", "text")
	if err != nil || filepath.Dir(path) != dir {
		t.Fatalf("%s, %v", path, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestEarlierRequestsAreFound(t *testing.T) {
	folder := t.TempDir()
	at := time.Date(2026, 11, 24, 10, 4, 0, 0, time.UTC)
	for id, mode := range map[string]incident.Mode{"0A1B": {}, "0A1C": {Drill: true}} {
		j, err := steps.CreateJournal(filepath.Join(folder, id), "maria@mail01", func() time.Time { return at })
		if err != nil {
			t.Fatal(err)
		}
		listing := incident.Listing{List: "Barracuda", First: at}
		for _, f := range []incident.Fact{incident.Opened{ID: id, Mode: mode}, incident.Started{PID: 1}, incident.ListsAsked{Listings: []incident.Listing{listing}},
			incident.ListingChanged{List: "Barracuda", State: incident.ListingAsked, Until: at.Add(24 * time.Hour)}} {
			if _, err := j.Append(f); err != nil {
				t.Fatal(err)
			}
		}
		j.Close()
	}
	env, _, _ := inProcess()
	got := (&program{env: env}).earlierRequests(options{incidents: folder})
	if len(got) != 1 || got[0].Incident != "0A1B" || got[0].List != "Barracuda" || !got[0].Until.Equal(at.Add(24*time.Hour)) {
		t.Errorf("earlier requests: %+v", got)
	}
}
