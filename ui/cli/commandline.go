package cli

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/pflag"

	"delist/spool/message"
)

// commandLine writes a command of this program so that it runs as it is printed: called as it was called now, and quoted
// for the reader's shell.
func (p *program) commandLine(words ...string) string {
	return message.Printable(strings.Join(append(p.calledAs(), quoteAll(runtime.GOOS, words)...), " "))
}

// commandIn makes commands that find the incidents that this one finds, also from another folder: it repeats the flags
// that say where they are kept.
func (p *program) commandIn(o options) func(words ...string) string {
	return func(words ...string) string {
		for _, at := range []struct{ flag, path string }{{"--incidents", o.incidents}, {"--config", p.given.config}} {
			if at.path != "" {
				words = append(slices.Clip(words), at.flag, whole(at.path))
			}
		}
		return p.commandLine(words...)
	}
}

// toDoctor is the command that says what stands in the way on the server this one looked at.
func (p *program) toDoctor() string { return p.onThisSpool("doctor") }

// onThisSpool is a command about the spool that this one looked at.
func (p *program) onThisSpool(words ...string) string {
	for _, at := range []struct{ flag, path string }{{"--config", p.given.config}, {"--spool", p.given.spool}} {
		if at.path != "" {
			words = append(words, at.flag, whole(at.path))
		}
	}
	if p.given.resolver != "" {
		words = append(words, "--resolver", p.given.resolver)
	}
	return p.commandLine(words...)
}

// again is this command: the flags as they were given, so that it works from any folder. An incident is taken over once,
// and a count is that of now. args are the command's name and what it was called with.
func (p *program) again(flags *pflag.FlagSet, count int, args ...string) string {
	var words []string
	flags.Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if several, ok := f.Value.(pflag.SliceValue); ok {
			values = several.GetSlice()
		}
		for _, value := range values {
			switch f.Name {
			case "take-over":
			case "yes":
				if _, err := strconv.Atoi(value); err == nil {
					words = append(words, "--yes="+strconv.Itoa(count))
				} else {
					words = append(words, "--yes")
				}
			case "spool", "logs", "incidents", "config":
				words = append(words, "--"+f.Name, whole(value))
			default:
				if f.NoOptDefVal != "" { // stands without a value
					words = append(words, "--"+f.Name+strings.TrimSuffix("="+value, "="+f.NoOptDefVal))
				} else {
					words = append(words, "--"+f.Name, value)
				}
			}
		}
	})
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") { // such as -subject:x, which is no flag
			return p.commandLine(slices.Concat(args[:i], words, []string{"--"}, args[i:])...)
		}
	}
	return p.commandLine(slices.Concat(args, words)...)
}

// goesOn says which command goes on with what was left; again makes it for the count of now.
func goesOn(left int, again func(count int) string) string {
	if left == 0 {
		return "nothing of it is left to do"
	}
	return fmt.Sprintf("`%s` goes on", again(left))
}

// whole is a path that means the same from any folder.
func whole(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// calledAs is how the operator called this program, ready for the shell.
func (p *program) calledAs() []string {
	name := cmp.Or(p.env.Program, "delist")
	if goRun.MatchString(name) {
		return []string{"go", "run", "."}
	}
	if strings.ContainsRune(name, filepath.Separator) {
		name = whole(name)
	}
	called := quoteAll(runtime.GOOS, []string{name})
	if runtime.GOOS == "windows" && called[0] != name {
		called = append([]string{"&"}, called...) // to PowerShell a quoted name alone is a text
	}
	// Behind sudo it was called by somebody who cannot read the record without; in a shell that sudo opened it was not.
	if by, _, _ := strings.Cut(p.env.get("SUDO_COMMAND"), " "); by != "" && filepath.Base(by) == filepath.Base(name) {
		called = append([]string{"sudo"}, called...)
	}
	return called
}

// goRun are the folders that `go run` builds in, or keeps what it built in.
var goRun = regexp.MustCompile(`[/\\]go-build\d*[/\\]`)

// quoteAll quotes words for the shell that people have on a system.
func quoteAll(system string, words []string) []string {
	quote := shellescape.Quote
	if system == "windows" {
		quote = windowsQuote
	}
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return quoted
}

// What Windows' two shells both take bare, what both take as it stands between double quotes, and what PowerShell takes
// for a single quote.
var (
	bareOnWindows   = regexp.MustCompile(`^[\w+=:./\\-]+$`)
	doubleOnWindows = regexp.MustCompile("^[^\"“”„$%!`]*$")
	singleOnWindows = regexp.MustCompile("['‘’‚‛]")
)

// windowsQuote quotes a word for PowerShell, and where they have a common form for cmd, too. Both hand the word to a
// program that takes \" for a quote, so a backslash at the end is doubled.
func windowsQuote(word string) string {
	switch {
	case bareOnWindows.MatchString(word):
		return word
	case doubleOnWindows.MatchString(word):
		bare := strings.TrimRight(word, `\`)
		return `"` + bare + strings.Repeat(`\`, 2*(len(word)-len(bare))) + `"`
	}
	return "'" + singleOnWindows.ReplaceAllString(word, "$0$0") + "'"
}
