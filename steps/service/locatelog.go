package service

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
)

// logTail is how much of an smtpLog is read for the spool's path, in bytes: some thousand sessions.
const logTail = 1 << 20

// smtpLogName is the name of an smtpLog that is not yet compressed; names sort by day.
var smtpLogName = regexp.MustCompile(`^\d{4}\.\d{2}\.\d{2}-smtpLog\.log$`)

// wroteHDR is SmarterMail's own line about a message that it has put into the spool. It is anchored at both ends: what a
// client says stands behind "cmd: " and cannot pass for it.
var wroteHDR = regexp.MustCompile(`^\d{2}:\d{2}:\d{2}(?:\.\d{3})? \[[^\]]+\]\s?\[[^\]]+\] Successfully wrote to the HDR file\. \((.+\.hdr)\)$`)

// loggedSpool returns the spool that the newest smtpLogs in a folder of logs write to, and the log that says so.
func (m machine) loggedSpool(ctx context.Context, logs Candidate) (root, file string) {
	if !logs.Exists {
		return "", ""
	}
	names, err := m.disk.Names(logs.Path)
	if err != nil {
		return "", ""
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !smtpLogName.MatchString(n) })
	slices.Sort(names)
	slices.Reverse(names)
	for _, name := range names[:min(3, len(names))] {
		if ctx.Err() != nil {
			return "", ""
		}
		tail, err := m.disk.Tail(m.join(logs.Path, name), logTail)
		if err != nil {
			continue
		}
		if root := m.lastSpool(tail); root != "" {
			return root, name
		}
	}
	return "", ""
}

// lastSpool returns the spool of the last message that a log says was written.
func (m machine) lastSpool(log []byte) string {
	lines := bytes.Split(log, []byte("\n"))
	for _, line := range slices.Backward(lines) {
		if match := wroteHDR.FindSubmatch(bytes.TrimRight(line, "\r")); match != nil {
			if root := m.spoolRoot(string(match[1])); root != "" {
				return root
			}
		}
	}
	return ""
}

// spoolRoot takes the file's name and the folders within the spool (SubSpool<N>, proc) off the path of an HDR.
func (m machine) spoolRoot(hdr string) string {
	path := m.clean(hdr)
	up := func() bool {
		i := strings.LastIndexAny(path, `\/`)
		if i < 0 {
			return false
		}
		path = path[:i]
		return true
	}
	last := func() string { return asciiLower(path[strings.LastIndexAny(path, `\/`)+1:]) }
	if path == "" || !up() {
		return ""
	}
	if last() == "work" {
		up()
	}
	if n, ok := strings.CutPrefix(last(), "subspool"); last() == "proc" || ok && isNumber(n) {
		up()
	}
	return m.clean(path)
}

func isNumber(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
