package quarantine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

// ErrBusy says that another process moves messages here. One whose incident was taken over notices within some hundred
// messages, and ends.
var ErrBusy = errors.New("another delist still moves messages here: try again in a minute")

// aloneWait is how long an act waits for the one of another process to end.
const aloneWait = 30 * time.Second

// holdAlone keeps other processes from acting, until release is called or this process ends, however it ends.
func holdAlone(ctx context.Context, name string) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, aloneWait)
	defer cancel()
	lock := flock.New(name, flock.SetPermissions(0o600))
	ok, err := lock.TryLockContext(ctx, 20*time.Millisecond)
	switch {
	case ok:
		return func() { _ = lock.Close() }, nil // what it was held for has ended
	case errors.Is(err, context.DeadlineExceeded):
		err = ErrBusy
	}
	_ = lock.Close() // it was not held
	return nil, fmt.Errorf("lock %s: %w", name, err)
}
