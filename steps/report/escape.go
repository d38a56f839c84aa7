package report

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"delist/spool/message"
)

// safe is Markdown that may go into the report. Only this file makes it of other text, so what is foreign is escaped by
// its type and not by discipline.
type safe string

// maxText bounds one foreign text, in bytes: a TXT record or an error of an API can be as long as its sender likes.
const maxText = 2000

// md formats a sentence of ours: what is put into it is escaped, unless it is safe already.
func md(format string, args ...any) safe {
	for i, arg := range args {
		switch arg := arg.(type) {
		case safe, int, int64, float64:
		default:
			args[i] = text(fmt.Sprint(arg))
		}
	}
	return safe(fmt.Sprintf(format, args...))
}

// specials are the characters that Markdown (CommonMark 0.31, section 2.4) or GitHub's tables and links give a meaning
// in the middle of a line. HTML is stopped by entities.
var specials = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `|`, `\|`, `~`, `\~`, `#`, `\#`, `$`, `\$`,
	`&`, `&amp;`, `<`, `&lt;`, `>`, `&gt;`, `://`, `\://`, `www.`, `www\.`, `WWW.`, `WWW\.`,
)

// atStart are the marks that make a list or a rule of a line that begins with them.
var atStart = regexp.MustCompile(`^([-+=:])|^([0-9]{1,9})([.)])( |$)`)

// text makes foreign text one line that a reader sees as it is.
func text(s string) safe {
	s = strings.TrimSpace(message.Printable(cut(s)))
	return safe(atStart.ReplaceAllString(specials.Replace(s), `$2\$1$3$4`))
}

// cut bounds s without cutting a character in two.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + " .. (cut)"
}

// plainCode is what can stand in a code span, also within a table, and mean itself.
var plainCode = regexp.MustCompile(`^[^\x00-\x1f\x7f` + "`" + `|<>&]+$`)

// code sets a path, a command or a checksum as it has to be typed; what would break out of it becomes plain text.
func code(s string) safe {
	s = strings.TrimSpace(message.Printable(cut(s)))
	if s == "" {
		return "-"
	}
	if !plainCode.MatchString(s) {
		return text(s)
	}
	return safe("`" + s + "`")
}

// command marks up a command whole, so that it can be copied and runs: fenced by more backquotes than it has in a row.
func command(s string) safe {
	s, fence := message.Printable(s), "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return safe(fence + s + fence)
}

// withCommand is a sentence of ours that names a command between backquotes.
func withCommand(s string) safe {
	before, rest, opened := strings.Cut(s, "`")
	named, after, closed := strings.Cut(rest, "`")
	if !opened || !closed {
		return text(s)
	}
	return join(" ", text(before), code(named), text(after))
}

// plainLink is an address of a page that cannot break out of its brackets.
var plainLink = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/?=&%+,:@-]*)?$`)

// link makes a link of a list's page; anything that is not plainly one becomes text.
func link(s string) safe {
	if s == "" {
		return "-"
	}
	if len(s) > maxText || !plainLink.MatchString(s) {
		return text(s)
	}
	return safe("<" + s + ">")
}

// orDash shows that a cell is empty on purpose.
func orDash(s safe) safe {
	if s == "" {
		return "-"
	}
	return s
}

// join puts the non-empty parts together.
func join(sep safe, parts ...safe) safe {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(string(sep))
		}
		b.WriteString(string(p))
	}
	return safe(b.String())
}

// texts escapes each of several.
func texts(list []string) []safe {
	out := make([]safe, len(list))
	for i, s := range list {
		out[i] = text(s)
	}
	return out
}

// when is a date and time as the server's clock shows them, with the zone.
func when(t time.Time) safe {
	if t.IsZero() {
		return "-"
	}
	return text(t.Local().Format("2006-01-02 15:04:05 MST"))
}

// span is a duration in words: "4 s", "14 min 3 s", "2 h 5 min", "3 d 4 h".
func span(d time.Duration) safe {
	d = max(d, 0).Round(time.Second)
	day, hour, minute, second := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case day > 0:
		return md("%d d %d h", day, hour)
	case hour > 0:
		return md("%d h %d min", hour, minute)
	case minute > 0:
		return md("%d min %d s", minute, second)
	}
	return md("%d s", second)
}
