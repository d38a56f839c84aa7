package quarantine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlace(t *testing.T) {
	for _, tt := range []struct {
		name, spool string
		also        []string // other files (or folders, ending in a slash)
		configured  string
		want        string // below the test's folder; "!" and a part of the refusal
	}{
		{name: "beside the spool", spool: "SmarterMail/Spool", want: "SmarterMail/delist"},
		{name: "not among mailboxes", spool: "SmarterMail/Domains/Spool", want: "SmarterMail/delist"},
		{name: "not among mailboxes, deeper", spool: "SmarterMail/domains/a/b/Spool", want: "SmarterMail/delist"},
		{name: "not among logs", spool: "SmarterMail/Logs/Spool", want: "SmarterMail/delist"},
		{name: "not in a web root", spool: "mail/inetpub/wwwroot/sm/Spool", want: "mail/delist"},
		{name: "not in a web site", spool: "mail/site/sm/Spool", also: []string{"mail/site/web.config"}, want: "mail/delist"},
		{name: "not in a spool around it", spool: "mail/Spool/proc", want: "mail/delist"},
		{name: "not in a spool of another name", spool: "mail/queue/SubSpool1", want: "mail/delist"},
		{name: "as configured", spool: "SmarterMail/Spool", configured: "elsewhere/q", want: "elsewhere/q"},
		{name: "configured in the spool", spool: "SmarterMail/Spool", configured: "SmarterMail/Spool/q", want: "!lies in the spool"},
		{name: "configured as the spool", spool: "SmarterMail/Spool", configured: "SmarterMail/Spool", want: "!lies in the spool"},
		{name: "configured around the spool", spool: "SmarterMail/Spool", configured: "SmarterMail", want: "!lies in"},
		{name: "configured among mailboxes", spool: "SmarterMail/Spool", configured: "SmarterMail/Domains/q", want: "!mailboxes"},
		{name: "the program beside the spool", spool: "SmarterMail/Spool", also: []string{"SmarterMail/delist"}, want: "!SmarterMail/delist stands where"},
		{name: "a file where the mailboxes end", spool: "SmarterMail/Domains/Spool", also: []string{"SmarterMail/delist"}, want: "!move the file elsewhere"},
		{name: "a file further up", spool: "SmarterMail/Spool", also: []string{"delist"}, want: "SmarterMail/delist"},
		{name: "the program beside a folder of its own", spool: "SmarterMail/Spool", also: []string{"SmarterMail/delist.exe"}, want: "SmarterMail/delist"},
		{name: "configured as a file", spool: "SmarterMail/Spool", also: []string{"q"}, configured: "q", want: "!q stands where"},
		{name: "configured below a file", spool: "SmarterMail/Spool", also: []string{"q"}, configured: "q/deeper/still", want: "!q stands where"},
		{name: "configured in a web site", spool: "SmarterMail/Spool", configured: "www/q", want: "!web site"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			up, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			path := func(name string) string { return filepath.Join(up, filepath.FromSlash(name)) }
			for _, dir := range append([]string{tt.spool}, tt.also...) {
				if err := os.MkdirAll(filepath.Dir(path(dir)), 0o755); err != nil {
					t.Fatal(err)
				}
				if dir == tt.spool {
					if err := os.Mkdir(path(dir), 0o755); err != nil {
						t.Fatal(err)
					}
				} else {
					write(t, path(dir), "")
				}
			}
			configured := ""
			if tt.configured != "" {
				configured = path(tt.configured)
			}
			got, err := Place(path(tt.spool), configured, SameVolume)
			if part, refused := strings.CutPrefix(tt.want, "!"); refused {
				if err == nil || !strings.Contains(filepath.ToSlash(err.Error()), part) || !strings.Contains(err.Error(), "set quarantine.dir") {
					t.Errorf("%q, %v; want a refusal with %q", got, err, part)
				}
				return
			}
			if err != nil || got != path(tt.want) {
				t.Errorf("%q, %v; want %q", got, err, path(tt.want))
			}
			if _, err := os.Stat(got); err == nil {
				t.Error("the folder was made")
			}
		})
	}
}

func TestPlaceSeesThroughLinks(t *testing.T) {
	up := t.TempDir()
	root := filepath.Join(up, "SmarterMail", "Spool")
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	link(t, root, filepath.Join(up, "short"))
	if got, err := Place(root, filepath.Join(up, "short", "q"), SameVolume); err == nil {
		t.Errorf("a link into the spool was taken: %q", got)
	}
	got, err := Place(filepath.Join(up, "short"), "", SameVolume)
	if err != nil || filepath.Base(filepath.Dir(got)) != "SmarterMail" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Place(filepath.Join(up, "nothing"), "", SameVolume); err != nil {
		t.Log(err)
	} else {
		t.Error("a spool that is not there: no error")
	}
	if _, err := Place(root, "relative", SameVolume); err == nil {
		t.Error("a relative place: no error")
	}
}

// A link to nowhere is in the way as a file is.
func TestPlaceBehindADeadLink(t *testing.T) {
	up := t.TempDir()
	root := filepath.Join(up, "SmarterMail", "Spool")
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	link(t, filepath.Join(up, "gone"), filepath.Join(up, "SmarterMail", "delist"))
	var m *Misplaced
	if _, err := Place(root, "", SameVolume); !errors.As(err, &m) || filepath.Base(m.File) != "delist" {
		t.Errorf("%v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	b := newBench(t, 1, 1)
	up := filepath.Dir(b.root)
	full := filepath.Join(up, "full")
	if err := os.Mkdir(full, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(full, "precious"), "")
	for name, dir := range map[string]string{
		"in the spool": filepath.Join(b.root, "q"), "the spool": b.root, "around the spool": up,
		"a quarantine already": b.dir, "not empty": full, "a file": filepath.Join(full, "precious"),
	} {
		if s, err := Create(dir, b.root, SameVolume); err == nil {
			s.Close()
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Create(filepath.Join(up, "q"), filepath.Join(up, "nothing"), SameVolume); err == nil {
		t.Error("no spool: no error")
	}
	if _, err := Open(full, SameVolume); err == nil {
		t.Error("opened what is no quarantine")
	}
}

// What a Create that was cut off left behind does not block the next.
func TestCreateAgainAfterACrash(t *testing.T) {
	b := newBench(t, 2, 1)
	dir := filepath.Join(filepath.Dir(b.dir), "8A00")
	if err := os.MkdirAll(filepath.Join(dir, filesName), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, manifestName+".new"), `{"n":1`)
	s, err := Create(dir, b.root, SameVolume)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}
