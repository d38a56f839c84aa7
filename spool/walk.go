package spool

import (
	"bytes"
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

// folder is what was found in one folder: the names of the pairs in it, sorted, and what cannot be a message.
type folder struct {
	dir      string
	pairs    names
	problems []Problem
	partial  bool // it could not be listed
	apart    Apart
}

// names are base names, one behind the other with a line end behind each: none has one in it.
type names struct {
	text  string
	count int
}

// cut takes the first n names off.
func (n *names) cut(count int) names {
	if count >= n.count {
		all := *n
		*n = names{}
		return all
	}
	end := 0
	for range count {
		end += strings.IndexByte(n.text[end:], '\n') + 1
	}
	head := names{n.text[:end], count}
	*n = names{n.text[end:], n.count - count}
	return head
}

// walker lists the spool, folder by folder. It keeps its memory from one folder to the next.
type walker struct {
	spool   *Spool
	listing listing
	buf     []byte // for the system's answers
	pairs   []byte
	glimpse func(dir string, some names) // nil once it was called
}

// walk lists the spool and gives each folder to found. A folder that cannot be listed is a problem, too, and partial.
// The error is only of the root or of the context. glimpse, which may be nil, gets some names of messages as soon as the
// system has named the first ones: a folder may hold a million.
func (s *Spool) walk(ctx context.Context, glimpse func(dir string, some names), found func(folder)) error {
	if err := s.inPlace(); err != nil {
		return err
	}
	w := &walker{spool: s, buf: make([]byte, 256<<10), glimpse: glimpse}
	waiting := []string{""}
	for len(waiting) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		dir := waiting[0]
		waiting = waiting[1:]
		if err := w.list(dir); err != nil {
			if dir == "" {
				return fmt.Errorf("the spool cannot be listed: %w", err)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				found(folder{dir: dir, problems: []Problem{{Path: dir, Kind: Unlisted, Detail: reason(err)}}, partial: true})
			}
			continue
		}
		f, below := w.sort(dir)
		found(f)
		waiting = append(waiting, below...)
	}
	return nil
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

func (w *walker) list(dir string) error {
	w.listing.reset()
	o, err := w.spool.openFolder(dir)
	if err != nil {
		return err
	}
	defer o.Close()
	return o.list(&w.listing, w.buf, func() { w.peek(dir) })
}

// peek gives glimpse the messages that can be told from the first names of a folder.
func (w *walker) peek(dir string) {
	if w.glimpse == nil {
		return
	}
	var some []string
	for _, e := range w.listing.entries {
		name := w.listing.name(e)
		if base := stem(name); e.kind == kindFile && string(name[len(base):]) == ".hdr" && isBaseName(base) {
			if some = append(some, string(base)); len(some) == chunk {
				break
			}
		}
	}
	if len(some) == 0 {
		return
	}
	slices.Sort(some)
	w.glimpse(dir, names{strings.Join(some, "\n") + "\n", len(some)})
	w.glimpse = nil
}

// name is the path of a folder as os.Root wants it.
func name(dir string) string { return cmp.Or(filepath.FromSlash(dir), ".") }

// sort makes pairs of the names listed, and finds the folders below and the problems.
func (w *walker) sort(dir string) (f folder, below []string) {
	f.dir = dir
	files := w.listing.entries[:0]
	var apart []string
	var passed []listedFor
	for _, e := range w.listing.entries {
		if e.kind == kindFile {
			files = append(files, e)
			continue
		}
		name := string(w.listing.name(e))
		switch {
		case e.kind == kindOther && path.Ext(name) == "":
			f.passedBy(name, "a link or a device: what may be behind it is not looked at")
		case e.kind == kindOther && strings.EqualFold(path.Ext(name), ".hdr"):
			f.odd(Unreadable, name, "a link or a device, not a file: what may be behind it is not read")
		case e.kind == kindOther:
			f.odd(Foreign, name, "a link or a device, not a file")
		case dir == "" && (strings.EqualFold(name, dropFolder) || strings.EqualFold(name, quarantineFolder)):
			apart = append(apart, name)
		case !folderName(name):
			passed = append(passed, listedFor{name, "a folder with a name that SmarterMail does not give"})
		case strings.Count(dir, "/")+1 >= maxDepth:
			passed = append(passed, listedFor{name, "a folder below too many others"})
		default:
			below = append(below, path.Join(dir, name))
		}
	}
	slices.Sort(below)
	w.listing.entries = files
	w.listing.sort() // which brings the files of one base name together: <base>.em_, <base>.eml, <base>.hdr
	w.pairs = w.pairs[:0]
	for len(files) > 0 {
		base := stem(w.listing.name(files[0]))
		n := 1
		for n < len(files) && bytes.Equal(stem(w.listing.name(files[n])), base) {
			n++
		}
		if w.plain(files[:n], base) {
			f.pairs.count++
			w.pairs = append(append(w.pairs, base...), '\n')
		} else {
			w.group(&f, files[:n], string(base))
		}
		files = files[n:]
	}
	f.pairs.text = inOrder(string(w.pairs))
	for _, name := range apart {
		w.countApart(&f, name)
	}
	for _, p := range passed {
		w.lookPast(&f, p.name, p.why)
	}
	return f, below
}

// inOrder sorts base names where the order of the file names was another: "1-2.hdr" comes before "1.hdr".
func inOrder(text string) string {
	before := ""
	for line := range strings.Lines(text) {
		if base := line[:len(line)-1]; base < before {
			all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			slices.Sort(all)
			return strings.Join(all, "\n") + "\n"
		} else {
			before = base
		}
	}
	return text
}

// plain reports whether the files of one base name are a pair and nothing else.
func (w *walker) plain(files []listed, base []byte) bool {
	return len(files) == 2 && string(w.listing.name(files[0])[len(base):]) == ".eml" &&
		string(w.listing.name(files[1])[len(base):]) == ".hdr" && isBaseName(base)
}

// group takes the files of one base name when they are not just a pair.
func (w *walker) group(f *folder, files []listed, base string) {
	var hdr, eml, part string
	for _, file := range w.canonical(f, files, base) {
		switch {
		case !BaseName(base):
			f.odd(Unknown, file, "")
		case file == base+".hdr":
			hdr = file
		case file == base+".eml":
			eml = file
		case file == base+".em_":
			part = file
		default:
			f.odd(Unknown, file, "")
		}
	}
	switch {
	case part != "":
		f.odd(Receiving, part, "")
		if info, err := w.spool.root.Lstat(filepath.FromSlash(path.Join(f.dir, part))); err == nil {
			f.problems[len(f.problems)-1].Changed = info.ModTime()
		}
		if eml != "" { // no server leaves both behind: nothing says which of them counts
			f.odd(OrphanEML, eml, "an .em_ file of the same name lies beside it")
		}
	case hdr != "" && eml != "":
		f.pairs.count++
		w.pairs = append(append(w.pairs, base...), '\n')
	case hdr != "":
		w.alone(f, hdr, ".eml", OrphanHDR)
	case eml != "":
		w.alone(f, eml, ".hdr", OrphanEML)
	}
}

// alone notes a file of a message beside which the other one was not listed. A running server moves files meanwhile: where the
// other one has come, or this one is gone, the next scan tells. Where what bears the other's name is no file, it is a message
// that cannot be read.
func (w *walker) alone(f *folder, file, otherExt string, orphan ProblemKind) {
	mine := filepath.FromSlash(path.Join(f.dir, file))
	if _, err := w.spool.root.Lstat(mine); errors.Is(err, fs.ErrNotExist) {
		return
	}
	other, err := w.spool.root.Lstat(strings.TrimSuffix(mine, path.Ext(mine)) + otherExt)
	switch {
	case err != nil:
		f.odd(orphan, file, "")
	case !other.Mode().IsRegular() && (otherExt == ".eml" || other.IsDir()): // a link that is named as an envelope is noted by itself
		f.odd(Unreadable, file, "what is named as its "+otherExt+" is no file")
	}
}

// listedFor is a folder that is not looked into, and why.
type listedFor struct{ name, why string }

// lookPast notes a folder that is not looked into. One that holds no message at first sight, as a recycle bin does at the
// root of a volume, does not keep a look from being whole.
func (w *walker) lookPast(f *folder, name, why string) {
	n := 0
	if _, err := w.countMessages(path.Join(f.dir, name), &n); err == nil && n == 0 {
		f.odd(Foreign, name, why)
		return
	}
	f.passedBy(name, why)
}

// passedBy notes a folder that is not looked into: what is in it, nobody knows.
func (f *folder) passedBy(name, why string) {
	f.odd(Unlisted, name, why)
	f.partial = true
}

// canonical are the files of one base name without those that are a pair by their endings, under names that SmarterMail does
// not give: these are messages all the same, as a batch that looks into every file would find them.
func (w *walker) canonical(f *folder, files []listed, base string) []string {
	names := make([]string, len(files))
	odd := false
	for i, e := range files {
		names[i] = string(w.listing.name(e))
		odd = odd || !BaseName(base) || names[i] != base+".hdr" && names[i] != base+".eml" && names[i] != base+".em_"
	}
	if !odd {
		return names
	}
	stems := map[string][2]string{} // its HDR and its EML
	for _, name := range names {
		stem := strings.TrimSuffix(name, path.Ext(name))
		pair := stems[stem]
		switch strings.ToLower(path.Ext(name)) {
		case ".hdr":
			pair[0] = name
		case ".eml":
			pair[1] = name
		}
		stems[stem] = pair
	}
	return slices.DeleteFunc(names, func(name string) bool {
		pair := stems[strings.TrimSuffix(name, path.Ext(name))]
		strange := pair[0] != "" && pair[1] != "" && (!BaseName(base) || pair != [2]string{base + ".hdr", base + ".eml"}) && (name == pair[0] || name == pair[1])
		if strange && name == pair[0] {
			f.odd(Unreadable, name, "a message under a name that SmarterMail does not give: it is counted, not read and not moved")
		}
		return strange
	})
}

func (f *folder) odd(kind ProblemKind, name, detail string) {
	f.problems = append(f.problems, Problem{Path: path.Join(f.dir, name), Kind: kind, Detail: detail})
}

// stem is a file name up to its first dot.
func stem(file []byte) []byte {
	if i := bytes.IndexByte(file, '.'); i >= 0 {
		return file[:i]
	}
	return file
}

// BaseName reports whether base can be the name of a message: an optional minus, then letters, digits and minus
// signs. Server builds use 8 or 12 digits, and other programs add suffixes.
func BaseName(base string) bool { return isBaseName(base) }

func isBaseName[T string | []byte](base T) bool {
	if len(base) == 0 || len(base) == 1 && base[0] == '-' || len(base) > 200 {
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
