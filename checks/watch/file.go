package watch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"github.com/natefinch/atomic"
)

// maxFile bounds a file of what is known, in bytes: a hundred lists take a tenth of it.
const maxFile = 1 << 20

// ErrBusy says that another watch of the address runs.
var ErrBusy = errors.New("another delist watches this address already")

// File keeps what is known of one address over the end of the process. It
// belongs to one watch at a time.
type File struct {
	path string
	lock *flock.Flock
}

// stored is the form of a file: JSON.
type stored struct {
	Version int        `json:"version"` // 1
	IP      netip.Addr `json:"ip"`
	Lists   Memory     `json:"lists"`
}

// OpenFile takes the file of an address in a folder, which it makes; the error
// is ErrBusy where another watch has it.
func OpenFile(dir string, ip netip.Addr) (*File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the watch: %w", err)
	}
	name := filepath.Join(dir, strings.ReplaceAll(ip.String(), ":", "-")) // no file on Windows has a colon
	f := &File{path: name + ".json", lock: flock.New(name+".lock", flock.SetPermissions(0o600))}
	held, err := f.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the file of the watch: %w", err)
	}
	if !held {
		return nil, ErrBusy
	}
	return f, nil
}

// Close gives the file back.
func (f *File) Close() error { return f.lock.Unlock() }

// Load reads what an earlier watch knew; nothing where there was none. A file
// that cannot be understood is kept under another name, aside, and the watch begins anew.
func (f *File) Load(ip netip.Addr) (known Memory, aside string, err error) {
	data, err := f.read()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Memory{}, "", nil
	case err != nil:
		return nil, "", fmt.Errorf("read what the last watch knew: %w", err)
	}
	if known, ok := parse(data, ip); ok {
		return known, "", nil
	}
	aside = f.path + ".damaged"
	if err := os.Rename(f.path, aside); err != nil {
		return nil, "", fmt.Errorf("keep the damaged file of the last watch: %w", err)
	}
	return Memory{}, aside, nil
}

func (f *File) read() ([]byte, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxFile+1))
}

// parse reads a file's text, and refuses what no watch has written.
func parse(data []byte, ip netip.Addr) (Memory, bool) {
	var s stored
	if len(data) > maxFile || json.Unmarshal(data, &s) != nil || s.Version != 1 || s.IP != ip || s.Lists == nil {
		return nil, false
	}
	for _, k := range s.Lists {
		if k.Looked.IsZero() || Usable(k.Verdict) == k.Since.IsZero() || Usable(k.Last) && k.Last != k.Verdict {
			return nil, false
		}
	}
	return s.Lists, true
}

// Save writes what is known; the file is whole at every moment.
func (f *File) Save(ip netip.Addr, known Memory) error {
	data, err := json.MarshalIndent(stored{1, ip, known}, "", "  ")
	if err != nil {
		return fmt.Errorf("write down what the watch knows: %w", err)
	}
	if err := atomic.WriteFile(f.path, bytes.NewReader(append(data, '\n'))); err != nil {
		return fmt.Errorf("write down what the watch knows: %w", err)
	}
	return nil
}
