package smartermail

import (
	"fmt"
	"strings"
	"time"
)

// bounce is a report by this server that a message sent in the stolen account's name came back.
func (a *author) bounce(at time.Time) letter { return a.report(StolenAccount, campaigns[0], at) }

// backscatter is the same report sent to the address that the spam had forged as its sender: mail that this server sends
// of its own to somebody who never wrote to it.
func (a *author) backscatter(at time.Time) letter {
	c := a.campaign()
	return a.report(c.mailFrom, c, at)
}

// report tells somebody that a message of the thief's could not be delivered.
func (a *author) report(to string, about campaign, at time.Time) letter {
	env := envelope{status: statusWritten, recipients: []string{to}, created: sameSecond(at), nextTry: sameSecond(at)}
	victim := a.outsider()
	boundary := fmt.Sprintf("SmarterMail_NextPart_%016x", a.rng.Uint64())
	reason := a.pick([]string{
		"550 5.1.1 <" + victim + ">: user unknown",
		"554 fed1rmimpi309 cox " + ServerIP + " blocked. Error Code: IPBL0100",
		"550 5.7.1 Service unavailable; Client host [" + ServerIP + "] blocked using zen.spamhaus.org",
		"552 5.2.2 mailbox full",
	})
	headers := []string{
		"Return-Path: <>",
		"X-SmarterMail-SMTP-ID: " + a.session(),
		"X-SmarterMail-Delivery-ID: " + a.session(),
		"X-SmarterMail-MessageType: Bounce",
		"From: System Administrator <postmaster@" + domainOf(StolenAccount) + ">",
		"To: " + to,
		"Subject: Delivery Failure",
		"Date: " + at.Format(mailDate),
		"MIME-Version: 1.0",
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"" + boundary + "\"",
	}
	body := "--" + boundary + "\nContent-Type: text/plain; charset=utf-8\n\n" +
		"Delivery has failed to these recipients:\n\n" + victim + "\nRemote Server returned: '" + reason + "'\n\n" +
		"--" + boundary + "\nContent-Type: message/delivery-status\n\n" +
		"Reporting-MTA: dns; " + ServerName + "\n\nFinal-Recipient: rfc822; " + victim + "\nAction: failed\nStatus: " + status(reason) + "\nDiagnostic-Code: smtp; " + reason + "\n\n" +
		"--" + boundary + "\nContent-Type: text/rfc822-headers\n\nFrom: " + about.from + "\nTo: " + victim + "\n" +
		"Subject: " + numbered(about.subject, 48213+a.rng.IntN(3000)) + "\n\n--" + boundary + "--\n"
	return a.letter(env, message(headers, body))
}

// status is the enhanced code of a reply (RFC 3463), 5.0.0 where it has none.
func status(reply string) string {
	if _, rest, ok := strings.Cut(reply, " "); ok && strings.HasPrefix(rest, "5.") {
		code, _, _ := strings.Cut(rest, " ")
		return code
	}
	return "5.0.0"
}
