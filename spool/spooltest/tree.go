package spooltest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"delist/spool"
)

// Tree is a whole spool as a stolen account leaves it, made fast enough for a million messages. The same Tree always
// gives the same files.
type Tree struct {
	Pairs   int // messages, about 4.5 KB each with both files
	Folders int // SubSpool folders, over which they are spread evenly
}

// What every message of a Tree can be found by.
const (
	Thief      = "sales@harbour.example"         // sent five of six messages of a Tree
	Needle     = "https://pay.bank.test/overdue" // in the body of every NeedleEach-th message
	NeedleEach = 1000
)

// Needles is how many messages of the tree hold the Needle.
func (t Tree) Needles() int { return (t.Pairs + NeedleEach - 1) / NeedleEach }

// ID names message i of the tree.
func (t Tree) ID(i int) spool.ID {
	return spool.ID(fmt.Sprintf("SubSpool%d/%08d", i%t.Folders, 10_000_000+i))
}

// Pair is message i of the tree. Five of six are the thief's: forged senders, many clients, a recipient of its own; the
// others are of some two hundred accounts.
func (t Tree) Pair(i int) Pair {
	p := Pair{ID: t.ID(i), Session: fmt.Sprint(40_000_000 + i), Created: created.Add(time.Duration(i) * 10 * time.Millisecond),
		To: []string{fmt.Sprintf("r%07d@web%d.test", i*7919%10_000_000, i%97)}}
	if i%6 == 5 {
		p.Auth = fmt.Sprintf("user%d@quay.example", i%211)
		p.Subject = fmt.Sprintf("Minutes of week %d", i%53)
		p.IP = fmt.Sprintf("192.0.2.%d", i%211)
	} else {
		forged := fmt.Sprintf("billing%d@bank%d.test", i%40, i%11)
		p.Auth, p.MailFrom, p.From = Thief, forged, fmt.Sprintf("Billing <%s>", forged)
		p.Subject = fmt.Sprintf("Invoice %d is overdue", i*31%1_000_000)
		p.IP = fmt.Sprintf("198.51.100.%d", i%200)
		p.HELO = fmt.Sprintf("[10.0.%d.9]", i%60)
	}
	p.Body = treeBody
	if i%NeedleEach == 0 {
		p.Body = Needle + "\r\n" + treeBody[len(Needle)+2:]
	}
	return p
}

var treeBody = strings.Repeat("Dear customer, please look at what we wrote to you before, and answer soon.\r\n", 46)

// Write makes the tree below root, which need not exist.
func (t Tree) Write(root string) error {
	for f := range t.Folders {
		if err := os.MkdirAll(filepath.Join(root, fmt.Sprintf("SubSpool%d", f)), 0o755); err != nil {
			return err
		}
	}
	var writers errgroup.Group
	for w := range runtime.GOMAXPROCS(0) {
		writers.Go(func() error {
			for i := w; i < t.Pairs; i += runtime.GOMAXPROCS(0) {
				if err := t.Pair(i).write(root); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return writers.Wait()
}

// write writes both files into a folder that is there already, with the time of now.
func (p Pair) write(root string) error {
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(p.ID.EML())), p.EMLBytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, filepath.FromSlash(p.ID.HDR())), p.HDRBytes(), 0o644)
}
