package outbound

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

const procHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

func TestProcTable(t *testing.T) {
	for name, c := range map[string]struct {
		line   string
		remote string
		uid    uint32
		socket uint64
		over   bool
		odd    bool
		none   bool // it listens
	}{
		"established": {line: "   3: 0A00000A:C3A4 19007BCB:0019 01 00000000:00000000 02:000A7214 00000000    33        0 91823 2 ffff8881 20 4 30 10 -1",
			remote: "203.123.0.25:25", uid: 33, socket: 91823},
		"knocking, behind a provider that lets no mail out": {line: "   4: 0A00000A:C3A6 0200A8C0:0019 02 00000001:00000000 01:00000042 00000003  1001        0 91900 2 ffff8881 400 0 0 1 7",
			remote: "192.168.0.2:25", uid: 1001, socket: 91900},
		"closed by the other side": {line: "5: 0A00000A:C3A8 0200A8C0:0019 08 00000000:00000001 00:00000000 00000000 0 0 17 1 ffff 20 4 30 10 -1",
			remote: "192.168.0.2:25", socket: 17},
		"ended, nobody's any more": {line: "6: 0A00000A:C3AA 0200A8C0:0019 06 00000000:00000000 03:00000E5C 00000000 0 0 0 3 ffff",
			remote: "192.168.0.2:25", over: true},
		"closing, its program has ended": {line: "7: 0A00000A:C3AC 0200A8C0:0019 04 00000000:00000000 01:00000014 00000000 0 0 0 1 ffff",
			remote: "192.168.0.2:25", over: true},
		"listens": {line: "0: 00000000:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 11221 1 ffff", none: true},
		"IPv6": {line: "1: 000080FE00000000FF005450B6AD1DFE:9C40 B80D0120000000000000000001000000:0019 01 00000000:00000000 00:00000000 00000000 998 0 5512 1 ffff",
			remote: "[2001:db8::1]:25", uid: 998, socket: 5512},
		"IPv4 within IPv6": {line: "2: 0000000000000000FFFF00000A00000A:9C42 0000000000000000FFFF00000200A8C0:0019 01 00000000:00000000 00:00000000 00000000 0 0 5513 1 ffff",
			remote: "192.168.0.2:25", socket: 5513},
		"cut off":                {line: "9: 0A00000A:C3A4 19007BCB:0019 01 00000000", odd: true},
		"an address too short":   {line: "9: 0A0000:C3A4 19007BCB:0019 01 0:0 0:0 0 0 0 5 1 f", odd: true},
		"a port too large":       {line: "9: 0A00000A:C3A4 19007BCB:10019 01 0:0 0:0 0 0 0 5 1 f", odd: true},
		"no port":                {line: "9: 0A00000A 19007BCB 01 0:0 0:0 0 0 0 5 1 f", odd: true},
		"a state of another age": {line: "9: 0A00000A:C3A4 19007BCB:0019 1FF 0:0 0:0 0 0 0 5 1 f", odd: true},
		"a user below 0":         {line: "9: 0A00000A:C3A4 19007BCB:0019 01 0:0 0:0 0 -1 0 5 1 f", odd: true},
	} {
		found, odd, err := readProcTable(strings.NewReader(procHead+c.line+"\n"), func(connection) bool { return true })
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case c.odd:
			if odd != 1 || len(found) != 0 {
				t.Errorf("%s: found %v, %d odd lines", name, found, odd)
			}
		case c.none:
			if odd != 0 || len(found) != 0 {
				t.Errorf("%s: found %v, %d odd lines", name, found, odd)
			}
		case odd != 0 || len(found) != 1:
			t.Errorf("%s: found %v, %d odd lines", name, found, odd)
		default:
			if f := found[0]; f.remote != netip.MustParseAddrPort(c.remote) || f.uid != c.uid || f.socket != c.socket || f.over != c.over {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

func TestProcTableKeepsOnlyWhatIsAskedFor(t *testing.T) {
	var b strings.Builder
	b.WriteString(procHead)
	for i := range 1000 {
		fmt.Fprintf(&b, "%d: 0A00000A:%04X 19007BCB:%04X 01 00000000:00000000 00:00000000 00000000 0 0 %d 1 ffff\n", i, 40000+i, 20+i%10, 7000+i)
	}
	found, odd, err := readProcTable(strings.NewReader(b.String()), func(c connection) bool { return c.remote.Port() == SMTP })
	if err != nil || odd != 0 || len(found) != 100 {
		t.Fatalf("found %d, %d odd, %v", len(found), odd, err)
	}
}

// winTable lays out rows as Windows does.
func winTable(rows ...[]byte) []byte {
	table := binary.LittleEndian.AppendUint32(nil, uint32(len(rows)))
	for _, row := range rows {
		table = append(table, row...)
	}
	return append(table, make([]byte, 100)...) // the room that was asked for is larger
}

func row4(state uint32, local, remote string, pid uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, state)
	for _, a := range []string{local, remote} {
		ap := netip.MustParseAddrPort(a)
		ip := ap.Addr().As4()
		b = append(b, ip[:]...)
		b = append(binary.BigEndian.AppendUint16(b, ap.Port()), 0, 0)
	}
	return binary.LittleEndian.AppendUint32(b, pid)
}

func row6(state uint32, local, remote string, pid uint32) []byte {
	var b []byte
	for _, a := range []string{local, remote} {
		ap := netip.MustParseAddrPort(a)
		ip := ap.Addr().As16()
		b = append(b, ip[:]...)
		b = binary.LittleEndian.AppendUint32(b, 7) // scope
		b = append(binary.BigEndian.AppendUint16(b, ap.Port()), 0, 0)
	}
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, state), pid)
}

func TestWinTable(t *testing.T) {
	four, err := readWinTable(winTable(
		row4(2, "0.0.0.0:25", "0.0.0.0:0", 1204), row4(5, "192.0.2.8:51544", "203.0.113.9:25", 4711), row4(3, "192.0.2.8:51545", "203.0.113.10:25", 4712),
		row4(11, "192.0.2.8:51546", "203.0.113.9:25", 0), row4(5, "192.0.2.8:51547", "203.0.113.9:443", 4711)), false, func(c connection) bool { return c.remote.Port() == SMTP })
	if err != nil || len(four) != 3 || four[0].pid != 4711 || four[0].over || four[1].remote.String() != "203.0.113.10:25" || four[1].over || !four[2].over {
		t.Errorf("%+v, %v", four, err)
	}
	six, err := readWinTable(winTable(
		row6(5, "[2001:db8::8]:51544", "[2001:db8:1::9]:25", 4711), row6(5, "[::ffff:192.0.2.8]:51545", "[::ffff:203.0.113.9]:25", 77),
		row6(12, "[2001:db8::8]:51546", "[2001:db8:1::9]:25", 4711)), true, func(connection) bool { return true })
	if err != nil || len(six) != 3 || six[0].remote.String() != "[2001:db8:1::9]:25" || six[0].pid != 4711 || six[0].over ||
		six[1].remote.String() != "203.0.113.9:25" || six[1].pid != 77 || !six[2].over {
		t.Errorf("%+v, %v", six, err)
	}
	for n, table := range [][]byte{nil, {1, 0}, {1, 0, 0, 0}, winTable(row4(5, "192.0.2.8:1", "192.0.2.9:25", 4))[:27], {255, 255, 255, 255, 0, 0, 0, 0}} {
		if found, err := readWinTable(table, false, func(connection) bool { return true }); err == nil {
			t.Errorf("cut off %d: %v", n, found)
		}
	}
}

func FuzzProcTable(f *testing.F) {
	f.Add(procHead + "3: 0A00000A:C3A4 19007BCB:0019 01 00000000:00000000 02:000A7214 00000000 33 0 91823 2 f\n")
	f.Add(procHead + "1: 000080FE00000000FF005450B6AD1DFE:9C40 B80D0120000000000000000001000000:0019 01 0:0 0:0 0 998 0 5512 1 f\n")
	f.Fuzz(func(t *testing.T, text string) {
		found, odd, err := readProcTable(strings.NewReader(text), func(connection) bool { return true })
		if n := strings.Count(text, "\n") + 1; len(found)+odd > n {
			t.Errorf("%d found and %d odd of %d lines", len(found), odd, n)
		}
		for _, c := range found {
			if !c.remote.Addr().IsValid() || c.remote.Addr().Is4In6() {
				t.Errorf("%+v, %v", c, err)
			}
		}
	})
}

func FuzzWinTable(f *testing.F) {
	f.Add(winTable(row4(5, "192.0.2.8:1", "192.0.2.9:25", 4)), false)
	f.Add(winTable(row6(5, "[::1]:1", "[2001:db8::1]:25", 4)), true)
	f.Fuzz(func(t *testing.T, table []byte, six bool) {
		found, err := readWinTable(table, six, func(connection) bool { return true })
		if len(found) > len(table)/winRow4 || err != nil && found != nil {
			t.Errorf("%d found in %d bytes, %v", len(found), len(table), err)
		}
	})
}
