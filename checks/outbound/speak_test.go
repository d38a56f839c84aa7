package outbound

import (
	"bufio"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"testing"
)

// outside listens as the world outside does, on loopback.
func outside(t *testing.T) netip.AddrPort {
	t.Helper()
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = door.Close() })
	go func() { // ends with the door
		for {
			conn, err := door.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	return netip.MustParseAddrPort(door.Addr().String())
}

// process is a child that says a line once it is ready, and ends with its standard input.
type process struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, cmd *exec.Cmd) process {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := process{cmd, in, bufio.NewReader(out)}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return p
}

func (p process) says(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("%s: %v", p, err)
	}
	return strings.TrimSpace(line)
}

func self(t *testing.T, words ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), exe, words...)
}

func TestSampleNamesTheProgram(t *testing.T) {
	world := outside(t)
	s := At(world.Port())
	quiet, err := s.Sample(t.Context())
	if err != nil || len(quiet.Programs) != 0 || quiet.Ended != 0 || quiet.Programs == nil {
		t.Fatalf("before anybody speaks: %+v, %v", quiet, err)
	}
	child := start(t, self(t, "speak", world.String()))
	child.says(t)
	exe, _ := os.Executable()
	for look := range 2 { // the second remembers the first
		seen, err := s.Sample(t.Context())
		if err != nil || len(seen.Programs) != 1 {
			t.Fatalf("look %d: %+v, %v", look, seen, err)
		}
		p := seen.Programs[0]
		if p.PID != child.Process.Pid || p.Path != exe || p.Remote != world || p.Connections != 1 || p.Container || p.Script != "" || p.IsMail() {
			t.Errorf("look %d: %+v", look, p)
		}
		if me, err := user.Current(); err != nil || !strings.EqualFold(p.Owner, me.Username) {
			t.Errorf("owner %q, want %q, %v", p.Owner, me.Username, err)
		}
	}
	_ = child.in.Close()
	_ = child.Wait()
	ended, err := s.Sample(t.Context())
	if err != nil || len(ended.Programs) != 0 || ended.Ended > 1 {
		t.Errorf("after its end: %+v, %v", ended, err)
	}
}

// What speaks on loopback to this machine's own port 25 hands its mail to the mail server here.
func TestSampleLeavesOutWhatStaysHere(t *testing.T) {
	world := outside(t)
	child := start(t, self(t, "speak", world.String()))
	child.says(t)
	s := At(world.Port())
	s.loopback = false
	if seen, err := s.Sample(t.Context()); err != nil || len(seen.Programs) != 0 {
		t.Errorf("%+v, %v", seen, err)
	}
}
