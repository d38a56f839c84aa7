// Package quarantine moves messages out of a spool and back, and loses none. A message that leaves the spool is renamed
// into a folder on the same volume, its HDR first, which makes it inert; one that comes back is renamed the other way,
// its HDR last, never over another file. To another volume, where that is asked for, it goes as a copy that is compared
// before the original is removed (see carry.go). A manifest, written and synced ahead of every batch, and the disk itself tell
// a later run where every message is, whenever the one before was killed.
package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gofrs/flock"

	"delist/spool"
)

const (
	filesName = "files" // the folder with the messages, laid out as in the spool
	lockName  = "manifest.lock"
	actLock   = "acting.lock"   // held by the process that acts
	lockWait  = 5 * time.Second // for another process that appends to the manifest
)

// Store is one incident's quarantine. Its methods may be called from several goroutines; acts wait for one another.
type Store struct {
	dir string
	on  Volumes
	sys files
	now func() time.Time

	batch int // items between two syncs

	acting sync.Mutex // held by whatever acts, and by Close; see alone

	mu      sync.RWMutex // guards what follows
	books   books
	removed map[spool.ID]bool // found missing by Check

	manifest *os.File
	lock     *flock.Flock
	held     *os.Root // the folder with the messages
	end      int64    // of the last good line
	size     int64    // of the file: beyond end lies a torn line
	torn     bool     // Open found a torn line
	broken   error    // why the manifest cannot be appended to any more
}

// Held is a message in quarantine.
type Held struct {
	Item
	Plan    string    // the plan that it was moved by
	Since   time.Time // when it was recorded as moved
	Removed bool      // Check found that another program (a virus scanner, say) took a file of it away
	Split   bool      // one of its files is still in the spool, see Recover

	across bool // it was carried to another volume, or was about to be
}

// Private makes a folder, and those missing above it, that only administrators and the system may enter: what an incident
// keeps is as private as the mail it moved.
func Private(dir string) error { return makePrivate(dir) }

// Create makes a new quarantine at dir for the spool at root, readable by administrators and the system only. It
// refuses a dir in the spool or around it, in use, or on another volume unless that is asked for. Whether every folder
// of the spool is on the same volume too is found out by a test rename when Move starts.
func Create(dir, root string, on Volumes) (*Store, error) {
	root, err := realPath(root)
	if err != nil {
		return nil, fmt.Errorf("create quarantine: %w", err)
	}
	if fi, err := os.Stat(root); err != nil {
		return nil, fmt.Errorf("create quarantine: the spool: %w", err)
	} else if !fi.IsDir() || !utf8.ValidString(root) {
		return nil, fmt.Errorf("create quarantine: the spool %q is not a folder with a readable name", root)
	}
	if dir, err = realPath(dir); err != nil {
		return nil, fmt.Errorf("create quarantine: %w", err)
	}
	if err := checkNew(dir, root, on); err != nil {
		return nil, fmt.Errorf("create quarantine: %w", err)
	}
	for _, name := range []string{dir, filepath.Join(dir, filesName)} {
		if err := makePrivate(name); err != nil {
			return nil, fmt.Errorf("create quarantine: %w", err)
		}
	}
	first, err := record{N: 1, Time: time.Now().UTC(), Opening: &opening{manifestVersion, root}}.line()
	if err != nil {
		return nil, fmt.Errorf("create quarantine: %w", err)
	}
	if err := writeWhole(filepath.Join(dir, manifestName), first); err != nil {
		return nil, fmt.Errorf("create quarantine: %w", err)
	}
	if err := flushPath(filepath.Dir(dir)); err != nil {
		return nil, fmt.Errorf("create quarantine: %w", err)
	}
	return Open(dir, on)
}

// checkNew refuses a place that cannot hold the quarantine of root, or that holds something already. What a Create that
// was cut off leaves behind does not count.
func checkNew(dir, root string, on Volumes) error {
	if err := apart(dir, root); err != nil {
		return err
	}
	here, err := volumeOf(standing(dir))
	if err != nil {
		return err
	}
	there, err := volumeOf(root)
	if err != nil {
		return err
	}
	if here != there && on != AnyVolume {
		return fmt.Errorf("%s is on another volume than the spool: %s", dir, ask+askOther)
	}
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range list {
		switch e.Name() {
		case manifestName:
			return fmt.Errorf("%s is a quarantine already: open it", dir)
		case filesName, manifestName + ".new":
		default:
			return fmt.Errorf("%s is not empty: choose another folder", dir)
		}
	}
	return nil
}

// Open opens the quarantine at dir and reads its manifest. A last line torn by a crash is dropped (see Torn); a damaged
// line before it is ErrDamaged, with the line's number. Nothing on disk is changed. on says what Move may do from now on,
// whatever it was before.
func Open(dir string, on Volumes) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open quarantine: %w", err)
	}
	s := &Store{dir: dir, on: on, sys: system(), now: time.Now, batch: batchSize, removed: make(map[spool.ID]bool)}
	if err := s.open(); err != nil {
		s.Close()
		return nil, fmt.Errorf("open quarantine %s: %w", dir, err)
	}
	return s, nil
}

func (s *Store) open() (err error) {
	if s.held, err = os.OpenRoot(filepath.Join(s.dir, filesName)); err != nil {
		return err
	}
	if s.manifest, err = os.OpenFile(filepath.Join(s.dir, manifestName), os.O_RDWR, 0); err != nil {
		return err
	}
	s.lock = flock.New(filepath.Join(s.dir, lockName), flock.SetPermissions(0o600))
	return s.read()
}

// read reads the manifest from its beginning.
func (s *Store) read() error {
	b := newBooks()
	end, torn, err := readManifest(io.NewSectionReader(s.manifest, 0, math.MaxInt64), b.fold)
	if err != nil {
		return err
	}
	if b.lines == 0 {
		return fmt.Errorf("its manifest has no opening line: %w", ErrDamaged)
	}
	size, err := s.sys.size(s.manifest)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.books, s.end, s.torn, s.size = b, end, torn, size
	return nil
}

// catchUp reads the manifest again where another process has written to it.
func (s *Store) catchUp() error {
	size, err := s.sys.size(s.manifest)
	if err != nil || size == s.size {
		return err
	}
	return s.read()
}

// Close closes the files of the quarantine, after an act that is under way.
func (s *Store) Close() error {
	s.acting.Lock()
	defer s.acting.Unlock()
	var errs []error
	if s.manifest != nil {
		errs = append(errs, s.manifest.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	if s.held != nil {
		errs = append(errs, s.held.Close())
	}
	return errors.Join(errs...)
}

// alone waits for any other act, of this process or another, and keeps others from starting until release is called.
func (s *Store) alone(ctx context.Context) (release func(), err error) {
	s.acting.Lock()
	free, err := holdAlone(ctx, filepath.Join(s.dir, actLock))
	if err != nil {
		s.acting.Unlock()
		return nil, err
	}
	return func() {
		free()
		s.acting.Unlock()
	}, nil
}

// Files is the folder of the messages in the quarantine at dir. It is laid out like a spool, and can be read as one.
func Files(dir string) string { return filepath.Join(dir, filesName) }

// Dir is the quarantine's folder.
func (s *Store) Dir() string { return s.dir }

// Root is the spool that the quarantine belongs to.
func (s *Store) Root() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.books.root
}

// Follow records that the spool was renamed to root, on the same volume: it is where messages come from and go back to
// from now on. Errors: ErrUnfinished, ErrTaken, ErrNoSpace.
func (s *Store) Follow(root string) error {
	s.acting.Lock()
	defer s.acting.Unlock()
	root, err := realPath(root)
	switch {
	case err != nil:
	case root == s.books.root:
		return nil
	case s.books.pending != nil || len(s.books.split) > 0:
		err = ErrUnfinished
	default:
		err = s.append(record{Root: root})
	}
	if err != nil {
		return fmt.Errorf("follow the spool to %s: %w", root, err)
	}
	return nil
}

// Torn reports whether Open found the manifest's last line cut off by a crash. What it announced never began.
func (s *Store) Torn() bool { return s.torn }

// Unfinished reports whether an earlier act was cut off: Move and Restore refuse until Recover has run.
func (s *Store) Unfinished() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.books.pending != nil
}

// Held lists what is in quarantine by the manifest, sorted by ID. Removed is as of the last Check.
func (s *Store) Held() []Held {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]Held, 0, len(s.books.held)+len(s.books.split))
	for id, h := range s.books.held {
		h.Removed = s.removed[id]
		list = append(list, h)
	}
	for _, h := range s.books.split {
		h.Split = true
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b Held) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return list
}

// Returned reports whether a message was put back into the spool, and not moved out again since.
func (s *Store) Returned(id spool.ID) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.books.back[id]
}

// Check looks whether both files of every message are still in quarantine and returns how many messages lack one:
// another program removed it. It reads each folder once and opens no message.
func (s *Store) Check(ctx context.Context) (removed int, err error) {
	s.acting.Lock()
	defer s.acting.Unlock()
	there := make(map[string]map[string]bool)
	missing := make(map[spool.ID]bool)
	for _, h := range s.Held() {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		dir := h.ID.Dir()
		names, ok := there[dir]
		if !ok {
			if names, err = s.namesIn(dir); err != nil {
				return 0, fmt.Errorf("check quarantine: %w", err)
			}
			there[dir] = names
		}
		if !h.Split && !(names[h.ID.Base()+".hdr"] && names[h.ID.Base()+".eml"]) {
			missing[h.ID] = true
		}
	}
	s.mu.Lock()
	s.removed = missing
	s.mu.Unlock()
	return len(missing), nil
}

func (s *Store) namesIn(dir string) (map[string]bool, error) {
	d, err := s.sys.openDir(s.held, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.close()
	list, err := s.sys.names(d)
	if err != nil {
		return nil, err
	}
	names := make(map[string]bool, len(list))
	for _, n := range list {
		names[n] = true
	}
	return names, nil
}

// append writes one line to the manifest, synced, and takes it into the books. On an error the file is as before.
func (s *Store) append(r record) error {
	if s.broken != nil {
		return s.broken
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	if ok, err := s.lock.TryLockContext(ctx, 20*time.Millisecond); !ok {
		return fmt.Errorf("lock the manifest: %w", err)
	}
	defer s.lock.Unlock()
	dropped, err := s.tidy()
	if err != nil {
		return fmt.Errorf("append to the manifest: %w", err)
	}
	r.N, r.Time = s.books.lines+1, s.now().UTC()
	if dropped {
		r.Note = "a line cut off by a crash was dropped here"
	}
	line, err := r.line()
	if err != nil {
		return fmt.Errorf("append to the manifest: %w", err)
	}
	if err = s.sys.write(s.manifest, line, s.end); err == nil {
		err = s.sys.sync(s.manifest)
	}
	if err != nil {
		s.takeBack()
		return fmt.Errorf("append to the manifest: %w", noSpace(err))
	}
	s.end += int64(len(line))
	s.size = s.end
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.books.fold(r)
}

// tidy makes sure that nobody else has written, and cuts off a torn line.
func (s *Store) tidy() (dropped bool, err error) {
	size, err := s.sys.size(s.manifest)
	if err != nil {
		return false, err
	}
	if size != s.size {
		return false, ErrTaken
	}
	if s.size == s.end {
		return false, nil
	}
	if err := s.sys.truncate(s.manifest, s.end); err != nil {
		return false, err
	}
	s.size = s.end
	return true, nil
}

// takeBack undoes a line that may be half written. If even that fails, this process writes no more: the next one finds
// a torn line.
func (s *Store) takeBack() {
	if err := s.sys.truncate(s.manifest, s.end); err != nil {
		s.broken = fmt.Errorf("the manifest could not be written, open the quarantine again: %w", err)
		return
	}
	s.size = s.end
}

// Reserve takes room for n bytes behind offset from of a file, without changing its length, so that a record can still be
// written when its volume is full. ErrNoSpace says that there is none.
func Reserve(f *os.File, from, n int64) error { return noSpace(reserve(f, from, n)) }

// noSpace marks an error that says that the volume is full.
func noSpace(err error) error {
	if errReason(err) == NoSpace {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}

// Begun reports whether dir holds a quarantine. What a Create that was killed leaves behind, an empty folder, is none.
func Begun(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, manifestName)); !errors.Is(err, fs.ErrNotExist) {
		return true
	}
	list, err := os.ReadDir(filepath.Join(dir, filesName))
	return len(list) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist)
}
