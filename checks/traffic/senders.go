package traffic

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Spooled is a message in the spool, as the SMTP log may know it.
type Spooled struct {
	Name string    // of its files, without what follows the last dot
	At   time.Time // when it came in
}

// sameMail is how far from a message the line may be that tells of its file: the server's clock may be of another zone.
// The same name further away is another message's, since names are used again.
const sameMail = 24 * time.Hour

// Senders says of each message as whom the session had logged in that wrote its file, by the SMTP logs in a folder; "" where
// the logs do not tell, or not of one account alone. It reads whole files of the days around the messages, as far as the
// options go. unknown is what could not be read or not be understood of them, a sentence each.
func Senders(ctx context.Context, dir string, asked []Spooled, o Options) (accounts, unknown []string, err error) {
	logs := Open(dir, o)
	now := logs.o.Clock()
	files, err := Files(dir, now.Location())
	if err != nil {
		return nil, nil, err
	}
	w := newWriters(asked, now.Location())
	files = slices.DeleteFunc(files, func(f File) bool { return f.Kind != SMTP || !w.near[dayNumber(f.Day)] })
	whole, gaps := logs.whole(ctx, files, now)
	b := newBook(logs.o.Days)
	b.wrote = w.wrote
	for _, f := range whole {
		c := newChapter(b, f, now)
		err := f.each(ctx, now, func(line []byte, _ int) { c.take(line) })
		if g, ok := f.gap(cmp.Or(err, f.torso)); ok {
			gaps = append(gaps, g)
		}
	}
	if ctx.Err() != nil {
		return nil, nil, fmt.Errorf("look through the logs: %w", ctx.Err())
	}
	unknown = unread(gaps)
	if without := w.without(files); without != "" {
		unknown = append(unknown, without)
	}
	return w.accounts(b.aliases(b.accounts)), unknown, nil
}

// writers are the accounts whose sessions wrote what is asked for.
type writers struct {
	asked []Spooled
	found []writer
	first map[string]int // of the messages of a name, in lower case: on Windows it may be written either way
	next  []int          // of the same name, -1 for none
	own   map[int64]bool // the days of the messages, by dayNumber
	near  map[int64]bool // and those around them
}

// writer is who wrote one message.
type writer struct {
	account string // "" for a session that had not logged in
	wrote   bool
	unsure  bool // there is another one, or another message that may be meant
}

func newWriters(asked []Spooled, zone *time.Location) *writers {
	w := &writers{asked: asked, found: make([]writer, len(asked)), next: make([]int, len(asked)),
		first: make(map[string]int, len(asked)), own: map[int64]bool{}, near: map[int64]bool{}}
	for i, one := range asked {
		name := strings.ToLower(one.Name)
		w.next[i] = -1
		if other, twice := w.first[name]; twice {
			w.next[i] = other
		}
		w.first[name] = i
		day := dayNumber(one.At.In(zone))
		w.own[day] = true
		for around := day - 1; around <= day+1; around++ {
			w.near[around] = true
		}
	}
	return w
}

// dayNumber numbers the days of a calendar.
func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 3600)
}

// wrote takes in that a session wrote a file of a name.
func (w *writers) wrote(name, account string, at time.Time) {
	i, is := w.first[strings.ToLower(name)]
	if !is {
		return
	}
	meant := -1
	for ; i >= 0; i = w.next[i] {
		if at.Sub(w.asked[i].At).Abs() > sameMail {
			continue
		}
		one := &w.found[i]
		one.unsure = one.unsure || meant >= 0 || one.wrote && one.account != account
		one.account, one.wrote = account, true
		if meant >= 0 {
			w.found[meant].unsure = true
		}
		meant = i
	}
}

// accounts are the answers; aliases are the accounts of names without a domain.
func (w *writers) accounts(aliases map[string]string) []string {
	accounts := make([]string, len(w.found))
	for i, one := range w.found {
		if !one.unsure {
			accounts[i] = cmp.Or(aliases[one.account], one.account)
		}
	}
	return accounts
}

// without says of which days of the messages there is no log; empty where there is one of all.
func (w *writers) without(files []File) string {
	for _, f := range files {
		delete(w.own, dayNumber(f.Day))
	}
	if len(w.own) == 0 {
		return ""
	}
	newest := int64(0)
	for day := range w.own {
		newest = max(newest, day)
	}
	text := "there is no smtpLog of " + time.Unix(newest*24*3600, 0).UTC().Format("2 Jan 2006")
	if more := len(w.own) - 1; more > 0 {
		text += fmt.Sprintf(", nor of %d more days on which mail came that waits", more)
	}
	return text
}
