package spool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDepth bounds how deep folders are entered; a real spool has two levels ("proc/work").
const maxDepth = 8

// skipped are folders of the root that hold no queued pairs: Drop takes bare messages to pick up, Quarantine what
// SmarterMail itself holds back. Compared in lower case.
var skipped = []string{"drop", "quarantine"}

// folder is a listing of one folder: the pairs in it by base name, sorted.
type folder struct {
	dir   string
	pairs []pair
}

// pair is a base name with both its files, as listed.
type pair struct{ hdr, eml fs.DirEntry }

func (p pair) base() string { return strings.TrimSuffix(p.hdr.Name(), ".hdr") }

// stamp looks at both files without opening them.
func (p pair) stamp() (Stamp, error) {
	hdr, err := p.hdr.Info()
	if err != nil {
		return Stamp{}, err
	}
	eml, err := p.eml.Info()
	if err != nil {
		return Stamp{}, err
	}
	return Stamp{HDR: stampOf(hdr), EML: stampOf(eml)}, nil
}

// walk lists the spool, folder by folder. What cannot be a message is among the problems; a folder that cannot be
// listed is one, too, and makes the walk partial. The error is only of the root or of the context.
func (s *Spool) walk(ctx context.Context) (folders []folder, problems []Problem, partial bool, err error) {
	if err := s.inPlace(); err != nil {
		return nil, nil, true, err
	}
	waiting := []string{""}
	for len(waiting) > 0 {
		if err := ctx.Err(); err != nil {
			return folders, problems, true, err
		}
		dir := waiting[0]
		waiting = waiting[1:]
		entries, err := s.list(dir)
		if err != nil {
			if dir == "" {
				return nil, nil, true, fmt.Errorf("the spool cannot be listed: %w", err)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				problems, partial = append(problems, Problem{Path: dir, Kind: Unreadable, Detail: reason(err)}), true
			}
			continue
		}
		f, below, odd := s.sort(dir, entries)
		folders, problems = append(folders, f), append(problems, odd...)
		waiting = append(waiting, below...)
	}
	return folders, problems, partial, nil
}

// inPlace makes sure that the open folder is still the one that its path names: it may have been renamed, and another
// put in its place.
func (s *Spool) inPlace() error {
	opened, err := s.root.Stat(".")
	if err != nil {
		return fmt.Errorf("the spool is gone: check the disk: %w", err)
	}
	named, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("the spool is gone: check the disk: %w", err)
	}
	if !os.SameFile(opened, named) {
		return fmt.Errorf("%w: %q was replaced by another: open it again", ErrFolderGone, s.path)
	}
	return nil
}

func (s *Spool) list(dir string) ([]fs.DirEntry, error) {
	f, err := s.root.Open(name(dir))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

// name is the path of a folder as os.Root wants it.
func name(dir string) string { return cmp.Or(filepath.FromSlash(dir), ".") }

// sort makes pairs of entries, and finds the folders below and the problems.
func (s *Spool) sort(dir string, entries []fs.DirEntry) (f folder, below []string, problems []Problem) {
	f.dir = dir
	odd := func(kind ProblemKind, name, detail string) {
		problems = append(problems, Problem{Path: path.Join(dir, name), Kind: kind, Detail: detail})
	}
	files := entries[:0]
	for _, e := range entries {
		switch {
		case e.IsDir():
			switch {
			case dir == "" && slices.Contains(skipped, strings.ToLower(e.Name())):
			case !folderName(e.Name()):
				odd(Foreign, e.Name(), "a folder with a name that SmarterMail does not give")
			case strings.Count(dir, "/")+1 >= maxDepth:
				odd(Foreign, e.Name(), "a folder below too many others")
			default:
				below = append(below, path.Join(dir, e.Name()))
			}
		case !e.Type().IsRegular():
			odd(Foreign, e.Name(), "a link or a device, not a file")
		default:
			files = append(files, e)
		}
	}
	// Sorting by name brings the files of one base name together: <base>.em_, <base>.eml, <base>.hdr.
	slices.SortFunc(files, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	for len(files) > 0 {
		base := stem(files[0].Name())
		n := 1
		for n < len(files) && stem(files[n].Name()) == base {
			n++
		}
		s.group(&f, files[:n], odd)
		files = files[n:]
	}
	slices.Sort(below)
	return f, below, problems
}

// group takes the files of one base name.
func (s *Spool) group(f *folder, files []fs.DirEntry, odd func(kind ProblemKind, name, detail string)) {
	var hdr, eml, part fs.DirEntry
	for _, e := range files {
		switch base, ext := stem(e.Name()), path.Ext(e.Name()); {
		case !BaseName(base) || len(base)+len(ext) != len(e.Name()):
			odd(Unknown, e.Name(), "")
		case ext == ".hdr":
			hdr = e
		case ext == ".eml":
			eml = e
		case ext == ".em_":
			part = e
		default:
			odd(Unknown, e.Name(), "")
		}
	}
	switch {
	case part != nil:
		odd(Receiving, part.Name(), "")
		if eml != nil { // no server leaves both behind: nothing says which of them counts
			odd(OrphanEML, eml.Name(), "an .em_ file of the same name lies beside it")
		}
	case hdr != nil && eml != nil:
		f.pairs = append(f.pairs, pair{hdr, eml})
	case hdr != nil && !s.arrived(f.dir, hdr.Name(), ".eml"):
		odd(OrphanHDR, hdr.Name(), "")
	case eml != nil && !s.arrived(f.dir, eml.Name(), ".hdr"):
		odd(OrphanEML, eml.Name(), "")
	}
}

// arrived reports whether what looked like an orphan is none any more: a running server moves files while they are
// listed. The next scan will see such a message whole, or gone.
func (s *Spool) arrived(dir, file, otherExt string) bool {
	mine := filepath.FromSlash(path.Join(dir, file))
	if _, err := s.root.Lstat(mine); errors.Is(err, fs.ErrNotExist) {
		return true
	}
	_, err := s.root.Lstat(strings.TrimSuffix(mine, path.Ext(mine)) + otherExt)
	return err == nil
}

// stem is a file name up to its first dot.
func stem(file string) string {
	base, _, _ := strings.Cut(file, ".")
	return base
}

// BaseName reports whether base can be the name of a message: an optional minus, then letters, digits and minus
// signs. Server builds use 8 or 12 digits, and other programs add suffixes.
func BaseName(base string) bool {
	if base == "" || base == "-" || len(base) > 200 {
		return false
	}
	for i := range len(base) {
		c := base[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			return false
		}
	}
	return true
}

// folderName reports whether a folder's name can be written in an ID on every system.
func folderName(s string) bool {
	return utf8.ValidString(s) && len(s) <= 200 && strings.Trim(s, ". ") == s && !strings.ContainsAny(s, `/\:*?"<>|`) &&
		!strings.ContainsFunc(s, unicode.IsControl)
}

// reason says why a file cannot be read, without the path, which stands beside it.
func reason(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return err.Error()
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }
