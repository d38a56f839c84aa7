package steps

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"delist/spool/quarantine"
	"delist/steps/incident"
)

// journalName is the file of an incident's record, JSON Lines.
const journalName = "journal.jsonl"

// maxRecord bounds what is written as a line of the journal: 4 MiB, many times the largest record.
const maxRecord = 4 << 20

// ErrTakenOver says that somebody else has started delist on the incident and owns it now.
var ErrTakenOver = errors.New("this incident was taken over")

// errTooLong refuses a fact that nobody could read back.
var errTooLong = errors.New("there is too much to write down at once; do it in parts")

// Journal is the append-only record of one incident.
//
// A line counts only with its line end: an unfinished last line is what a crash leaves, and is dropped. The file lock
// is held only to append; who owns the incident is itself a record, the newest "started", and every append checks it.
type Journal struct {
	path  string
	clock func() time.Time
	by    string
	sync  func(*os.File) error // brings what was written to the disk

	mu    sync.Mutex
	file  *os.File
	lock  *flock.Flock
	size  int64 // of what this process has read or written
	seq   int
	epoch int
	err   error // the first failure: nothing is written after it
}

// ReadJournal reads the record of the incident in a folder; torn is the length of an unfinished last line, in bytes.
func ReadJournal(dir string) (records []incident.Record, torn int, err error) {
	path := filepath.Join(dir, journalName)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, fmt.Errorf("read the incident's record: %w", err)
	}
	return incident.ParseJournal(path, data)
}

// JournalSize is how long the record of the incident in a folder is, in bytes; 0 where it cannot be looked at.
func JournalSize(dir string) int64 {
	info, err := os.Stat(filepath.Join(dir, journalName))
	if err != nil {
		return 0
	}
	return info.Size()
}

// CreateJournal begins the record of a new incident in a folder of its own.
func CreateJournal(dir, by string, clock func() time.Time) (*Journal, error) {
	if err := makeIncidentFolder(dir); err != nil {
		return nil, fmt.Errorf("make the incident's folder: %w", err)
	}
	path := filepath.Join(dir, journalName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("begin the incident's record: %w", err)
	}
	return newJournal(path, by, clock, f), nil
}

func newJournal(path, by string, clock func() time.Time, f *os.File) *Journal {
	return &Journal{path: path, clock: clock, by: by, sync: (*os.File).Sync, file: f, lock: flock.New(path + ".lock")}
}

// makeIncidentFolder makes the folder, private from the start; one that stands already keeps its rights.
func makeIncidentFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	return quarantine.Private(dir)
}

// OpenJournal continues the record of an incident, and cuts off an unfinished last line.
func OpenJournal(dir, by string, clock func() time.Time) (*Journal, []incident.Record, int, error) {
	path := filepath.Join(dir, journalName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("open the incident's record: %w", err)
	}
	j := newJournal(path, by, clock, f)
	records, torn, err := j.load()
	if err != nil {
		return nil, nil, 0, errors.Join(err, f.Close())
	}
	return j, records, torn, nil
}

// load reads the whole journal under the lock, so that no half-written line of a living writer is taken for a torn one.
func (j *Journal) load() ([]incident.Record, int, error) {
	if err := j.lock.Lock(); err != nil {
		return nil, 0, fmt.Errorf("lock the incident's record: %w", err)
	}
	defer func() { _ = j.lock.Unlock() }()
	data, err := os.ReadFile(j.path)
	if err != nil {
		return nil, 0, fmt.Errorf("read the incident's record: %w", err)
	}
	records, torn, err := incident.ParseJournal(j.path, data)
	if err != nil {
		return nil, 0, err
	}
	j.size = int64(len(data) - torn)
	if torn > 0 {
		if err := os.Truncate(j.path, j.size); err != nil {
			return nil, 0, fmt.Errorf("cut off the unfinished last line: %w", err)
		}
	}
	for _, r := range records {
		j.seq, j.epoch = max(j.seq, r.Seq), max(j.epoch, r.Epoch)
	}
	return records, torn, nil
}

// Append writes a fact and syncs it to the disk. It fails with ErrTakenOver once another start owns the incident.
func (j *Journal) Append(f incident.Fact) (incident.Record, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return incident.Record{}, j.err
	}
	if err := j.lock.Lock(); err != nil {
		return incident.Record{}, fmt.Errorf("lock the incident's record: %w", err)
	}
	defer func() { _ = j.lock.Unlock() }()
	if err := j.stillOurs(); err != nil {
		return incident.Record{}, err
	}
	if _, starting := f.(incident.Started); starting {
		j.epoch++
	}
	r := incident.Record{Seq: j.seq + 1, At: j.clock().UTC(), Epoch: j.epoch, By: j.by, Fact: f}
	line, err := incident.EncodeRecord(r)
	if err != nil {
		return incident.Record{}, err
	}
	if len(line) > maxRecord { // nothing is broken yet: the next fact may be written
		return incident.Record{}, fmt.Errorf("write the incident's record: %w", errTooLong)
	}
	if err := j.write(append(line, '\n')); err != nil {
		j.err = fmt.Errorf("write the incident's record: %w", err)
		return incident.Record{}, j.err
	}
	j.seq++
	return r, nil
}

// actRoom is what an act on messages may need of the record, in bytes: some records, however many messages.
const actRoom = 64 << 10

// reserve makes sure that what an act did can be written down, before it begins.
func (j *Journal) reserve() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := quarantine.Reserve(j.file, j.size, actRoom); err != nil {
		return fmt.Errorf("no room for the incident's record in %s, make some first: %w", filepath.Dir(j.path), err)
	}
	return nil
}

// write adds one line, and takes a half-written one back.
func (j *Journal) write(line []byte) error {
	n, err := j.file.Write(line)
	if err == nil {
		err = j.sync(j.file)
	}
	if err != nil {
		return errors.Join(err, os.Truncate(j.path, j.size))
	}
	j.size += int64(n)
	return nil
}

// Owned returns nil while this process owns the incident.
func (j *Journal) Owned() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.lock.Lock(); err != nil {
		return fmt.Errorf("lock the incident's record: %w", err)
	}
	defer func() { _ = j.lock.Unlock() }()
	return j.stillOurs()
}

// stillOurs reads what others have written since, and fails when one of them started on the incident.
func (j *Journal) stillOurs() error {
	info, err := j.file.Stat()
	if err != nil {
		return fmt.Errorf("look at the incident's record: %w", err)
	}
	if info.Size() == j.size {
		return nil
	}
	if info.Size() < j.size {
		return fmt.Errorf("%s has become shorter: somebody changed it", j.path)
	}
	data := make([]byte, info.Size()-j.size)
	if _, err := j.file.ReadAt(data, j.size); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the incident's record: %w", err)
	}
	records, _, err := incident.ParseJournal(j.path, data)
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Epoch > j.epoch {
			return fmt.Errorf("%w by %s at %s; look at it with `delist report`, or take it over again", ErrTakenOver, r.By, r.At.Local().Format("15:04:05"))
		}
		j.seq = max(j.seq, r.Seq)
	}
	j.size = info.Size()
	return nil
}

// Close closes the file. What was appended is on the disk already.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = errors.New("the record is closed")
	}
	return errors.Join(j.file.Close(), j.lock.Close())
}
