package quarantine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// folderName is what Place puts below the folder it found.
const folderName = "delist"

// Volumes says where a quarantine may be.
type Volumes uint8

// A rename within a volume is whole or not at all. To another volume messages are copied, which takes longer and needs
// room there, so that it has to be asked for.
const (
	SameVolume Volumes = iota // as the spool's
	AnyVolume
)

// ask ends a refusal of Place with the next step.
const ask = "set quarantine.dir to a folder on the spool's volume, outside the spool, the mailboxes, the logs and every web site"

// ErrWholeVolume says that the spool is a volume of its own, a drive or a mount point: no folder above it shares its volume.
var ErrWholeVolume = errors.New("the spool is a volume of its own")

// askAway is the way out of a spool that is a volume of its own.
const askAway = "set quarantine.dir to a folder on another volume and quarantine.other_volume to true, which copies each message, compares it and only then removes it"

// Misplaced says why there is no place for a quarantine, and what to set.
type Misplaced struct {
	Why    string // without the advice
	Advice string
	File   string // that stands where the folder would be made; empty where that is not the reason
	cause  error
}

// Error implements error.
func (m *Misplaced) Error() string { return m.Why + ": " + m.Advice }

// Unwrap implements errors' interface.
func (m *Misplaced) Unwrap() error { return m.cause }

// misplaced is a refusal with the usual advice.
func misplaced(format string, args ...any) error {
	return &Misplaced{Why: fmt.Sprintf(format, args...), Advice: ask}
}

// askOther is the other way out where a volume is the reason.
const askOther = ", or allow another volume with --other-volume or quarantine.other_volume, which copies each message, compares it and only then removes it"

// notBelow are folders that SmarterMail or a web server reads: mail put there would be served, indexed, counted as a
// mailbox or compressed as a log. Compared without case.
var notBelow = map[string]string{
	"domains":     "SmarterMail's mailboxes",
	"logs":        "logs",
	"inetpub":     "a web server's files",
	"wwwroot":     "a web site",
	"www":         "a web site",
	"mrs":         "SmarterMail's web site",
	"htdocs":      "a web site",
	"httpdocs":    "a web site",
	"public_html": "a web site",
	"html":        "a web site",
	"vhosts":      "web sites",
}

// siteFiles give a web site away.
var siteFiles = []string{"web.config", "index.html", "index.htm", "index.php", "default.aspx", "default.htm"}

// Place says where the quarantine of the spool at root belongs: the configured folder if there is one, else "delist" in
// the nearest permitted folder above the spool on its volume. Never in the spool, below a folder named Domains, among
// logs, or in a web site; only a configured folder may be on another volume, if that is asked for. It is else held to the
// same, and a *Misplaced says what to set instead. Nothing is made; the caller adds the incident's name.
func Place(root, configured string, on Volumes) (string, error) {
	root, err := realPath(root)
	if err != nil {
		return "", fmt.Errorf("find a place for the quarantine: %w", err)
	}
	if _, err := os.Stat(root); err != nil {
		return "", fmt.Errorf("find a place for the quarantine: the spool: %w", err)
	}
	volume, err := volumeOf(root)
	if err != nil {
		return "", fmt.Errorf("find a place for the quarantine: %w", err)
	}
	if configured != "" {
		return configuredPlace(root, volume, configured, on)
	}
	up := filepath.Dir(root)
	if v, err := volumeOf(up); up == root || err == nil && v != volume {
		return "", &Misplaced{Why: fmt.Sprintf("%s is a volume of its own, so no folder on it is outside the spool", root), Advice: askAway, cause: ErrWholeVolume}
	}
	for dir := up; ; dir = filepath.Dir(dir) {
		if v, err := volumeOf(dir); err != nil || v != volume {
			return "", misplaced("no folder above %s on its volume may hold a quarantine", root)
		}
		if objection(dir) == "" {
			return unblocked(filepath.Join(dir, folderName))
		}
		if filepath.Dir(dir) == dir {
			return "", misplaced("no folder above %s may hold a quarantine", root)
		}
	}
}

func configuredPlace(root, volume, configured string, on Volumes) (string, error) {
	if !filepath.IsAbs(configured) {
		return "", misplaced("quarantine.dir %q is not an absolute path", configured)
	}
	dir, err := realPath(configured)
	if err != nil {
		return "", fmt.Errorf("quarantine.dir: %w", err)
	}
	if err := apart(dir, root); err != nil {
		return "", misplaced("quarantine.dir: %v", err)
	}
	if why := objection(dir); why != "" {
		return "", misplaced("quarantine.dir %s %s", dir, why)
	}
	v, err := volumeOf(standing(dir))
	if err != nil {
		return "", fmt.Errorf("quarantine.dir: %w", err)
	}
	if v != volume && on != AnyVolume {
		return "", &Misplaced{Why: fmt.Sprintf("quarantine.dir %s is on another volume than the spool", dir), Advice: ask + askOther}
	}
	return unblocked(dir)
}

// unblocked is dir, unless something that is no folder stands where it, or one above it, would be made: a program named
// delist beside the spool, say.
func unblocked(dir string) (string, error) {
	for up := dir; ; up = filepath.Dir(up) {
		if info, err := os.Stat(up); err == nil && info.IsDir() || filepath.Dir(up) == up {
			return dir, nil
		}
		if _, err := os.Lstat(up); err == nil { // a file, or a link to none
			return "", &Misplaced{Why: fmt.Sprintf("the file %s stands where its folder would be made", up), Advice: "move the file elsewhere, or " + ask, File: up}
		}
	}
}

// Apart reports whether dir, which need not exist yet, is on another volume than the spool at root. Where that cannot be
// told, it is not: the first test rename tells.
func Apart(dir, root string) bool {
	here, errHere := volumeOf(standing(dir))
	there, errThere := volumeOf(root)
	return errHere == nil && errThere == nil && here != there
}

// objection says why dir may not hold a quarantine, or "".
func objection(dir string) string {
	for d := dir; filepath.Dir(d) != d; d = filepath.Dir(d) {
		base := filepath.Base(d)
		if what, ok := notBelow[strings.ToLower(base)]; ok {
			return fmt.Sprintf("lies in %q, %s", base, what)
		}
		if strings.EqualFold(base, "spool") || holdsSubSpools(d) {
			return "lies in a spool"
		}
		for _, name := range siteFiles {
			if _, err := os.Lstat(filepath.Join(d, name)); err == nil {
				return "lies in a web site, " + filepath.Join(d, name)
			}
		}
	}
	return ""
}

func holdsSubSpools(dir string) bool {
	for _, name := range []string{"SubSpool0", "SubSpool1", "SubSpool2"} {
		if fi, err := os.Lstat(filepath.Join(dir, name)); err == nil && fi.IsDir() {
			return true
		}
	}
	return false
}

// standing is the nearest folder at or above dir that is there already.
func standing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// realPath is name, absolute, with the links in the part of it that exists resolved.
func realPath(name string) (string, error) {
	name, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	up := standing(name)
	real, err := filepath.EvalSymlinks(up)
	if err != nil {
		return "", err
	}
	rest, err := filepath.Rel(up, name)
	if err != nil {
		return "", err
	}
	return filepath.Join(real, rest), nil
}

// apart is an error unless neither folder holds the other. The system is asked whether two folders are the same, so
// that neither case nor another name for a folder hides it.
func apart(dir, root string) error {
	if holds(root, dir) {
		return fmt.Errorf("%s lies in the spool %s", dir, root)
	}
	if holds(dir, root) {
		return fmt.Errorf("the spool %s lies in %s", root, dir)
	}
	return nil
}

func holds(outer, inner string) bool {
	o, err := os.Stat(outer)
	if err != nil {
		return false
	}
	for ; ; inner = filepath.Dir(inner) {
		if i, err := os.Stat(inner); err == nil && os.SameFile(o, i) {
			return true
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false
		}
		if filepath.Dir(inner) == inner {
			return false
		}
	}
}
