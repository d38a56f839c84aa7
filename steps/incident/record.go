package incident

import (
	"encoding/json"
	"net/netip"
	"time"

	"delist/checks/bounce"
	"delist/checks/identity"
	"delist/checks/outbound"
)

// Record is one line of the journal: something that happened, with who and when.
type Record struct {
	Seq   int
	At    time.Time // UTC
	Epoch int       // of the start that wrote it
	By    string    // user@host
	Fact  Fact
}

// Fact is what a record tells. The same facts in the same order always make the same incident.
type Fact interface {
	// Say is the fact as one plain line.
	Say() string
	apply(*Incident, Record)
}

// The facts, by the names they have in the journal.
type (
	// Opened is the first record of an incident.
	Opened struct {
		ID        string       `json:"id"`
		Mode      Mode         `json:"mode"`
		Host      string       `json:"host"`
		Spool     string       `json:"spool"`
		Logs      string       `json:"logs,omitempty"`
		Service   string       `json:"service"`
		Mailboxes string       `json:"mailboxes"`
		Addresses []netip.Addr `json:"addresses"`
	}
	// Started begins every run of delist on the incident. What was held in memory is to do again.
	Started struct {
		PID      int    `json:"pid"`
		Host     string `json:"host"`
		Version  string `json:"version,omitempty"`
		TornTail int    `json:"tornTail,omitempty"` // bytes of an unfinished last line that were dropped
		Known    int    `json:"-"`                  // the newest start that the caller knows of; 0: whichever it is
	}
	// Neighboured is another incident that is seen open on the same spool, as it stands; nobody where there is none any more.
	Neighboured struct {
		Beside *Neighbour `json:"beside,omitempty"`
	}
	// Ended ends a run in good order.
	Ended struct{}
	// Permitted is the operator's answer to "may you stop this server?".
	Permitted struct {
		May bool `json:"may"`
	}
	// Intended is written, and synced, before an intent acts.
	Intended struct {
		Intent string          `json:"intent"`
		Args   json.RawMessage `json:"args,omitempty"`
	}
	// Refused says that an intent was not carried out, or broke off.
	Refused struct {
		Intent string `json:"intent"`
		Reason string `json:"reason"`
	}
	// StepChanged gives a step a new state.
	StepChanged struct {
		Step   Step      `json:"step"`
		State  StepState `json:"state"`
		Result string    `json:"result,omitempty"`
		Reason string    `json:"reason,omitempty"`
		Seen   []Looks   `json:"seen,omitempty"` // the looks that the state rests on

		ByHand  bool   `json:"byHand,omitempty"`  // it waits for what the operator does: nothing breaks off with the process
		Despite string `json:"despite,omitempty"` // the operator's word for starting mail against a warning
		Left    string `json:"left,omitempty"`    // what stays in the spool though nothing explains it, or though it is spam
	}
	// MailStopped says that the service is seen stopped.
	MailStopped struct {
		ByHand   bool   `json:"byHand,omitempty"`
		ByItself bool   `json:"byItself,omitempty"` // nobody asked for it here
		Nothing  bool   `json:"nothing,omitempty"`  // there is no service here to stop
		Despite  string `json:"despite,omitempty"`  // the operator's word for what still answers on a mail port

		Others []string `json:"others,omitempty"` // those ports, which say nothing of mail from then on
		Detail string   `json:"detail,omitempty"`
		Dry    bool     `json:"dry,omitempty"` // only said, in a dry run
	}
	// MailStarted says that the service is seen running.
	MailStarted struct {
		ByHand    bool   `json:"byHand,omitempty"`
		Elsewhere bool   `json:"elsewhere,omitempty"` // somebody else started it, while the runbook had it stopped
		Writing   bool   `json:"writing,omitempty"`   // nothing but new mail in the spool shows it
		Nothing   bool   `json:"nothing,omitempty"`   // there is no service here to start
		Despite   string `json:"despite,omitempty"`   // the operator's word for how they see it, where no mail port answers
		Detail    string `json:"detail,omitempty"`
		Dry       bool   `json:"dry,omitempty"` // only said, in a dry run
	}
	// BounceRead holds what a bounce says.
	BounceRead struct {
		Findings []bounce.Finding `json:"findings"`
		Listings []Listing        `json:"listings,omitempty"` // receivers and lists that nobody can ask by DNS
		// Truncated says that it was not read to its end: it was too long, or torn.
		Truncated bool `json:"truncated,omitempty"`
	}
	// ListsAsked is one round of questions to the lists.
	ListsAsked struct {
		Listings []Listing `json:"listings"` // listed ones, and known ones that are clear now
		NoAnswer []string  `json:"noAnswer,omitempty"`
		Asked    int       `json:"asked"`
		Summary  string    `json:"summary"`
	}
	// IdentityChecked is who the world sees when this server sends.
	IdentityChecked struct {
		Report identity.Report `json:"report"`
	}
	// SpeakerSeen is a program that is not the mail service and speaks to mail servers elsewhere: for the first time, or again.
	SpeakerSeen struct {
		Program outbound.Program `json:"program"`
	}
	// SpeakerRemedied is the operator's word for what was done about it.
	SpeakerRemedied struct {
		Row  string `json:"row"` // as the speaker names it
		Word string `json:"word"`
	}
	// HELOHeard is the name that a listing's page shows, held against this server's own.
	HELOHeard struct {
		IP   netip.Addr        `json:"ip"`
		List string            `json:"list"`
		Seen identity.SeenHELO `json:"seen"`
	}
	// SuspectMarked takes an account to be stolen.
	SuspectMarked struct {
		Account string       `json:"account"`
		Why     []string     `json:"why,omitempty"`
		IPs     []netip.Addr `json:"ips,omitempty"`
		Forged  []string     `json:"forged,omitempty"` // senders that its mail claimed and that are not its own
	}
	// Claim is what some mail of an account tells of a thief.
	Claim struct {
		Account string       `json:"account"`
		IPs     []netip.Addr `json:"ips,omitempty"`
		Forged  []string     `json:"forged,omitempty"`
	}
	// SuspectCleared takes that back; Why is the operator's reason where the facts speak against it.
	SuspectCleared struct {
		Account string `json:"account"`
		Why     string `json:"why,omitempty"`
	}
	// Explained is the operator's word for mail that nothing else explains; without one, it is taken back.
	Explained struct {
		Rows  []string `json:"rows"` // as Explanation names them
		Why   string   `json:"why"`
		Stays bool     `json:"stays,omitempty"` // it is only why the mail may stay and be delivered
	}
	// CauseFound is what explains much mail that waits, where no account is stolen.
	CauseFound struct {
		Cause
		Forged []string `json:"forged,omitempty"` // senders that its mail claimed
	}
	// CauseRemedied is the operator's word for what was done about it.
	CauseRemedied struct {
		Name string `json:"name"`
		Word string `json:"word"`
	}
	// EvidenceTaken is a copy of what a later step changes.
	EvidenceTaken struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
	}
	// LinesKept are lines of the logs behind the suspicion of an account.
	LinesKept struct {
		Account string    `json:"account"`
		Lines   []LogLine `json:"lines"`
	}
	// Planned fixes the exact list of messages to move; the list itself is the plan's file.
	Planned struct {
		PlanID string `json:"planId"`
		Query  string `json:"query"`
		Count  int    `json:"count"`
		Bytes  int64  `json:"bytes"`
		Dir    string `json:"dir"`
		Unread int    `json:"unread,omitempty"` // of them, those of a layout that is not understood

		From []string `json:"from,omitempty"` // accounts that sent some of them and are not taken to be stolen, a few

		Claims []Claim `json:"claims,omitempty"` // of these, what nobody can read in the spool once they are taken to be stolen

		Steady []string `json:"steady,omitempty"` // senders that came unmarked among a relay's mail: they may be honest
	}
	// Moved is the outcome of a quarantine; Dry means that it was only said.
	Moved struct {
		PlanID  string         `json:"planId"`
		Moved   int            `json:"moved"`
		Bytes   int64          `json:"bytes"`
		Skipped map[string]int `json:"skipped,omitempty"` // by reason
		Stopped bool           `json:"stopped,omitempty"` // part way
		Dry     bool           `json:"dry,omitempty"`
	}
	// PutBack is the outcome of a restore.
	PutBack struct {
		Restored int            `json:"restored"`
		Skipped  map[string]int `json:"skipped,omitempty"`
		Stopped  bool           `json:"stopped,omitempty"`
	}
	// Deleted is the outcome of deleting what was in quarantine.
	Deleted struct {
		Deleted int            `json:"deleted"`
		Bytes   int64          `json:"bytes"`
		Skipped map[string]int `json:"skipped,omitempty"`
		Stopped bool           `json:"stopped,omitempty"`
	}
	// NodesConfirmed is the operator's typed word that mail is stopped on every server that uses the spool.
	NodesConfirmed struct {
		Ground string `json:"ground"` // why others may use it
	}
	// AsideBegan is written before the spool is renamed.
	AsideBegan struct {
		Dir   string `json:"dir"`
		Count int    `json:"count"`
	}
	// AsideDone says that the spool is renamed and an empty one in its place.
	AsideDone struct{}
	// AsideDropped says that it was not renamed.
	AsideDropped struct {
		Why string `json:"why"`
	}
	// GoodPutBack is the outcome of putting back what is left of it.
	GoodPutBack struct {
		Restored int            `json:"restored"`
		Left     int            `json:"left"`              // still outside
		Skipped  map[string]int `json:"skipped,omitempty"` // stay there, by reason
		Stopped  bool           `json:"stopped,omitempty"`
		Names    []string       `json:"names,omitempty"` // of those still outside, a few, with the reason
		Why      string         `json:"why,omitempty"`   // the operator's word for leaving them there for good
	}
	// ResetChanged tells how far a new password is. The password itself is never in the journal.
	ResetChanged struct {
		Account string     `json:"account"`
		State   ResetState `json:"state"`
		ByHand  bool       `json:"byHand,omitempty"`
		Disable bool       `json:"disable,omitempty"`
		Made    bool       `json:"made,omitempty"`  // a new password was made for it
		Begun   bool       `json:"begun,omitempty"` // the server is being asked for it: whether it did so tells the next record
		Ended   bool       `json:"ended,omitempty"` // what was still connected as it is so no more
		Detail  string     `json:"detail,omitempty"`
		Dry     bool       `json:"dry,omitempty"` // only said, in a dry run
	}
	// MailboxRead is what the server says about a suspect's mailbox.
	MailboxRead struct {
		Mailbox Mailbox `json:"mailbox"`
	}
	// ForwardingChanged tells what is planned or done about a forwarding rule.
	ForwardingChanged struct {
		Account   string          `json:"account"`
		State     ForwardingState `json:"state"`
		Addresses []string        `json:"addresses,omitempty"`
		Dry       bool            `json:"dry,omitempty"` // only said, in a dry run
	}
	// Relapsed opens a new round: the spam is back.
	Relapsed struct {
		Why      string   `json:"why"`
		Accounts []string `json:"accounts,omitempty"`
		Causes   []string `json:"causes,omitempty"` // by name
	}
	// OwnerWasTold says how the owner was told.
	OwnerWasTold struct {
		Others bool   `json:"others,omitempty"` // no mailbox was stolen: those who look after what was found were told
		How    string `json:"how"`
	}
	// PasswordShown says that the operator has seen the new password, or copied it. The record never holds it.
	PasswordShown struct {
		Account string `json:"account"`
	}
	// WatchBegan starts a waiting time, that of Verify or that after a restart, or starts it again.
	WatchBegan struct {
		Step  Step      `json:"step"`
		Since time.Time `json:"since,omitzero"` // what was watched before counts from here; zero: from now on
		Until time.Time `json:"until"`
		Why   string    `json:"why,omitempty"`  // why it begins again
		Held  bool      `json:"held,omitempty"` // something holds it up from the start
	}
	// WatchSeen keeps the looks of a waiting time so far, so that a next start can go on with them.
	WatchSeen struct {
		Looks []Looks `json:"looks"`
		Held  bool    `json:"held,omitempty"` // something holds it up, such as spam that waits: it may be gone at a next start
	}
	// FoundQuiet ends it; Judged holds the operator's reason where the time was cut short.
	FoundQuiet struct {
		Judged string `json:"judged,omitempty"`
		Dry    bool   `json:"dry,omitempty"` // only said, in a dry run
	}
	// ListingChanged is the operator's or the list's doing about one listing.
	ListingChanged struct {
		IP     netip.Addr   `json:"ip"`
		List   string       `json:"list"`
		Zone   string       `json:"zone,omitempty"` // that was asked for removal
		State  ListingState `json:"state"`
		Ticket string       `json:"ticket,omitempty"`
		Until  time.Time    `json:"until,omitzero"`
		Why    string       `json:"why,omitempty"`
	}
	// Noted is the operator's own sentence.
	Noted struct {
		Text string `json:"text"`
	}
	// LeftToDo puts something on the list of what is still to do by hand.
	LeftToDo struct {
		Text string `json:"text"`
	}
	// IncidentClosed ends the incident.
	IncidentClosed struct {
		Report string `json:"report"`
	}
)
