package drill

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"delist/steps/drill/smartermail"
)

// recordName is the file that makes a folder a drill's.
const recordName = "drill.json"

// record is what a drill has to know when it is taken up again. It is written at every change.
type record struct {
	Seed    uint64            `json:"seed"`
	Pace    float64           `json:"pace"`
	Began   time.Time         `json:"began"`
	API     string            `json:"api,omitempty"`     // host and port
	Stopped bool              `json:"stopped,omitempty"` // the operator has stopped the service
	Direct  bool              `json:"direct,omitempty"`  // a program sends past the mail service
	Silent  bool              `json:"silent,omitempty"`  // somebody has ended it
	ByHand  bool              `json:"byHand,omitempty"`  // the operator stops and starts the service himself
	Open    bool              `json:"open,omitempty"`    // under way; it stays so when the process is killed
	World   smartermail.World `json:"world"`
	Lists   map[string]*mark  `json:"lists"` // by zone

	mu   sync.Mutex
	name string
}

// mark is what has become of one listing since the drill began.
type mark struct {
	Asked   time.Time `json:"asked,omitzero"` // removal was requested
	Cleared bool      `json:"cleared,omitempty"`
}

func newRecord(dir string, seed uint64, world smartermail.World) *record {
	return &record{Seed: seed, Began: time.Now(), World: world, Lists: map[string]*mark{}, name: filepath.Join(dir, recordName)}
}

// readRecord reads the record of the drill in dir, or nil when there is none.
func readRecord(dir string) (*record, error) {
	name := filepath.Join(dir, recordName)
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	r := &record{name: name}
	if err == nil {
		err = json.Unmarshal(b, r)
	}
	if err != nil {
		return nil, fmt.Errorf("the drill in %s cannot be taken up again, start a new one elsewhere: %w", dir, err)
	}
	if r.Lists == nil {
		r.Lists = map[string]*mark{}
	}
	return r, nil
}

// change changes the record and writes it in one step.
func (r *record) change(do func(*record)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	do(r)
	b, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(r.name+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(r.name+".new", r.name)
	}
	if err != nil {
		return fmt.Errorf("write the drill's record: %w", err)
	}
	return nil
}

// mark gives what is known of one list; call it with mu held, as change does.
func (r *record) mark(zone string) *mark {
	if r.Lists[zone] == nil {
		r.Lists[zone] = &mark{}
	}
	return r.Lists[zone]
}
