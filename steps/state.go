package steps

import (
	"fmt"
	"time"

	"delist/checks/dnsbl"
	"delist/checks/resolver"
	"delist/checks/traffic"
	"delist/spool"
	"delist/spool/quarantine"
	"delist/steps/cause"
	"delist/steps/incident"
	"delist/steps/words"
)

// State is everything a screen can show: what is recorded, what is seen right now, and the settings.
// It is a copy: reading it needs no lock, changing it changes nothing.
type State struct {
	Incident incident.Incident
	Live     Live
	Settings Settings
	Now      time.Time
}

// Live is what delist sees right now. It is not in the journal, and gone with the process.
type Live struct {
	Service    ServiceReport
	ServiceErr string      // why the last look at the service failed; empty when it did not
	Shared     string      // why other servers may use the spool, too; empty when none is known to
	Control    Control     // how the service is turned off and on
	ByHand     bool        // accounts are changed by the operator: there is no API here
	Known      []string    // accounts whose new password is in memory, and can be shown
	APIReady   bool        // the mailbox API answered at the last look
	APIErr     string      // why it did not
	KeptOut    bool        // it answered when last heard of, and did not let delist in
	Ready      []Readiness // what was tried before mail goes down, the blockers first; nil before, and in read-only

	Spool      *spool.Snapshot // nil until the first look is complete
	Aside      *spool.Snapshot // of the spool set aside, as last looked at; nil while there is none
	AsideSpam  int             // messages of suspects in it, without what may be their owners', and bounces that answer them
	asideQuery string          // finds some of them
	Unsettled  string          // why what the last run left half done could not be settled; empty when it was
	Scanning   *spool.Progress // of the look that runs now, nil when none does
	SpoolErr   string
	Counts     spoolCounts    // what the senders do not count; of the last look
	Found      cause.Findings // what explains much of it; likewise
	Watched    *Watched       // what is watched at the moment, nil while nothing is
	Senders    []SenderRow    // by account: who stands out in the logs alone, then the spool's, most queued first
	Campaigns  []CampaignRow  // mail that is alike, most queued first; a little older than Senders
	Clients    []ClientRow    // by client address, most queued first; likewise
	Rates      Rate           // of the whole spool
	SpoolSlow  bool           // looking takes longer than the pause between looks

	Traffic     *traffic.Report // what the logs say; nil until they were read, and where none are known
	TrafficErr  string          // why the last look at the logs failed
	ReadingLogs bool            // the first look at the logs still runs

	Naming       bool   // the SMTP log was not asked yet who sent what the first look could not name
	NamesUnknown string // what it could not tell of that when last asked, for lack of something; a sentence without its end

	Outbound *OutboundLook // the newest look at who speaks to mail servers elsewhere; nil until looked at, and where nobody looks

	Lists     dnsbl.Report // newest answers, while Asking partly old ones
	Asking    bool
	Preflight *resolver.Finding // nil until the resolver was tried

	Results  *spool.Results    // of the newest search, nil before one
	Finding  *spool.Progress   // of the search that runs, nil when none does
	Searched []string          // what was searched for so far
	Stuck    map[spool.ID]bool // what the last move left where it was, if it moved nothing
	Plan     *PlanView         // the plan that waits for the operator's word
	Held     []quarantine.Held

	Doing *Doing // the act that runs now, nil when none does
	Last  string // what happened last, one line
}

// SenderRow is one account of the live senders table.
type SenderRow struct {
	spool.Sender
	Rate
	Marked bool             // taken to be stolen
	Own    int              // messages that may be the owner's own, of those queued
	Logged *traffic.Account // what the logs say of it; nil when they do not know it
	Class  incident.Class   // what its mail looks like

	waits    bool     // it has mail in the spool; else the logs alone name it
	spoolWhy []string // of Why, what the spool gives
}

// CampaignRow is mail that is alike, in the live table.
type CampaignRow struct {
	spool.Campaign
	Rate
}

// ClientRow is one client address in the live table.
type ClientRow struct {
	spool.Client
	Rate
}

// Rate is messages per minute over the last minutes looked at; Known is false until two looks were taken.
type Rate struct {
	In, Out float64
	Known   bool
}

// PlanView is a plan with its preview.
type PlanView struct {
	Plan    quarantine.Plan
	Dir     string // where the messages go
	Free    uint64 // bytes free there, 0 when not known
	Other   bool   // on another volume: each message is copied, compared and only then removed
	Oldest  time.Time
	Newest  time.Time
	Top     []spool.Sender // who sent the most of them
	Senders int            // how many sent them
	Most    bool           // it takes more than half of the spool
	Unread  int            // messages of a layout that is not understood
	Failed  int            // messages with the status Failed, which do not go back
}

// SayFailed says what putting back leaves; empty where all can go back.
func (v *PlanView) SayFailed() string {
	if v.Failed == 0 {
		return ""
	}
	return fmt.Sprintf("%s of them %s the status Failed: SmarterMail would throw that away, so it cannot be put back.", words.Number(v.Failed), words.Have(v.Failed))
}

// Typed says that the count has to be typed before the messages move.
func (v *PlanView) Typed() bool { return v.Most || v.Unread > 0 }

// Doing is an act that takes time.
type Doing struct {
	What  string // "quarantine", "start mail"
	Now   string // what it does at the moment
	Done  int
	Total int // 0 when not known
	Since time.Time
	Until time.Time // end of a waiting time, zero when it does not wait
}
