package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"delist/spool"
	"delist/spool/message"
	"delist/ui/plain"
)

type searchOptions struct {
	json, files bool
	query       string
}

// queryHelp is the language of searches, for the help of every command that takes one.
const queryHelp = `A query: words are looked for in sender, account, recipients and subject. account: domain: from: to: subject: ip: helo:
status: class:bounce class:unread class:cut size:>20k age:<2h id: look in one place; text:"..." looks anywhere in both files, itext: whatever the
case, decoded:"..." in what the reader sees, whatever its encoding, HTML or line ends, re: takes a regular expression. All
terms have to hold; - leaves out; quotes keep words together. An empty query matches nothing.`

func (p *program) searchCommand() *cobra.Command {
	var o searchOptions
	cmd := command("search QUERY", "List the messages in the spool that match", queryHelp, "no message matches",
		orSay(cobra.MinimumNArgs(1), "say what to look for, such as account:name@domain"))
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON, one object a line")
	cmd.Flags().BoolVar(&o.files, "files", false, "print the messages' files only, a path a line")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.query = strings.Join(args, " ")
		if o.json && o.files {
			return usage("--json and --files do not go together; choose one")
		}
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		return p.search(cmd.Context(), settings, o)
	}
	return cmd
}

// parseQuery reads a query that has to say something.
func parseQuery(text string) (spool.Query, error) {
	query, err := spool.ParseQuery(text)
	if err != nil {
		return query, usage("the query cannot be read: %w", err)
	}
	if query.Empty() {
		return query, usage("an empty query matches nothing; say what to look for, such as account:name@domain")
	}
	return query, nil
}

// search looks through the spool and shows what matches.
func (p *program) search(ctx context.Context, settings options, o searchOptions) error {
	query, err := parseQuery(o.query)
	if err != nil {
		return err
	}
	settings, err = p.located(ctx, settings)
	if err != nil {
		return err
	}
	sp, err := p.openSpool(ctx, settings)
	if err != nil {
		return err
	}
	defer sp.Close()
	v := searchView{root: sp.Root(), now: p.env.Clock()}
	named := func(snap *spool.Snapshot) *spool.Snapshot {
		snap, v.unnamed = p.nameSenders(ctx, settings, snap)
		return snap
	}
	if v.snap, v.results, err = sp.ScanFor(ctx, query, named, progressTo(p.env.Stderr, "looking through the spool")); err != nil {
		return stoppedOr(ctx, fmt.Errorf("search the spool: %w", err))
	}
	out := bufio.NewWriter(p.env.Stdout)
	switch {
	case o.json:
		err = v.lines(out)
	case o.files:
		v.files(out)
	default:
		v.people(out)
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return noAnswer("the answer could not be written: %w", err)
	}
	for _, why := range v.unnamed {
		p.note("Not known from the logs: %s.", message.Printable(why))
	}
	for _, line := range v.asides(p.toDoctor()) {
		p.note("%s", line)
	}
	return silent(v.status())
}

// stoppedOr says that a signal ended the work, where one did.
func stoppedOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return unfinished("stopped before the end; run the same command again")
	}
	return err
}

// searchView is what a search found.
type searchView struct {
	root    string
	snap    *spool.Snapshot
	results *spool.Results
	unnamed []string // what the logs do not tell of who sent what the spool does not name
	now     time.Time
}

// status is BadNews without a match, and NoAnswer where part of the spool could not be read.
func (v searchView) status() Status {
	status := Good
	if len(v.results.Hits) == 0 {
		status = BadNews
	}
	beside := v.snap.Apart().Drop > 0                                             // which goes out, and was not looked into
	if status == BadNews && v.results.Query.NeedsFiles() && v.snap.Halves() > 0 { // the files were asked for, and these were not read
		return NoAnswer
	}
	if v.snap.Missing() || beside || len(v.results.Problems) > 0 || len(v.unnamed) > 0 && !v.results.Query.OnlyText() {
		if status == BadNews {
			return NoAnswer // not found in what could be read: nobody knows
		}
		status = worse(status, NoAnswer)
	}
	return status
}

// shownRows bounds the table for people; --files and --json have every message.
const shownRows = 200

// people shows the messages as a table.
func (v searchView) people(w io.Writer) {
	hits := v.results.Hits
	if len(hits) == 0 {
		fmt.Fprintln(w, v.results.SayNothing(v.snap))
		return
	}
	fmt.Fprintf(w, "%s of %s %s, %s.\n", humanize.Comma(int64(len(hits))), countOf(max(v.results.Searched, v.snap.Waiting())), plural(len(hits), "matches", "match"), humanize.Bytes(uint64(max(v.results.Bytes, 0))))
	if n := v.results.Doubtful() - v.results.Returned(); n > 0 {
		fmt.Fprintf(w, "%s of them may be its owner's own, since it is unlike the rest, or from the owner's usual machine.\n", countOf(n))
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "message\taccount\tfrom (as shown)\tsubject\tqueued\twhy")
	for _, hit := range hits[:min(len(hits), shownRows)] {
		m, ok := v.snap.Find(hit.ID)
		if !ok {
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", m.ID, cell(m.Account, 40), cell(m.FromRead(), 40), cell(m.SubjectRead(), 50),
			waited(m, v.now), matchWords(hit))
	}
	table.Flush()
	if rest := len(hits) - shownRows; rest > 0 {
		fmt.Fprintf(w, "%s more; --files lists them all.\n", humanize.Comma(int64(rest)))
	}
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// waited is how long a message has waited, as far as it says when it was made.
func waited(m spool.Message, now time.Time) string {
	if m.Created.IsZero() {
		return "-"
	}
	return plain.Span(m.Queued(now))
}

// matchWords says why a message was found, and whose it may be.
func matchWords(hit spool.Hit) string {
	switch {
	case hit.Guessed:
		return hit.Relation.String() + ", by guess"
	case hit.Bounce:
		return "bounce"
	case hit.Doubtful:
		return hit.Relation.String() + ", may be its owner's"
	}
	return hit.Relation.String()
}

// cell makes a table cell of text from mail.
func cell(text string, width int) string {
	if text == "" {
		return "-"
	}
	runes := []rune(message.Printable(text))
	if len(runes) > width {
		return string(runes[:width-2]) + ".."
	}
	return string(runes)
}

// asides are what else the operator should know, for standard error; doctor is the command that tells more.
func (v searchView) asides(doctor string) []string {
	var lines []string
	lines = append(lines, oddLines(v.snap, doctor)...)
	if untold := v.results.Untold(); untold != "" {
		lines = append(lines, untold)
	}
	if raw := v.results.Query.AsText(); len(v.results.Hits) == 0 && !raw.Empty() {
		lines = append(lines, fmt.Sprintf("%s looks for the words as they stand in both files.", message.Printable(raw.String())))
	}
	if encoded := v.results.Query.SayEncoded(); encoded != "" {
		lines = append(lines, encoded)
	}
	for _, near := range v.results.Near {
		account := message.Printable(near.Account)
		if near.Bounces {
			lines = append(lines, fmt.Sprintf("%s %s came back to %s; %s %s", humanize.Comma(int64(near.Count)), plural(near.Count, "bounce", "bounces"), account,
				plural(near.Count, "it matches", "they match"), message.Printable(near.Query)))
		} else {
			lines = append(lines, fmt.Sprintf("Nearest: %s (%s); it matches %s", account, humanize.Comma(int64(near.Count)), message.Printable(near.Query)))
		}
	}
	return lines
}

// files writes both files of every message, a path a line.
func (v searchView) files(w io.Writer) {
	for _, hit := range v.results.Hits {
		fmt.Fprintln(w, filepath.Join(v.root, filepath.FromSlash(hit.ID.HDR())))
		fmt.Fprintln(w, filepath.Join(v.root, filepath.FromSlash(hit.ID.EML())))
	}
}

// messageJSON is the contract of `search --json`.
type messageJSON struct {
	ID       string    `json:"id"`
	Dir      string    `json:"dir"`
	Account  string    `json:"account"`
	MailFrom string    `json:"mailFrom"`
	From     string    `json:"from"`
	Subject  string    `json:"subject"`
	Size     int64     `json:"size"`
	Created  time.Time `json:"created"`
	Status   string    `json:"status"`
	Layout   string    `json:"layout,omitempty"` // of its envelope, where that is not as current builds write it
	Basis    string    `json:"basis"`
	Relation string    `json:"relation"`
	Doubtful bool      `json:"doubtful,omitempty"` // sent by the account, perhaps by its owner
	Unread   string    `json:"unread,omitempty"`   // what of it was not read to its end: "From, Subject"
	BOM      bool      `json:"bom,omitempty"`      // starts with a byte order mark, as mail written in web mail may
}

// lines writes one JSON object a line.
func (v searchView) lines(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, hit := range v.results.Hits {
		m, ok := v.snap.Find(hit.ID)
		if !ok {
			continue
		}
		layout := ""
		if m.Layout != spool.LayoutCurrent {
			layout = m.Layout.String()
		}
		err := enc.Encode(messageJSON{Layout: layout, ID: m.ID.Base(), Dir: m.ID.Dir(), Account: message.Printable(m.Account),
			MailFrom: message.Printable(m.MailFrom), From: message.Printable(m.From), Subject: message.Printable(m.Subject),
			Size: m.Size, Created: m.Created.UTC(), Status: m.Status.String(), Basis: m.Basis.String(), Relation: hit.Relation.String(), Doubtful: hit.Doubtful, Unread: m.Unread.String(), BOM: m.BOM})
		if err != nil {
			return err
		}
	}
	return nil
}
