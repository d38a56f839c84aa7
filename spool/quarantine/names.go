package quarantine

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"delist/spool"
)

// baseName is what SmarterMail and the programs beside it name messages, without the extension.
var baseName = regexp.MustCompile(`^-?[0-9A-Za-z-]{1,200}$`)

// subSpool is a folder that SmarterMail makes itself for waiting mail.
var subSpool = regexp.MustCompile(`^SubSpool[0-9]{1,6}$`)

const (
	maxDepth  = 8   // folders between the spool and a message; SmarterMail and its filters use two
	maxFolder = 120 // bytes of one folder's name
)

// checkID refuses an ID that could name anything but a message inside a spool: the manifest and the plan are read
// from disk, and what they name is moved.
func checkID(id spool.ID) error {
	dir, base := path.Split(string(id))
	dir = strings.TrimSuffix(dir, "/")
	if !baseName.MatchString(base) {
		return fmt.Errorf("%q is not the name of a message", string(id))
	}
	if dir != "" {
		if err := checkDir(dir); err != nil {
			return err
		}
	}
	// IsLocal knows the names that Windows keeps for devices.
	if !filepath.IsLocal(filepath.FromSlash(string(id)) + ".hdr") {
		return fmt.Errorf("%q is not a name inside the spool", string(id))
	}
	return nil
}

func checkDir(dir string) error {
	parts := strings.Split(dir, "/")
	if len(parts) > maxDepth {
		return fmt.Errorf("%q lies too deep for a folder of a spool", dir)
	}
	for i, p := range parts {
		odd := strings.ContainsFunc(p, func(r rune) bool {
			return r < ' ' || r == 0x7f || r == '\ufffd' || strings.ContainsRune(`\:*?"<>|`, r)
		})
		switch {
		case p == "" || p == "." || p == ".." || len(p) > maxFolder || odd || strings.TrimRight(p, " .") != p:
			return fmt.Errorf("%q is not the name of a folder in a spool", dir)
		case i == 0 && (strings.EqualFold(p, "Drop") || strings.EqualFold(p, "Quarantine")):
			return fmt.Errorf("the folder %q is SmarterMail's own, nothing in it is moved", p)
		}
	}
	return nil
}
