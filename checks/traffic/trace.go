package traffic

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"delist/spool/message"
)

// Line is a line of a log, made safe to print.
type Line struct {
	File   string    // its name in the folder of the logs
	Number int       // of the line, from 1
	At     time.Time // as far as it is known
	Text   string    // with its time; what may be a password is left out
}

// Conversation is what the logs have of a session with its messages, of a delivery, or of a client's log-ins of a day.
type Conversation struct {
	First, Last time.Time  // of its lines
	Account     string     // that logged in, or whom the delivery is for; empty where that is not known
	Nameless    bool       // somebody logged in, and the line does not say who
	Client      netip.Addr // that connected; invalid where nobody did
	Session     string     // of the smtpLog; empty where there is none
	Messages    []string   // names of spool files, or of a delivery
	Lines       []Line     // in the order of time
	LeftOut     int        // more lines, which were not kept
}

// Found are the conversations that a search has found.
type Found struct {
	Conversations []Conversation // the newest first
	More          int            // older ones, of which there are no lines
	From          time.Time      // the oldest day that was looked through; zero when there are no logs
	Unread        []string       // what could not be read or not be understood, a sentence each
}

// Bounds of what a trace keeps.
const (
	usualConversations = 100
	maxLines           = 200       // of one conversation, of each log
	maxMessages        = 1000      // of one conversation
	maxTraced          = 1_000_000 // messages of all
)

// trace is a conversation that may be one that is looked for.
type trace struct {
	Conversation
	has   terms
	short bool // the account is named without its domain
	kept  map[Kind]int
	asked bool // the server has asked for a name or a password
	other bool // its delivery turned out to be another message's, with the same end of its name
}

// tracer looks through the logs twice: for the conversations that match, then for the lines of the newest of them.
type tracer struct {
	Search
	wants    terms
	day      time.Time              // of the file that is being read
	sessions recent[string, *trace] // by smtpLine.key
	messages map[uint64]*trace      // whose deliveries belong to a session or to a delivery that matches, by joint
	logins   map[string]*trace      // by client and day
	names    fitting
	client   []byte // that was compared last
	same     bool   // it is the one that is looked for
}

// Trace finds the lines behind a search in a folder of logs: of at most so many conversations, 0 for the usual number. It
// reads whole files, the newest first as far as the options go.
func Trace(ctx context.Context, dir string, s Search, o Options, most int) (*Found, error) {
	logs := Open(dir, o)
	now := logs.o.Clock()
	files, err := Files(dir, now.Location())
	if err != nil {
		return nil, err
	}
	t := &tracer{Search: s, wants: s.wants(), sessions: newRecent[string, *trace](maxSessions), messages: map[uint64]*trace{}, logins: map[string]*trace{}, names: fitting{}}
	whole, gaps := logs.whole(ctx, files, now)
	found := &Found{}
	for _, kind := range []Kind{Administrative, SMTP, Delivery} { // a delivery is known by the message that came in
		for _, f := range whole {
			if f.Kind != kind {
				continue
			}
			if found.From.IsZero() || f.Day.Before(found.From) {
				found.From = f.Day
			}
			if f.ahead(now) { // its lines are shown all the same
				gaps = append(gaps, gap{File: f.File, why: inTheFuture})
			}
			t.day = f.Day
			err := f.each(ctx, now, func(b []byte, _ int) { f.count(kind, b, t.look(f, b, now) || notice(b)) })
			if ctx.Err() != nil {
				return nil, fmt.Errorf("look through the logs: %w", ctx.Err())
			}
			if g, ok := f.gap(cmp.Or(err, f.torso)); ok {
				gaps = append(gaps, g)
			}
		}
	}
	found.Unread = unread(gaps)
	if !slices.ContainsFunc(files, func(f File) bool { return f.Kind == SMTP }) && len(files) > 0 { // who connects and logs in stands there
		found.Unread = append([]string{noSMTPLog}, found.Unread...)
	}
	chosen := t.chosen()
	most = cmp.Or(most, usualConversations)
	found.More = max(0, len(chosen)-most)
	chosen = chosen[:len(chosen)-found.More]
	if err := newCollector(t, chosen).read(ctx, whole, now); err != nil {
		return nil, err
	}
	for _, c := range chosen {
		found.Conversations = append(found.Conversations, c.Conversation)
	}
	return found, nil
}

// whole are the files that can be read whole, the oldest first, and what is left out.
func (l *Logs) whole(ctx context.Context, files []File, now time.Time) (whole []*reading, gaps []gap) {
	left := l.o.MaxBytes
	oldest := l.oldest(files, now)
	for _, f := range slices.Backward(files) {
		if f.Day.Before(oldest) {
			break
		}
		r := l.known(ctx, f)
		if r.passed == "" && r.length > left {
			r.leaveOut()
		}
		if r.passed != "" {
			g, _ := r.gap(nil)
			gaps = append(gaps, g)
			continue
		}
		left -= r.length
		whole = append(whole, r)
	}
	slices.Reverse(whole)
	return whole, gaps
}

// look sees whether a line is one of a conversation that is looked for, and says whether it is understood.
func (t *tracer) look(f *reading, b []byte, now time.Time) bool {
	var s stamp
	at := func() time.Time { return f.clock.at(s, now) }
	switch f.Kind {
	case SMTP:
		l, ok := parseSMTP(b)
		if !ok {
			return false
		}
		s = l.stamp
		f.clock.pass(s)
		t.smtp(l, at)
	case Delivery:
		l, ok := parseDelivery(b)
		if !ok {
			return false
		}
		s = l.stamp
		f.clock.pass(s)
		t.delivery(l, at)
	default:
		l, ok := parseAdministrative(b)
		if !ok {
			return false
		}
		s = l.stamp
		f.clock.pass(s)
		t.administrative(l, at)
	}
	return true
}

// smtp looks at a line of the smtpLog.
func (t *tracer) smtp(l smtpLine, at func() time.Time) {
	var has terms
	account, short := "", false
	id, wrote := l.written()
	if wrote {
		has |= t.message(id)
	} else if account, _ = l.login(); account != "" {
		t.names.name(account)
		var is bool
		if is, short = t.of(account); is {
			has |= hasAccount
		}
	}
	if t.wants&hasClient != 0 && t.connects(l.client) {
		has |= hasClient
	}
	if t.Session != "" && t.Session == string(l.session) {
		has |= hasSession
	}
	if t.Address != "" && mentions(l.text, t.Address) {
		has |= hasAddress
	}
	if t.Either != "" && t.Either == string(l.session) {
		has |= hasEither
	}
	if has == 0 && !wrote && account == "" {
		return
	}
	key := l.key()
	c, known := t.sessions.get(key)
	if !known {
		if has == 0 {
			return
		}
		c = &trace{Conversation: Conversation{Client: l.ip(), Session: message.Printable(utf8Of(l.session))}}
		t.sessions.put(key, c)
	}
	c.saw(has, at())
	if account != "" && (c.Account == "" || has&hasAccount != 0) {
		c.Account, c.short = account, short
	}
	if id != "" && !slices.Contains(c.Messages[max(0, len(c.Messages)-1):], id) && len(c.Messages) < maxMessages && len(t.messages) < maxTraced {
		c.Messages = append(c.Messages, message.Printable(utf8Of([]byte(id))))
		t.messages[joint(id)] = c
	}
}

// connects says that a client is the one that is looked for.
func (t *tracer) connects(client []byte) bool {
	if string(client) != string(t.client) {
		t.client = append(t.client[:0], client...)
		t.same = address(client) == t.Client
	}
	return t.same
}

// delivery looks at a line of the delivery log. What came in by a session that may match belongs to that.
func (t *tracer) delivery(l deliveryLine, at func() time.Time) {
	if local := l.local(); local != "" {
		t.names.name(local)
	}
	c := t.messages[joint(l.id)]
	if c != nil && c.Session != "" {
		return
	}
	var has terms
	sender := ""
	if t.wants&hasAccount != 0 {
		sender = l.sender()
		if is, short := t.of(sender); is && !short {
			has |= hasAccount
		}
	}
	if t.wants&(hasMessage|hasEither) != 0 {
		has |= t.message(string(l.id))
	}
	if t.Address != "" && mentions(l.text, t.Address) {
		has |= hasAddress
	}
	if has == 0 {
		return
	}
	if c == nil {
		if len(t.messages) >= maxTraced {
			return
		}
		c = &trace{Conversation: Conversation{Account: sender, Messages: []string{message.Printable(utf8Of(l.id))}}}
		t.messages[joint(l.id)] = c
	}
	if full := l.message(); full != "" {
		c.Messages[0], c.other = full, t.Search.message(full) == 0 && t.wants&(hasMessage|hasEither) != 0
	}
	c.saw(has, at())
}

// administrative looks at a line of the administrative log.
func (t *tracer) administrative(l administrativeLine, at func() time.Time) {
	if _, account, ok := l.login(); ok {
		t.names.name(account)
	}
	has := t.administered(l)
	if has&t.wants != t.wants {
		return
	}
	key := t.loginKey(l)
	c := t.logins[key]
	if c == nil {
		if len(t.logins) >= maxSessions {
			return
		}
		c = &trace{Conversation: Conversation{Account: t.Account, Client: l.ip()}}
		t.logins[key] = c
	}
	c.saw(has, at())
}

// administered is what a line of the administrative log has of the search.
func (t *tracer) administered(l administrativeLine) (has terms) {
	if t.Account != "" && mentions(l.text, t.Account) {
		has |= hasAccount
	}
	if t.Address != "" && mentions(l.text, t.Address) {
		has |= hasAddress
	}
	if t.wants&hasClient != 0 && t.connects(l.client) {
		has |= hasClient
	}
	return has
}

// loginKey names the log-ins of one client on one day.
func (t *tracer) loginKey(l administrativeLine) string {
	return l.ip().String() + " " + t.day.Format(dayForm)
}

// saw takes in that a line was seen.
func (c *trace) saw(has terms, at time.Time) {
	c.has |= has
	if c.First.IsZero() || at.Before(c.First) {
		c.First = at
	}
	if at.After(c.Last) {
		c.Last = at
	}
}

// chosen are the conversations that match, the newest first.
func (t *tracer) chosen() []*trace {
	all := map[*trace]bool{}
	for _, c := range t.sessions.young {
		all[c] = true
	}
	for _, c := range t.sessions.old {
		all[c] = true
	}
	for _, c := range t.messages {
		all[c] = true
	}
	for _, c := range t.logins {
		all[c] = true
	}
	maps.DeleteFunc(all, func(c *trace, _ bool) bool {
		return c.has&t.wants != t.wants || c.other || c.short && !t.onlyOneFits()
	})
	return slices.SortedFunc(maps.Keys(all), func(a, b *trace) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Session, b.Session), slices.Compare(a.Messages, b.Messages))
	})
}

// onlyOneFits says that no other account can be meant by the name of this one without its domain.
func (t *tracer) onlyOneFits() bool {
	fits, known := t.names[withoutDomain(t.Account)]
	return !known || fits == t.Account
}

// Says is whose conversation it is, when it was, and what came of it, in a line that is safe to print.
func (c *Conversation) Says() string {
	var who []string
	switch {
	case c.Account != "":
		who = append(who, c.Account)
	case c.Nameless:
		who = append(who, "a log-in whose account cannot be read")
	case c.Session != "": // in other words than those that are known, or in an older log, there may be one
		who = append(who, "no log-in known")
	}
	if c.Client.IsValid() {
		who = append(who, "from "+c.Client.String())
	}
	switch {
	case c.Session != "":
		who = append(who, "session "+c.Session)
	case len(c.Messages) > 0:
		who = append(who, "delivery of "+c.Messages[0])
	default:
		who = append(who, "log-ins")
	}
	const day = "Mon 2 Jan "
	when := c.First.Format(day + time.TimeOnly)
	switch {
	case c.Last.Format(day) != c.First.Format(day):
		when += " to " + c.Last.Format(day+time.TimeOnly)
	case c.Last.Sub(c.First) >= time.Second:
		when += " to " + c.Last.Format(time.TimeOnly)
	}
	text := strings.Join(who, ", ") + ": " + when
	if n := len(c.Messages); n > 0 && c.Session != "" {
		text += fmt.Sprintf(", %s %s", humanize.Comma(int64(n)), map[bool]string{true: "message", false: "messages"}[n == 1])
	}
	return message.Printable(text)
}

// Where names the place of a line: "2026.11.24-smtpLog.log:7".
func (l Line) Where() string { return fmt.Sprintf("%s:%d", l.File, l.Number) }

// Text is all that was found, for reading: each conversation under its own line.
func (f *Found) Text() string {
	var b strings.Builder
	for i := range f.Conversations {
		c := &f.Conversations[i]
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintln(&b, c.Says())
		for _, l := range c.Lines {
			fmt.Fprintf(&b, "  %s  %s\n", l.Where(), l.Text)
		}
		if c.LeftOut > 0 {
			fmt.Fprintf(&b, "  %s more lines\n", humanize.Comma(int64(c.LeftOut)))
		}
	}
	if f.More > 0 {
		fmt.Fprintf(&b, "\n%s older ones are not shown.\n", humanize.Comma(int64(f.More)))
	}
	return b.String()
}
