package outbound

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestSampleNamesTheScript(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here, whose scripts can speak TCP")
	}
	world := outside(t)
	script := filepath.Join(t.TempDir(), "mailer.sh")
	text := fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%d\necho speaks\nread -r line\n", world.Port())
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	child := start(t, exec.CommandContext(t.Context(), bash, script, "--password=secret"))
	child.says(t)
	seen, err := At(world.Port()).Sample(t.Context())
	if err != nil || len(seen.Programs) != 1 || seen.Programs[0].Script != script || seen.Programs[0].PID != child.Process.Pid {
		t.Fatalf("%+v, %v", seen, err)
	}
	if b, _ := json.Marshal(seen); strings.Contains(string(b), "secret") {
		t.Errorf("a word of the command line got out: %s", b)
	}
}

// A user without rights sees that somebody speaks, and whose it is: that is said, and not taken for quiet.
func TestSampleWithoutRights(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can look as somebody else")
	}
	world := outside(t)
	child := start(t, self(t, "speak", world.String()))
	child.says(t)
	exe, _ := os.Executable()
	copied := filepath.Join("/tmp", fmt.Sprintf("delist-outbound-%d.test", os.Getpid())) // a test's own folder is for its user only
	b, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, b, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(copied) })
	cmd := exec.CommandContext(t.Context(), copied, "sample", strconv.Itoa(int(world.Port())))
	cmd.Dir = "/tmp"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534, NoSetGroups: true}}
	looks := start(t, cmd)
	looks.says(t)
	if _, err := io.WriteString(looks.in, "\n"); err != nil {
		t.Fatal(err)
	}
	var seen Sample
	if err := json.Unmarshal([]byte(looks.says(t)), &seen); err != nil {
		t.Fatal(err)
	}
	if len(seen.Programs) != 1 || seen.Programs[0].Known() || seen.Programs[0].Owner != "root" || seen.Ended != 0 {
		t.Errorf("%+v", seen)
	}
	if !slices.ContainsFunc(seen.Unseen, func(s string) bool { return strings.Contains(s, "Other users' programs") }) {
		t.Errorf("what could not be seen is not said: %q", seen.Unseen)
	}
}

// A process that ends while it is looked at is whoever's its socket was, and no second program.
func TestAProgramThatEndsWhileItIsLookedAt(t *testing.T) {
	proc := t.TempDir()
	fds := filepath.Join(proc, "4711", "fd")
	if err := errors.Join(os.MkdirAll(fds, 0o700), os.Symlink("socket:[99]", filepath.Join(fds, "3")),
		os.Symlink("/tmp/parcel-update", filepath.Join(proc, "4711", "exe")), os.WriteFile(filepath.Join(proc, "passwd"), []byte("web:x:33:33::/:/bin/sh\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	e := &eyes{proc: proc, users: filepath.Join(proc, "passwd")}
	programs, _, _ := e.programs(t.Context(), []connection{{socket: 99, uid: 33}}, func(connection) bool { return true })
	if len(programs) != 1 || programs[0].Key() != "/tmp/parcel-update of web" {
		t.Errorf("%+v", programs)
	}
}

// speakApart speaks within a network of its own, whose loopback has to be switched on first.
func speakApart() {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		panic(err)
	}
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		panic(err)
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		panic(err)
	}
	door, err := net.Listen("tcp", "127.0.0.1:"+os.Args[2])
	if err != nil {
		panic(err)
	}
	conn, err := net.Dial("tcp", door.Addr().String())
	if err != nil {
		panic(err)
	}
	fmt.Println("speaks")
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = conn.Close()
}

func TestSampleSeesIntoContainers(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a network")
	}
	const port = 2525
	cmd := self(t, "apart", strconv.Itoa(port))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	probe := self(t, "-test.run=^$", "-test.v=false")
	probe.SysProcAttr = cmd.SysProcAttr
	if err := probe.Run(); err != nil {
		t.Skipf("no network can be made here: %v", err)
	}
	child := start(t, cmd)
	child.says(t)
	seen, err := At(port).Sample(t.Context())
	if err != nil || len(seen.Programs) != 1 || seen.Programs[0].PID != child.Process.Pid || !seen.Programs[0].Container {
		t.Fatalf("%+v, %v", seen, err)
	}
}

// The connection and who holds it are looked at one after the other: a program that ends between them is no error.
func TestSampleWhileProgramsComeAndGo(t *testing.T) {
	world := outside(t)
	s := At(world.Port())
	for until := time.Now().Add(300 * time.Millisecond); time.Now().Before(until); {
		conn, err := net.Dial("tcp", world.String())
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = conn.Close() }()
		seen, err := s.Sample(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range seen.Programs {
			if p.PID != os.Getpid() {
				t.Errorf("%+v", p)
			}
		}
	}
}
