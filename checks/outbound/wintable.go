package outbound

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// States of a connection in Windows' table (MIB_TCP_STATE), as far as they matter here.
const (
	winClosed   = 1
	winListen   = 2
	winTimeWait = 11
	winDeleted  = 12
)

// Sizes of a row of MIB_TCPTABLE_OWNER_PID and MIB_TCP6TABLE_OWNER_PID, in bytes.
const (
	winRow4 = 24
	winRow6 = 56
)

// errShortTable says that a table ends before its last row.
var errShortTable = errors.New("the table of TCP connections is cut off")

// readWinTable reads what GetExtendedTcpTable gives for IPv4 or IPv6: a count, then the rows, all of 32-bit numbers.
// Addresses and ports are in network byte order.
func readWinTable(table []byte, six bool, keep func(connection) bool) ([]connection, error) {
	if len(table) < 4 {
		return nil, errShortTable
	}
	size, read := winRow4, winRow
	if six {
		size, read = winRow6, winRowSix
	}
	n, rows := uint64(binary.LittleEndian.Uint32(table)), table[4:]
	if n > uint64(len(rows)/size) {
		return nil, errShortTable
	}
	var found []connection
	for i := range int(n) {
		c, state := read(rows[i*size : (i+1)*size])
		c.over = state == winTimeWait || state == winClosed || state == winDeleted || c.pid == 0
		if state != winListen && keep(c) {
			found = append(found, c)
		}
	}
	return found, nil
}

// winRow reads: state, local address and port, remote address and port, PID.
func winRow(row []byte) (connection, uint32) {
	ip := func(at int) netip.Addr { return netip.AddrFrom4([4]byte(row[at : at+4])) }
	return connection{local: netip.AddrPortFrom(ip(4), winPort(row[8:])), remote: netip.AddrPortFrom(ip(12), winPort(row[16:])),
		pid: int(binary.LittleEndian.Uint32(row[20:]))}, binary.LittleEndian.Uint32(row)
}

// winRowSix reads: local address, scope and port, remote address, scope and port, state, PID.
func winRowSix(row []byte) (connection, uint32) {
	ip := func(at int) netip.Addr { return netip.AddrFrom16([16]byte(row[at : at+16])).Unmap() }
	return connection{local: netip.AddrPortFrom(ip(0), winPort(row[20:])), remote: netip.AddrPortFrom(ip(24), winPort(row[44:])),
		pid: int(binary.LittleEndian.Uint32(row[52:]))}, binary.LittleEndian.Uint32(row[48:])
}

// winPort is a port in the first two bytes of four.
func winPort(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
