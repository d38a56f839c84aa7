package steps

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// TestTheHouse holds the imports of the whole module against its plan:
//
//	main -> ui/cli -> ui, steps -> spool, checks
//
// Domain packages never import the screen, the screen never the composition root, and only the runbook moves mail.
func TestTheHouse(t *testing.T) {
	for _, pkg := range listPackages(t) {
		from := strings.TrimPrefix(pkg.ImportPath, "delist/")
		for _, path := range pkg.Imports {
			to, ours := strings.CutPrefix(path, "delist/")
			switch {
			case !ours && strings.Contains(path, "charmbracelet") && !within(from, "ui"):
				t.Errorf("%s imports %s: only the screen draws", from, path)
			case ours && !mayImport(from, to):
				t.Errorf("%s must not import %s", from, to)
			case within(from, "steps/incident") && !pure(path):
				t.Errorf("%s imports %s: the fold reads no disk, no network and no clock", from, path)
			}
		}
	}
}

// mayImport is the plan of the house.
func mayImport(from, to string) bool {
	switch {
	case from == "testdata":
		return to == "steps/incident"
	case to == "testdata": // for tests, and their kit
		return from == "ui/uitest"
	case to == "spool/quarantine":
		return within(from, "steps") || from == "spool/quarantine"
	case within(to, "ui/cli"):
		return from == "delist" || within(from, "ui/cli")
	case within(to, "ui"):
		return within(from, "ui") || from == "delist"
	case within(from, "steps/incident"):
		return within(to, "checks") || to == "steps/words"
	case within(to, "steps"):
		return within(from, "steps") || within(from, "ui")
	case within(from, "spool"):
		return within(to, "spool")
	case within(from, "checks"):
		return within(to, "checks") || to == "spool/message"
	}
	return within(from, "ui") || within(from, "steps")
}

// pure says that a package has no disk and no network of its own to reach: what the fold may use.
func pure(path string) bool {
	switch path {
	case "os", "os/exec", "net", "net/http", "io/fs", "path/filepath", "syscall":
		return false
	}
	return true
}

func within(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", "delist/...", "delist/testdata").Output() // ... passes a testdata by
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listedPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list found %d packages; the house has more", len(all))
	}
	return all
}

func TestTheHouseRefusesWhatThePlanForbids(t *testing.T) {
	for _, c := range []struct {
		from, to string
		may      bool
	}{
		{"spool", "steps", false},
		{"spool", "checks/dnsbl", false},
		{"spool/quarantine", "spool", true},
		{"checks/bounce", "spool/message", true},
		{"checks/traffic", "spool", false},
		{"steps", "ui", false},
		{"steps/drill", "spool/quarantine", true},
		{"ui", "steps", true},
		{"ui", "ui/cli", false},
		{"ui/cli", "spool/quarantine", false},
		{"delist", "ui/cli", true},
		{"delist", "steps", false},
		{"steps/incident", "spool", false},
		{"steps/incident", "steps/words", true},
		{"testdata", "steps/incident", true},
		{"testdata", "steps", false},
		{"testdata", "spool", false},
		{"steps", "testdata", false},
		{"ui/uitest", "testdata", true},
	} {
		if mayImport(c.from, c.to) != c.may {
			t.Errorf("mayImport(%s, %s) = %v", c.from, c.to, !c.may)
		}
	}
}
