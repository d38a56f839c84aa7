package traffic

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRemotes: who took the newest deliveries is told by the greeting of the other server.
func TestRemotes(t *testing.T) {
	var log strings.Builder
	add := func(id, text string) { fmt.Fprintf(&log, "10:00:00.000 [%s] %s\r\n", id, text) }
	add("1", "RSP: 220-Mx1.Web.test. ESMTP ready")
	add("1", "RSP: 220 2.0.0 Ready to start TLS") // the answer to STARTTLS
	add("1", "Delivery for ann@example.com to bob@web.test has completed (Delivered)")
	add("2", "RSP: 220 mx.mail.test ESMTP")
	add("2", "RSP: 451 later")
	add("3", "Delivery for ann@example.com to carl@example.com has completed (Delivered)") // here: no greeting
	add("4", "RSP: 220 Ready to start TLS")
	add("4", "Delivery for ann@example.com to dora@post.test has completed (Delivered)")
	add("5", "RSP: 220 192.0.2.7 ESMTP") // no name
	add("5", "Delivery for ann@example.com to eve@post.test has completed (Delivered)")
	add("6", "RSP: 220 mx1.web.test ESMTP")
	add("6", "Delivery for ann@example.com to \"a to b\"@shop.test has completed (Delivered)")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "2026.11.24-delivery.log"), []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := Open(dir, Options{Clock: func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }}).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"mx1.web.test": 2}, report.Remotes); diff != "" || report.RemoteDomains != 2 {
		t.Errorf("to %d domains; hosts (-want +got):\n%s", report.RemoteDomains, diff)
	}
}

// TestRemotesAreTheNewest: old deliveries are forgotten.
func TestRemotesAreTheNewest(t *testing.T) {
	r := remotes{greeted: newRecent[string, string](maxSessions)}
	line := func(id, text string) { r.delivery(deliveryLine{id: []byte(id), text: []byte(text)}) }
	for i := range 3 * maxHanded {
		id, host := fmt.Sprint(i), "old.example"
		if i >= 2*maxHanded {
			host = "new.example"
		}
		line(id, "RSP: 220 "+host+" ESMTP")
		line(id, "Delivery for a@b.example to c@d.example has completed (Delivered)")
	}
	if hosts, _ := r.counted(); !cmp.Equal(hosts, map[string]int{"new.example": maxHanded}) {
		t.Errorf("%v", hosts)
	}
}
