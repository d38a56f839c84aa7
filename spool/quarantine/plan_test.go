package quarantine

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delist/spool"
)

// absolute is the path of a spool on this system.
var absolute = map[bool]string{true: `C:\SmarterMail\Spool`, false: "/var/lib/smartermail/Spool"}[runtime.GOOS == "windows"]

func somePlan(t testing.TB) Plan {
	t.Helper()
	at := time.Date(2026, 8, 30, 22, 43, 20, 123456700, time.UTC)
	st := spool.Stamp{HDR: spool.FileStamp{Size: 412, ModTime: at}, EML: spool.FileStamp{Size: 9000, ModTime: at}}
	p, err := NewPlan(absolute, `account:joe@example.com subject:"<b> & c"`, []Item{
		{ID: "SubSpool3/67518204", Stamp: st, Account: "joe@example.com", Unsure: true},
		{ID: "67518205", Account: "\xff" + strings.Repeat("x", 999)},
	}, 7)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanComesBackAsItWasSaved(t *testing.T) {
	p, dir := somePlan(t), t.TempDir()
	if p.Items[0].ID != "67518205" || p.Bytes != 9000 || len(p.Items[0].Account) > maxAccount {
		t.Errorf("%+v", p)
	}
	if err := p.Save(dir); err != nil {
		t.Fatal(err)
	}
	got, err := LoadPlan(dir, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range got.Items {
		if !it.Stamp.Equal(p.Items[i].Stamp) {
			t.Errorf("stamp of %s: %v, want %v", it.ID, it.Stamp, p.Items[i].Stamp)
		}
		got.Items[i].Stamp = p.Items[i].Stamp
	}
	if d := cmp.Diff(p, got); d != "" {
		t.Error(d)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); len(left) > 0 {
		t.Error(left)
	}
}

func TestLoadPlanRefuses(t *testing.T) {
	p, dir := somePlan(t), t.TempDir()
	if err := p.Save(dir); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(planPath(dir, p.ID))
	if err != nil {
		t.Fatal(err)
	}
	old := p
	old.ID, old.Created = "00000001", time.Now().Add(-25*time.Hour)
	if err := old.Save(dir); err != nil {
		t.Fatal(err)
	}
	write(t, planPath(dir, "00000002"), strings.Replace(string(good), "67518204", "67518206", 1))
	write(t, planPath(dir, "00000003"), string(good))
	write(t, planPath(dir, "00000004"), string(good[:len(good)/2]))
	for _, tt := range []struct {
		id   string
		want error
	}{
		{"00000001", ErrStale}, {"00000002", ErrDamaged}, {"00000003", ErrForeign}, {"00000004", ErrDamaged},
		{"00000005", os.ErrNotExist}, {"../" + p.ID, nil}, {"", nil},
	} {
		_, err := LoadPlan(dir, tt.id)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("LoadPlan(%q): %v, want %v", tt.id, err, tt.want)
		}
	}
}

func TestNewPlanRefuses(t *testing.T) {
	for name, items := range map[string][]Item{
		"nothing":              nil,
		"a message twice":      {{ID: "67518204"}, {ID: "67518204"}},
		"a name outside":       {{ID: "../67518204"}},
		"a name of its own":    {{ID: "SubSpool1/Quarterly report"}},
		"SmarterMail's pickup": {{ID: "Drop/67518204"}},
	} {
		if _, err := NewPlan(absolute, "joe", items, 2); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewPlan("Spool", "joe", []Item{{ID: "67518204"}}, 2); err == nil {
		t.Error("a relative spool: no error")
	}
}

func TestCheckID(t *testing.T) {
	for id, ok := range map[spool.ID]bool{
		"67518204": true, "SubSpool3/67518204": true, "proc/work/838660290900": true, "SubSpool0/-1a-B": true,
		"delay/67518204-1": true, "Mehr Ordner/1": true,
		"": false, ".": false, "..": false, "/": false, "/67518204": false, "SubSpool3/": false, "SubSpool3//1": false,
		"../1": false, "SubSpool3/../1": false, "SubSpool3/./1": false, "SubSpool3/1.hdr": false, "SubSpool3/a b": false,
		`SubSpool3\1`: false, `C:/1`: false, "C:1": false, "a\x00b/1": false, "a\x1b[31m/1": false, "dot./1": false, "sp /1": false,
		"\xff/1": false, "drop/1": false, "Quarantine/2022-09-01/1": false, "x/Quarantine/1": true,
		"a/b/c/d/e/f/g/h/i/1": false, spool.ID(strings.Repeat("a", 201)): false, spool.ID(strings.Repeat("a", 121) + "/1"): false,
	} {
		if err := checkID(id); (err == nil) != ok {
			t.Errorf("%q: %v, want ok %t", id, err, ok)
		}
	}
	if err := checkID("SubSpool1/NUL"); runtime.GOOS == "windows" && err == nil {
		t.Error("a device was taken for a message")
	}
}

func FuzzPlan(f *testing.F) {
	p, dir := somePlan(f), f.TempDir()
	if err := p.Save(dir); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(planPath(dir, p.ID))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"sha256":"","plan":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parsePlan(data)
		if err == nil && (p.check() != nil || len(p.Items) == 0) {
			t.Fatalf("%+v", p)
		}
	})
}
