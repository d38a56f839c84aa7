package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"delist/steps"
)

func TestConnection(t *testing.T) {
	for name, c := range map[string]struct {
		env   map[string]string
		above []string // from this program upwards
		want  steps.Connection
	}{
		"nothing known":           {nil, nil, steps.ConnectionUnknown},
		"ssh":                     {map[string]string{"SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22"}, []string{"delist", "bash", "sshd"}, steps.ConnectionSSH},
		"ssh, then sudo":          {nil, []string{"delist", "sudo", "sudo", "bash", "sshd-session", "sshd", "systemd"}, steps.ConnectionSSH},
		"tmux":                    {map[string]string{"SSH_CONNECTION": "x", "TMUX": "/tmp/tmux-0/default,1,0"}, []string{"delist", "bash", "tmux: server"}, steps.ConnectionKept},
		"tmux, then sudo":         {nil, []string{"delist", "sudo", "bash", "tmux: server", "systemd"}, steps.ConnectionKept},
		"screen":                  {map[string]string{"STY": "1.pts-0.host", "SSH_TTY": "/dev/pts/0"}, nil, steps.ConnectionKept},
		"mosh":                    {map[string]string{"SSH_CONNECTION": "x"}, []string{"delist", "bash", "mosh-server"}, steps.ConnectionKept},
		"console":                 {nil, []string{"delist", "bash", "login", "systemd"}, steps.ConnectionLocal},
		"a desktop":               {nil, []string{"delist", "bash", "gnome-terminal-", "systemd"}, steps.ConnectionUnknown},
		"a program named alike":   {nil, []string{"delist", "screenshot", "sshdump"}, steps.ConnectionUnknown},
		"a name with brackets":    {nil, []string{"delist", "a) S 1 (b", "sshd"}, steps.ConnectionSSH},
		"remote desktop":          {map[string]string{"SESSIONNAME": "RDP-Tcp#12"}, nil, steps.ConnectionRDP},
		"the console of a server": {map[string]string{"SESSIONNAME": "Console"}, nil, steps.ConnectionLocal},
	} {
		t.Run(name, func(t *testing.T) {
			proc := t.TempDir()
			for i, program := range c.above {
				pid, parent := 100-i, 100-i-1
				if i == len(c.above)-1 {
					parent = 1
				}
				dir := filepath.Join(proc, fmt.Sprint(pid))
				if err := os.Mkdir(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "stat"), fmt.Appendf(nil, "%d (%s) S %d %d 0 0", pid, program, parent, pid), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got := connection(func(name string) string { return c.env[name] }, proc, 100); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}
