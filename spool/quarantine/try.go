package quarantine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Free is how many bytes are free for us on the volume that will hold dir, which need not exist yet; 0 when not known.
func Free(dir string) uint64 {
	free, err := Room(dir)
	if err != nil {
		return 0
	}
	return free
}

// MayMove is nil when files may be renamed out of a folder of the spool and back into it, as far as the system's rights
// say. It touches nothing: nothing of ours may lie in a spool.
func MayMove(dir string) error {
	if err := mayMove(dir); err != nil {
		return fmt.Errorf("move files out of %s: %w", dir, err)
	}
	return nil
}

// TryPlace makes a private folder with a file where a quarantine at dir would be, and removes both: what it finds there
// is what a quarantine would find.
func TryPlace(dir string) (err error) {
	name, err := os.MkdirTemp(standing(dir), "delist-try-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() {
		if gone := os.Remove(name); gone != nil {
			err = errors.Join(err, fmt.Errorf("remove a folder: %w", gone))
		}
	}()
	if err := makePrivate(name); err != nil {
		return fmt.Errorf("make a folder private: %w", err)
	}
	file := filepath.Join(name, "file")
	if err := writeWhole(file, []byte("x")); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("remove a file: %w", err)
	}
	return nil
}
