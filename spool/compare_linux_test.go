package spool_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"delist/spool"
	"delist/spool/spooltest"
)

// TestCompare compares delist with ripgrep on the same tree, by turns, warm, medians of five, and prints a table in
// Markdown. It runs when $DELIST_COMPARE says of how many messages; .ci/compare is the way to call it.
func TestCompare(t *testing.T) {
	pairs, err := strconv.Atoi(os.Getenv("DELIST_COMPARE"))
	if err != nil {
		t.Skip("set DELIST_COMPARE to a number of messages")
	}
	delist := filepath.Join(t.TempDir(), "delist")
	if out, err := exec.Command("go", "build", "-o", delist, "delist").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	fmt.Printf("| %d messages | ripgrep | delist | ratio | bar | CPU ratio | peak memory |\n|---|---|---|---|---|---|---|\n", pairs)
	for _, folders := range []int{10, 200} {
		compare(t, delist, spooltest.Tree{Pairs: pairs, Folders: folders})
	}
}

func compare(t *testing.T, delist string, tree spooltest.Tree) {
	root := t.TempDir()
	if err := tree.Write(root); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root) // before the next tree is made
	var grep, index, text []cost
	for round := range 6 { // the first one warms up
		g := run(t, "rg", "-l", "-F", spooltest.Needle, root)
		i := run(t, delist, "search", "--spool", root, "--service", "none", "account:nobody@nowhere.test")
		x := run(t, delist, "search", "--spool", root, "--service", "none", "--files", "text:"+spooltest.Needle)
		if got, want := stems(x.out), stems(g.out); !slices.Equal(got, want) || len(want) != tree.Needles() {
			t.Fatalf("delist found %d messages, ripgrep %d, of %d", len(got), len(want), tree.Needles())
		}
		if round > 0 {
			grep, index, text = append(grep, g), append(index, i), append(text, x)
		}
	}
	base := median(grep)
	for _, row := range []struct {
		what string
		bar  string
		cost cost
	}{{"index", "1.5", median(index)}, {"search text:", "1.1", median(text)}} {
		fmt.Printf("| %s, %d folders | %.2f s | %.2f s | %.2f | %s | %.2f | %d MB |\n", row.what, tree.Folders, base.wall.Seconds(),
			row.cost.wall.Seconds(), float64(row.cost.wall)/float64(base.wall), row.bar, float64(row.cost.cpu)/float64(base.cpu), row.cost.peak>>20)
	}
	// In a process of its own: what this one holds in memory would count for the programs that it starts.
	child := exec.Command(os.Args[0], "-test.run", "^TestCompareInside$", "-test.timeout", "1h")
	child.Env = append(os.Environ(), "DELIST_COMPARE_ROOT="+root)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "|") {
			fmt.Print(line)
		}
	}
}

// TestCompareInside measures what happens within one process: a search over the index, and a look for what came and went.
func TestCompareInside(t *testing.T) {
	root := os.Getenv("DELIST_COMPARE_ROOT")
	if root == "" {
		t.Skip("a part of TestCompare")
	}
	s := open(t, root)
	start, first := time.Now(), time.Duration(0)
	snap, err := s.Scan(t.Context(), func(p spool.Progress) {
		if first == 0 && p.SoFar().Len() > 0 {
			first = time.Since(start)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("| first rows | | %d ms | | 200 ms | | |\n", first.Milliseconds())
	for _, query := range []string{"account:" + spooltest.Thief, "invoice 777", "from:bank3.test -subject:overdue"} {
		var took []cost
		for range 5 {
			begun := time.Now()
			search(t, s, snap, query)
			took = append(took, cost{wall: time.Since(begun)})
		}
		fmt.Printf("| search %s | | %d ms | | 100 ms a million | | |\n", query, median(took).wall.Milliseconds())
	}
	for i := 0; i < snap.Len(); i += 200 { // half a percent goes, half a percent comes
		id := snap.At(i).ID
		for _, name := range []string{id.HDR(), id.EML()} {
			if err := os.Rename(filepath.Join(root, name), filepath.Join(root, strings.Replace(name, "/", "/9", 1))); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := used(t)
	_, changes, err := s.Rescan(t.Context(), snap, nil)
	if err != nil || len(changes.Came) != len(changes.Went) || len(changes.Came) != (snap.Len()+199)/200 {
		t.Fatalf("%d came, %d went, error %v", len(changes.Came), len(changes.Went), err)
	}
	fmt.Printf("| re-scan, 1 %% came or went | | %.2f s of CPU | | 2 s | | |\n", (used(t) - before).Seconds())
}

type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes of resident memory
	out       string
}

func median(costs []cost) cost {
	slices.SortFunc(costs, func(a, b cost) int { return int(a.wall - b.wall) })
	return costs[len(costs)/2]
}

func run(t *testing.T, name string, args ...string) cost {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	begun := time.Now()
	out, err := cmd.Output()
	wall := time.Since(begun)
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() > 1 { // 1: nothing found
		t.Fatalf("%s: %v", name, err)
	}
	state := cmd.ProcessState
	usage, _ := state.SysUsage().(*syscall.Rusage)
	return cost{wall: wall, cpu: state.UserTime() + state.SystemTime(), peak: usage.Maxrss << 10, out: string(out)}
}

// stems are the messages that a list of files names.
func stems(files string) []string {
	lines := strings.Fields(files)
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, filepath.Ext(line))
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// used is the CPU time of this process so far.
func used(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
