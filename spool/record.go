package spool

import (
	"net/netip"
	"strings"
	"time"

	"delist/spool/message"
)

// record is a Message as a Snapshot keeps it: some 100 bytes without a pointer, since a spool may hold a million, and its
// texts in a library. Times are in nanoseconds since 1970, with noTime for none.
type record struct {
	created, nextTry int64
	hdrTime, emlTime int64
	hdrSize, emlSize int64

	base, session, recipients              ref // recipients: the first MaxRecipients, a line each
	account, mailFrom, from, subject, helo ref
	ip                                     ref // its bytes
	recipientCount                         uint32

	retries   uint16
	status    Status
	basis     Basis
	unread    Unread
	layout    Layout
	disagrees bool
	bounce    bool
	bom       bool
	local     bool
	asked     bool // Named was told of it
	marks     message.Marks
}

// draft is a record whose texts are not in a library yet.
type draft struct {
	record
	base, session, recipients              string
	account, mailFrom, from, subject, helo string
	ip                                     netip.Addr
}

// keep puts the texts of a draft into the library. The caller holds its mu.
func (l *library) keep(d *draft) record {
	r := d.record
	r.base, r.session, r.recipients = l.add(d.base), l.add(d.session), l.add(d.recipients)
	r.account, r.mailFrom, r.from = l.intern(d.account), l.intern(d.mailFrom), l.intern(d.from)
	r.subject, r.helo = l.intern(d.subject), l.intern(d.helo)
	if d.ip.IsValid() {
		r.ip = l.intern(string(d.ip.AsSlice()))
	}
	return r
}

const noTime = -1 << 63

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == noTime {
		return time.Time{}
	}
	return time.Unix(0, n)
}

// newDraft makes a record of what both files of a message say; eml is the beginning of the second, and m its header.
func newDraft(base string, stamp Stamp, h HDR, m message.Header, eml []byte) draft {
	h.widen(eml)
	who := attribute(h, m)
	zone := zoneOf(h.Created, stamp.EML.ModTime)
	created := inZone(h.Created, zone)
	if created.IsZero() {
		created = stamp.EML.ModTime
	}
	ip := h.ClientIP
	if !ip.IsValid() && !who.bounce {
		ip = m.ClientIP
	}
	return draft{
		base: base, session: h.Session, recipients: strings.Join(h.Recipients[:min(len(h.Recipients), MaxRecipients)], "\n"),
		account: who.account, mailFrom: h.MailFrom, from: m.From, subject: m.Subject, helo: h.HELO, ip: ip,
		record: record{
			hdrSize: stamp.HDR.Size, emlSize: stamp.EML.Size,
			hdrTime: stamp.HDR.ModTime.UnixNano(), emlTime: stamp.EML.ModTime.UnixNano(),
			created: nanos(created), nextTry: nanos(inZone(h.NextTry, zone)),
			recipientCount: uint32(len(h.Recipients)), retries: uint16(h.Retries), status: h.Status,
			basis: who.basis, layout: h.Layout, unread: unread(h, m, who), disagrees: who.disagrees, bounce: who.bounce, bom: m.BOM, local: h.Local, marks: m.Marks,
		},
	}
}

// entry is a record with what it takes to read it.
type entry struct {
	*record
	dir   string
	texts texts
}

// message returns the entry as the rest of the program sees it.
func (e entry) message() Message {
	m := Message{
		ID: e.id(), Stamp: e.stamp(), Layout: e.layout, Status: e.status,
		Account: e.texts.at(e.account), Basis: e.basis, Disagrees: e.disagrees,
		MailFrom: e.texts.at(e.mailFrom), RecipientCount: int(e.recipientCount),
		From: e.texts.at(e.from), Subject: e.texts.at(e.subject),
		ClientIP: e.clientIP(), HELO: e.texts.at(e.helo), Session: e.texts.at(e.session),
		Created: fromNanos(e.created), Retries: int(e.retries), NextTry: fromNanos(e.nextTry),
		Size: e.emlSize, Bounce: e.bounce, Unread: e.unread, BOM: e.bom, Local: e.local, Marks: e.marks,
	}
	if e.recipients != 0 {
		m.Recipients = strings.Split(e.texts.at(e.recipients), "\n")
	}
	return m
}

func (e entry) baseName() string { return e.texts.at(e.base) }

func (e entry) id() ID {
	if e.dir == "" {
		return ID(e.baseName())
	}
	return ID(e.dir + "/" + e.baseName())
}

func (e entry) clientIP() netip.Addr {
	ip, _ := netip.AddrFromSlice([]byte(e.texts.at(e.ip)))
	return ip
}

func (r *record) stamp() Stamp {
	return Stamp{
		HDR: FileStamp{Size: r.hdrSize, ModTime: time.Unix(0, r.hdrTime)},
		EML: FileStamp{Size: r.emlSize, ModTime: time.Unix(0, r.emlTime)},
	}
}

// sameStamp reports whether two records have the same stamp.
func (r *record) sameStamp(o *record) bool {
	return r.hdrTime == o.hdrTime && r.emlTime == o.emlTime && r.hdrSize == o.hdrSize && r.emlSize == o.emlSize
}

// zoneOf says in which zone the times of an HDR are: the vendor does not. The server's own zone or UTC, whichever
// brings the time of creation nearer to that of the message file.
func zoneOf(created, written time.Time) *time.Location {
	local, utc := inZone(created, time.Local), created
	if local.Sub(written).Abs() <= utc.Sub(written).Abs() {
		return time.Local
	}
	return time.UTC
}

// inZone reads the clock of t, which was parsed as UTC, in another zone.
func inZone(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}
