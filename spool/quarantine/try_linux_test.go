package quarantine

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// asNobody names the folder that a child of this test, run as nobody, tries.
const asNobody = "DELIST_TEST_AS_NOBODY"

// TestAsNobody is the child: it says what it may do, on standard output.
func TestAsNobody(t *testing.T) {
	dir := os.Getenv(asNobody)
	if dir == "" {
		t.Skip("only run by the test of rights")
	}
	for what, err := range map[string]error{"move": MayMove(dir), "place": TryPlace(dir)} {
		if err == nil {
			os.Stdout.WriteString(what + ": yes\n")
		} else if errors.Is(err, fs.ErrPermission) {
			os.Stdout.WriteString(what + ": no\n")
		}
	}
}

func TestRightsAreThoseOfTheSystem(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	for _, tt := range []struct {
		name  string
		mode  os.FileMode
		owner int
		want  string
	}{
		{"another's", 0o755, 0, "move: no place: no"},
		{"its own", 0o700, 65534, "move: yes place: yes"},
		{"its own, not writable", 0o500, 65534, "move: no place: no"},
		{"everybody's", 0o777, 0, "move: yes place: yes"},
		{"everybody's, sticky", 0o777 | os.ModeSticky, 0, "move: no place: yes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, err := os.MkdirTemp("/tmp", "delist-rights-") // t.TempDir is root's alone
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			if err := errors.Join(os.Chown(dir, tt.owner, tt.owner), os.Chmod(dir, tt.mode)); err != nil {
				t.Fatal(err)
			}
			if got := triedAsNobody(t, dir); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// triedAsNobody runs this test's program as nobody on a folder.
func triedAsNobody(t *testing.T, dir string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	program := dir + ".test" // where nobody may read it
	t.Cleanup(func() { _ = os.Remove(program) })
	if err := os.WriteFile(program, data, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run=^TestAsNobody$")
	cmd.Dir = "/"
	cmd.Env = []string{asNobody + "=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var says []string
	for _, what := range []string{"move", "place"} {
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, what+": ") {
				says = append(says, strings.TrimSpace(line))
			}
		}
	}
	return strings.Join(says, " ")
}

// A spool that is a mount point has no folder above it on its volume: the advice is one that can be followed there.
func TestPlaceOfASpoolThatIsAVolume(t *testing.T) {
	up := t.TempDir()
	root := filepath.Join(up, "Spool")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", root, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no second volume: mounting one needs root: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(root, unix.MNT_DETACH) })
	_, err := Place(root, "", SameVolume)
	if !errors.Is(err, ErrWholeVolume) || !strings.Contains(err.Error(), "quarantine.other_volume to true") {
		t.Fatalf("%v", err)
	}
	if _, err := Place(root, filepath.Join(up, "kept"), AnyVolume); err != nil {
		t.Errorf("the advice, followed: %v", err)
	}
	if err := MayMove(root); err != nil {
		t.Error(err)
	}
	if err := unix.Mount("", root, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if err := MayMove(root); !errors.Is(err, syscall.EROFS) {
		t.Errorf("a volume that is mounted read-only: %v", err)
	}
}
