package incident

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"delist/checks/bounce"
	"delist/checks/dnsbl"
	"delist/checks/identity"
)

// Mode says how much of what delist does is real. It stands on every screen.
type Mode struct {
	Drill    bool `json:"drill,omitempty"`    // a practice server
	DryRun   bool `json:"dryRun,omitempty"`   // everything is said, nothing is done
	ReadOnly bool `json:"readOnly,omitempty"` // look, collect, report
	Passing  bool `json:"passing,omitempty"`  // a practice server that goes, spool and quarantine, once the incident is closed
}

// Incident is everything that is known to have happened: a fold over the journal's records.
// The same records always give the same incident.
type Incident struct {
	ID        string
	Mode      Mode
	Host      string // this server's name
	Spool     string // root of the spool, absolute
	Logs      string // folder of the logs, empty when unknown
	Service   string // as the operator knows it
	Mailboxes string
	Addresses []netip.Addr // that the server sends from
	Opened    time.Time
	Closed    time.Time // zero while it is open

	Operator string // who started delist last: user@host
	Epoch    int    // counts the starts; the newest owns the incident
	Owned    bool   // the newest start has no end yet
	Permit   Permit // may this operator stop the server?

	Round    int // 1, and one more for each relapse
	Steps    [stepCount]StepStatus
	MailDown time.Time // since when mail does not run; zero while it runs
	Writing  bool      // nothing but new mail in the spool shows that it runs
	Said     bool      // that it runs, or does not, is the operator's word: no look has shown it
	Outages  []Outage  // every time that mail did not run, the first one first
	// NodesStopped is when the operator confirmed that mail is stopped on every server that uses this spool; zero until
	// then, and again once mail was started or a new round begins.
	NodesStopped time.Time
	Others       []string  // mail ports on which another program answers, says the operator
	Restarted    time.Time // when mail last came back; zero before the first restart
	Despite      string    // why it was started against a warning, in the operator's words; empty where there was none

	Suspects  []Suspect
	Unmarked  []string // accounts that the operator took off the list again
	Explained []Explanation
	Causes    []Cause      // what explains much mail, beside the stolen accounts
	Forged    []string     // senders that the spam claimed: what leaves for them as a bounce answers the spam
	ThiefIPs  []netip.Addr // client addresses that sent the suspects' mail, as seen before it was moved
	Bounces   []bounce.Finding
	Listings  []Listing
	Asked     time.Time        // when the lists were last asked
	Lists     int              // how many lists were asked then
	NoAnswer  []string         // lists that gave no usable answer then
	Speakers  []Speaker        // programs that are not the mail service and speak to mail servers elsewhere
	HELOs     []HeardHELO      // what pages of lists show, held against this server's own names
	Identity  *identity.Report // who the world sees when this server sends; nil until looked at, never written to
	Purges    []PurgeRecord
	Aside     Aside // the spool that was set aside
	Deleted   int   // messages that were deleted for good from the quarantine
	Watch     Watch
	Told      string // how the owner was told, empty until then
	Notes     []Note
	Evidence  []Evidence
	FollowUps []string // still to do by hand

	putBack  time.Time  // when messages were last put back
	Warnings []string   // what the operator has to know of the record itself
	Beside   *Neighbour // open on the same spool, as last seen; nil where none is
	ReportAt string     // file of the report, once written
}

// Outage is a time in which mail did not run; To is zero while it lasts. Doubt says that it was the operator's word, and that
// a look spoke against it.
type Outage struct {
	From, To time.Time
	Doubt    bool
}

// Downtime is how long mail did not run, all in all, as far as that is not in doubt; an outage that lasts counts until then.
func (inc *Incident) Downtime(until time.Time) time.Duration {
	var sum time.Duration
	for _, o := range inc.Outages {
		to := o.To
		if to.IsZero() {
			to = until
		}
		if !o.Doubt {
			sum += max(0, to.Sub(o.From)) // a clock may be set back
		}
	}
	return sum
}

// Neighbour is another incident that is open on the same spool, as it stands.
type Neighbour struct {
	ID       string    `json:"id"`
	Step     Step      `json:"step"`
	By       string    `json:"by"`                // who worked on it last
	MailDown time.Time `json:"mailDown,omitzero"` // since when mail does not run, zero while it does
	Said     bool      `json:"said,omitempty"`    // which is somebody's word
	Marked   []string  `json:"marked,omitempty"`  // accounts that it takes to be stolen
	Held     int       `json:"held,omitempty"`    // messages in its quarantine
	Outside  int       `json:"outside,omitempty"` // and of a spool that it set aside
}

// Neighbour is how an incident looks from another one on the same spool.
func (inc *Incident) Neighbour() *Neighbour {
	n := &Neighbour{ID: inc.ID, Step: inc.Current(), By: inc.Operator, MailDown: inc.MailDown, Said: inc.Said, Held: inc.MovedOut(), Outside: inc.Aside.Outside}
	for _, s := range inc.Suspects {
		n.Marked = append(n.Marked, s.Account)
	}
	return n
}

// Equal says that nothing has changed.
func (n *Neighbour) Equal(other *Neighbour) bool {
	if n == nil || other == nil {
		return n == other
	}
	return n.String() == other.String() && n.MailDown.Equal(other.MailDown)
}

// Permit is the operator's answer to "may you stop this server?".
type Permit uint8

// The answers; the question is asked once.
const (
	NotAsked Permit = iota
	May
	MayNot
)

// Suspect is an account that is taken to be stolen, and what was done about its password.
type Suspect struct {
	Account string
	Why     []string
	Marked  time.Time
	Reset   ResetState
	ByHand  bool      // the operator changes the password in SmarterMail
	Shown   bool      // the operator has seen the new password
	Begun   bool      // the server is being asked to set it
	Unsaid  bool      // delist ended while one may have been set, by the server or by hand: whether the old one works is not known
	Lost    bool      // the new password is set, and nobody knows it: another has to be made
	Disable bool      // the account is disabled instead
	Dry     bool      // in a dry run: nothing of it was done
	Ended   bool      // its open sessions were ended
	Changed time.Time // when the reset was proven or confirmed; zero in a dry run
	Mailbox *Mailbox  // as read before the stop; nil when it could not be read
	Lines   []LogLine // of the logs, behind the suspicion
	// Forwarding is what is planned or done about the thief's forwarding rule.
	Forwarding ForwardingState
}

// LogLine is a line of the server's logs, made safe to print.
type LogLine struct {
	File string `json:"file"` // its name in the folder of the logs
	Line int    `json:"line"` // its number, from 1
	Text string `json:"text"`
}

// Where names the line's place.
func (l LogLine) Where() string { return fmt.Sprintf("%s:%d", l.File, l.Line) }

// ResetState is how far the new password of a suspect is.
type ResetState uint8

// A held reset exists in memory only: it is made, and not yet set.
const (
	ResetToDo ResetState = iota
	ResetHeld
	ResetSet // set, but the proof or the end of sessions is missing
	ResetDone
)

// String is the state as the screen says it.
func (s ResetState) String() string {
	return [...]string{"to do", "held, not changed yet", "set, not proven", "changed"}[s]
}

// ForwardingState is what is planned or done about a forwarding rule.
type ForwardingState uint8

// Nothing is removed that the operator did not choose.
const (
	ForwardingOpen    ForwardingState = iota // nobody has decided yet
	ForwardingPlanned                        // to be removed at Restart
	ForwardingRemoved
	ForwardingKept // the operator says that it is the owner's
)

// Listing is one address on one list, and how far it is from being off.
type Listing struct {
	IP      netip.Addr     `json:"ip"`
	List    string         `json:"list"`             // its name, or the sublist's: "Spamhaus CSS"
	Source  string         `json:"source,omitempty"` // the list that was asked, by the catalogue's name; empty: List
	Zone    string         `json:"zone"`
	Tier    int            `json:"tier"`
	Verdict dnsbl.Verdict  `json:"verdict"` // of the newest look
	Meaning []string       `json:"meaning,omitempty"`
	Reason  string         `json:"reason,omitempty"` // the list's own text, made safe
	Impact  string         `json:"impact,omitempty"`
	Lookup  string         `json:"lookup,omitempty"`
	Seen    time.Time      `json:"seen"` // of the newest look
	First   time.Time      `json:"first"`
	Gone    time.Time      `json:"gone,omitzero"` // when it was first seen clear again
	Back    time.Time      `json:"back,omitzero"` // when it was last seen listed again after that
	State   ListingState   `json:"state"`
	By      string         `json:"by,omitempty"`
	At      time.Time      `json:"at,omitzero"` // when it took its state
	Until   time.Time      `json:"until,omitzero"`
	Ticket  string         `json:"ticket,omitempty"`
	Why     string         `json:"why,omitempty"` // why it is left, or asked early
	Removal *dnsbl.Removal `json:"removal,omitempty"`
	Policy  bool           `json:"policy,omitempty"` // it says what kind of address it is: no spam was seen
	ByHand  bool           `json:"byHand,omitempty"` // a bounce told of it, and nobody can ask by DNS: it clears by the operator's word
}

// Nothing says that there is nothing to ask for: it clears by itself, or is not about this server.
func (l *Listing) Nothing() bool {
	return l.Removal != nil && (l.Removal.Kind == dnsbl.Waits || l.Removal.Kind == dnsbl.NoRemoval)
}

// ListingState is what was done about a listing.
type ListingState uint8

// The states of a listing in the worklist.
const (
	ListingToDo ListingState = iota
	ListingAsked
	ListingWaits // the list clears by itself
	ListingLeft
	ListingCleared
)

// String is the state as the screen says it.
func (s ListingState) String() string {
	return [...]string{"to do", "asked", "waiting by itself", "left", "cleared"}[s]
}

// PurgeRecord is one move into the quarantine, or back out of it.
type PurgeRecord struct {
	PlanID   string
	Query    string
	Planned  int
	Unread   int      // of those planned, those of a layout that is not understood
	From     []string // accounts that sent some of them and were not taken to be stolen
	Claims   []Claim  // and what their mail told of a thief
	Steady   []string // senders that may be honest among those of a relay: once its mail is away, nothing tells them from it
	Moved    int
	Restored int
	Skipped  int
	Bytes    int64
	Dir      string
	At       time.Time
	Finished bool
}

// Watch is a waiting time: that of Verify, or that after a restart.
type Watch struct {
	Step   Step
	Since  time.Time // quiet since
	Until  time.Time // enough when quiet until then
	Seen   []Looks   // so far, as last written down
	Judged string    // the operator's reason for ending it early
	Held   bool      // something held it up, as last written down
}

// StillOn says that this waiting time still runs: nothing has ended it, or begun it again, since it was looked at.
func (w Watch) StillOn(inc *Incident) bool {
	same := w.Step == inc.Watch.Step && w.Since.Equal(inc.Watch.Since) && w.Until.Equal(inc.Watch.Until)
	return same && !w.Until.IsZero() && inc.MailDown.IsZero() && inc.Steps[w.Step].State == Running
}

// The rows of the senders table that have no account.
const (
	RowBounces = "(bounces)"
	RowNobody  = "(nobody)"
	RowUnread  = "(not readable)"
	RowMany    = "many accounts" // a little each, in no row of their own
)

// Explanation is the operator's word for mail that nothing else explains.
type Explanation struct {
	Row   string // the account, or a row without one, as the senders table has it
	Why   string
	Stays bool // it says why the mail may stay and be delivered, not what it is
	By    string
	At    time.Time
}

// ExplainedBy is the operator's explanation of a row of the senders table; nil when there is none.
func (inc *Incident) ExplainedBy(row string) *Explanation {
	for i := range inc.Explained {
		if inc.Explained[i].Row == row {
			return &inc.Explained[i]
		}
	}
	return nil
}

// Note is the operator's own sentence.
type Note struct {
	At   time.Time
	By   string
	Text string
}

// Evidence is a copy of something that a later step changes.
type Evidence struct {
	Name   string
	SHA256 string
	At     time.Time
}

// Unheard says that no list gave a usable answer when they were last asked: nothing is known then.
func (inc *Incident) Unheard() bool { return inc.Lists > 0 && len(inc.NoAnswer) >= inc.Lists }

// QuietSince is since when no new spam was seen, by somebody who watched; zero where nobody did.
func (inc *Incident) QuietSince() time.Time {
	if inc.Steps[Verify].State != Done || inc.Watch.Judged != "" {
		return time.Time{}
	}
	return Later(inc.Watch.Since, inc.putBack) // what was put back goes out, be it spam or not
}

// MovedOut counts the messages that this incident has taken out of the spool, without those that went back.
func (inc *Incident) MovedOut() int {
	n := 0
	for _, p := range inc.Purges {
		n += p.Moved - p.Restored
	}
	return max(n, 0)
}

// Steady are the senders that may be honest, among the mail of a relay of which some was moved.
func (inc *Incident) Steady() map[string]bool {
	steady := map[string]bool{}
	for _, p := range inc.Purges {
		for _, from := range p.Steady {
			steady[from] = steady[from] || p.Moved > 0
		}
	}
	return steady
}

// NotUnderstood counts the messages in quarantine of which nobody could tell whose they are: good mail may be among them.
// What went back is taken to have been other mail.
func (inc *Incident) NotUnderstood() int {
	n := 0
	for _, p := range inc.Purges {
		n += min(p.Unread, p.Moved)
	}
	return min(n, inc.MovedOut())
}

// MovedFrom says that mail of an account was moved that was not taken to be stolen: what is left of it is like that.
func (inc *Incident) MovedFrom(account string) bool {
	return slices.ContainsFunc(inc.Purges, func(p PurgeRecord) bool { return p.Moved > 0 && slices.Contains(p.From, account) })
}

// Unjudged are the accounts some of whose mail was moved, of which nobody has said that they are stolen, and whose mail no
// other cause explains.
func (inc *Incident) Unjudged() []string {
	var accounts []string
	if inc.MovedOut() == 0 {
		return nil
	}
	for _, p := range inc.Purges {
		if p.Moved > 0 {
			accounts = union(accounts, p.From)
		}
	}
	return slices.DeleteFunc(accounts, func(account string) bool {
		return inc.Suspect(account) != nil || inc.Cause(account) != nil
	})
}

// Current is the first step that is not passed; Close when all are. A held reset is passed until mail runs: then it is due.
// The purge of a spool that is set aside waits until mail runs.
func (inc *Incident) Current() Step {
	for _, s := range AllSteps() {
		st := inc.Steps[s].State
		if s == Purge && inc.Aside.Dir != "" && !inc.Steps[Restart].State.Passed() {
			continue
		}
		held := st == Held && inc.Steps[Restart].State.Passed() && (inc.MailDown.IsZero() || inc.LooksOnly()) // who starts mail sets it
		if !st.Passed() || held {
			return s
		}
	}
	return Close
}

// LooksOnly says that nothing on this server may be changed: by the operator's word, or by the way that delist was started.
func (inc *Incident) LooksOnly() bool { return inc.Permit == MayNot || inc.Mode.ReadOnly }

// ToWatch is the step whose waiting time runs, or has to begin, and whether one does: while mail runs, what was begun, and
// Verify once Restart is passed. Who only looks waits for nothing that did not begin.
func (inc *Incident) ToWatch() (step Step, due bool) {
	switch {
	case !inc.MailDown.IsZero() || !inc.Closed.IsZero():
		return 0, false
	case inc.Watch.StillOn(inc):
		return inc.Watch.Step, true
	}
	return Verify, inc.Steps[Restart].State.Passed() && inc.Steps[Verify].State == ToDo && !inc.LooksOnly()
}

// Suspect finds a suspect by account, nil when there is none of that name.
func (inc *Incident) Suspect(account string) *Suspect {
	for i := range inc.Suspects {
		if inc.Suspects[i].Account == account {
			return &inc.Suspects[i]
		}
	}
	return nil
}

// OpenForwarding is the first suspect whose mailbox forwards to somebody and about which nobody has decided; nil when
// there is none.
func (inc *Incident) OpenForwarding() *Suspect {
	for i := range inc.Suspects {
		p := &inc.Suspects[i]
		if p.Mailbox != nil && len(p.Mailbox.Forwarding.Addresses) > 0 && p.Forwarding == ForwardingOpen {
			return p
		}
	}
	return nil
}

// Listing finds a listing by address and list name, nil when there is none.
func (inc *Incident) Listing(ip netip.Addr, list string) *Listing {
	for i := range inc.Listings {
		if inc.Listings[i].IP == ip && inc.Listings[i].List == list {
			return &inc.Listings[i]
		}
	}
	return nil
}

// ResetsPending are the suspects whose password is not changed and proven.
func (inc *Incident) ResetsPending() []Suspect {
	var pending []Suspect
	for _, s := range inc.Suspects {
		if s.Reset != ResetDone {
			pending = append(pending, s)
		}
	}
	return pending
}

// Held are the suspects whose new password is made and not set yet, and is set by the operator or by the API.
func (inc *Incident) Held(byHand bool) []Suspect {
	return slices.DeleteFunc(inc.ResetsPending(), func(s Suspect) bool { return s.Reset != ResetHeld || s.ByHand != byHand })
}

// Purged says that an account was marked as stolen, be the mark taken back since or not, and that mail was moved already: what the spool still holds of it may be its
// owner's, though it shows no more of the thief's to tell it from.
func (inc *Incident) Purged(account string) bool {
	moved := slices.ContainsFunc(inc.Purges, func(p PurgeRecord) bool { return p.Moved > 0 })
	return moved && (inc.Suspect(account) != nil || slices.Contains(inc.Unmarked, account))
}

// Watched says that mail runs, and is watched or was seen quiet, so that spam is a relapse, be Restart done or passed over.
// While passwords are still being set it is none: the old one still works, and what comes then has to be purged. In a dry
// run mail was never stopped.
func (inc *Incident) Watched() bool {
	watched := !inc.Watch.Until.IsZero() || inc.Steps[Restart].State == Done || inc.Steps[Verify].State == Done
	return watched && inc.MailDown.IsZero() && inc.Closed.IsZero() && !inc.Mode.DryRun
}

// BeforeStart says that a message is older than the last start of mail. Its envelope knows the second.
func (inc *Incident) BeforeStart(created time.Time) bool {
	return created.Before(inc.Restarted.Truncate(time.Second))
}

// ResetAt is when the password of an account was changed; of an unknown account, when the last one was. What lies after
// now was written down by a clock that has been set back since, and tells nothing: it is zero then.
func (inc *Incident) ResetAt(account string, now time.Time) time.Time {
	var at time.Time
	for _, p := range inc.Suspects {
		if (account == "" || p.Account == account) && !p.Changed.After(now) {
			at = Later(at, p.Changed)
		}
	}
	return at
}

func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// WaitsForLists says whether some listing may clear by now.
func (inc *Incident) WaitsForLists() bool {
	if inc.Steps[Delist].State != Running && inc.Steps[Delist].State != Done || !inc.Closed.IsZero() {
		return false
	}
	return slices.ContainsFunc(inc.Listings, func(l Listing) bool { return l.State == ListingAsked || l.State == ListingWaits })
}
