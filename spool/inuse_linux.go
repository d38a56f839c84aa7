package spool

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// InUse looks which other programs have message files of the spool open: a mail service that is said to be stopped and
// is not, a backup, a virus scanner. It sees what /proc shows this user (proc(5)), so as root all of them.
func (s *Spool) InUse(ctx context.Context) ([]User, error) {
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("look who has spool files open: %w", err)
	}
	var users []User
	for _, entry := range processes {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if n := s.openIn(filepath.Join("/proc", entry.Name(), "fd")); n > 0 {
			name, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "comm"))
			users = append(users, User{PID: pid, Program: strings.TrimSpace(string(name)), Files: n})
		}
	}
	return users, nil
}

// openIn counts the spool's message files among a process's open files. A process that ends meanwhile has none.
func (s *Spool) openIn(fds string) int {
	list, err := os.ReadDir(fds)
	if err != nil {
		return 0
	}
	n := 0
	for _, fd := range list {
		name, err := os.Readlink(filepath.Join(fds, fd.Name()))
		if err != nil || !strings.HasPrefix(name, s.path+"/") {
			continue
		}
		switch filepath.Ext(name) {
		case ".hdr", ".eml", ".em_":
			n++
		}
	}
	return n
}
