package outbound

import (
	"path"
	"strings"
)

// interpreters run what others wrote: their own file says nothing of what speaks.
var interpreters = []string{"php", "perl", "python", "ruby", "node", "bash", "dash", "sh", "lua", "java", "mono", "dotnet"}

// scriptOf is the file that an interpreter runs, by its command line, whose words end in NUL. Of that only a file's name
// is taken, never an option or a word of another kind: there may be secrets among them. It is the process's own claim.
func scriptOf(exe, folder, commandLine string) string {
	name := strings.TrimRight(path.Base(strings.TrimSuffix(exe, " (deleted)")), "0123456789.-")
	name = strings.TrimSuffix(name, "-cgi")
	name = strings.TrimSuffix(name, "-fpm")
	known := false
	for _, i := range interpreters {
		known = known || name == i
	}
	words := strings.Split(strings.TrimRight(commandLine, "\x00"), "\x00")
	if !known || len(words) < 2 {
		return ""
	}
	for i, word := range words[1:] {
		switch {
		case takesCode(word):
			return "" // the next word is a program, not a file
		case strings.HasPrefix(word, "-"), word == "", strings.ContainsAny(word, "=\n\r;"):
			continue
		case i > 0 && strings.HasPrefix(words[i], "-") && !looksLikeFile(word):
			continue // it may belong to the option before it
		}
		if !path.IsAbs(word) && folder != "" {
			word = path.Join(folder, word)
		}
		return word
	}
	return ""
}

// takesCode says that an option is followed by a program's text.
func takesCode(word string) bool { return word == "-c" || word == "-e" || word == "-E" || word == "-r" }

// looksLikeFile says that a word is a file's name rather than an option's value.
func looksLikeFile(word string) bool { return strings.Contains(word, "/") || path.Ext(word) != "" }
