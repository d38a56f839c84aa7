//go:build unix

package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/watch"
)

// TestOnChangeEnds holds a command that hangs, with all it has started, to its deadline.
func TestOnChangeEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var out bytes.Buffer
	began := time.Now()
	err := runOnChange(ctx, "echo began; sleep 60 & sleep 60", &out, watch.Change{List: &dnsbl.List{Name: "SpamCop"}})
	if err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("the command ended after %s with %v", time.Since(began), err)
	}
	if out.String() != "began\n" {
		t.Errorf("its output is %q", out.String())
	}
}

// TestOnChangeTakesNoWordForACommand gives it a list whose name a shell would obey.
func TestOnChangeTakesNoWordForACommand(t *testing.T) {
	t.Setenv("DELIST_ADMIN_PASSWORD", "hunter2")
	var out bytes.Buffer
	change := watch.Change{List: &dnsbl.List{Name: "$(echo owned); echo owned"}, Was: dnsbl.Clear, Is: dnsbl.Listed}
	if err := runOnChange(t.Context(), `echo "$DELIST_LIST" $DELIST_WAS $DELIST_IS; env`, &out, change); err != nil {
		t.Fatal(err)
	}
	if first, rest, _ := strings.Cut(out.String(), "\n"); first != "$(echo owned); echo owned clear listed" || strings.Contains(rest, "hunter2") {
		t.Errorf("the command printed:\n%s", out.String())
	}
}
