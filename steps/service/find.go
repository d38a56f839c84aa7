package service

import (
	"strings"
)

// Found is a service of SmarterMail on this machine.
type Found struct {
	Name   string // what --service takes
	Image  string // the program that runs
	Folder string // where SmarterMail is installed, empty when the image does not tell
	Ground string // why it is taken for SmarterMail, in words
}

// imagePath returns the program of a service's command line as Windows registers it: quoted, or bare up to ".exe".
func imagePath(command string) string {
	command = strings.TrimSpace(command)
	command = strings.TrimPrefix(command, `\??\`)
	if rest, ok := strings.CutPrefix(command, `"`); ok {
		image, _, _ := strings.Cut(rest, `"`)
		return image
	}
	lower := asciiLower(command)
	for at := 0; ; {
		i := strings.Index(lower[at:], ".exe")
		if i < 0 {
			return command
		}
		at += i + len(".exe")
		if at == len(command) || command[at] == ' ' || command[at] == '\t' {
			return command[:at]
		}
	}
}

// smarterMailFolder returns the folder of SmarterMail above the image of its Windows service. The service's name,
// MailService, is used by other programs too, so a folder has to say SmarterMail as well: SmarterMail, SmarterMail16.
func smarterMailFolder(image string) (string, bool) {
	parts := strings.FieldsFunc(image, isSeparator)
	if len(parts) == 0 || !strings.EqualFold(parts[len(parts)-1], "MailService.exe") {
		return "", false
	}
	// the innermost folder that says so: ...\SmarterTools\SmarterMail\Service\MailService.exe
	for i := len(parts) - 2; i > 0; i-- {
		if strings.HasPrefix(asciiLower(parts[i]), "smartermail") {
			return strings.Join(parts[:i+1], `\`), true
		}
	}
	return "", false
}

func isSeparator(r rune) bool { return r == '\\' || r == '/' }

// asciiLower lowers ASCII letters only, so that indexes stay those of s.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
