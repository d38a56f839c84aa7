package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"delist/spool/message"
)

// Candidate is a folder or file that SmarterMail may use on this server.
type Candidate struct {
	Path   string
	Ground string // why it is believed, in words, the strongest first
	Exists bool   // false: it is named somewhere, but is not there, or lies on a share and was not looked at
}

// Located is what was found of SmarterMail on this server, the likeliest first. The operator confirms it.
type Located struct {
	Services   []Found
	ServiceErr error // why the services could not be looked at; nil when they were
	Spools     []Candidate
	Logs       []Candidate
	Configs    []Candidate // configuration files that were read
}

// Locate looks for SmarterMail's service, spool and logs on this server. A spool is believed, in this order, for being
// named in SmarterMail's configuration, for being written to by its smtpLog, and for lying where the vendor puts it.
// Nothing is changed, and shares are not touched, since one that hangs would hang the search.
func Locate(ctx context.Context) Located {
	found, err := Find(ctx)
	l := thisMachine().locate(ctx, found)
	l.ServiceErr = err
	return l
}

// machine is where locate looks: this server's disks, or a test's.
type machine struct {
	windows bool
	drives  []string // "C:", the fixed disks of a Windows server
	disk    disk
}

// disk reads a machine's files by their names there.
type disk interface {
	IsDir(path string) bool
	// Names lists the files of a folder, without order.
	Names(dir string) ([]string, error)
	// Head reads up to limit bytes from the beginning of a file, Tail from its end.
	Head(path string, limit int64) ([]byte, error)
	Tail(path string, limit int64) ([]byte, error)
}

func (m machine) locate(ctx context.Context, found []Found) Located {
	l := Located{Services: found}
	if m.disk == nil {
		return l
	}
	var spools, logs, configs candidates
	spools.m, logs.m, configs.m = m, m, m
	for _, file := range m.configFiles(found) {
		values, err := m.configPaths(file)
		if err != nil || ctx.Err() != nil {
			continue
		}
		configs.add(file, "read", true)
		for _, v := range values {
			ground := fmt.Sprintf("%s names it (%s)", file, v.key)
			switch v.kind() {
			case "spool":
				spools.add(v.path, ground, m.exists(v.path))
			case "logs":
				logs.add(v.path, ground, m.exists(v.path))
			}
		}
	}
	for _, dir := range m.usual("Logs") {
		if m.disk.IsDir(dir) {
			logs.add(dir, "it is where the vendor puts logs", true)
		}
	}
	for _, dir := range logs.list {
		if root, file := m.loggedSpool(ctx, dir); root != "" {
			spools.add(root, fmt.Sprintf("%s says that mail is written there", file), m.exists(root))
		}
	}
	for _, dir := range m.usual("Spool") {
		if m.disk.IsDir(dir) {
			spools.add(dir, "it is where the vendor puts the spool", true)
		}
	}
	l.Spools, l.Logs, l.Configs = spools.sorted(), logs.sorted(), configs.sorted()
	return l
}

// usual lists where the vendor's defaults and its users' habits put a folder.
func (m machine) usual(folder string) []string {
	if !m.windows {
		return []string{"/var/lib/smartermail/" + folder}
	}
	var dirs []string
	for _, drive := range m.drives {
		for _, above := range []string{`\SmarterMail\`, `\SmarterMail16\`, `\SmarterMail\Domains\`} {
			dirs = append(dirs, drive+above+folder)
		}
	}
	return dirs
}

func (m machine) exists(path string) bool { return !isShare(path) && m.disk.IsDir(path) }

// isShare says that a path leads to another machine.
func isShare(path string) bool {
	return strings.HasPrefix(path, `\\`) || strings.HasPrefix(path, "//")
}

// candidates collects paths and the grounds for each.
type candidates struct {
	m    machine
	list []Candidate
}

func (c *candidates) add(path, ground string, exists bool) {
	path = c.m.clean(path)
	if path == "" {
		return
	}
	if isShare(path) {
		ground += ", on a share, not looked at"
	}
	same := func(o Candidate) bool { return o.Path == path || c.m.windows && strings.EqualFold(o.Path, path) }
	if i := slices.IndexFunc(c.list, same); i >= 0 {
		c.list[i].Ground += "; " + ground
		return
	}
	c.list = append(c.list, Candidate{Path: path, Ground: ground, Exists: exists})
}

// sorted puts what exists before what is only named.
func (c *candidates) sorted() []Candidate {
	slices.SortStableFunc(c.list, func(a, b Candidate) int {
		switch {
		case a.Exists == b.Exists:
			return 0
		case a.Exists:
			return -1
		}
		return 1
	})
	return c.list
}

// clean gives a path the machine's own separators, or "" when it is none that could be used as it stands.
func (m machine) clean(path string) string {
	path = strings.TrimSpace(path)
	if path == "" || len(path) > 1024 || message.Printable(path) != path {
		return ""
	}
	if m.windows {
		path = strings.ReplaceAll(path, "/", `\`)
		if !strings.HasPrefix(path, `\\`) && (len(path) < 3 || path[1] != ':' || path[2] != '\\') {
			return ""
		}
		if len(path) > 3 {
			path = strings.TrimRight(path, `\`)
		}
		return path
	}
	if !strings.HasPrefix(path, "/") {
		return ""
	}
	if len(path) > 1 {
		path = strings.TrimRight(path, "/")
	}
	return path
}

// join makes a path on this machine.
func (m machine) join(dir string, names ...string) string {
	separator := "/"
	if m.windows {
		separator = `\`
	}
	return strings.Join(append([]string{strings.TrimRight(dir, separator)}, names...), separator)
}
