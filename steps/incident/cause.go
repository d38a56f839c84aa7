package incident

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"delist/steps/words"
)

// Class says where much mail comes from that waits. It is told by all of it, as spool and logs show it, never by one
// message.
type Class uint8

// The classes. What fits none is not explained: that is never good news.
const (
	NotExplained Class = iota
	StolenAccount
	Relay
	Form
	ForwardedSpam
	Backscatter
	MailingList
	Newsletter
	classCount
)

// Remedy is what ends a cause.
type Remedy uint8

// The remedies.
const (
	NoRemedy    Remedy = iota // none is known, or none is needed
	NewPassword               // of an account: Reset makes it
	CloseRelay
	MendForm
	ChangeRule
)

// classWords holds what is said of each class: its word in the record, its name, what ends it and how, and what a stranger
// is told happened, and was done.
var classWords = [classCount]struct {
	word, name     string
	remedy         Remedy
	wayOn          string
	happened, done string
	duty           string // of whoever looks after it
	harden         string // so that it does not come again
}{
	NotExplained: {word: "not explained", name: "not explained", wayOn: "Stop, and look at it before it leaves."},
	StolenAccount: {word: "stolen account", name: "a stolen account", remedy: NewPassword, wayOn: "Mark it: it gets a new password, and its connections are ended.",
		harden: "in SmarterMail, Settings, Security, Password: require length, numbers, capitals and symbols; prevent common passwords"},
	Relay: {word: "relay", name: "a client that relays without logging in", remedy: CloseRelay,
		wayOn:    "Look at SMTP Authentication Bypass in SmarterMail, Security: take the address out, and let nobody relay without logging in. Then look at the computer that has it.",
		happened: "A computer sent spam through our server without logging in", done: "It can no longer do that.",
		duty:   "Clean the computer with that address: a full scan with an up-to-date virus scanner. Let its programs log in with an account of their own to send mail.",
		harden: "in SmarterMail, go through SMTP Authentication Bypass, and through who may relay: every address there sends in any name"},
	Form: {word: "form", name: "a web page that sends as one mailbox", remedy: MendForm,
		wayOn:    "Take the contact form down, or let it write to nobody but yourselves and ask for a captcha. Its mailbox's password stands on the web server: change both.",
		happened: "A contact form on a web site was misused to send spam through our server", done: "The form can no longer be used for that.",
		duty:   "Take the form off the web site until it writes to a fixed recipient only and asks for a captcha. Look at the site for files that somebody else put there, and change the password that it sends with.",
		harden: "let forms on web sites write to a fixed recipient only, behind a captcha, as a mailbox with a low limit of messages an hour"},
	ForwardedSpam: {word: "forwarding", name: "a forwarding of outside mail to one outside mailbox", remedy: ChangeRule,
		wayOn:    "Find the mailbox, alias or content filter that forwards there, in Manage, Domains, and end that, or let it forward no spam.",
		happened: "Spam that reached a mailbox here was forwarded to a mailbox elsewhere", done: "That forwarding was ended.",
		duty:   "End the forwarding, or read that mailbox here. Mail that is forwarded arrives with our name on it, spam as well.",
		harden: "in SmarterMail, forward no spam: every mailbox, alias and content filter that forwards to another server"},
	Backscatter: {word: "backscatter", name: "bounces and automatic answers to strangers", remedy: ChangeRule,
		wayOn:    "Refuse unknown recipients and spam while it is handed in, and neither bounce nor answer it; turn the automatic answer off.",
		happened: "Our server answered spam, with bounces or automatic answers to senders that were forged", done: "It no longer does that.",
		duty:   "Turn the automatic answer off, or let it answer only people whom you know.",
		harden: "in SmarterMail, refuse mail for unknown recipients in the SMTP session, and let automatic answers answer no spam"},
	MailingList: {word: "mailing list", name: "a mailing list that sends a post to all", remedy: ChangeRule,
		wayOn:    "Look at the post. If it is spam, let only members or moderators post to the list, in Manage, Domains, Mailing Lists, and see who posted it.",
		happened: "A mailing list on our server was misused to send spam", done: "Strangers can no longer post to it.",
		duty:   "Say who may post to the list, remove who posted the spam, and tell the members that it was none of yours.",
		harden: "in SmarterMail, let only members or moderators post to mailing lists"},
	Newsletter: {word: "newsletter", name: "a large newsletter", wayOn: "Ask who sends it whether its readers asked for it. If they did, explain it."},
}

// String is the class as the record has it.
func (c Class) String() string {
	if c < classCount {
		return classWords[c].word
	}
	return "unknown class"
}

// Name is the class in words that follow "from" or "looks like".
func (c Class) Name() string { return classWords[c].name }

// Remedy is what ends it.
func (c Class) Remedy() Remedy { return classWords[c].remedy }

// WayOn says what to do about it, in SmarterMail's own words where they are known.
func (c Class) WayOn() string { return classWords[c].wayOn }

// PutRight says where it is put right, and whether a password comes into it.
func (c Class) PutRight() string {
	switch {
	case c == Form:
		return "The form is put right on its web site, at once, and its mailbox gets a new password in SmarterMail, as soon as mail runs, and there."
	case c.InSmarterMail():
		return "What was found is put right in SmarterMail."
	}
	return ""
}

// InSmarterMail says that it is put right on SmarterMail's own screens, which answer only while mail runs.
func (c Class) InSmarterMail() bool { return c.ByHand() && c != Form }

// OfAccount says that it is about all the mail that one account logged in to send.
func (c Class) OfAccount() bool { return c == StolenAccount || c == Form || c == Newsletter }

// Duty is what whoever looks after it has to do; empty where that is nobody else.
func (c Class) Duty() string { return classWords[c].duty }

// ByHand says that its remedy is the operator's to carry out, so that delist has only their word for it.
func (c Class) ByHand() bool { return c.Remedy() > NewPassword }

// MarshalText implements encoding.TextMarshaler.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Class) UnmarshalText(b []byte) (err error) { *c, err = fromWord(b, Newsletter); return err }

// Cause explains much mail that waits.
type Cause struct {
	Class Class    `json:"class"`
	Name  string   `json:"name"` // the account, client address, mailbox or list that it is about
	Count int      `json:"count"`
	Why   []string `json:"why"`
	Query string   `json:"query,omitempty"` // finds it; empty where no search does

	Found    time.Time `json:"-"`
	Remedied string    `json:"-"` // the operator's word for what was done about it
	By       string    `json:"-"` // whose
}

// About says what it is and whom it is about: "a client that relays without logging in (10.20.0.7)".
func (c *Cause) About() string {
	if c.Name == RowBounces {
		return c.Class.Name() + " " + c.Name
	}
	return c.Class.Name() + " (" + c.Name + ")"
}

// Say tells the cause with its evidence, in one line.
func (c *Cause) Say() string {
	return words.JoinBy(": ", words.Messages(c.Count)+" from "+c.About(), strings.Join(c.Why, ", "))
}

// Cause finds a cause by its name, nil where there is none.
func (inc *Incident) Cause(name string) *Cause {
	for i := range inc.Causes {
		if inc.Causes[i].Name == name {
			return &inc.Causes[i]
		}
	}
	return nil
}

// OpenCause is the first cause of which nobody has said what was done about it; nil where there is none.
func (inc *Incident) OpenCause() *Cause {
	for i := range inc.Causes {
		if inc.Causes[i].Remedied == "" {
			return &inc.Causes[i]
		}
	}
	return nil
}

// Classes are the classes of what was found, each once, the stolen accounts first.
func (inc *Incident) Classes() []Class {
	var classes []Class
	if len(inc.Suspects) > 0 {
		classes = append(classes, StolenAccount)
	}
	for _, c := range inc.Causes {
		if !slices.Contains(classes, c.Class) {
			classes = append(classes, c.Class)
		}
	}
	return classes
}

// Happened tells a stranger what the causes were and what was done about them, a sentence each. It names nobody.
func (inc *Incident) Happened() []string {
	var told []string
	for _, class := range inc.Classes() {
		w := &classWords[class]
		if w.happened == "" { // of accounts there is more to tell
			continue
		}
		told = append(told, fmt.Sprintf("%s; we found it on %s.", w.happened, words.Day(inc.foundAt(class))))
		if !slices.ContainsFunc(inc.Causes, func(c Cause) bool { return c.Class == class && c.Remedied == "" }) {
			told = append(told, w.done)
		}
	}
	return told
}

// foundAt is when the first cause of a class was found.
func (inc *Incident) foundAt(class Class) time.Time {
	i := slices.IndexFunc(inc.Causes, func(c Cause) bool { return c.Class == class })
	return inc.Causes[i].Found
}

// Harden is what keeps the causes from coming back, and needs somebody's judgement.
func (inc *Incident) Harden() []string {
	var todo []string
	for _, class := range inc.Classes() {
		if text := classWords[class].harden; text != "" {
			todo = append(todo, text)
		}
	}
	return todo
}

// Say implements Fact.
func (f CauseFound) Say() string { return f.Cause.Say() }

// Say implements Fact.
func (f CauseRemedied) Say() string {
	return "done about " + f.Name + ", says the operator: " + f.Word
}

func (f CauseFound) apply(inc *Incident, r Record) {
	inc.Forged = union(inc.Forged, f.Forged)
	inc.Causes = slices.Clone(inc.Causes)
	found := f.Cause
	found.Found = r.At
	if known := inc.Cause(found.Name); known != nil {
		found.Found = known.Found
		if known.Class == found.Class && found.Count <= known.Count {
			found.Remedied, found.By = known.Remedied, known.By
		}
		*known = found
		return
	}
	inc.Causes = append(inc.Causes, found)
	inc.oneMore(r.At, "one more cause was found: "+found.About())
}

func (f CauseRemedied) apply(inc *Incident, r Record) {
	inc.Causes = slices.Clone(inc.Causes)
	if c := inc.Cause(f.Name); c != nil {
		c.Remedied, c.By = f.Word, r.By
	}
}

// oneMore makes to do again what rested on there being no such spam. Where mail runs again already, that is a round anew:
// with it runs whoever sent that.
func (inc *Incident) oneMore(at time.Time, why string) {
	if inc.LooksOnly() {
		return
	}
	if inc.Watched() {
		inc.again(at, why)
		return
	}
	for _, step := range []Step{Stop, Purge, Reset} {
		if st := inc.Steps[step].State; st == NotNeeded || step != Stop && (st == Done || st == Skipped) {
			inc.Steps[step] = StepStatus{State: ToDo, Since: at, Reason: why}
		}
	}
}

// again makes all to do again from Stop to Verify. The owner who was told stays told.
func (inc *Incident) again(at time.Time, why string) {
	for step := Stop; step <= Verify; step++ {
		if step != Notify {
			inc.Steps[step] = StepStatus{State: ToDo, Since: at, Reason: why}
		}
	}
	inc.Watch, inc.Despite = Watch{}, ""
}

// dropCauses forgets causes about which somebody knows better, unless something was done about them already, or mail of
// theirs was moved as spam: what is said of the rest is not said of that.
func (inc *Incident) dropCauses(names []string) {
	moved := func(c *Cause) bool {
		return slices.ContainsFunc(inc.Purges, func(p PurgeRecord) bool { return p.Query == c.Query && p.Moved > p.Restored })
	}
	inc.Causes = slices.DeleteFunc(slices.Clone(inc.Causes), func(c Cause) bool {
		return c.Remedied == "" && slices.Contains(names, c.Name) && !moved(&c)
	})
}
