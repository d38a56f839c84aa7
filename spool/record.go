package spool

import (
	"net/netip"
	"strings"
	"time"
	"unique"

	"delist/spool/message"
)

// word is a string of which many messages hold the same: it is kept once for all of them.
type word = unique.Handle[string]

// record is a Message as a Snapshot keeps it: some 200 bytes and what only this message says, since a spool may hold a
// million. Times are in nanoseconds since 1970, with noTime for none.
type record struct {
	dir, account, mailFrom, from, subject, helo word

	base, session  string
	recipients     string // the first MaxRecipients, a line each
	recipientCount uint32

	hdrSize, emlSize, hdrTime, emlTime int64
	created, nextTry                   int64

	ip        netip.Addr
	retries   uint16
	status    Status
	basis     Basis
	disagrees bool
	bounce    bool
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

// newRecord makes a record of what both files of a message say.
func newRecord(dir, base string, stamp Stamp, h HDR, m message.Header) record {
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
	kept := h.Recipients[:min(len(h.Recipients), MaxRecipients)]
	return record{
		dir: unique.Make(dir), account: unique.Make(who.account), mailFrom: unique.Make(h.MailFrom),
		from: unique.Make(m.From), subject: unique.Make(m.Subject), helo: unique.Make(h.HELO),
		base: strings.Clone(base), session: strings.Clone(h.Session),
		recipients: strings.Join(kept, "\n"), recipientCount: uint32(len(h.Recipients)),
		hdrSize: stamp.HDR.Size, emlSize: stamp.EML.Size,
		hdrTime: stamp.HDR.ModTime.UnixNano(), emlTime: stamp.EML.ModTime.UnixNano(),
		created: nanos(created), nextTry: nanos(inZone(h.NextTry, zone)),
		ip: ip, retries: uint16(h.Retries), status: h.Status, basis: who.basis, disagrees: who.disagrees, bounce: who.bounce,
	}
}

// message returns r as the rest of the program sees it.
func (r *record) message() Message {
	m := Message{
		ID: r.id(), Stamp: r.stamp(), Status: r.status,
		Account: r.account.Value(), Basis: r.basis, Disagrees: r.disagrees,
		MailFrom: r.mailFrom.Value(), RecipientCount: int(r.recipientCount),
		From: r.from.Value(), Subject: r.subject.Value(),
		ClientIP: r.ip, HELO: r.helo.Value(), Session: r.session,
		Created: fromNanos(r.created), Retries: int(r.retries), NextTry: fromNanos(r.nextTry),
		Size: r.emlSize, Bounce: r.bounce,
	}
	if r.recipients != "" {
		m.Recipients = strings.Split(r.recipients, "\n")
	}
	return m
}

func (r *record) id() ID { return NewID(r.dir.Value(), r.base) }

func (r *record) stamp() Stamp {
	return Stamp{
		HDR: FileStamp{Size: r.hdrSize, ModTime: time.Unix(0, r.hdrTime)},
		EML: FileStamp{Size: r.emlSize, ModTime: time.Unix(0, r.emlTime)},
	}
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
