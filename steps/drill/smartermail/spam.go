package smartermail

import (
	"fmt"
	"strings"
	"time"
)

// campaign is one kind of the thief's mail. %d is a running number.
type campaign struct {
	from     string // as shown
	mailFrom string // envelope sender
	subject  string
	html     bool
	body     string
	share    int // out of 100
}

// campaigns are what the thief sends, in forged names.
var campaigns = []campaign{
	{"Billing <pay@bank.test>", "pay@bank.test", "Invoice %d overdue", false,
		"Dear customer,\n\nour records show that invoice %d has not been paid. Settle it today at\nhttp://pay-portal.bank.test/i/%[1]d to avoid a fee.\n", 46},
	{"Parcel <no@post.test>", "no@post.test", "Your parcel waits", true,
		"<html><body><p>A parcel for you could not be delivered.</p><p><a href=\"http://parcel.post.test/t/%d\">Choose a new day</a></p></body></html>\n", 28},
	{"IT Desk <desk@mailbox.test>", "desk@mailbox.test", "Your mailbox is almost full", true,
		"<html><body><p>Your mailbox has used 98 %% of its room.</p><p><a href=\"http://mailbox.test/q/%d\">Keep your mail</a></p></body></html>\n", 17},
	{"Voice Mail <vm@phone.test>", "vm@phone.test", "Voice message %d (0:41)", false,
		"You have one new voice message.\n\nListen: http://phone.test/v/%d\n", 9},
}

// filler pads the thief's mail, as real spam is padded to look different each time.
const filler = "This message and any files with it are confidential and meant only for the person named above. " +
	"If you have received it by mistake, please tell the sender and delete it."

// spam is a message the thief sends through the stolen account, over one of his many addresses.
func (a *author) spam(at time.Time, ip, session string) letter {
	c := a.campaign()
	a.serial++
	env := envelope{
		status:     statusWritten,
		mailFrom:   c.mailFrom,
		recipients: a.victims(),
		auth:       StolenAccount,
		created:    sameSecond(at),
		nextTry:    sameSecond(at),
		ip:         ip,
		helo:       "[" + ip + "]",
		session:    session,
	}
	subject := numbered(c.subject, a.serial)
	headers := []string{
		strings.TrimRight(received(env, false), "\r\n"),
		"From: " + c.from,
		"To: " + env.recipients[0],
		"Subject: " + subject,
		"Date: " + at.Format(mailDate),
		fmt.Sprintf("Message-ID: <%d.%s@%s>", a.serial, session, domainOf(c.mailFrom)),
		"MIME-Version: 1.0",
		"Content-Type: " + map[bool]string{true: "text/html", false: "text/plain"}[c.html] + "; charset=utf-8",
		"X-Mailer: The Bat! (v9.3.4)",
	}
	return a.letter(env, message(headers, numbered(c.body, a.serial)+a.padding(c.html)))
}

// campaign chooses one by its share.
func (a *author) campaign() campaign {
	n := a.rng.IntN(100)
	for _, c := range campaigns {
		if n -= c.share; n < 0 {
			return c
		}
	}
	return campaigns[0]
}

// victims are the recipients of one spam message: often one, sometimes dozens.
func (a *author) victims() []string {
	if a.rng.IntN(10) < 6 {
		return a.outsiders(1)
	}
	return a.outsiders(2 + a.rng.IntN(38))
}

// padding is half a kilobyte to three kilobytes of small print.
func (a *author) padding(html bool) string {
	open, end := "", "\n"
	if html {
		open, end = "<p style=\"color:#fff\">", "</p>\n"
	}
	var b strings.Builder
	for range 3 + a.rng.IntN(14) {
		fmt.Fprintf(&b, "%s%s %06x%s", open, filler, a.rng.Uint32N(1<<24), end)
	}
	return b.String()
}

// numbered fills in the running number where the text has a place for it.
func numbered(text string, n int) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return fmt.Sprintf(text, n)
}

// thiefAddress is one of the addresses that the thief's borrowed machines have.
func (a *author) thiefAddress() string {
	if a.rng.IntN(4) == 0 {
		return fmt.Sprintf("203.0.113.%d", 128+a.rng.IntN(120))
	}
	return fmt.Sprintf("198.51.100.%d", 1+a.rng.IntN(254))
}
