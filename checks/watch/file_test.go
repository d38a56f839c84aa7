package watch

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delist/checks/dnsbl"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func TestFileKeepsWhatIsKnown(t *testing.T) {
	for _, ip := range []netip.Addr{ip, netip.MustParseAddr("2001:db8::25")} {
		dir := t.TempDir()
		f := open(t, dir, ip)
		want := Memory{
			"day":  {Verdict: dnsbl.Listed, Since: noon, Meaning: []string{"spam"}, Last: dnsbl.Refused, Note: "it refuses", Looked: noon, Misses: 2, Next: noon.Add(time.Hour)},
			"week": {Last: dnsbl.Unusable, Looked: noon, Misses: 1, Next: noon},
		}
		if err := f.Save(ip, want); err != nil {
			t.Fatal(err)
		}
		f.Close()
		got, aside, err := open(t, dir, ip).Load(ip)
		if diff := cmp.Diff(want, got); diff != "" || aside != "" || err != nil {
			t.Errorf("aside %q, error %v, what is known (-want +got):\n%s", aside, err, diff)
		}
	}
}

func open(t *testing.T, dir string, ip netip.Addr) *File {
	t.Helper()
	f, err := OpenFile(dir, ip)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestOneWatchAnAddress(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir, ip)
	if _, err := OpenFile(dir, ip); !errors.Is(err, ErrBusy) {
		t.Errorf("a second watch of the address: %v", err)
	}
	open(t, dir, netip.MustParseAddr("203.0.113.26"))
	first.Close()
	open(t, dir, ip)
}

func TestADamagedFileIsKeptAside(t *testing.T) {
	whole := `{"version":1,"ip":"203.0.113.25","lists":{"day":{"verdict":"listed","since":"2026-11-25T12:00:00Z","last":"listed","looked":"2026-11-25T12:00:00Z","next":"2026-11-25T13:00:00Z"}}}`
	if _, ok := parse([]byte(whole), ip); !ok {
		t.Fatal("a whole file is refused")
	}
	for name, text := range map[string]string{
		"empty":                  "",
		"cut off":                whole[:90],
		"another address":        `{"version":1,"ip":"203.0.113.26","lists":{}}`,
		"another version":        `{"version":2,"ip":"203.0.113.25","lists":{}}`,
		"no lists":               `{"version":1,"ip":"203.0.113.25"}`,
		"a verdict without date": `{"version":1,"ip":"203.0.113.25","lists":{"day":{"verdict":"clear","last":"clear","looked":"2026-11-25T12:00:00Z","next":"2026-11-25T12:00:00Z"}}}`,
		"an unknown verdict":     `{"version":1,"ip":"203.0.113.25","lists":{"day":{"verdict":"good"}}}`,
	} {
		dir := t.TempDir()
		f := open(t, dir, ip)
		path := filepath.Join(dir, "203.0.113.25.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		known, aside, err := f.Load(ip)
		if err != nil || len(known) > 0 {
			t.Errorf("%s: %v, %v", name, known, err)
		}
		if kept, err := os.ReadFile(aside); err != nil || string(kept) != text {
			t.Errorf("%s: the damaged file was not kept: %q, %v", name, kept, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"version":1,"ip":"203.0.113.25","lists":{"day":{"verdict":"listed","since":"2026-11-25T12:00:00Z","last":"refused","looked":"2026-11-25T12:00:00Z","next":"2026-11-25T13:00:00Z"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		known, ok := parse(data, ip)
		if ok != (known != nil) {
			t.Errorf("%v, %v", known, ok)
		}
		for _, k := range known {
			if v := k.Counts(); v == dnsbl.Clear && k.Last != dnsbl.Clear {
				t.Errorf("clear without an answer that says so: %+v", k)
			}
		}
	})
}
