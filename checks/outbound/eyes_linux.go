package outbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"delist/spool/message"
)

// eyes read /proc.
type eyes struct {
	proc  string
	users string            // the file of users
	seen  map[uint64]string // the process that held a socket at the last look
}

func newEyes() eyes { return eyes{proc: "/proc", users: "/etc/passwd"} }

// maxNetworks bounds how many networks of containers are looked at.
const maxNetworks = 500

// connections are those that keep wants, of this machine's network and of every other that runs here.
func (e *eyes) connections(ctx context.Context, keep func(connection) bool) ([]connection, []string, error) {
	var unseen []string
	all, odd, err := e.tables("self", keep)
	if err != nil {
		return nil, nil, err
	}
	others, denied := e.networks(ctx)
	for i, process := range others {
		if ctx.Err() != nil || i == maxNetworks {
			break
		}
		more, oddHere, err := e.tables(process, keep)
		if errors.Is(err, fs.ErrNotExist) { // it has ended
			continue
		}
		if denied = denied || err != nil; err != nil {
			continue
		}
		for j := range more {
			more[j].container = true
		}
		all, odd = append(all, more...), odd+oddHere
	}
	if denied {
		unseen = append(unseen, "Programs in containers cannot be seen: "+withRights()+".")
	}
	if len(others) > maxNetworks {
		unseen = append(unseen, fmt.Sprintf("Only %d of %d networks of containers were looked at.", maxNetworks, len(others)))
	}
	if odd > 0 {
		unseen = append(unseen, fmt.Sprintf("%d lines of the system's table of connections are not understood.", odd))
	}
	return all, unseen, nil
}

// tables reads the two tables of the network that a process is in. A machine may have no IPv6.
func (e *eyes) tables(process string, keep func(connection) bool) (all []connection, odd int, err error) {
	for _, name := range []string{"tcp", "tcp6"} {
		f, err := os.Open(filepath.Join(e.proc, process, "net", name))
		if errors.Is(err, fs.ErrNotExist) && name == "tcp6" {
			continue
		}
		if err != nil {
			return nil, 0, fmt.Errorf("the system's table of connections cannot be read: %w", err)
		}
		found, oddHere, err := readProcTable(f, keep)
		_ = f.Close()
		if err != nil {
			return nil, 0, fmt.Errorf("the system's table of connections cannot be read: %w", err)
		}
		all, odd = append(all, found...), odd+oddHere
	}
	return all, odd, nil
}

// networks names one process of each network that is not this program's own, and says whether some could not be asked.
func (e *eyes) networks(ctx context.Context) (processes []string, denied bool) {
	own, err := os.Readlink(filepath.Join(e.proc, "self", "ns", "net"))
	if err != nil {
		return nil, true
	}
	known := map[string]bool{own: true}
	network := func(pid string) (string, error) { return os.Readlink(filepath.Join(e.proc, pid, "ns", "net")) }
	var refused []string
	for _, pid := range e.pids() {
		if ctx.Err() != nil {
			return processes, true
		}
		name, err := network(pid)
		switch {
		case errors.Is(err, fs.ErrPermission):
			refused = append(refused, pid)
		case err == nil && !known[name]:
			known[name] = true
			processes = append(processes, pid)
		}
	}
	return processes, deniedStill(refused, func(pid string) error { _, err := network(pid); return err })
}

// withRights is what to do where something may not be looked at.
func withRights() string {
	if os.Geteuid() == 0 {
		return "a rule of this system keeps them even from root"
	}
	return "run delist with sudo"
}

// deniedStill says that some process may not be looked at. One that is just ending refuses everybody, and is gone at once.
func deniedStill(pids []string, look func(pid string) error) bool {
	return slices.ContainsFunc(pids, func(pid string) bool { return errors.Is(look(pid), fs.ErrPermission) })
}

// pids are the processes, the oldest number first.
func (e *eyes) pids() []string {
	dir, err := os.Open(e.proc)
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1) // what was read is used, and what is missing shows as a connection without a program
	names = slices.DeleteFunc(names, func(name string) bool { _, err := strconv.ParseUint(name, 10, 32); return err != nil })
	slices.SortFunc(names, func(a, b string) int { return number(a) - number(b) })
	return names
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// programs finds who holds the sockets of connections. Where nobody is seen to and the connection is gone meanwhile, it
// has ended.
func (e *eyes) programs(ctx context.Context, open []connection, keep func(connection) bool) (programs []Program, ended int, unseen []string) {
	holders, denied := e.holders(ctx, open)
	stands := map[uint64]bool{}
	if len(holders) < len(open) {
		again, _, err := e.connections(ctx, keep)
		for _, c := range again {
			stands[c.socket] = true
		}
		denied = denied || err != nil
	}
	known := map[string]Program{}
	for _, c := range open {
		p := Program{Owner: e.user(c.uid)}
		pid, held := holders[c.socket]
		switch {
		case !held && !stands[c.socket]:
			ended++
			continue
		case held:
			if _, ok := known[pid]; !ok {
				known[pid] = e.describe(pid)
			}
			owner := p.Owner
			p = known[pid]
			p.Owner = cmp.Or(p.Owner, owner) // it may have ended while it was looked at
		}
		p.Container, p.Remote = c.container, c.remote
		programs = append(programs, p)
	}
	e.seen = holders
	switch blind := slices.ContainsFunc(programs, func(p Program) bool { return p.Path == "" }); {
	case blind && denied:
		unseen = []string{"Other users' programs cannot be seen: " + withRights() + "."}
	case blind:
		unseen = []string{"Which program holds some connections is not to be seen."}
	}
	return programs, ended, unseen
}

// holders finds the processes that hold sockets, and says whether some could not be asked. Those that held one at the last
// look are asked first: mostly they hold it still, and nobody else has to be looked at.
func (e *eyes) holders(ctx context.Context, open []connection) (holders map[uint64]string, denied bool) {
	holders = map[uint64]string{}
	wanted := map[string]uint64{}
	var first []string
	for _, c := range open {
		wanted[fmt.Sprintf("socket:[%d]", c.socket)] = c.socket
		if pid := e.seen[c.socket]; pid != "" && !slices.Contains(first, pid) {
			first = append(first, pid)
		}
	}
	var refused []string
	for _, pid := range append(first, e.pids()...) {
		if len(wanted) == 0 {
			return holders, false
		}
		if ctx.Err() != nil {
			return holders, true
		}
		links, err := e.links(pid)
		if errors.Is(err, fs.ErrPermission) {
			refused = append(refused, pid)
		}
		for _, link := range links {
			if socket, ok := wanted[link]; ok {
				holders[socket] = pid
				delete(wanted, link) // a child may hold it, too
			}
		}
	}
	return holders, len(wanted) > 0 && deniedStill(refused, func(pid string) error { _, err := e.links(pid); return err })
}

// links are what the descriptors of a process lead to.
func (e *eyes) links(pid string) ([]string, error) {
	folder := filepath.Join(e.proc, pid, "fd")
	dir, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	var links []string
	for _, name := range names {
		link, failed := os.Readlink(filepath.Join(folder, name))
		if failed != nil {
			if errors.Is(failed, fs.ErrPermission) {
				err = failed
			}
			continue
		}
		links = append(links, link)
	}
	return links, err
}

// describe says what a process is.
func (e *eyes) describe(pid string) Program {
	p := Program{PID: number(pid)}
	read := func(name string) string {
		b, _ := os.ReadFile(filepath.Join(e.proc, pid, name)) // what cannot be read stays empty, which is said
		return string(b)
	}
	path, _ := os.Readlink(filepath.Join(e.proc, pid, "exe"))
	p.Path = message.Printable(path)
	p.Name = message.Printable(strings.TrimSpace(read("comm")))
	cwd, _ := os.Readlink(filepath.Join(e.proc, pid, "cwd"))
	p.Script = message.Printable(scriptOf(path, cwd, read("cmdline")))
	for line := range strings.Lines(read("status")) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Uid:" {
			uid, err := strconv.ParseUint(fields[1], 10, 32)
			if err == nil {
				p.Owner = e.user(uint32(uid))
			}
		}
	}
	return p
}

// user is a user's name from the file of users: asking further may take a server that is far away.
func (e *eyes) user(uid uint32) string {
	digits := strconv.FormatUint(uint64(uid), 10)
	text, _ := os.ReadFile(e.users)
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(line, ":"); len(f) > 2 && f[2] == digits {
			return message.Printable(f[0])
		}
	}
	return "user " + digits
}
