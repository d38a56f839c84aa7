package smartermail

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Said is one line of JSON that the service's process prints to the one that started it.
type Said struct {
	Ready *Ready `json:"ready,omitempty"` // the service works now
	Spam  bool   `json:"spam,omitempty"`  // it has taken in a spam message
}

// Process is the whole life of the service's process: it runs the service, says on out when it works and when
// spam comes in (lines of Said), and stops when control says "stop" or ends, which it does when the parent dies.
//
// The reader of control is left behind when ctx ends first; the process ends then.
func Process(ctx context.Context, c Config, control io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		lines := bufio.NewScanner(control)
		for lines.Scan() {
			if strings.TrimSpace(lines.Text()) == "stop" {
				return
			}
		}
	}()
	var mu sync.Mutex
	say := func(s Said) {
		mu.Lock()
		defer mu.Unlock()
		b, _ := json.Marshal(s)     // of two plain fields, cannot fail
		fmt.Fprintf(out, "%s\n", b) // a parent that has gone shows on control
	}
	c.Ready = func(r Ready) { say(Said{Ready: &r}) }
	c.Spam = func() { say(Said{Spam: true}) }
	return Run(ctx, c)
}
