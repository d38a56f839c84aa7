package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/cause"
	"delist/steps/incident"
	"delist/steps/words"
)

type sendersOptions struct {
	json bool
	by   string
}

func (p *program) sendersCommand() *cobra.Command {
	var o sendersOptions
	cmd := command("senders", "Say who sends, from spool and logs, and who looks stolen",
		`Counts the mail that waits by account, by campaign (mail alike in subject and size, once numbers and names are left out)
or by client address, and says what is odd about whom. By account the logs add how much each sends and how much is usual,
also of those whose mail has left already. It changes nothing. delist search shows the mail itself.`,
		"an account, a campaign or a client address looks like a thief's, or mail waits that a relay, a form, a forwarding, a list or answers to forged senders made", noWords)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().StringVar(&o.by, "by", "account", "count by `VIEW`: account, campaign or client")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.by != "account" && o.by != "campaign" && o.by != "client" {
			return usage("--by %s is no view; choose account, campaign or client", message.Printable(o.by))
		}
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		return p.senders(cmd.Context(), settings, o)
	}
	return cmd
}

// senders reads the spool and shows who sends.
func (p *program) senders(ctx context.Context, settings options, o sendersOptions) error {
	settings, err := p.located(ctx, settings)
	if err != nil {
		return err
	}
	sp, err := p.openSpool(ctx, settings)
	if err != nil {
		return err
	}
	defer sp.Close()
	snap, err := sp.ScanOnce(ctx, progressTo(p.env.Stderr, "reading the spool"))
	if err != nil {
		return stoppedOr(ctx, fmt.Errorf("read the spool: %w", err))
	}
	snap, unknown := p.nameSenders(ctx, settings, snap)
	if ctx.Err() != nil {
		return stoppedOr(ctx, ctx.Err())
	}
	var report *traffic.Report
	if o.by == "account" && settings.logs != "" {
		if report, err = traffic.Open(settings.logs, traffic.Options{Clock: p.env.Clock}).Read(ctx); err != nil {
			return stoppedOr(ctx, noAnswer("%w; name the folder of SmarterMail's logs with --logs", err))
		}
	}
	found := cause.Find(snap, cause.Known{Here: cause.Here(snap, report), Own: settings.ips, Logs: report})
	v := newSendersView(snap, o.by, found)
	if w := steps.Glance(snap, report, found); w.Backlog(steps.DefaultSettings()) {
		v.answer.Open = append(v.answer.Open, w.NotExplained()...)
	}
	v.unnamed, v.search = unknown, func(query string) string { return p.onThisSpool("search", message.Printable(query)) }
	v.lines = func(query string) string { return p.commandLine("logs", query, "--logs", whole(settings.logs)) }
	if o.by == "account" {
		v.answer.Outbound = p.lookOutbound(ctx, settings.service)
	}
	if report != nil {
		v.join(report)
	}
	out := bufio.NewWriter(p.env.Stdout)
	if o.json {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(v.answer)
	} else {
		v.people(out)
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return noAnswer("the answer could not be written: %w", err)
	}
	if look := v.answer.Outbound; look != nil && (look.Blind() || len(look.Others)+len(look.Unseen) > 0) {
		p.note("%s", message.Printable(look.Sentences()))
	}
	if o.by == "account" && settings.logs == "" {
		p.note("No logs were read, so that only what still waits in the spool tells who sends; --logs FOLDER names them.")
	}
	for _, why := range v.unreadLogs() {
		p.note("Not known from the logs: %s.", message.Printable(why))
	}
	for _, line := range oddLines(snap, p.toDoctor()) {
		p.note("%s", line)
	}
	return silent(v.status(snap))
}

// sendersJSON is the contract of `senders --json`; one of the lists is there, as --by says.
type sendersJSON struct {
	Messages  int         `json:"messages"`
	Partial   bool        `json:"partial"` // not all that is in the spool is known
	Unread    int         `json:"unread"`  // messages that could not be read or not be understood
	CutOff    int         `json:"cut"`     // messages that could not be read to their end
	Drop      int         `json:"drop"`    // messages in the Drop folder, which go out and are not counted
	Halves    int         `json:"halves"`  // files of messages whose other file is missing
	Senders   []senderRow `json:"senders,omitzero"`
	Campaigns []senderRow `json:"campaigns,omitzero"`
	Clients   []senderRow `json:"clients,omitzero"`
	Causes    []causeJSON `json:"causes"`         // of much of what waits, stolen accounts among them
	Open      []string    `json:"notExplained"`   // what nothing explains, where it is so much that it is taken for spam
	Logs      *logsJSON   `json:"logs,omitempty"` // by account, where logs were read

	Outbound *steps.OutboundLook `json:"outbound,omitempty"` // by account: who else on this machine speaks to mail servers elsewhere
}

// causeJSON is what explains much of what waits.
type causeJSON struct {
	Class string   `json:"class"`
	Name  string   `json:"name"` // the account, client address, mailbox or list that it is about
	Count int      `json:"count"`
	Why   []string `json:"why"`
	Query string   `json:"query,omitempty"` // for delist search
	WayOn string   `json:"wayOn"`
}

// senderRow is one account, campaign or client address.
type senderRow struct {
	Account  *string  `json:"account,omitempty"` // by account: "" for bounces and for what names nobody
	Basis    string   `json:"basis,omitempty"`
	Bounces  bool     `json:"bounces,omitempty"`
	IP       string   `json:"ip,omitempty"`           // by client
	Subject  *string  `json:"subject,omitempty"`      // by campaign: the newest one
	Accounts []string `json:"accounts,omitempty"`     // by campaign and by client, the first hundred
	Distinct int      `json:"accountCount,omitempty"` // of these, all

	Queued     int       `json:"queued"`
	Unread     int       `json:"unread,omitempty"` // of those queued, of a layout that is not understood
	Share      float64   `json:"share"`
	Bytes      int64     `json:"bytes"`
	Recipients int       `json:"recipients"`
	IPs        []string  `json:"ips"`
	IPCount    int       `json:"ipCount"`
	Own        int       `json:"mayBeOwners,omitempty"` // by account: of those queued
	FirstSeen  time.Time `json:"firstSeen"`
	LastSeen   time.Time `json:"lastSeen"`
	Query      string    `json:"query,omitempty"` // for delist search
	Suspect    bool      `json:"suspect"`
	Why        []string  `json:"why"`
	*loggedJSON

	class incident.Class // of an account's mail
	name  string         // for people
	rate  string         // for people: what the logs say
}

// sendersView is who sends, in one view.
type sendersView struct {
	by      string
	rows    []senderRow
	answer  sendersJSON
	unread  string          // what of the spool nobody knows
	logs    *traffic.Report // nil where none were read
	unnamed []string        // what they do not tell of who sent what the spool does not name
	found   cause.Findings
	search  func(query string) string // the command that finds what a query does
	lines   func(query string) string // and the one that shows its lines in the logs
}

func newSendersView(snap *spool.Snapshot, by string, found cause.Findings) sendersView {
	v := sendersView{by: by, rows: []senderRow{}, unread: words.Join(snap.SayUnread(), snap.SayArriving()), found: found,
		answer: sendersJSON{Messages: snap.Waiting(), Partial: snap.Partial(), Unread: snap.Unread(), CutOff: kinds(snap.Problems())[spool.Overlong], Drop: snap.Apart().Drop, Halves: snap.Halves(), Causes: []causeJSON{}, Open: []string{}}}
	for _, f := range found {
		v.answer.Causes = append(v.answer.Causes, causeJSON{f.Class.String(), f.Name, f.Count, f.Why, message.Printable(f.Query), f.Class.WayOn()})
	}
	switch by { // what the view cannot know, the classes do: mail of a list or a forwarding is no thief's
	case "campaign":
		for _, c := range snap.Campaigns() {
			subject := message.Printable(c.NewestSubject)
			row := bulkRow(c.Bulk, c.Query, c.Suspect && !found.Explain(c.Accounts), c.Why)
			row.Subject, row.Bounces, row.name = &subject, c.Bounces, cmp.Or(c.NewestSubject, "(no subject)")
			v.rows = append(v.rows, row)
		}
		v.answer.Campaigns = v.rows
	case "client":
		for _, c := range snap.Clients() {
			row := bulkRow(c.Bulk, c.Query, c.Suspect && !found.Explain(c.Accounts), c.Why)
			row.IP, row.name = c.IP.String(), c.IP.String()
			v.rows = append(v.rows, row)
		}
		v.answer.Clients = v.rows
	default:
		own := snap.OwnersMail(func(string) bool { return false })
		for _, s := range snap.Senders() {
			row := accountRow(s, own[s.Account])
			if f := found.About(s.Account); f != nil && s.Basis.Proven() && f.Class.OfAccount() {
				row.class, row.Suspect, row.Why = f.Class, f.Class == incident.StolenAccount, f.Why
			}
			v.rows = append(v.rows, row)
		}
		v.answer.Senders = v.rows
	}
	return v
}

func accountRow(s spool.Sender, own int) senderRow {
	account := message.Printable(s.Account)
	row := senderRow{Account: &account, Basis: s.Basis.String(), Bounces: s.Bounces, Queued: s.Queued, Unread: s.Unread, Share: s.Share, Bytes: s.Bytes,
		Recipients: s.Recipients, IPs: []string{}, IPCount: s.IPCount, FirstSeen: s.FirstSeen.UTC(), LastSeen: s.LastSeen.UTC(),
		Suspect: s.Suspect, Why: append([]string{}, s.Why...)}
	for _, ip := range s.IPs {
		row.IPs = append(row.IPs, ip.String())
	}
	switch {
	case s.Bounces:
		row.Query, row.name = "class:bounce", "(bounces, no account)"
	case s.Account == "":
		row.name = "(no account named)"
		if s.Unread > 0 {
			row.Query = "class:unread"
		}
	default:
		row.Query, row.name, row.Own = "account:"+account, account, own
	}
	return row
}

func bulkRow(b spool.Bulk, query string, suspect bool, why []string) senderRow {
	row := senderRow{Queued: b.Queued, Unread: b.Unread, Distinct: b.AccountCount, Share: b.Share, Bytes: b.Bytes, Recipients: b.Recipients, IPs: []string{}, IPCount: b.IPCount,
		FirstSeen: b.FirstSeen.UTC(), LastSeen: b.LastSeen.UTC(), Query: message.Printable(query), Suspect: suspect, Why: append([]string{}, why...)}
	for _, ip := range b.IPs {
		row.IPs = append(row.IPs, ip.String())
	}
	for _, account := range b.Accounts {
		row.Accounts = append(row.Accounts, message.Printable(account))
	}
	return row
}

// status is BadNews where somebody looks like a thief, and NoAnswer where part of the spool could not be read.
func (v sendersView) status(snap *spool.Snapshot) Status {
	status := Good
	beside := snap.Apart().Drop > 0 || snap.Halves() > snap.Waiting() // that goes out, or nobody knows what spool this is
	if snap.Partial() || beside || len(v.unreadLogs()) > 0 || len(v.answer.Open) > 0 {
		status = NoAnswer
	}
	for _, row := range v.rows {
		if row.Suspect {
			status = worse(status, BadNews)
		}
	}
	for _, f := range v.found {
		if f.Class == incident.StolenAccount || steps.DefaultSettings().Weighs(f.Class, f.Count, snap.Len()) {
			status = worse(status, BadNews)
		}
	}
	return status
}

// shownSenderRows bounds the table for people; --json has all rows.
const shownSenderRows = 40

// people shows the rows as a table, and below it why some are suspected.
func (v sendersView) people(w io.Writer) {
	fmt.Fprintf(w, "%s in the spool%s.\n", countOf(v.answer.Messages), inBrackets(v.unread))
	if len(v.rows) == 0 {
		if v.by == "campaign" && v.answer.Messages > 0 {
			fmt.Fprintln(w, "No ten of them are alike.")
		}
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	first, second := v.by, "sent as"
	if v.by == "account" {
		second = "named by"
	}
	fmt.Fprintf(table, "%s\tqueued\tshare\trecipients\tclients\t%s\tfirst\tlast\n", first, second)
	shown := v.rows[:min(len(v.rows), shownSenderRows)]
	for _, row := range shown {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", cell(row.name, 45), humanize.Comma(int64(row.Queued)), spool.Percent(row.Share),
			row.sentTo(), humanize.Comma(int64(row.IPCount)), cell(row.named(), 40), shortTime(row.FirstSeen), shortTime(row.LastSeen))
	}
	table.Flush()
	if rest := len(v.rows) - len(shown); rest > 0 {
		fmt.Fprintf(w, "%s more; --json lists them all.\n", humanize.Comma(int64(rest)))
	}
	v.sent(w)
	for _, row := range v.rows {
		if !row.Suspect {
			continue
		}
		fmt.Fprintf(w, "%s looks like a thief's: %s.\n", cell(row.name, 80), strings.Join(row.Why, "; "))
		if row.Own > 0 {
			fmt.Fprintf(w, "  %s of it may be its owner's own.\n", countOf(row.Own))
		}
		if row.Query != "" {
			fmt.Fprintf(w, "  its mail: %s\n", v.search(row.Query))
		}
		if row.loggedJSON != nil && row.Account != nil { // what has left stands in no spool
			fmt.Fprintf(w, "  in the logs: %s\n", v.lines("account:"+*row.Account))
		}
	}
	v.causes(w)
	for _, open := range v.answer.Open {
		fmt.Fprintf(w, "Not explained, and so taken for spam until somebody has looked: %s.\n", message.Printable(open))
	}
}

// causes tells what explains much of what waits, beside stolen accounts.
func (v sendersView) causes(w io.Writer) {
	for _, f := range v.found {
		if f.Class == incident.StolenAccount {
			continue
		}
		fmt.Fprintf(w, "%s.\n", f.Say())
		fmt.Fprintf(w, "  %s\n", f.Class.WayOn())
		if f.Query != "" {
			fmt.Fprintf(w, "  its mail: %s\n", v.search(f.Query))
		}
	}
}

// sentTo is how many recipients a row's mail has, as far as that is known.
func (r senderRow) sentTo() string {
	if r.Unread > 0 && r.Unread == r.Queued {
		return "-"
	}
	return humanize.Comma(int64(r.Recipients))
}

// named is on what ground an account is named, or the accounts that a campaign or a client was sent as.
func (r senderRow) named() string {
	switch {
	case r.Account != nil:
		return r.Basis
	case len(r.Accounts) > 1:
		return fmt.Sprintf("%s and %d more", r.Accounts[0], r.Distinct-1)
	case len(r.Accounts) == 1:
		return r.Accounts[0]
	}
	return ""
}

func shortTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2 Jan 15:04")
}
