package traffic

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"delist/spool/message"
)

// collector gathers the lines of the conversations that were chosen.
type collector struct {
	*tracer
	sessions map[string]*trace
	messages map[uint64]*trace
	logins   map[string]*trace
	from     time.Time // of the first line that is wanted
}

func newCollector(t *tracer, chosen []*trace) *collector {
	c := &collector{tracer: t, sessions: map[string]*trace{}, messages: map[uint64]*trace{}, logins: map[string]*trace{}}
	is := make(map[*trace]bool, len(chosen))
	for _, one := range chosen {
		is[one] = true
		one.kept = map[Kind]int{}
		if c.from.IsZero() || one.First.Before(c.from) {
			c.from = one.First
		}
	}
	for _, generation := range []map[string]*trace{t.sessions.old, t.sessions.young} {
		for key, one := range generation {
			if is[one] {
				c.sessions[key] = one
			}
		}
	}
	for key, one := range t.messages {
		if is[one] {
			c.messages[key] = one
		}
	}
	for key, one := range t.logins {
		if is[one] {
			c.logins[key] = one
		}
	}
	for _, one := range chosen { // from here on the lines say it
		one.First, one.Last = time.Time{}, time.Time{}
	}
	return c
}

// read goes through the files that may have lines of what was chosen.
func (c *collector) read(ctx context.Context, files []*reading, now time.Time) error {
	if len(c.sessions)+len(c.messages)+len(c.logins) == 0 {
		return nil
	}
	all := map[*trace]bool{}
	for _, f := range files {
		if !f.Day.AddDate(0, 0, 1).Add(tail).After(c.from) {
			continue
		}
		f.clock = dayClock{day: f.Day}
		c.day = f.Day
		var last *trace // whom a line without a head goes on with
		var at time.Time
		// What cannot be read was said when the file was looked through first.
		_ = f.each(ctx, now, func(b []byte, number int) {
			one, s, text, understood := c.whose(f.Kind, b)
			switch {
			case understood:
				f.clock.pass(s)
				last, at = one, f.clock.at(s, now)
			case last == nil || !goesOn(f.Kind, b):
				last = nil
				return
			default:
				one, text = last, b
			}
			if one != nil {
				all[one] = true
				one.keep(f, number, at, b, text)
			}
		})
		if ctx.Err() != nil {
			return fmt.Errorf("look through the logs: %w", ctx.Err())
		}
	}
	for one := range all {
		slices.SortStableFunc(one.Lines, func(a, b Line) int { return a.At.Compare(b.At) })
	}
	return nil
}

// whose is the conversation that a line belongs to, nil where it is none that was chosen.
func (c *collector) whose(kind Kind, b []byte) (one *trace, s stamp, text []byte, understood bool) {
	switch kind {
	case SMTP:
		if l, ok := parseSMTP(b); ok {
			if one = c.sessions[l.key()]; one != nil && one.Account == "" { // found by its message, which comes after
				var in bool
				one.Account, in = l.login()
				one.Nameless = one.Account == "" && (in || one.Nameless)
			}
			return one, l.stamp, l.text, true
		}
	case Delivery:
		if l, ok := parseDelivery(b); ok {
			if one = c.messages[joint(l.id)]; one != nil && one.Account == "" && one.Session == "" {
				one.Account = l.sender()
			}
			return one, l.stamp, l.text, true
		}
	case Administrative:
		if l, ok := parseAdministrative(b); ok {
			if c.administered(l)&c.wants == c.wants {
				one = c.logins[c.loginKey(l)]
			}
			return one, l.stamp, l.text, true
		}
	}
	return nil, stamp{}, nil, false
}

// maxText bounds what is shown of a line, in bytes.
const maxText = 500

// keep takes in a line of the conversation; text is where what was said in it begins.
func (c *trace) keep(f *reading, number int, at time.Time, line, text []byte) {
	c.saw(0, at)
	secret := c.secret(text)
	if c.kept[f.Kind]++; c.kept[f.Kind] > maxLines {
		c.LeftOut++
		return
	}
	end := ""
	if secret >= 0 {
		line, end = line[:bytes.LastIndex(line, text)+secret], "(left out: it may be a password)"
	}
	if len(line) > maxText {
		line, end = line[:maxText], ".."
	}
	c.Lines = append(c.Lines, Line{File: filepath.Base(f.Path), Number: number, At: at, Text: message.Printable(utf8Of(line)) + end})
}

var (
	saysClient = []byte("cmd:")
	saysServer = []byte("rsp:")
	saysAsks   = []byte("334")
	saysAuth   = []byte("auth ")
)

// secret is where in a text something begins that may be a password, or hold one: what a client answers to the server's
// 334, and what follows the mechanism in AUTH (RFC 4954). -1 where nothing does.
func (c *trace) secret(text []byte) int {
	if indexFold(text[:min(len(text), len(saysServer))], saysServer) == 0 {
		c.asked = bytes.HasPrefix(bytes.TrimLeft(text[len(saysServer):], " "), saysAsks)
		return -1
	}
	if indexFold(text[:min(len(text), len(saysClient))], saysClient) != 0 {
		return -1
	}
	said := len(text) - len(bytes.TrimLeft(text[len(saysClient):], " "))
	if c.asked {
		c.asked = false
		if _, argument, found := bytes.Cut(text[said:], []byte(":")); !found || !bytes.Contains(argument, []byte("<")) { // MAIL FROM:<..> is no answer, and no password in base64 looks like it
			return said
		}
	}
	if indexFold(text[said:min(len(text), said+len(saysAuth))], saysAuth) != 0 {
		return -1
	}
	rest := bytes.TrimLeft(text[said+len(saysAuth):], " ")
	mechanism := bytes.IndexByte(rest, ' ')
	if mechanism < 0 {
		return -1
	}
	return len(text) - len(rest) + mechanism + 1
}

// mentions says that a text has an account's name as a word of its own; without a domain, of any domain.
func mentions(text []byte, account string) bool {
	for from := 0; from < len(text); {
		at := indexFold(text[from:], []byte(account))
		if at < 0 {
			return false
		}
		at += from
		end := at + len(account)
		after := bytes.TrimLeft(text[end:], ".")
		if (at == 0 || !inName(text[at-1])) && (len(after) == 0 || !inName(after[0]) || after[0] == '@') {
			return true
		}
		from = at + 1
	}
	return false
}

// inName says that a byte may stand within an account's name.
func inName(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '.' || c == '-' || c == '_' || c == '+' || c == '@' || c >= 0x80
}
