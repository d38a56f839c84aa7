package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"delist/checks/traffic"
	"delist/spool/message"
)

type logsOptions struct {
	json  bool
	days  int
	most  int
	query string
}

func (p *program) logsCommand() *cobra.Command {
	o := logsOptions{days: 8, most: 20}
	cmd := command("logs QUERY", "Show the log lines of an account, a client, a message or a session",
		`Looks through SmarterMail's SMTP, delivery and administrative logs for the conversations of an account (account:), of a
client address (client:), of an address that a line names (address:, a sender or a recipient), of a message (message:, as its file in the spool or its delivery is called) or of a session
(session:); a word alone is the one that it looks like, and all terms have to hold. What belongs together stands together,
by session and message, the newest first, each line with its file and number. What may be a password is left out. It
changes nothing.`,
		"no line matches", orSay(cobra.MinimumNArgs(1), "say what to look for, such as account:name@domain"))
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().IntVar(&o.days, "days", o.days, "look through the newest `DAYS` of logs")
	cmd.Flags().IntVar(&o.most, "most", o.most, "show the newest `COUNT` conversations")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.query = strings.Join(args, " ")
		if o.days < 1 || o.most < 1 {
			return usage("--days and --most want a number from 1 on")
		}
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		return p.logs(cmd.Context(), settings, o)
	}
	return cmd
}

// logs looks through the logs and shows the conversations that match.
func (p *program) logs(ctx context.Context, settings options, o logsOptions) error {
	search, err := traffic.ParseSearch(o.query)
	if err != nil {
		return usage("%w", err)
	}
	if settings.logs == "" {
		logs := p.detect(ctx, settings).logs
		if logs.value == "" {
			return noAnswer("no logs were found on this server; name their folder with --logs")
		}
		p.note("Logs: %s (%s).", message.Printable(logs.value), message.Printable(logs.ground))
		settings.logs = logs.value
	}
	found, err := traffic.Trace(ctx, settings.logs, search, traffic.Options{Days: o.days, Clock: p.env.Clock}, o.most)
	if err != nil {
		return stoppedOr(ctx, noAnswer("%w; name the folder of SmarterMail's logs with --logs", err))
	}
	v := logsView{search: search, found: found}
	if alone := (traffic.Search{Account: search.Account}); search == alone && strings.Contains(search.Account, "@") {
		words := []string{"logs", "address:" + search.Account, "--days", strconv.Itoa(o.days)}
		if settings.logs != "" {
			words = append(words, "--logs", whole(settings.logs))
		}
		v.elsewhere = p.commandLine(words...)
	}
	if !v.named() && len(found.Unread) == 0 && !found.From.IsZero() { // it may be for lack of log-ins that are understood
		report, err := traffic.Open(settings.logs, traffic.Options{Days: o.days, Clock: p.env.Clock}).Read(ctx)
		if err != nil {
			return stoppedOr(ctx, noAnswer("%w; name the folder of SmarterMail's logs with --logs", err))
		}
		found.Unread = report.NotKnown()
	}
	if err := p.show(v, o.json); err != nil {
		return err
	}
	for _, why := range found.Unread {
		p.note("Not known from the logs: %s.", message.Printable(why))
	}
	return silent(v.status())
}

// logsView is what was found in the logs.
type logsView struct {
	search    traffic.Search
	found     *traffic.Found
	elsewhere string // looks for the account as a sender or a recipient
}

// named says that a conversation of an account was found.
func (v logsView) named() bool {
	return slices.ContainsFunc(v.found.Conversations, func(c traffic.Conversation) bool { return c.Account != "" })
}

// status is BadNews where nothing was found, and NoAnswer where not all of the logs could be read.
func (v logsView) status() Status {
	switch {
	case len(v.found.Unread) > 0, v.found.From.IsZero():
		return NoAnswer
	case len(v.found.Conversations) == 0:
		return BadNews
	}
	return Good
}

// people implements view.
func (v logsView) people(w io.Writer) {
	switch {
	case v.found.From.IsZero():
		fmt.Fprintln(w, "The folder holds no logs of SmarterMail that can be read; they are named like 2026.11.24-smtpLog.log.")
		return
	case len(v.found.Conversations) == 0:
		none, elsewhere := "Nothing in the logs since %s matches %s.\n", "Nobody logged in as it. Where"
		if v.status() == NoAnswer {
			none, elsewhere = "Nothing that could be read of the logs since %s matches %s.\n", "Where"
		}
		fmt.Fprintf(w, none, v.found.From.Format("Mon 2 Jan"), v.search)
		if v.elsewhere != "" {
			fmt.Fprintf(w, "%s it stands as a sender or a recipient: %s\n", elsewhere, v.elsewhere)
		}
		return
	}
	fmt.Fprint(w, v.found.Text())
	if v.found.More > 0 {
		fmt.Fprintln(w, "To see more of them, add another term, or --most.")
	}
}

// conversationJSON is one conversation.
type conversationJSON struct {
	First    time.Time  `json:"first"`
	Last     time.Time  `json:"last"`
	Account  string     `json:"account"` // empty where no log-in is known
	Client   string     `json:"client"`
	Session  string     `json:"session"`
	Messages []string   `json:"messages"`
	Lines    []lineJSON `json:"lines"`
	LeftOut  int        `json:"leftOut,omitempty"` // more lines
}

// lineJSON is a line of a log.
type lineJSON struct {
	File string    `json:"file"`
	Line int       `json:"line"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// machine implements view.
func (v logsView) machine() any {
	answer := struct {
		Query         string             `json:"query"`
		From          time.Time          `json:"from,omitzero"`
		Conversations []conversationJSON `json:"conversations"`
		More          int                `json:"more"`
		Unread        []string           `json:"unread"`
	}{Query: v.search.String(), From: v.found.From.UTC(), Conversations: []conversationJSON{}, More: v.found.More, Unread: []string{}}
	for _, c := range v.found.Conversations {
		one := conversationJSON{First: c.First.UTC(), Last: c.Last.UTC(), Account: message.Printable(c.Account), Session: c.Session,
			Messages: append([]string{}, c.Messages...), Lines: []lineJSON{}, LeftOut: c.LeftOut}
		if c.Client.IsValid() {
			one.Client = c.Client.String()
		}
		for _, l := range c.Lines {
			one.Lines = append(one.Lines, lineJSON{l.File, l.Number, l.At.UTC(), l.Text})
		}
		answer.Conversations = append(answer.Conversations, one)
	}
	for _, why := range v.found.Unread {
		answer.Unread = append(answer.Unread, message.Printable(why))
	}
	return answer
}
