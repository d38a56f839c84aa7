package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// commands runs commands on one spool, each as a process would.
type commands struct {
	t     *testing.T
	flags []string
}

// run runs a command and holds it to its exit status.
func (c commands) run(status Status, words ...string) (stdout, stderr string) {
	c.t.Helper()
	got, out, errs := c.status(words...)
	if got != status {
		c.t.Errorf("%q ends with %d, want %d\n%s\n%s", words, got, status, out, errs)
	}
	return out, errs
}

// status runs a command.
func (c commands) status(words ...string) (status Status, stdout, stderr string) {
	var out, errs bytes.Buffer
	env := Environment{Args: append(words, c.flags...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Clock: time.Now,
		LookupEnv: func(string) (string, bool) { return "", false }}
	status = Status(Main(env))
	return status, out.String(), errs.String()
}

// holding are the pairs of which a file holds a text, as findstr finds them.
func holding(t *testing.T, root, text string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if stem := strings.TrimSuffix(path, filepath.Ext(path)); bytes.Contains(data, []byte(text)) && !slices.Contains(found, stem) {
			found = append(found, stem)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestTheArticlesTaskByCommand finds all messages that hold a text, moves them, looks again and puts three back, in spools
// of every layout, alone and beside mail of today's.
func TestTheArticlesTaskByCommand(t *testing.T) {
	layouts := spooltest.Layouts()
	for i, l := range layouts {
		for _, mixed := range []bool{false, true} {
			if testing.Short() && i%4 != map[bool]int{false: 0, true: 2}[mixed] {
				continue
			}
			t.Run(fmt.Sprintf("%s, mixed %v", l.Name, mixed), func(t *testing.T) {
				dir := t.TempDir()
				root := filepath.Join(dir, "Spool")
				all := spooltest.LayoutSpam + spooltest.LayoutMail
				spooltest.WriteLayout(t, root, "SubSpool0", l, false)
				if mixed {
					spooltest.WriteLayout(t, root, "SubSpool1", layouts[0], false)
					all *= 2
				}
				theArticlesTask(t, root, filepath.Join(dir, "incidents"), all, l.As == spool.LayoutUnknown)
			})
		}
	}
}

func theArticlesTask(t *testing.T, root, incidents string, all int, unread bool) {
	t.Helper()
	const query = `text:"` + spooltest.LayoutString + `"`
	good, nothing := Good, BadNews
	if unread {
		good, nothing = NoAnswer, NoAnswer
	}
	want := holding(t, root, spooltest.LayoutString)
	look, act := commands{t, []string{"--spool", root}}, commands{t, []string{"--spool", root, "--incidents", incidents, "--service", "none"}}
	files, _ := look.run(good, "search", "--files", query)
	for _, stem := range want {
		if !strings.Contains(files, stem+".hdr\n") || !strings.Contains(files, stem+".eml\n") {
			t.Errorf("%s is not found", stem)
		}
	}
	if n := strings.Count(files, "\n"); n != 2*len(want) {
		t.Errorf("%d files found, want %d pairs", n, len(want))
	}
	status, out, _ := look.status("senders", "--json") // which is bad news where it finds who sends
	if unread && status == Good {
		t.Error("senders is content with what it does not understand")
	}
	var senders sendersJSON
	if err := json.Unmarshal([]byte(out), &senders); err != nil || senders.Messages != all || senders.Partial != unread || (senders.Unread > 0) != unread {
		t.Errorf("%v: %d messages, partial %v, %d unread", err, senders.Messages, senders.Partial, senders.Unread)
	}
	count := fmt.Sprintf("--yes=%d", len(want))
	_, said := act.run(BadNews, "quarantine", query, count)
	if !strings.Contains(said, "--all-matches") {
		t.Errorf("it does not say how all that matches is moved: %s", said)
	}
	act.run(BadNews, "quarantine", query, "--all-matches", "--yes")
	act.run(BadNews, "quarantine", query, "--all-matches", "--yes=1")
	if left := holding(t, root, spooltest.LayoutString); len(left) != len(want) {
		t.Fatalf("%d left before the count was given, want %d", len(left), len(want))
	}
	act.run(Good, "quarantine", query, "--all-matches", count)
	if left := holding(t, root, spooltest.LayoutString); len(left) != 0 {
		t.Errorf("%d are left", len(left))
	}
	out, _ = look.run(nothing, "search", query)
	if strings.Contains(out, "Nothing matches") == unread {
		t.Errorf("beside what is not understood it says: %s", out)
	}
	entries, _ := os.ReadDir(incidents)
	if len(entries) != 1 {
		t.Fatalf("%d incidents", len(entries))
	}
	back := []string{"restore", entries[0].Name(), "re:" + spooltest.LayoutString + "/(1|3|5)[^0-9]"}
	if unread {
		_, said := act.run(BadNews, append(back, "--yes")...)
		if !strings.Contains(said, "--yes=") {
			t.Errorf("it does not ask for the count: %s", said)
		}
	}
	three := 3 * len(want) / (spooltest.LayoutSpam / 2)
	act.run(Good, append(back, fmt.Sprintf("--yes=%d", three))...)
	if again := holding(t, root, spooltest.LayoutString); len(again) != three {
		t.Errorf("%d are back, want %d", len(again), three)
	}
}

// TestUnreadIsNeverNothing: a spool of which no file can be understood or read is neither empty nor free of anything.
func TestUnreadIsNeverNothing(t *testing.T) {
	old := time.Now().Add(-time.Hour)
	for name, files := range map[string]map[string]string{
		"not understood": {"1.hdr": "from: a", "1.eml": "x", "2.hdr": "", "2.eml": ""},
		"cut off":        {"1.hdr": "Writing \r\n", "1.eml": "x", "2.em_": "x"},
		"too long":       {"1.hdr": "Written \r\na@x.test\r\n" + strings.Repeat("b@x.test,", spool.MaxHDR/9+1), "1.eml": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "too long" && testing.Short() {
				t.Skip("reads an envelope of 16 MiB again and again")
			}
			root := filepath.Join(t.TempDir(), "Spool")
			for file, data := range files {
				spooltest.File(t, root, "SubSpool0/"+file, []byte(data), old)
			}
			look := commands{t, []string{"--spool", root}}
			for _, words := range [][]string{{"senders"}, {"search", "account:joe@quay.example"}, {"search", "nothing"}, {"senders", "--by", "campaign"}, {"senders", "--by", "client"}} {
				out, said := look.run(NoAnswer, words...)
				for _, wrong := range []string{"0 messages", "Nothing matches", "empty"} {
					if strings.Contains(out+said, wrong) {
						t.Errorf("%q says %q: %s%s", words, wrong, out, said)
					}
				}
			}
		})
	}
}

// A spool that was copied a moment ago is no spool that is being written.
func TestASpoolJustCopied(t *testing.T) {
	layouts := spooltest.Layouts()
	l := layouts[slices.IndexFunc(layouts, func(l spooltest.Layout) bool { return l.As == spool.LayoutUnknown })]
	root := filepath.Join(t.TempDir(), "Spool")
	spooltest.WriteLayout(t, root, "SubSpool0", l, false)
	copied := func() {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return os.Chtimes(path, time.Time{}, time.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	look := commands{t, []string{"--spool", root}}
	for words, want := range map[string]string{
		"senders": "75 messages",
		"quarantine --service none --dry-run --all-matches --incidents " + t.TempDir() + " text:" + spooltest.LayoutString: "30 messages of 75",
	} {
		copied()
		if _, out, errs := look.status(strings.Fields(words)...); !strings.Contains(out, want) || strings.Contains(out+errs, "still arriving") {
			t.Errorf("%s: %s%s", words, out, errs)
		}
	}
}
