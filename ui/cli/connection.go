package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"delist/steps"
)

// keepers are the programs in which a session outlives its connection, by the names that the system knows them by.
var keepers = []string{"tmux", "screen", "SCREEN", "zellij", "mosh-server", "dtach", "abduco"}

// connection says how the operator of this process sits at this server.
func (e *Environment) connection() steps.Connection { return connection(e.get, "/proc", os.Getpid()) }

// connection says how the operator sits at this server: by what the session's variables say and, since sudo takes those
// away, by the programs above this one, as far as /proc names them.
func connection(get func(string) string, proc string, pid int) steps.Connection {
	above := ancestors(proc, pid)
	is := func(names ...string) bool {
		return slices.ContainsFunc(above, func(program string) bool {
			return slices.ContainsFunc(names, func(name string) bool {
				rest, ok := strings.CutPrefix(program, name)
				return ok && (rest == "" || strings.ContainsAny(rest[:1], ":-"))
			})
		})
	}
	switch {
	case get("TMUX") != "", get("STY") != "", get("ZELLIJ") != "", is(keepers...):
		return steps.ConnectionKept
	case get("SSH_CONNECTION") != "", get("SSH_TTY") != "", is("sshd", "dropbear"):
		return steps.ConnectionSSH
	case strings.HasPrefix(strings.ToUpper(get("SESSIONNAME")), "RDP-"):
		return steps.ConnectionRDP
	case strings.EqualFold(get("SESSIONNAME"), "Console"), is("login"):
		return steps.ConnectionLocal
	}
	return steps.ConnectionUnknown
}

// maxAncestors bounds the programs looked at.
const maxAncestors = 64

// ancestors are the names of the programs above a process, the nearest first; none where there is no /proc.
func ancestors(proc string, pid int) []string {
	var names []string
	for range maxAncestors {
		name, parent, err := processStat(filepath.Join(proc, strconv.Itoa(pid), "stat"))
		if err != nil {
			return names
		}
		names = append(names, name)
		if pid = parent; pid <= 1 {
			return names
		}
	}
	return names
}

// processStat reads "PID (NAME) STATE PARENT ..". A name may hold anything, brackets too.
func processStat(path string) (name string, parent int, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", 0, err
	}
	from, to := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if from < 0 || to < from {
		return "", 0, fmt.Errorf("%s has another form", path)
	}
	rest := bytes.Fields(data[to+1:])
	if len(rest) < 2 {
		return "", 0, fmt.Errorf("%s has another form", path)
	}
	parent, err = strconv.Atoi(string(rest[1]))
	return string(data[from+1 : to]), parent, err
}
