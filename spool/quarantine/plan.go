package quarantine

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"delist/spool"
)

// Item is one message of a plan, as the preview showed it.
type Item struct {
	ID      spool.ID
	Stamp   spool.Stamp // both files as they were seen; a message that looks otherwise is not moved
	Account string
	Unsure  bool // its status is not known: it may be one that SmarterMail throws away
}

// Plan is the exact list that the operator was shown and agreed to. Nothing outside it is moved.
type Plan struct {
	ID         string
	Created    time.Time
	Query      string // the search that gave the list, for the record
	Root       string // the spool it was made for
	Items      []Item // sorted by ID
	Bytes      int64  // bytes of the EML files
	SpoolCount int    // messages in the spool when the plan was made
}

// PlanAge is how long a saved plan may be acted on. A spool looks different after a day: search again.
const PlanAge = 24 * time.Hour

const (
	maxAccount  = 320     // bytes: RFC 5321 section 4.5.3.1 allows 64 + 1 + 255
	maxPlanFile = 1 << 30 // bytes: some eight million messages
)

var planID = regexp.MustCompile(`^[0-9a-f]{8}$`)

// NewPlan makes a plan of items for the spool at root. It refuses an empty list, a message named twice, and an ID that
// does not name a message inside a spool.
func NewPlan(root, query string, items []Item, spoolCount int) (Plan, error) {
	var id [4]byte
	rand.Read(id[:]) // never fails
	p := Plan{
		ID:         hex.EncodeToString(id[:]),
		Created:    time.Now().UTC(),
		Query:      query,
		Root:       filepath.Clean(root),
		Items:      slices.Clone(items),
		SpoolCount: spoolCount,
	}
	slices.SortFunc(p.Items, func(a, b Item) int { return strings.Compare(string(a.ID), string(b.ID)) })
	for i := range p.Items {
		p.Items[i].Account = clip(p.Items[i].Account)
		p.Bytes += p.Items[i].Stamp.EML.Size
	}
	return p, p.check()
}

func clip(account string) string {
	if len(account) > maxAccount {
		account = account[:maxAccount]
	}
	return strings.ToValidUTF8(account, "?")
}

// check refuses what no preview can have shown.
func (p Plan) check() error {
	if len(p.Items) == 0 {
		return fmt.Errorf("plan %s names no message: search again", p.ID)
	}
	if !filepath.IsAbs(p.Root) {
		return fmt.Errorf("plan %s: the spool %q is not an absolute path", p.ID, p.Root)
	}
	for i, it := range p.Items {
		if err := checkID(it.ID); err != nil {
			return fmt.Errorf("plan %s: %w", p.ID, err)
		}
		if i > 0 && p.Items[i-1].ID >= it.ID {
			return fmt.Errorf("plan %s names %s twice or out of order", p.ID, it.ID)
		}
	}
	return nil
}

// planFile is a plan as it lies on disk: the plan's own bytes and their SHA-256.
type planFile struct {
	SHA256 string          `json:"sha256"`
	Plan   json.RawMessage `json:"plan"`
}

type planBody struct {
	Version    int       `json:"version"`
	ID         string    `json:"id"`
	Created    time.Time `json:"created"`
	Query      string    `json:"query"`
	Root       string    `json:"root"`
	Bytes      int64     `json:"bytes"`
	SpoolCount int       `json:"spoolCount"`
	Items      []entry   `json:"items"`
}

// Save writes the plan into dir as <ID>.plan.json, synced, so that LoadPlan finds either all of it or nothing.
func (p Plan) Save(dir string) error {
	body := planBody{1, p.ID, p.Created, p.Query, p.Root, p.Bytes, p.SpoolCount, make([]entry, len(p.Items))}
	for i, it := range p.Items {
		body.Items[i] = entryOf(it)
	}
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("save plan %s: %w", p.ID, err)
	}
	sum := sha256.Sum256(b)
	b, err = json.Marshal(planFile{hex.EncodeToString(sum[:]), b})
	if err != nil {
		return fmt.Errorf("save plan %s: %w", p.ID, err)
	}
	if err := writeWhole(planPath(dir, p.ID), append(b, '\n')); err != nil {
		return fmt.Errorf("save plan %s: %w", p.ID, err)
	}
	return nil
}

func planPath(dir, id string) string { return filepath.Join(dir, id+".plan.json") }

// LoadPlan reads plan id from dir. It refuses a plan that was altered (ErrDamaged), that is older than PlanAge
// (ErrStale), or that bears another ID than its file (ErrForeign). Whether it fits the spool is Move's question.
func LoadPlan(dir, id string) (Plan, error) {
	if !planID.MatchString(id) {
		return Plan{}, fmt.Errorf("%q is not a plan's ID", id)
	}
	f, err := os.Open(planPath(dir, id))
	if err != nil {
		return Plan{}, fmt.Errorf("load plan %s: %w", id, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPlanFile))
	if err != nil {
		return Plan{}, fmt.Errorf("load plan %s: %w", id, err)
	}
	p, err := parsePlan(b)
	switch {
	case err != nil:
		return Plan{}, fmt.Errorf("load plan %s: %w", id, err)
	case p.ID != id:
		return Plan{}, fmt.Errorf("load plan %s: the file holds plan %q: %w", id, p.ID, ErrForeign)
	case time.Since(p.Created) > PlanAge:
		return Plan{}, fmt.Errorf("plan %s is from %s: %w", id, p.Created.Format(time.RFC3339), ErrStale)
	}
	return p, nil
}

func parsePlan(b []byte) (Plan, error) {
	var f planFile
	if err := json.Unmarshal(b, &f); err != nil {
		return Plan{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	sum := sha256.Sum256(f.Plan)
	if f.SHA256 != hex.EncodeToString(sum[:]) {
		return Plan{}, fmt.Errorf("%w: its checksum does not fit", ErrDamaged)
	}
	var body planBody
	dec := json.NewDecoder(bytes.NewReader(f.Plan))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil {
		return Plan{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if body.Version != 1 {
		return Plan{}, fmt.Errorf("written by another version (%d) of delist: search again", body.Version)
	}
	p := Plan{body.ID, body.Created, body.Query, body.Root, make([]Item, len(body.Items)), body.Bytes, body.SpoolCount}
	for i, e := range body.Items {
		p.Items[i] = e.item()
	}
	return p, p.check()
}

// writeWhole writes a new file so that its name never stands for half of it.
func writeWhole(name string, b []byte) (err error) {
	tmp := name + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a run that was killed; a link or a pipe goes, too
		return err
	}
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(b); err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		os.Remove(tmp)
		return err
	}
	return flushPath(filepath.Dir(name))
}
