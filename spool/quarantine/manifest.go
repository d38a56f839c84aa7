package quarantine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"delist/spool"
)

// The manifest is the record of what lies in a quarantine: JSON Lines, only ever appended to, each line written and
// synced in one piece. A line tells how the batch before it ended and which batch begins now, so that a batch costs one
// sync. A batch that was begun and of which no line tells the end was cut off: Recover asks the disk.
//
// Every line carries its number and a checksum. Only the last line can be torn by a crash, and whatever it would have
// begun has not begun: it is dropped. A damaged line before it is an error.

const (
	manifestName    = "manifest.jsonl"
	manifestVersion = 1
	maxLine         = 32 << 20 // bytes; a full batch of the longest names, every byte escaped, stays below
)

// record is one line of the manifest.
type record struct {
	N       int       `json:"n"` // its number, from 1
	Time    time.Time `json:"time"`
	Opening *opening  `json:"opening,omitempty"` // the first line only
	Ended   *ending   `json:"ended,omitempty"`   // how the batch that was under way ended
	Joined  []place   `json:"joined,omitempty"`  // split messages that are whole again
	Began   *batch    `json:"began,omitempty"`   // what is done once this line is on disk
	Root    string    `json:"root,omitempty"`    // where the spool is from now on
	Note    string    `json:"note,omitempty"`
}

type opening struct {
	Version int    `json:"version"`
	Root    string `json:"root"`
}

// batch is what is about to be done.
type batch struct {
	Verb   verb    `json:"verb"`
	Plan   string  `json:"plan,omitempty"`
	Across bool    `json:"across,omitempty"` // some go to another volume, as copies: see carry
	Items  []entry `json:"items"`
}

type verb string

const (
	moving    verb = "move"
	restoring verb = "restore"
	deleting  verb = "delete"
)

// wanted is where a verb wants a message.
func (v verb) wanted() side {
	if v == moving {
		return inQuarantine
	}
	return inSpool
}

// ending says where the items of a batch are: the first Tried of them where the verb wanted them, save the exceptions;
// the others, never touched, where they were.
type ending struct {
	Tried  int     `json:"tried"`
	Except []place `json:"except,omitempty"`
}

// place is where a message is that is not where its batch wanted it.
type place struct {
	ID  spool.ID `json:"id"`
	At  side     `json:"at"`
	Why string   `json:"why,omitempty"`
}

type side string

const (
	inSpool      side = "spool" // or not in quarantine at any rate
	inQuarantine side = "quarantine"
	inBoth       side = "split" // one file here, one there
)

// entry is an Item in short: a file is its size, and its time of change in seconds and nanoseconds since 1970, which
// holds every time a file system can.
type entry struct {
	ID      spool.ID `json:"id"`
	HDR     [3]int64 `json:"hdr"`
	EML     [3]int64 `json:"eml"`
	Account string   `json:"account,omitempty"`
	Unsure  bool     `json:"unsure,omitempty"`
}

func entryOf(it Item) entry {
	return entry{it.ID, numbers(it.Stamp.HDR), numbers(it.Stamp.EML), it.Account, it.Unsure}
}

func (e entry) item() Item {
	return Item{e.ID, spool.Stamp{HDR: stamp(e.HDR), EML: stamp(e.EML)}, e.Account, e.Unsure}
}

func numbers(s spool.FileStamp) [3]int64 {
	return [3]int64{s.Size, s.ModTime.Unix(), int64(s.ModTime.Nanosecond())}
}

func stamp(n [3]int64) spool.FileStamp {
	return spool.FileStamp{Size: n[0], ModTime: time.Unix(n[1], n[2]).UTC()}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func crc(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

const crcField = `,"crc":"` // then eight digits, a quote, a brace and the line's end

// line is r as a line of the manifest, its CRC-32C as the last field.
func (r record) line() ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	b = b[:len(b)-1]
	return fmt.Appendf(b, "%s%08x\"}\n", crcField, crc(b)), nil
}

// parseLine reads what line wrote, without the line's end.
func parseLine(b []byte) (record, error) {
	var r record
	at := len(b) - len(crcField) - 10
	if at < 1 || string(b[at:at+len(crcField)]) != crcField || string(b[len(b)-2:]) != `"}` {
		return r, errors.New("no checksum at its end")
	}
	sum, err := strconv.ParseUint(string(b[at+len(crcField):len(b)-2]), 16, 32)
	if err != nil || uint32(sum) != crc(b[:at]) {
		return r, errors.New("its checksum does not fit")
	}
	dec := json.NewDecoder(io.MultiReader(bytes.NewReader(b[:at]), bytes.NewReader([]byte("}"))))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return r, err
	}
	return r, r.check()
}

// check refuses a line that delist cannot have written.
func (r record) check() error {
	if (r.N == 1) != (r.Opening != nil) {
		return errors.New("the opening line is not the first")
	}
	if o := r.Opening; o != nil && (o.Version != manifestVersion || !filepath.IsAbs(o.Root)) {
		return fmt.Errorf("written by another version (%d) of delist or for no spool", o.Version)
	}
	if r.Root != "" && !filepath.IsAbs(r.Root) {
		return fmt.Errorf("the spool %q is not an absolute path", r.Root)
	}
	places := r.Joined
	if r.Ended != nil {
		places = append(slices.Clone(places), r.Ended.Except...)
	}
	for _, p := range places {
		if p.At != inSpool && p.At != inQuarantine && p.At != inBoth {
			return fmt.Errorf("unknown place %q", p.At)
		}
	}
	if r.Began != nil {
		if v := r.Began.Verb; v != moving && v != restoring && v != deleting {
			return fmt.Errorf("unknown act %q", r.Began.Verb)
		}
		for _, e := range r.Began.Items {
			if err := checkID(e.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// readManifest gives every good line to fold, in order, and returns the bytes they take. A torn last line is not an
// error: torn is true then. A damaged line in the middle, or one that fold refuses, is ErrDamaged with its number.
func readManifest(r io.Reader, fold func(record) error) (good int64, torn bool, err error) {
	in := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		b, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return good, len(b) > 0, nil
		}
		var rec record
		if err == nil {
			if rec, err = parseLine(b[:len(b)-1]); err == nil && rec.N != n {
				err = fmt.Errorf("it says that it is line %d", rec.N)
			}
		}
		if err != nil {
			if _, peek := in.Peek(1); errors.Is(peek, io.EOF) {
				return good, true, nil
			}
			return good, false, fmt.Errorf("manifest line %d is %w: %w", n, ErrDamaged, err)
		}
		if err := fold(rec); err != nil {
			return good, false, fmt.Errorf("manifest line %d is %w: %w", n, ErrDamaged, err)
		}
		good += int64(len(b))
	}
}

// readLine reads one line with its end. At the end of the file it returns what there is, with io.EOF.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("longer than %d bytes", maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// books is what the lines of a manifest say, read in order.
type books struct {
	lines   int
	root    string
	held    map[spool.ID]Held
	split   map[spool.ID]Held
	back    map[spool.ID]bool // restored, and not moved again since
	pending *batch            // begun, and no line tells how it ended
}

func newBooks() books {
	return books{held: make(map[spool.ID]Held), split: make(map[spool.ID]Held), back: make(map[spool.ID]bool)}
}

// fold takes in one line. The same lines always give the same books.
func (k *books) fold(r record) error {
	if r.Opening != nil {
		k.root = r.Opening.Root
	}
	if r.Root != "" {
		k.root = r.Root
	}
	if r.Ended != nil {
		if err := k.end(*r.Ended, r.Time); err != nil {
			return err
		}
	}
	for _, p := range r.Joined {
		h, ok := k.split[p.ID]
		if !ok || p.At == inBoth {
			return fmt.Errorf("%s was not split", p.ID)
		}
		k.put(h, p.At)
	}
	if r.Began != nil {
		if k.pending != nil {
			return errors.New("a batch begins before the one before it ended")
		}
		k.pending = r.Began
	}
	k.lines = r.N
	return nil
}

func (k *books) end(e ending, when time.Time) error {
	b := k.pending
	if b == nil || e.Tried < 0 || e.Tried > len(b.Items) {
		return errors.New("it ends a batch that never began")
	}
	except := make(map[spool.ID]side, len(e.Except))
	for _, p := range e.Except {
		except[p.ID] = p.At
	}
	for _, it := range b.Items[:e.Tried] {
		at, ok := except[it.ID]
		if !ok {
			at = b.Verb.wanted()
		}
		h := Held{Item: it.item(), Plan: b.Plan, Since: when}
		if was, ok := k.held[it.ID]; ok {
			h = was
		}
		h.across = b.Across
		k.put(h, at)
		if at == inSpool && b.Verb == restoring {
			k.back[it.ID] = true
		}
	}
	k.pending = nil
	return nil
}

func (k *books) put(h Held, at side) {
	delete(k.held, h.ID)
	delete(k.split, h.ID)
	delete(k.back, h.ID)
	switch at {
	case inQuarantine:
		k.held[h.ID] = h
	case inBoth:
		k.split[h.ID] = h
	}
}
