package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"time"

	"delist/checks/bounce"
	"delist/checks/identity"
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
	}
	// MailStopped says that the service is seen stopped.
	MailStopped struct {
		ByHand bool   `json:"byHand,omitempty"`
		Detail string `json:"detail,omitempty"`
	}
	// MailStarted says that the service is seen running.
	MailStarted struct {
		ByHand    bool `json:"byHand,omitempty"`
		Elsewhere bool `json:"elsewhere,omitempty"` // somebody else started it, while the runbook had it stopped
	}
	// BounceRead holds what a bounce says.
	BounceRead struct {
		Findings []bounce.Finding `json:"findings"`
		Listings []Listing        `json:"listings,omitempty"` // receivers and lists that nobody can ask by DNS
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
	// SuspectMarked takes an account to be stolen.
	SuspectMarked struct {
		Account string       `json:"account"`
		Why     []string     `json:"why,omitempty"`
		IPs     []netip.Addr `json:"ips,omitempty"`
	}
	// SuspectCleared takes that back.
	SuspectCleared struct {
		Account string `json:"account"`
	}
	// EvidenceTaken is a copy of what a later step changes.
	EvidenceTaken struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
	}
	// Planned fixes the exact list of messages to move; the list itself is the plan's file.
	Planned struct {
		PlanID string `json:"planId"`
		Query  string `json:"query"`
		Count  int    `json:"count"`
		Bytes  int64  `json:"bytes"`
		Dir    string `json:"dir"`
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
	}
	// ResetChanged tells how far a new password is. The password itself is never in the journal.
	ResetChanged struct {
		Account string     `json:"account"`
		State   ResetState `json:"state"`
		ByHand  bool       `json:"byHand,omitempty"`
		Disable bool       `json:"disable,omitempty"`
		Detail  string     `json:"detail,omitempty"`
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
	}
	// Relapsed opens a new round: the spam is back.
	Relapsed struct {
		Why      string   `json:"why"`
		Accounts []string `json:"accounts,omitempty"`
	}
	// OwnerWasTold says how the owner was told.
	OwnerWasTold struct {
		How string `json:"how"`
	}
	// WatchBegan starts the waiting time of Verify.
	WatchBegan struct {
		Until time.Time `json:"until"`
	}
	// FoundQuiet ends it; Judged holds the operator's reason where the time was cut short.
	FoundQuiet struct {
		Judged string `json:"judged,omitempty"`
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

// factTypes are the facts by their names in the journal.
var factTypes = map[string]reflect.Type{
	"opened": reflect.TypeFor[Opened](), "started": reflect.TypeFor[Started](), "ended": reflect.TypeFor[Ended](),
	"permitted": reflect.TypeFor[Permitted](), "intent": reflect.TypeFor[Intended](), "refused": reflect.TypeFor[Refused](),
	"step": reflect.TypeFor[StepChanged](), "mail-stopped": reflect.TypeFor[MailStopped](), "mail-started": reflect.TypeFor[MailStarted](),
	"bounce": reflect.TypeFor[BounceRead](), "lists": reflect.TypeFor[ListsAsked](), "identity": reflect.TypeFor[IdentityChecked](),
	"suspect":         reflect.TypeFor[SuspectMarked](),
	"suspect-cleared": reflect.TypeFor[SuspectCleared](), "evidence": reflect.TypeFor[EvidenceTaken](), "plan": reflect.TypeFor[Planned](),
	"moved": reflect.TypeFor[Moved](), "put-back": reflect.TypeFor[PutBack](), "deleted": reflect.TypeFor[Deleted](), "nodes-confirmed": reflect.TypeFor[NodesConfirmed](), "aside-began": reflect.TypeFor[AsideBegan](), "aside": reflect.TypeFor[AsideDone](),
	"aside-dropped": reflect.TypeFor[AsideDropped](), "good-back": reflect.TypeFor[GoodPutBack](), "reset": reflect.TypeFor[ResetChanged](),
	"mailbox": reflect.TypeFor[MailboxRead](), "forwarding": reflect.TypeFor[ForwardingChanged](), "relapse": reflect.TypeFor[Relapsed](),
	"told": reflect.TypeFor[OwnerWasTold](), "watch": reflect.TypeFor[WatchBegan](), "quiet": reflect.TypeFor[FoundQuiet](),
	"listing": reflect.TypeFor[ListingChanged](), "note": reflect.TypeFor[Noted](), "to-do": reflect.TypeFor[LeftToDo](),
	"closed": reflect.TypeFor[IncidentClosed](),
}

// errUnknownFact is a line of a newer delist: it is kept, and skipped.
var errUnknownFact = errors.New("unknown kind of record")

// wireRecord is a record as a line of JSON.
type wireRecord struct {
	Seq   int             `json:"seq"`
	At    time.Time       `json:"at"`
	Epoch int             `json:"epoch"`
	By    string          `json:"by"`
	Kind  string          `json:"kind"`
	Data  json.RawMessage `json:"data"`
}

// encodeRecord makes the journal's line of a record, without the line end.
func encodeRecord(r Record) ([]byte, error) {
	kind := ""
	for name, t := range factTypes {
		if t == reflect.TypeOf(r.Fact) {
			kind = name
		}
	}
	if kind == "" {
		return nil, fmt.Errorf("fact %T has no name in the journal", r.Fact)
	}
	data, err := json.Marshal(r.Fact)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	return json.Marshal(wireRecord{r.Seq, r.At.UTC(), r.Epoch, r.By, kind, data})
}

// decodeRecord reads one line of the journal.
func decodeRecord(line []byte) (Record, error) {
	var w wireRecord
	if err := json.Unmarshal(line, &w); err != nil {
		return Record{}, fmt.Errorf("not a record: %w", err)
	}
	r := Record{Seq: w.Seq, At: w.At, Epoch: w.Epoch, By: w.By}
	t, ok := factTypes[w.Kind]
	if !ok {
		return r, fmt.Errorf("%w: %q", errUnknownFact, w.Kind)
	}
	value := reflect.New(t)
	if err := json.Unmarshal(w.Data, value.Interface()); err != nil {
		return r, fmt.Errorf("record %d, %s: %w", w.Seq, w.Kind, err)
	}
	r.Fact = value.Elem().Interface().(Fact)
	return r, nil
}
