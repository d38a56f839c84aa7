package outbound

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"delist/spool/message"
)

// eyes ask Windows.
type eyes struct {
	table  *windows.LazyProc
	owners *owners
}

func newEyes() eyes {
	return eyes{table: windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetExtendedTcpTable"), owners: &owners{names: map[string]string{}}}
}

// ownerPIDAll is TCP_TABLE_OWNER_PID_ALL: all connections, with the process that owns each.
const ownerPIDAll = 5

// connections are those that keep wants.
func (e *eyes) connections(_ context.Context, keep func(connection) bool) (all []connection, unseen []string, err error) {
	four, err := e.read(windows.AF_INET)
	if err != nil {
		return nil, nil, err
	}
	if all, err = readWinTable(four, false, keep); err != nil {
		return nil, nil, err
	}
	six, err := e.read(windows.AF_INET6)
	if err == nil {
		var more []connection
		more, err = readWinTable(six, true, keep)
		all = append(all, more...)
	}
	if err != nil {
		unseen = []string{"Connections over IPv6 cannot be seen here: " + message.Printable(err.Error()) + "."}
	}
	return all, unseen, nil
}

// read asks for the table of one family; it may grow meanwhile.
func (e *eyes) read(family uintptr) ([]byte, error) {
	if err := e.table.Find(); err != nil {
		return nil, fmt.Errorf("the system's table of connections cannot be asked for: %w", err)
	}
	size := uint32(16 << 10)
	for range 8 {
		b := make([]uint32, size/4+1) // at the alignment of its numbers
		code, _, _ := e.table.Call(uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&size)), 0, family, ownerPIDAll, 0)
		switch err := windows.Errno(code); {
		case code == 0:
			return unsafe.Slice((*byte)(unsafe.Pointer(&b[0])), len(b)*4), nil
		case !errors.Is(err, windows.ERROR_INSUFFICIENT_BUFFER) || size > maxTable:
			return nil, fmt.Errorf("the system's table of connections cannot be read: %w", err)
		}
		size += size / 4
	}
	return nil, errors.New("the system's table of connections grows faster than it can be read")
}

// programs says who the processes are.
func (e *eyes) programs(_ context.Context, open []connection, _ func(connection) bool) (programs []Program, ended int, unseen []string) {
	names := processNames()
	known := map[int]Program{}
	blind := false
	for _, c := range open {
		p, ok := known[c.pid]
		if !ok {
			p = e.describe(c.pid)
			if p.Name = names[c.pid]; p.Name == "" && p.Path == "" { // it has ended meanwhile
				ended++
				continue
			}
			known[c.pid] = p
		}
		blind = blind || p.Path == ""
		p.Remote = c.remote
		programs = append(programs, p)
	}
	if blind {
		unseen = []string{"The file of some programs cannot be seen by this user: run delist as administrator."}
	}
	return programs, ended, unseen
}

// describe says what a process is, as far as this user may know.
func (e *eyes) describe(pid int) Program {
	p := Program{PID: pid}
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return p
	}
	defer func() { _ = windows.CloseHandle(h) }()
	b := make([]uint16, windows.MAX_LONG_PATH)
	if n := uint32(len(b)); windows.QueryFullProcessImageName(h, 0, &b[0], &n) == nil {
		p.Path = message.Printable(windows.UTF16ToString(b[:n]))
	}
	var token windows.Token
	if windows.OpenProcessToken(h, windows.TOKEN_QUERY, &token) != nil {
		return p
	}
	defer func() { _ = token.Close() }()
	if user, err := token.GetTokenUser(); err == nil {
		p.Owner = e.owners.name(user.User.Sid)
	}
	return p
}

// processNames are the names of all processes; everybody may know them.
func processNames() map[int]string {
	names := map[int]string{}
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return names
	}
	defer func() { _ = windows.CloseHandle(snapshot) }()
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		names[int(entry.ProcessID)] = message.Printable(windows.UTF16ToString(entry.ExeFile[:]))
	}
	return names
}

// ownerLimit is how long the name of a user may take: a domain controller may be far away.
const ownerLimit = 2 * time.Second

// owners remembers the names of users. Each is asked for once; an answer that comes late is for the next look.
type owners struct {
	mu    sync.Mutex
	names map[string]string // by SID; empty while it is asked for
}

func (o *owners) name(sid *windows.SID) string {
	id := sid.String()
	o.mu.Lock()
	name, asked := o.names[id]
	if !asked {
		o.names[id] = ""
	}
	o.mu.Unlock()
	if name != "" {
		return name
	}
	if asked {
		return id
	}
	own, err := sid.Copy() // the question may outlive the process's own
	if err != nil {
		return id
	}
	answer := make(chan string, 1)
	go func() { // ends with the system call, which cannot be ended
		name := id
		if account, domain, _, err := own.LookupAccount(""); err == nil {
			name = message.Printable(domain + `\` + account)
		}
		o.mu.Lock()
		o.names[id] = name
		o.mu.Unlock()
		answer <- name
	}()
	select {
	case name = <-answer:
		return name
	case <-time.After(ownerLimit):
		return id
	}
}
