package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"testing"
	"time"
)

// TestSieveAgrees holds what is answered from the records alone to what is answered from the messages.
func TestSieveAgrees(t *testing.T) {
	lib := newLibrary()
	now := time.Now()
	var records []record
	for i := range 200 {
		d := draft{
			base: fmt.Sprint(10000 + i), account: fmt.Sprintf("user%d@quay.example", i%7), mailFrom: fmt.Sprintf("Pay%d@bank.test", i%5),
			from: fmt.Sprintf("Billing %d <pay@bank%d.test>", i, i%3), subject: fmt.Sprintf("Invoice %d ÜBERFÄLLIG \u0130n \u212aL", i%11), helo: []string{"", "JOEPC"}[i%2],
			recipients: fmt.Sprintf("r%d@web.test\nAnn%d@Web.test", i%13, i%4), ip: netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 9)}),
			record: record{emlSize: int64(i * 100), created: nanos(now.Add(-time.Duration(i) * time.Minute)), recipientCount: 2, status: Status(i % 5), bounce: i%17 == 0,
				basis: Basis(i % 6)},
		}
		if i%19 == 0 {
			d.account, d.ip, d.created = "", netip.Addr{}, noTime
		}
		if i%23 == 0 {
			d.recipientCount = MaxRecipients + 5
		}
		records = append(records, lib.keep(&d))
	}
	root := t.TempDir()
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	snap := newSnapshot(now, []shelf{{dir: "S", records: records}}, lib, nil, false)
	for _, query := range []string{
		"pay", "PAY3@bank.test", "-\"invoice 7\" user3", "account:user3", "account:user3@quay.example", "domain:quay.example -account:user1", "from:pay@bank1.test",
		"from:bank", "to:ann2@web.test", "to:r1", "-to:ann1@web.test", "subject:überfällig", "subject:\"invoice 7\"", "ip:192.0.2.0/30", "-ip:192.0.2.1", "helo:joe",
		"status:written", "class:bounce", "class:answer", "class:nologin", "-class:nologin", "size:>5k", "age:<1h", "age:>30m -status:ready", "user2 size:<9k age:>2m", "web.test", "overdue", "in kl", "subject:kl",
	} {
		q, err := ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		coarse, hits := newSieve(s, q, now, snap.odd), 0
		for e := range snap.entries() {
			got, known := coarse.match(&e)
			want, err := q.match(&candidate{Message: e.message(), pages: &pages{spool: s}, now: now})
			if errors.Is(err, fs.ErrNotExist) && e.recipientCount > MaxRecipients {
				continue // its HDR would have to be read, and there is none
			}
			if err != nil {
				t.Fatalf("%s: %s: %v", query, filepath.Join(e.dir, e.baseName()), err)
			}
			if !known || got != want {
				t.Errorf("%s: %s is %q (known: %v), want %q", query, e.baseName(), got, known, want)
			}
			if want != 0 {
				hits++
			}
		}
		if query != "overdue" && hits == 0 {
			t.Errorf("%s: no message matches, so nothing was compared", query)
		}
	}
}
