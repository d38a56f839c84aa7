package drill

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"delist/steps/drill/smartermail"
)

// TempPattern names the temporary folders of drills, for os.MkdirTemp.
const TempPattern = "delist-drill-*"

// forgotten is how long a drill that was left in a temporary folder, and can be gone on with, stays there.
const forgotten = 7 * 24 * time.Hour

// lockName is the file whose lock says that a drill is under way. The kernel lets go of it when the process ends,
// however it ends.
const lockName = "drill.lock"

// hold takes the lock of the drill in dir.
func hold(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("hold the drill's folder: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("the drill in %s is open in another window; leave it there first", dir)
	}
	return lock, nil
}

// RemoveAbandoned removes from the folder temp the drills whose process was killed, and those that nobody has gone on
// with for a week. It touches only folders that a drill made, that are ours, and that no process holds.
func RemoveAbandoned(temp string, now time.Time) error {
	names, err := filepath.Glob(filepath.Join(temp, TempPattern))
	if err != nil {
		return fmt.Errorf("look for abandoned drills: %w", err)
	}
	var errs []error
	for _, name := range names {
		if err := removeAbandoned(name, now); err != nil {
			errs = append(errs, fmt.Errorf("remove the abandoned drill in %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// removeAbandoned removes one of them. Where somebody is there it stays.
func removeAbandoned(dir string, now time.Time) error {
	if !abandoned(dir, now) {
		return nil
	}
	service := filepath.Join(ServerIn(dir), smartermail.LockName) // the service outlives its parent by a moment
	for _, name := range []string{filepath.Join(dir, lockName), service} {
		lock := flock.New(name)
		if ok, err := lock.TryLock(); err != nil || !ok || !abandoned(dir, now) { // it may have been taken up meanwhile
			return errors.Join(err, lock.Unlock())
		}
		if err := lock.Unlock(); err != nil { // a locked file cannot be removed everywhere
			return err
		}
	}
	return os.RemoveAll(dir)
}

// abandoned says that a folder is a drill's, ours, and not wanted any more.
func abandoned(dir string, now time.Time) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || !ownedByUs(info) {
		return false
	}
	file, err := os.Lstat(filepath.Join(dir, recordName))
	if err != nil || !file.Mode().IsRegular() || !ownedByUs(file) {
		return false
	}
	r, err := readRecord(dir)
	return err == nil && r != nil && (r.Open || now.Sub(file.ModTime()) > forgotten)
}
