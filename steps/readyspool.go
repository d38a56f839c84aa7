package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"delist/spool/quarantine"
	"delist/steps/words"
)

// The checks of the spool, of the quarantine's place and room, and of the incident's folder.

// rights asks whether messages may be moved out of each folder of the spool and back. Nothing of ours is put there to try.
func (p *Preparation) rights(ctx context.Context) Readiness {
	if p.Root == "" {
		return Readiness{}
	}
	folders, err := spoolFolders(ctx, p.Root)
	if err != nil {
		return Readiness{State: NotReady, Sentence: fmt.Sprintf("The spool cannot be listed: %v.", err), Remedy: moreRights(err)}
	}
	var failed []error
	for _, folder := range folders {
		if err := quarantine.MayMove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) { // SmarterMail removes folders itself
			failed = append(failed, err)
		}
	}
	if len(failed) == 0 {
		return Readiness{State: Ready, Sentence: fmt.Sprintf("Messages may be moved out of the spool and back (%s).", words.Count(len(folders), "folder", "folders"))}
	}
	more := ""
	if n := len(failed) - 1; n > 0 {
		more = " The same holds for " + words.Count(n, "more folder", "more folders") + "."
	}
	return Readiness{State: NotReady, Sentence: fmt.Sprintf("No right to %v.%s", failed[0], more), Remedy: moreRights(failed[0])}
}

// spoolFolders are the spool's root and its SubSpool folders. The root may hold a million names, so it is read in parts.
func spoolFolders(ctx context.Context, root string) ([]string, error) {
	f, err := os.Open(root)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	folders := []string{root}
	for ctx.Err() == nil {
		entries, err := f.ReadDir(1000)
		for _, e := range entries {
			if e.IsDir() && strings.HasPrefix(strings.ToLower(e.Name()), "subspool") {
				folders = append(folders, filepath.Join(root, e.Name()))
			}
		}
		if errors.Is(err, io.EOF) {
			return folders, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, ctx.Err()
}

// moreRights is what to do about a refusal of the system, for this user on this system.
func moreRights(err error) string {
	switch {
	case !errors.Is(err, fs.ErrPermission) || os.Geteuid() == 0:
		return "Look at the folder's disk: whether it is mounted read-only, full or gone. Mend that before mail is stopped."
	case runtime.GOOS == "windows":
		return `Leave, and start delist again by "Run as administrator"; the incident goes on where it is.`
	}
	return "Leave, and run delist again with sudo; the incident goes on where it is."
}

// where is the place of the quarantine.
func (p *Preparation) where() (string, error) {
	if p.Held != "" {
		return p.Held, nil
	}
	on := quarantine.SameVolume
	if p.Settings.OtherVolume {
		on = quarantine.AnyVolume
	}
	return quarantine.Place(p.Root, p.Settings.QuarantineDir, on)
}

// place tries where messages would go.
func (p *Preparation) place(ctx context.Context) Readiness {
	if p.Root == "" {
		return Readiness{}
	}
	dir, err := p.where()
	if err != nil {
		why, remedy := err.Error(), p.anotherPlace()
		var m *quarantine.Misplaced
		if errors.As(err, &m) {
			why = m.Why
			if m.File != "" {
				remedy = fmt.Sprintf("Move %s elsewhere and start delist again, or let the quarantine have another name. %s", m.File, p.besideFile(m.File))
			}
		}
		return Readiness{State: NotReady, Sentence: fmt.Sprintf("There is no place for the quarantine: %s.", why), Remedy: remedy}
	}
	beside := dir
	if p.Held != "" {
		beside = filepath.Dir(dir) // nothing is tried in a quarantine that holds mail
	}
	if err := quarantine.TryPlace(beside); err != nil {
		return Readiness{State: NotReady, Sentence: fmt.Sprintf("The quarantine cannot be made at %s: %v.", dir, err), Remedy: moreRights(err)}
	}
	if folders, err := spoolFolders(ctx, p.Root); err == nil && !p.Settings.OtherVolume {
		for _, folder := range folders {
			if quarantine.Apart(dir, folder) {
				return Readiness{State: NotReady, Sentence: fmt.Sprintf("%s is on another volume than the quarantine at %s, so its messages would have to be copied.", folder, dir),
					Remedy: p.linesToType(p.Settings.QuarantineDir, true)}
			}
		}
	}
	how := ""
	if quarantine.Apart(dir, p.Root) {
		how = ", on another volume: each is copied, compared and only then removed"
	}
	return Readiness{State: Ready, Sentence: fmt.Sprintf("Messages would go to %s%s.", dir, how)}
}

// anotherPlace is what to set where there is no place: the configured folder, if only its volume is in the way; none, if
// the usual place is good; else a folder that was looked at and may be used.
func (p *Preparation) anotherPlace() string {
	if set := p.Settings.QuarantineDir; set != "" {
		if _, err := quarantine.Place(p.Root, set, quarantine.AnyVolume); err == nil {
			return p.linesToType(set, true)
		}
		if dir, err := quarantine.Place(p.Root, "", quarantine.SameVolume); err == nil {
			return fmt.Sprintf("Take the line dir = .. below [quarantine] out of delist.toml, and start delist again; messages then go to %s.", dir)
		}
	}
	spare := p.Spare
	if spare != "" {
		if _, err := quarantine.Place(p.Root, spare, quarantine.AnyVolume); err == nil {
			return p.linesToType(spare, quarantine.Apart(spare, p.Root))
		}
	}
	return "Choose a folder outside the spool, the mailboxes, the logs and every web site, and name it. " + p.linesToType("THE FOLDER", true)
}

// besideFile is another place where a file has the name of the usual one: a folder beside it.
func (p *Preparation) besideFile(file string) string {
	beside := file + "-quarantine"
	if _, err := quarantine.Place(p.Root, beside, quarantine.SameVolume); err != nil {
		return p.anotherPlace()
	}
	return p.linesToType(beside, false)
}

// linesToType are lines for delist.toml.
func (p *Preparation) linesToType(dir string, otherVolume bool) string {
	lines := []string{"Put these lines into " + cmp.Or(p.Settings.Config, "delist.toml") + ", then start delist again:", "[quarantine]"}
	if dir != "" {
		lines = append(lines, "dir = "+tomlString(dir))
	}
	if otherVolume {
		lines = append(lines, "other_volume = true")
	}
	return strings.Join(lines, "\n")
}

// tomlString quotes a path for TOML, literally where that can be: a Windows path then looks as its owner knows it.
func tomlString(s string) string {
	if !strings.ContainsAny(s, "'\n\r\t") {
		return "'" + s + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

// What the records of an act need at most: a manifest's line for each message, and room for the journal beside.
const (
	manifestLine = 1 << 10
	recordRoom   = 16 << 20
)

// room compares what is free where messages would go with what they need there.
func (p *Preparation) room(context.Context) Readiness {
	if p.Root == "" {
		return Readiness{}
	}
	dir, err := p.where()
	if err != nil {
		return Readiness{} // said of the place
	}
	free, err := quarantine.Room(dir)
	if err != nil {
		return Readiness{State: NotKnown, Sentence: fmt.Sprintf("How much room there is at %s is not known: %v.", dir, err)}
	}
	need := uint64(recordRoom + p.Messages*manifestLine)
	apart := quarantine.Apart(dir, p.Root)
	has := fmt.Sprintf("%s free at %s", size(free), dir)
	switch {
	case apart && !p.Read && free >= need:
		return Readiness{State: NotKnown, Sentence: has + "; the spool was not read to its end, so whether it fits is not known."}
	case apart:
		need += uint64(max(p.Bytes, 0))
	}
	if free >= need {
		return Readiness{State: Ready, Sentence: fmt.Sprintf("%s, enough for what is moved.", has)}
	}
	what := "the record of what is moved"
	if apart {
		what = "all messages of the spool, which would be copied there"
	}
	return Readiness{State: NotReady, Sentence: fmt.Sprintf("Only %s; %s need %s.", has, what, size(need)), Remedy: p.moreRoom(dir, need)}
}

// moreRoom names a place with room, if there is one.
func (p *Preparation) moreRoom(dir string, need uint64) string {
	free := "Free some room on the volume of " + dir + " before mail is stopped; delete nothing in the spool."
	if p.Spare == "" || p.Held != "" {
		return free
	}
	need += uint64(max(p.Bytes, 0))
	if room, err := quarantine.Room(p.Spare); err != nil || room < need {
		return free
	}
	if _, err := quarantine.Place(p.Root, p.Spare, quarantine.AnyVolume); err != nil {
		return free
	}
	return free + " Or let messages be copied to another volume. " + p.linesToType(p.Spare, quarantine.Apart(p.Spare, p.Root))
}

func size(n uint64) string { return words.Size(int64(min(n, 1<<62))) }

// keeps tries whether the record can be written on.
func (p *Preparation) keeps(context.Context) Readiness {
	if p.Dir == "" {
		return Readiness{}
	}
	if err := writeAndRemove(p.Dir); err != nil {
		return Readiness{State: NotReady, Sentence: fmt.Sprintf("The incident's record cannot be written in %s: %v.", p.Dir, err),
			Remedy: moreRights(err)}
	}
	if free, err := quarantine.Room(p.Dir); err == nil && free < recordRoom {
		return Readiness{State: NotReady, Sentence: fmt.Sprintf("Only %s free at %s, where the incident's record is kept.", size(free), p.Dir),
			Remedy: "Free some room there before mail is stopped; delete nothing in the spool."}
	}
	return Readiness{State: Ready, Sentence: "The incident's record is kept in " + p.Dir + "."}
}

// writeAndRemove proves that files can be made in a folder.
func writeAndRemove(dir string) error {
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString("x")
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}
