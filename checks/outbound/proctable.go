package outbound

import (
	"bufio"
	"encoding/hex"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// States of a connection in /proc/net/tcp (include/net/tcp_states.h), as far as they matter here.
const (
	procTimeWait = 0x06
	procClosed   = 0x07
	procListen   = 0x0A
)

// maxTable bounds what is read of one table, in bytes: some 400,000 connections.
const maxTable = 64 << 20

// readProcTable reads /proc/net/tcp or tcp6 (proc_pid_net(5)), and counts the lines that it does not understand.
func readProcTable(r io.Reader, keep func(connection) bool) (found []connection, odd int, err error) {
	lines := bufio.NewScanner(io.LimitReader(r, maxTable))
	for head := true; lines.Scan(); head = false {
		if head {
			continue
		}
		c, listens, ok := parseProcLine(lines.Text())
		switch {
		case !ok:
			odd++
		case !listens && keep(c):
			found = append(found, c)
		}
	}
	return found, odd, lines.Err()
}

// parseProcLine reads a line: "sl local remote state queues timer retransmits uid timeout inode ...".
func parseProcLine(line string) (c connection, listens, ok bool) {
	f := strings.Fields(line)
	if len(f) < 10 {
		return c, false, false
	}
	state, err := strconv.ParseUint(f[3], 16, 8)
	if err != nil {
		return c, false, false
	}
	if c.local, ok = parseProcAddress(f[1]); !ok {
		return c, false, false
	}
	if c.remote, ok = parseProcAddress(f[2]); !ok {
		return c, false, false
	}
	uid, err := strconv.ParseUint(f[7], 10, 32)
	if err != nil {
		return c, false, false
	}
	if c.socket, err = strconv.ParseUint(f[9], 10, 64); err != nil {
		return c, false, false
	}
	c.uid = uint32(uid)
	c.over = c.socket == 0 || state == procTimeWait || state == procClosed
	return c, state == procListen, true
}

// parseProcAddress reads "0100007F:0019": the address in 32-bit words of this machine's own byte order, the port.
// SmarterMail's machines are little-endian.
func parseProcAddress(text string) (netip.AddrPort, bool) {
	digits, port, ok := strings.Cut(text, ":")
	n, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, false
	}
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != 4 && len(b) != 16 {
		return netip.AddrPort{}, false
	}
	for word := range slices.Chunk(b, 4) {
		slices.Reverse(word)
	}
	ip, _ := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), true
}
