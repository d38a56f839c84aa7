package drill

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"delist/steps"
)

// Hands are what does on the practice server what somebody does on a real one outside of delist: in its services, and
// in SmarterMail's web interface. They reach the drill that runs in a folder, from another process.
type Hands struct{ dir string }

// HandsOn are the hands on the drill that runs in dir.
func HandsOn(dir string) Hands { return Hands{dir} }

// StopMail stops the practice mail service, and returns when it has stopped.
func (h Hands) StopMail(ctx context.Context) error { return h.do(ctx, order{Do: stopMail}) }

// StartMail starts the practice mail service, and returns when it works.
func (h Hands) StartMail(ctx context.Context) error { return h.do(ctx, order{Do: startMail}) }

// SetPassword gives an account a new password. Like SmarterMail's web interface, it answers only while mail runs.
func (h Hands) SetPassword(ctx context.Context, account string, password steps.Secret) error {
	return h.do(ctx, order{Do: setPassword, Account: account, Password: password.Reveal()})
}

// EndSessions ends the connections of an account. It answers only while mail runs.
func (h Hands) EndSessions(ctx context.Context, account string) error {
	return h.do(ctx, order{Do: endSessions, Account: account})
}

// EndProgram ends the program that sends past the mail service, where there is one.
func (h Hands) EndProgram(ctx context.Context) error { return h.do(ctx, order{Do: endProgram}) }

// What hands can do.
const (
	endProgram  = "end-program"
	stopMail    = "stop-mail"
	startMail   = "start-mail"
	setPassword = "set-password"
	endSessions = "end-sessions"
)

// order is one thing to do. It goes over loopback and is written nowhere.
type order struct {
	Key      string `json:"key"` // shows that who asks may read the drill's folder
	Do       string `json:"do"`
	Account  string `json:"account,omitempty"`
	Password string `json:"password,omitempty"`
}

// outcome is the answer: an empty Error says that it was done.
type outcome struct {
	Error string `json:"error"`
}

// doorplate is the file that tells hands where to knock.
type doorplate struct {
	Addr string `json:"addr"`
	Key  string `json:"key"`
}

func doorplateOf(dir string) string { return filepath.Join(dir, "hands.json") }

const (
	orderLimit = startLimit + stopLimit // the slowest thing to do
	maxOrder   = 4 << 10                // bytes
)

// errNoDrill is said where nobody answers.
var errNoDrill = errors.New("no drill runs there; start it with delist drill --keep and leave it open")

// do asks the running drill to do something.
func (h Hands) do(ctx context.Context, o order) error {
	b, err := os.ReadFile(doorplateOf(h.dir))
	var plate doorplate
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w", h.dir, errNoDrill)
	case err == nil:
		err = json.Unmarshal(b, &plate)
	}
	if err != nil {
		return fmt.Errorf("%s: find the drill: %w", o.Do, err)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", plate.Addr)
	if err != nil {
		return fmt.Errorf("%s: %w", h.dir, errNoDrill)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	o.Key = plate.Key
	var answer outcome
	err = errors.Join(conn.SetDeadline(time.Now().Add(orderLimit+5*time.Second)), json.NewEncoder(conn).Encode(o))
	if err == nil {
		err = json.NewDecoder(io.LimitReader(conn, 16*maxOrder)).Decode(&answer)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: the drill gave no answer: %w", o.Do, err)
	case answer.Error != "":
		return fmt.Errorf("%s: %s", o.Do, answer.Error)
	}
	return nil
}

// control is where a running drill hears hands.
type control struct {
	door net.Listener
	name string // of the doorplate
	key  string
	obey func(context.Context, order) error
	end  context.CancelFunc
	work sync.WaitGroup
}

// listenForHands opens the door and says in the drill's folder where it is.
func listenForHands(ctx context.Context, dir string, obey func(context.Context, order) error) (*control, error) {
	var lc net.ListenConfig
	door, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for hands: %w", err)
	}
	c := &control{door: door, name: doorplateOf(dir), key: rand.Text(), obey: obey}
	b, err := json.Marshal(doorplate{Addr: door.Addr().String(), Key: c.key})
	if err == nil {
		err = os.WriteFile(c.name+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(c.name+".new", c.name)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for hands: %w", err), door.Close())
	}
	ctx, c.end = context.WithCancel(context.WithoutCancel(ctx)) // the drill runs until it is closed
	c.work.Go(func() { c.serve(ctx) })
	return c, nil
}

func (c *control) serve(ctx context.Context) {
	for {
		conn, err := c.door.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // too many files open, say: do not spin
			continue
		}
		c.work.Go(func() { c.hear(ctx, conn) })
	}
}

// hear takes one order and answers it.
func (c *control) hear(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second)) // a connection that is gone shows at the read
	var o order
	if err := json.NewDecoder(io.LimitReader(conn, maxOrder)).Decode(&o); err != nil || o.Key != c.key {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, orderLimit)
	defer cancel()
	var said outcome
	if err := c.obey(ctx, o); err != nil {
		said.Error = err.Error()
	}
	_ = json.NewEncoder(conn).Encode(said) // who asked has gone: it is done all the same
}

// close takes the doorplate down and waits for what is being done.
func (c *control) close() error {
	err := errors.Join(os.Remove(c.name), c.door.Close())
	c.end()
	c.work.Wait()
	return err
}
