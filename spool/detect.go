package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// LooksLikeSpool reports whether a folder looks like a SmarterMail spool, and on what ground, in words. It looks at the
// names in the folder only, at most some thousand of them; it is a hint for a question to the operator, no proof.
func LooksLikeSpool(dir string) (bool, string) {
	f, err := os.Open(dir)
	if err != nil {
		return false, "it cannot be opened"
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.IsDir() {
		return false, "it is not a folder"
	}
	entries, err := f.ReadDir(5000)
	if err != nil && !isEOF(err) {
		return false, "it cannot be listed"
	}
	sub := 0
	files := map[string]bool{}
	for _, e := range entries {
		switch {
		case e.IsDir() && subSpool(e.Name()):
			sub++
		case e.Type().IsRegular():
			files[e.Name()] = true
		}
	}
	if sub > 0 {
		return true, fmt.Sprintf("it holds %d SubSpool folders", sub)
	}
	for file := range files {
		base, isHDR := strings.CutSuffix(file, ".hdr")
		if isHDR && BaseName(base) && files[base+".eml"] {
			return true, "it holds pairs of .hdr and .eml files"
		}
	}
	if len(entries) == 0 && strings.EqualFold(filepath.Base(dir), "Spool") {
		return true, "it is empty, and its name is Spool"
	}
	return false, "it holds neither SubSpool folders nor pairs of .hdr and .eml files"
}

// subSpool reports whether a folder is named SubSpool<N>, in any case.
func subSpool(name string) bool {
	const prefix = "subspool"
	if len(name) <= len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
		return false
	}
	return strings.Trim(name[len(prefix):], "0123456789") == ""
}
