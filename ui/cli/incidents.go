package cli

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"delist/steps"
	"delist/steps/incident"
)

// incident is an incident on disk.
type found struct {
	dir     string
	inc     incident.Incident
	records []incident.Record
	err     error // why its record cannot be read whole
}

// incidentID is the form of an incident's name: four hexadecimal digits.
var incidentID = regexp.MustCompile(`^[0-9A-F]{4}$`)

// incidentFolders are where incidents may be: the folder given, or the machine's and the user's own.
func (p *program) incidentFolders(o options) []string {
	if o.incidents != "" {
		return []string{o.incidents}
	}
	if runtime.GOOS == "windows" {
		folders := []string{filepath.Join(p.programData(), "delist")}
		if local := p.env.get("LocalAppData"); local != "" {
			folders = append(folders, filepath.Join(local, "delist"))
		}
		return folders
	}
	folders := []string{"/var/lib/delist"}
	state := p.env.get("XDG_STATE_HOME")
	if home := p.env.get("HOME"); state == "" && home != "" {
		state = filepath.Join(home, ".local", "state")
	}
	if filepath.IsAbs(state) {
		folders = append(folders, filepath.Join(state, "delist"))
	}
	return folders
}

// newIncidentDir names a new incident and the folder that it will have.
func (p *program) newIncidentDir(o options) (id, dir string, err error) {
	folder, err := p.stateFolder(o, "the incident's record")
	if err != nil {
		return "", "", err
	}
	for {
		var random [2]byte
		rand.Read(random[:]) // never fails
		id = strings.ToUpper(hex.EncodeToString(random[:]))
		dir = filepath.Join(folder, id)
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			return id, dir, nil
		}
	}
}

// stateFolder is the first of the incidents' folders that can be written to; what names what is to be kept there.
func (p *program) stateFolder(o options, what string) (string, error) {
	var failed error
	for _, folder := range p.incidentFolders(o) {
		folder, err := filepath.Abs(folder)
		if err == nil {
			err = writable(folder)
		}
		if err == nil {
			return folder, nil
		}
		failed = errors.Join(failed, err)
	}
	return "", usage("no folder for %s can be written to: %w; name one with --incidents", what, failed)
}

// writable makes a folder for administrators only, and proves that a file can be written there.
func writable(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".write-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// listIncidents reads every incident there is, the newest first.
func (p *program) listIncidents(o options) []found {
	var all []found
	for _, dir := range p.incidentDirs(o) {
		all = append(all, readIncident(dir))
	}
	slices.SortStableFunc(all, func(a, b found) int { return b.inc.Opened.Compare(a.inc.Opened) })
	return all
}

// incidentDirs are the folders of all incidents.
func (p *program) incidentDirs(o options) []string {
	var dirs []string
	for _, folder := range p.incidentFolders(o) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue // no incident was ever kept there, or it is not ours to read
		}
		for _, e := range entries {
			if e.IsDir() && incidentID.MatchString(e.Name()) {
				dirs = append(dirs, filepath.Join(folder, e.Name()))
			}
		}
	}
	return dirs
}

// readIncident folds the record of one incident, as far as it can be read.
func readIncident(dir string) found {
	records, _, err := steps.ReadJournal(dir)
	inc := incident.Fold(records)
	inc.ID = cmp.Or(inc.ID, filepath.Base(dir))
	return found{dir: dir, inc: inc, records: records, err: err}
}

// findIncident reads the incident with an ID.
func (p *program) findIncident(o options, id string) (found, error) {
	id = strings.ToUpper(strings.TrimSpace(id))
	if !incidentID.MatchString(id) {
		return found{}, usage("%q is not an incident; its name has four characters, such as 7F3A: `%s` shows them", id, p.commandIn(o)("report", "--list"))
	}
	for _, folder := range p.incidentFolders(o) {
		dir := filepath.Join(folder, id)
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			found := readIncident(dir)
			if len(found.records) == 0 && found.err == nil {
				found.err = fmt.Errorf("%s: its record is empty; keep the folder, and start a new incident", dir)
			}
			return found, found.err
		}
	}
	return found{}, usage("there is no incident %s in %s; `%s` shows those there are, --incidents names another folder",
		id, strings.Join(p.incidentFolders(o), " or "), p.commandIn(o)("report", "--list"))
}

// openOn finds the newest open incident on a spool, of the same mode: a dry run is never gone on with in earnest.
func (p *program) openOn(o options, spool string, mode incident.Mode) (found, bool) {
	for _, i := range p.listIncidents(o) {
		if i.opensOn(spool, mode) {
			return i, true
		}
	}
	return found{}, false
}

// opensOn says that an incident is open on a spool, in a mode.
func (i *found) opensOn(spool string, mode incident.Mode) bool {
	return i.err == nil && i.inc.Closed.IsZero() && !i.inc.Opened.IsZero() && i.inc.Mode == mode && sameFolder(i.inc.Spool, spool)
}

// beside looks for the newest other incident that is open on a spool and acts on the server. A record that has not grown is
// not read again.
func (p *program) beside(o options, spool, own string) func() *incident.Neighbour {
	read, sizes := map[string]found{}, map[string]int64{}
	return func() *incident.Neighbour {
		var newest *found
		for _, dir := range p.incidentDirs(o) {
			size := steps.JournalSize(dir)
			if i, known := read[dir]; !known || size != sizes[dir] {
				i = readIncident(dir)
				i.records = nil
				read[dir], sizes[dir] = i, size
			}
			if i := read[dir]; filepath.Base(dir) != filepath.Base(own) && i.opensOn(spool, incident.Mode{}) && (newest == nil || i.inc.Opened.After(newest.inc.Opened)) {
				newest = &i
			}
		}
		if newest == nil {
			return nil
		}
		return newest.inc.Neighbour()
	}
}

// sameFolder says whether two paths name the same folder, also when neither is there.
func sameFolder(a, b string) bool {
	if a == b {
		return true
	}
	if a == "" || b == "" {
		return false
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// owner says which living process owns an incident; ok is false when none does.
func (i *found) owner() (start incident.Record, ok bool) {
	if !i.inc.Owned {
		return start, false
	}
	for _, r := range slices.Backward(i.records) {
		if fact, is := r.Fact.(incident.Started); is {
			// A start on another machine cannot be looked at: it counts as alive.
			return r, fact.Host != hostname() || fact.PID != os.Getpid() && alive(fact.PID)
		}
	}
	return start, false
}

// claim refuses an incident that another living delist owns, unless it is taken over with a typed word.
func (p *program) claim(i found, takeOver bool) error {
	start, owned := i.owner()
	if !owned {
		return nil
	}
	fact := start.Fact.(incident.Started)
	who := fmt.Sprintf("%s (process %d on %s) since %s", start.By, fact.PID, fact.Host, start.At.Local().Format("Mon 2 Jan 15:04 MST"))
	if !takeOver {
		return badNews("incident %s is being worked on by %s; wait until they leave it, or take it over with --take-over", i.inc.ID, who)
	}
	if !p.questions().typed(fmt.Sprintf("Incident %s is being worked on by %s. Their delist will stop acting.", i.inc.ID, who), "take over") {
		return badNews("incident %s was not taken over; it still belongs to %s, so ask them, or try again", i.inc.ID, start.By)
	}
	return nil
}

// started is the record of this start.
func started() incident.Started {
	return incident.Started{PID: os.Getpid(), Host: hostname(), Version: version()}
}

// standing is the nearest folder at or above a folder that is there already.
func standing(folder string) string {
	for {
		if _, err := os.Stat(folder); err == nil || filepath.Dir(folder) == folder {
			return folder
		}
		folder = filepath.Dir(folder)
	}
}
