package spool

import (
	"net/netip"
	"strings"
	"time"

	"delist/spool/message"
)

// Status is the state in the first line of an HDR file.
type Status uint8

// The states that SmarterMail's staff name. Only Written mail is ready to be delivered.
const (
	StatusUnknown     Status = iota // a word that is not in this list
	StatusWriting                   // still being received
	StatusWritten                   // complete
	StatusReady                     // complete, about to be taken up
	StatusFailed                    // received in vain: SmarterMail deletes it undelivered
	StatusQuarantined               // held back by SmarterMail itself
)

var statusWords = [...]string{"Unknown", "Writing", "Written", "Ready", "Failed", "Quarantined"}

// String returns the vendor's word.
func (s Status) String() string {
	if int(s) < len(statusWords) {
		return statusWords[s]
	}
	return statusWords[StatusUnknown]
}

// parseStatus reads the first line of an HDR, or what an operator typed. The vendor leaves a blank behind the word.
func parseStatus(word string) Status {
	word = strings.Trim(word, " \t")
	for i, w := range statusWords {
		if strings.EqualFold(word, w) {
			return Status(i)
		}
	}
	return StatusUnknown
}

// Basis says on what ground an account is named, the best ground first.
type Basis uint8

// The grounds, in the order in which they are tried.
const (
	BasisNone      Basis = iota // no account: a bounce, or nothing that names one
	BasisAuth                   // the "auth" line of the HDR, which the server sets itself
	BasisHeader                 // X-SmarterMail-Authenticated-As above the first Received
	BasisLog                    // the SMTP log: the session that wrote the file was logged in, where the files do not say
	BasisEnvelope               // MAIL FROM, which a sender chooses
	BasisFrom                   // From, which a sender chooses
	BasisAmbiguous              // several "auth" lines: never taken as anybody's
)

var basisWords = [...]string{"none", "auth", "header", "log", "envelope", "from", "ambiguous"}

// String returns one word.
func (b Basis) String() string {
	if int(b) < len(basisWords) {
		return basisWords[b]
	}
	return basisWords[BasisNone]
}

// Proven reports whether the server itself named the account, so that a sender could not have made it up.
func (b Basis) Proven() bool { return b == BasisAuth || b == BasisHeader || b == BasisLog }

// Message is one message in the spool. Its strings come from files that anyone may have written: pass them through
// message.Printable before they are shown.
type Message struct {
	ID     ID
	Stamp  Stamp
	Layout Layout // of its HDR: how far its envelope is known
	Status Status

	Account   string // who logged in to send it, lower case; "" when unknown or when it is a bounce
	Basis     Basis  // on what ground
	Disagrees bool   // the auth line, the header and the envelope name different accounts

	MailFrom       string   // the envelope sender, "" for the null sender
	Recipients     []string // the first MaxRecipients of the envelope; in an unknown layout all addresses, whatever their part is
	RecipientCount int      // how many the envelope has
	From, Subject  string   // decoded (RFC 2047)

	ClientIP netip.Addr // the client that handed it in; invalid when unknown (web mail)
	HELO     string
	Session  string // smtpSessionId, the number in the SMTP log

	Created time.Time // when the server took it in
	Retries int       // delivery attempts so far
	NextTry time.Time // the time beside the attempts: of the last or the next one, the vendor does not say
	Size    int64     // of the EML, in bytes
	Bounce  bool      // null sender and no login: a bounce, of this server or another
	Unread  Unread    // what of this may be otherwise, since a bound ended the reading
	BOM     bool      // the EML starts with a byte order mark, as mail written in web mail may
	Local   bool      // some of it is for mailboxes of this server, says the envelope
	Marks   message.Marks
}

// Answers reports whether a message answers another by itself: a bounce, or an automatic answer. Nobody logged in to send
// it.
func (m *Message) Answers() bool { return answers(m.Bounce, m.Basis, m.Layout, m.Marks) }

func answers(bounce bool, basis Basis, layout Layout, marks message.Marks) bool {
	return bounce || noLogin(basis, layout) && marks.Has(message.Automatic)
}

// NoLogin reports that nobody logged in to send the message, as far as its files tell. An envelope that is not understood
// may hold the name, so that it does not tell.
func (m *Message) NoLogin() bool { return noLogin(m.Basis, m.Layout) }

func noLogin(basis Basis, layout Layout) bool {
	return layout != LayoutUnknown && !basis.Proven() && basis != BasisAmbiguous // which names several who did
}

// MaxRecipients is how many envelope recipients of a message are kept in memory; RecipientCount has the true number.
const MaxRecipients = 32

// Guessed reports whether who sent the message is read by guess or not at all, and its files do not name the account in a
// layout that is like today's: such a message is never chosen beforehand, whatever the log says of its name.
func (m Message) Guessed() bool { return guessed(m.Layout, m.Basis) }

func guessed(l Layout, b Basis) bool {
	return l == LayoutUnknown || l == LayoutAlike && (!b.Proven() || b == BasisLog)
}

// Queued returns how long the message has been waiting at the time now, never less than zero.
func (m Message) Queued(now time.Time) time.Duration {
	if m.Created.IsZero() {
		return 0
	}
	return max(0, now.Sub(m.Created))
}
