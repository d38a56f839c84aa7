package bounce

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func read(t testing.TB, text string) Report {
	t.Helper()
	report, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// One line each: what it says, and of whom.
func TestReadLines(t *testing.T) {
	for _, tt := range []struct {
		line      string
		kind      Kind
		who       string // provider, list
		ip        string
		permanent bool
	}{
		// The help article's form.
		{"554 fed1rmimpi309 cox 203.0.113.25 blocked. Error Code: IPBL0100", List, "Cox, invaluement ivmSIP", "203.0.113.25", true},
		{"554 fed1rmimpi309 cox 70.xx.xx.xx blocked. Error Code: IPBL0100", List, "Cox, invaluement ivmSIP", "", true},
		{"554 eastrmimpi211 cox 203.0.113.25 blocked. Error Code: IPBL0001", List, "Cox, Spamhaus ZEN", "203.0.113.25", true},
		{"554 eastrmimpi211 cox 203.0.113.25 blocked. Error Code: IPBL0010", List, "Cox, Validity", "203.0.113.25", true},
		{"554 eastrmimpi211 cox 203.0.113.25 blocked. Error Code: IPBL1000", List, "Cox, Cloudmark CSI", "203.0.113.25", true},
		{"554 cox too many bad commands from 203.0.113.25 CDRBL", Rate, "Cox, ", "203.0.113.25", false},
		{"554 cox 203.0.113.25 blocked - CXBL", Provider, "Cox, ", "203.0.113.25", true},
		{"554 cox 203.0.113.25 - DNS lookup failed CXDNS", DNS, ", ", "203.0.113.25", true},
		// A name within a name, and a sentence right behind one.
		{"550 5.7.1 Blocked using zen.spamhaus.org.evil.test", List, ", zen.spamhaus.org.evil.test", "", true},
		{"550 5.7.1 mail from 203.0.113.25 refused, see http://psbl.org.example.net/203.0.113.25", Unknown, ", ", "203.0.113.25", true},
		{"550 5.7.1 203.0.113.25 is refused, see https://check.spamhaus.org.Thank you", List, ", Spamhaus", "203.0.113.25", true},
		// Microsoft.
		{"550 5.7.1 Unfortunately, messages from [203.0.113.25] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).", Provider, "Outlook.com, ", "203.0.113.25", true},
		{"550 5.7.1 Unfortunately, messages from [203.0.113.25] weren't sent. (S3150)", Provider, "Outlook.com, ", "203.0.113.25", true},
		{"451 4.7.650 The mail server [203.0.113.25] has been temporarily rate limited due to IP reputation. (S3113)", Rate, "Outlook.com, ", "203.0.113.25", false},
		{"550 SC-001 Mail rejected by Outlook.com for policy reasons.", Provider, "Outlook.com, ", "", true},
		{"421 RP-001 The mail server IP connecting to Outlook.com server has exceeded the rate limit allowed.", Rate, "Outlook.com, ", "", false},
		{"550 5.7.606 Access denied, banned sending IP [203.0.113.25]. To request removal from this list please visit https://sender.office.com/ (AS16012609)", Provider, "Microsoft 365, ", "203.0.113.25", true},
		{"550 5.7.511 Access denied, banned sender[203.0.113.25]. To request removal from this list please forward this message to delist@messaging.microsoft.com", Provider, "Microsoft 365, ", "203.0.113.25", true},
		{"451 4.7.500 Server busy. Please try again later from [203.0.113.25]. (S77719)", Rate, "Microsoft 365, ", "203.0.113.25", false},
		{"550 5.7.1 Service unavailable, Client host [203.0.113.25] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/203.0.113.25 (AS16012611)", List, "Microsoft 365, Spamhaus", "203.0.113.25", true},
		{"550 5.7.1 Service unavailable, MailFrom domain is listed in Spamhaus. To request removal see https://www.spamhaus.org/query/lookup/", Domain, ", ", "", true},
		{"550 5.7.515 Access denied, sending domain example.com does not meet the required authentication level.", Auth, ", ", "", true},
		{"550 5.7.25 The sending IP address [203.0.113.25] must have a reverse DNS record", DNS, ", ", "203.0.113.25", true},
		{"550 5.7.513 Service unavailable, Client host [203.0.113.25] blocked by recipient organization (AS16012607)", Recipient, ", ", "203.0.113.25", true},
		{"550 5.4.1 Recipient address rejected: Access denied. [AM6EUR05FT060.eop-eur05.prod.protection.outlook.com]", Recipient, ", ", "", true},
		// Google.
		{"421-4.7.0 [203.0.113.25      15] Our system has detected an unusual rate of unsolicited mail originating from your IP address.", Rate, "Google, ", "203.0.113.25", false},
		{"550-5.7.1 [203.0.113.25      12] Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address.", Provider, "Google, ", "203.0.113.25", true},
		{"550-5.7.1 [203.0.113.25      12] this message is likely suspicious due to the very low reputation of the sending domain.", Domain, ", ", "203.0.113.25", true},
		{"550-5.7.1 [203.0.113.25] The IP you're using to send mail is not authorized to send email directly to our servers. https://support.google.com/mail/?p=NotAuthorizedError", Provider, "Google, ", "203.0.113.25", true},
		{"550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.", Auth, ", ", "", true},
		{"550-5.7.29 The connection was not encrypted with TLS", Auth, ", ", "", true},
		// Yahoo and those it serves.
		{"421 4.7.0 [TSS04] Messages from 203.0.113.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes", Rate, "Yahoo, ", "203.0.113.25", false},
		{"553 5.7.2 [TSS09] All messages from 203.0.113.25 will be permanently deferred; Retrying will NOT succeed.", Provider, "Yahoo, ", "203.0.113.25", true},
		{"553 5.7.1 [BL21] Connections will not be accepted from 203.0.113.25, because the ip is in Spamhaus's list", List, "Yahoo, Spamhaus", "203.0.113.25", true},
		{"554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes", Content, "Yahoo, ", "", true},
		// Proofpoint, Apple, Cloudmark, Comcast and others.
		{"550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.25", List, ", Proofpoint", "203.0.113.25", true},
		{"554 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=203.0.113.25", List, ", Proofpoint", "203.0.113.25", true},
		{"550 5.7.1 Mail from IP 203.0.113.25 was rejected due to listing in Spamhaus SBL. For details please see http://www.spamhaus.org/query/bl?ip=203.0.113.25", List, ", Spamhaus", "203.0.113.25", true},
		{"550 5.7.1 [HM08] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137", Provider, "Apple, ", "", true},
		{"554 5.7.1 203.0.113.25 blacklisted by CSI, see https://csi.cloudmark.com/reset-request/?ip=203.0.113.25", List, ", Cloudmark CSI", "203.0.113.25", true},
		{"554 resimta-po-01v.sys.comcast.net comcast 203.0.113.25 Comcast block for spam. Please see http://postmaster.comcast.net/smtp-error-codes.php#BL000000", Provider, "Comcast, ", "203.0.113.25", true},
		{"554 comcast 203.0.113.25 #BL000100", List, "Comcast, Validity", "203.0.113.25", true},
		{"553 5.3.0 flph829 DNSBL:ATTRBL 521< 203.0.113.25 >_is_blocked.For assistance forward this error to abuse_rbl@abuse-att.net", Provider, "AT&T, ", "203.0.113.25", true},
		{"554 cdptpa cmsmtp 203.0.113.25 blocked AUP#In-1220", List, "Spectrum, Spamhaus", "203.0.113.25", true},
		{"554-No SMTP service 554 IP address is block listed. For explanation visit https://postmaster.gmx.net/en/case?c=r0201&i=ip&v=203.0.113.25", Provider, "GMX or web.de, ", "203.0.113.25", true},
		{"554 IP=203.0.113.25 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)", Provider, "T-Online, ", "203.0.113.25", true},
		{"550 5.7.1 Mail from 203.0.113.25 rejected by Trend Micro RBL+ service", List, ", Trend Micro", "203.0.113.25", true},
		// Zones, in the forms of Postfix and others.
		{"554 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/203.0.113.25", List, ", Spamhaus ZEN", "203.0.113.25", true},
		{"550 5.7.1 Service unavailable; Client host [2001:db8::25] blocked using bl.spamcop.net; Blocked - see https://www.spamcop.net/bl.shtml?2001:db8::25", List, ", SpamCop", "2001:db8::25", true},
		{"554 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using b.barracudacentral.org", List, ", Barracuda", "203.0.113.25", true},
		{"550 203.0.113.25 is listed at dnsbl-2.uceprotect.net", List, ", UCEPROTECT 2", "203.0.113.25", true},
		{"550 JunkMail rejected - mail.example [203.0.113.25]:25 is in an RBL: https://www.spamhaus.org/query/ip/203.0.113.25", List, ", Spamhaus", "203.0.113.25", true},
		{"554 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using rbl.internal.example; see our page", List, ", rbl.internal.example", "203.0.113.25", true},
		{"554 5.7.1 Service unavailable; Helo command [mail.example] blocked using dbl.spamhaus.org", Domain, ", ", "", true},
		{"554 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using xbl.spamhaus.org", List, ", Spamhaus ZEN", "203.0.113.25", true},
		{"554 5.7.1 Client host [203.0.113.25] blocked using sip.invaluement.com", List, ", invaluement ivmSIP", "203.0.113.25", true},
		{"554 5.7.1 Client host [203.0.113.25] blocked using korea.services.net", List, ", Korea Services", "203.0.113.25", true},
		{"554 5.7.1 Client host [203.0.113.25] blocked using list.dnswl.org", RecipientResolver, ", DNSWL", "203.0.113.25", true},
		{"554 5.7.1 rejected by uribl.spameatingmonkey.net", Domain, ", Spam Eating Monkey domains", "", true},
		{"554 5.7.1 rejected by zrd.spamhaus.org", Domain, ", Spamhaus ZRD", "", true},
		{"550 found in ix.dnsbl.manitu.net 203.0.113.25", RecipientResolver, ", ix.dnsbl.manitu.net", "203.0.113.25", true},
		{"554 5.7.1 Client host [203.0.113.25] blocked using dnsbl.sorbs.net", RecipientResolver, ", SORBS", "203.0.113.25", true},
		// The receiver's own check is broken.
		{"554 5.7.1 Service unavailable; Client host [203.0.113.25] blocked using zen.spamhaus.org; Error: open resolver; https://check.spamhaus.org/returnc/pub/198.51.100.53/", RecipientResolver, ", ", "203.0.113.25", true},
		{"550 5.7.1 blocked, 127.255.255.254 from zen", RecipientResolver, ", ", "", true},
		// No blocks of the address.
		{"550 5.1.1 <kaya@mail.test>: Recipient address rejected: User unknown in virtual mailbox table", Recipient, ", ", "", true},
		{"552 5.2.2 The email account that you tried to reach is over quota", Recipient, ", ", "", true},
		{"552 5.3.4 Message size exceeds fixed limit", Content, ", ", "", true},
		{"550 5.7.1 Unable to relay for kaya@mail.test", Auth, ", ", "", true},
		{"550 5.7.1 Message rejected due to content: virus Eicar found", Content, ", ", "", true},
		{"450 4.2.0 <kaya@mail.test>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch", Rate, ", ", "", false},
		{"550 5.7.1 message contains a link listed in multi.surbl.org", Domain, ", ", "", true},
		{"550 5.7.1 Access denied", Unknown, ", ", "", true},
		{"550 Denied by policy", Unknown, ", ", "", true},
		{"451 4.3.0 something odd", Rate, ", ", "", false},
		// General words only.
		{"550 Your IP 203.0.113.25 has been blocked due to bad reputation", Provider, ", ", "203.0.113.25", true},
		{"550 rejected: client 203.0.113.25 is on our blacklist", Provider, ", ", "203.0.113.25", true},
	} {
		report := read(t, tt.line)
		if len(report.Findings) != 1 {
			t.Errorf("%s\n\t%d findings: %+v", tt.line, len(report.Findings), report.Findings)
			continue
		}
		f := report.Findings[0]
		ip := ""
		if f.IP.IsValid() {
			ip = f.IP.String()
		}
		if who := f.Provider + ", " + f.List; f.Kind != tt.kind || who != tt.who || ip != tt.ip || f.Permanent != tt.permanent {
			t.Errorf("%s\n\tgot  %s, %q, %q, permanent %v\n\twant %s, %q, %q, permanent %v", tt.line, f.Kind, who, ip, f.Permanent, tt.kind, tt.who, tt.ip, tt.permanent)
		}
		if f.Advice == "" || f.Quote == "" || f.Certainty == "" || strings.Contains(f.URL, "{") {
			t.Errorf("%s\n\tincomplete: %+v", tt.line, f)
		}
	}
}

func TestCoxBits(t *testing.T) {
	report := read(t, "Reason: Remote host said: 554 fed1rmimpi309 cox 203.0.113.25 blocked. Error Code: IPBL0011")
	if len(report.Findings) != 2 || report.Findings[0].List != "Validity" || report.Findings[1].List != "Spamhaus ZEN" {
		t.Errorf("%+v", report.Findings)
	}
	f := read(t, "554 fed1rmimpi309 cox 203.0.113.25 blocked. Error Code: IPBL0100").Findings[0]
	if f.Certainty != Certain || f.URL != "https://www.invaluement.com/removal/" || !strings.Contains(f.Advice, "DNS") {
		t.Errorf("%+v", f)
	}
	if f := read(t, "554 x cox 70.xx.xx.xx blocked. Error Code: IPBL0001").Findings[0]; !strings.Contains(f.Advice, "hides the address") || f.URL != "https://check.spamhaus.org/results/" {
		t.Errorf("%+v", f)
	}
}

const postfixReport = `From MAILER-DAEMON Mon Nov 23 09:00:00 2026
Return-Path: <>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="B"

--B
Content-Type: text/plain

<m.okafor@gmail.test>: host mx.example[198.51.100.9] said: 554 5.7.1 Service
    unavailable; Client host [203.0.113.25] blocked using zen.spamhaus.org;
    https://www.spamhaus.org/query/ip/203.0.113.25 (in reply to RCPT TO
    command)

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail01.example
X-Postfix-Queue-ID: 4Abc

Final-Recipient: rfc822; m.okafor@gmail.test
Action: failed
Status: 5.0.0
Remote-MTA: dns; mx.example
Diagnostic-Code: smtp; 554 5.7.1 Service unavailable; Client host
    [203.0.113.25] blocked using zen.spamhaus.org;
    https://www.spamhaus.org/query/ip/203.0.113.25

Final-Recipient: rfc822; kaya@mail.test
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx2.example
Diagnostic-Code: smtp; 550 5.1.1 User unknown

Final-Recipient: rfc822; j.lind@web.test
Action: delayed
Status: 4.4.1
Remote-MTA: dns; mta5.am0.yahoodns.net
Diagnostic-Code: smtp; 421 4.7.0 [TSS04] Messages from 203.0.113.25 temporarily deferred - 4.16.55.1

--B
Content-Type: message/rfc822

Subject: You are blocked

550 5.7.606 Access denied, banned sending IP [192.0.2.99]
`

func kinds(r Report) string {
	var s []string
	for _, f := range r.Findings {
		s = append(s, string(f.Kind))
	}
	return strings.Join(s, " ")
}

// utf16File is a text as PowerShell writes it into a file.
func utf16File(text string) string {
	file := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		file = binary.LittleEndian.AppendUint16(file, unit)
	}
	return string(file)
}

func TestReadReport(t *testing.T) {
	for name, text := range map[string]string{
		"as it is":        postfixReport,
		"CRLF":            strings.ReplaceAll(postfixReport, "\n", "\r\n"),
		"with a BOM":      "\xef\xbb\xbf" + strings.SplitN(postfixReport, "\n", 2)[1],
		"in UTF-16":       utf16File(postfixReport),
		"no report-type":  strings.Replace(postfixReport, " report-type=delivery-status;", "", 1),
		"an end boundary": postfixReport + "--B--\n",
	} {
		report := read(t, text)
		if got := kinds(report); got != "list recipient rate" {
			t.Errorf("%s: %s: %+v", name, got, report.Findings)
			continue
		}
		if f := report.Findings[0]; f.List != "Spamhaus ZEN" || f.IP.String() != "203.0.113.25" || !f.Permanent {
			t.Errorf("%s: %+v", name, f)
		}
		if f := report.Findings[2]; f.Provider != "Yahoo" || f.Permanent {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestReadForms(t *testing.T) {
	base64Body := base64.StdEncoding.EncodeToString([]byte("Remote Server returned: '550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.25'\r\n"))
	for _, tt := range []struct{ name, text, want, ip string }{
		{"SmarterMail", "Delivery has failed to these recipients:\n\nkaya@mail.test\n   Remote Server returned: '550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.25'\n", "list", "203.0.113.25"},
		{"the help article", "Could not deliver message to the following recipient(s):\n\nFailed Recipient: kaya@cox.test\nReason: Remote host said: 554 fed1rmimpi309 cox 203.0.113.25 blocked. Error Code: IPBL0100\n\n   -- The header and top 20 lines of the message follows --\n", "list", "203.0.113.25"},
		{"qmail", "Hi. This is the qmail-send program.\n\n<kaya@mail.test>:\n198.51.100.9 does not like recipient.\nRemote host said: 550 5.7.1 Client host [203.0.113.25] blocked using bl.spamcop.net\nGiving up on 198.51.100.9.\n\n--- Below this line is a copy of the message.\n\n550 5.7.606 Access denied, banned sending IP [192.0.2.99]\n", "list", "203.0.113.25"},
		{"Gmail's many lines", "The response from the remote server was:\n550-5.7.1 [203.0.113.25      12] Our system has detected that this message is\n550-5.7.1 likely suspicious due to the very low reputation of the sending IP\n550-5.7.1 address. To best protect our users, the message has been\n550 5.7.1 blocked. gsmtp\n", "provider", "203.0.113.25"},
		{"a log line", "09:41:02 [04313454] RSP: 550 5.7.606 Access denied, banned sending IP [203.0.113.25]", "provider", "203.0.113.25"},
		{"two log lines", "09:41:02 RSP: 550 5.7.606 Access denied, banned sending IP [203.0.113.25]\n09:41:09 RSP: 550 5.1.1 User unknown", "provider recipient", "203.0.113.25"},
		{"HTML", "<html><head><style>550 blocked</style></head><body><p>mx.example gave this error:<br>550&nbsp;5.7.0 Blocked - see <a href=\"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fipcheck.proofpoint.com%2F%3Fip%3D203.0.113.25&amp;data=05\">here</a></p></body></html>", "list", "203.0.113.25"},
		{"quoted-printable, pasted", "550 5.7.0 Blocked - see https://ipcheck.proof=\npoint.com/?ip=3D203.0.=\n113.25", "list", "203.0.113.25"},
		{"base64", "MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + base64Body + "\n", "list", "203.0.113.25"},
		{"quoted-printable", "MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=3D203=\n.0.113.25\n", "list", "203.0.113.25"},
		{"UTF-16 in base64", "MIME-Version: 1.0\nContent-Type: text/plain; charset=\"utf-16\"\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(utf16File("550 5.7.1 Client host [203.0.113.25] blocked using zen.spamhaus.org\r\n"))) + "\n", "list", "203.0.113.25"},
		{"bare CR", "Reason:\r550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.25\r", "list", "203.0.113.25"},
		{"no code at all", "blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.25", "list", "203.0.113.25"},
		{"not a bounce", "Dear all,\n\nthe meeting is at 10.\n", "unknown", ""},
		{"nothing", "", "unknown", ""},
	} {
		report := read(t, tt.text)
		if got := kinds(report); got != tt.want {
			t.Errorf("%s: %q, want %q: %+v", tt.name, got, tt.want, report.Findings)
			continue
		}
		if got := report.Findings[0].IP; tt.ip != "" && got.String() != tt.ip {
			t.Errorf("%s: IP %v", tt.name, got)
		}
	}
}

// What took the message, or has nothing against it, is no refusal.
func TestReadNoRefusal(t *testing.T) {
	for _, line := range []string{
		"250 2.0.0 OK: queued as 4Abc, see https://mail.example/status",
		"250 OK, not listed in zen.spamhaus.org",
		"RSP: 250 2.1.5 recipient ok, blocked senders are rejected elsewhere",
		"Your address 203.0.113.25 is not listed.",
		"203.0.113.25 is no longer listed in bl.spamcop.net",
		"The address has never been blacklisted by us.",
		"Final-Recipient: rfc822; kaya@mail.test\nAction: delivered\nStatus: 2.1.5\nDiagnostic-Code: smtp; 250 2.1.5 ok, client 203.0.113.25 not blocked",
		"Final-Recipient: rfc822; kaya@mail.test\nAction: relayed\nStatus: 2.0.0",
	} {
		if report := read(t, line); len(report.Findings) != 1 || report.Findings[0].Refused() || report.Truncated {
			t.Errorf("%s\n\t%+v", line, report)
		}
	}
	for _, line := range []string{ // and these are, all the same
		"550 5.7.1 203.0.113.25 is listed in zen.spamhaus.org; the sender 250 ok is not listed",
		"RSP: 250 2.1.0 sender ok, then 550 5.7.1 client 203.0.113.25 is listed in zen.spamhaus.org",
		"mail from 203.0.113.25 was not accepted: listed in zen.spamhaus.org",
	} {
		if report := read(t, line); !report.Findings[0].Refused() {
			t.Errorf("%s\n\t%+v", line, report)
		}
	}
}

// Of what is torn nobody knows what the rest says.
func TestReadTorn(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("All is well. ", 40)))
	head := "MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
	long := strings.Repeat("nothing here\n", maxInput/12)
	for name, text := range map[string]string{
		"base64 in the middle": head + encoded[:len(encoded)-7],
		"no end boundary":      postfixReport,
		"too long":             long + "550 5.7.1 203.0.113.25 is listed in zen.spamhaus.org",
		"too many lines":       strings.Repeat("a\n", maxLines+1),
		"too many parts":       "Content-Type: multipart/mixed; boundary=B\n\n" + strings.Repeat("--B\n\nwell\n", maxParts+1) + "--B--\n",
		"too deep":             "Content-Type: multipart/mixed; boundary=B\n\n" + strings.Repeat("--B\nContent-Type: multipart/mixed; boundary=B\n\n", maxDepth) + "--B--\n",
	} {
		if !read(t, text).Truncated {
			t.Errorf("%s: taken for read", name)
		}
	}
	for name, text := range map[string]string{"base64": head + encoded, "report": postfixReport + "--B--\n", "line": "550 blocked"} {
		if read(t, text).Truncated {
			t.Errorf("%s: taken for torn", name)
		}
	}
}

func TestSenderIP(t *testing.T) {
	for text, want := range map[string]string{
		"host mx.example[198.51.100.9] said: blocked [203.0.113.25]":     "203.0.113.25",
		"host mx.example[198.51.100.9] said: no":                         "invalid IP",
		"connect to mx.example[198.51.100.9]:25: Connection timed out":   "invalid IP",
		"from mail01.example [203.0.113.25] by mx.example (192.0.2.1)":   "203.0.113.25",
		"[IPv6:2001:db8::25] is blocked":                                 "2001:db8::25",
		"client [::ffff:203.0.113.25]":                                   "203.0.113.25",
		"521< 203.0.113.25 >_is_blocked":                                 "203.0.113.25",
		"see 203.0.113.25.":                                              "203.0.113.25",
		"203.0.113.25:25 refused":                                        "203.0.113.25",
		"IP:203.0.113.25":                                                "203.0.113.25",
		"host-203.0.113.25.example":                                      "invalid IP",
		"5.7.1 at 12:34:56 version 1.2.3.4.5":                            "invalid IP",
		"70.xx.xx.xx and 999.1.1.1 and 127.0.0.2 and 4.16.55.1":          "invalid IP",
		"198.51.100.9 does not like it: client host 203.0.113.25 is bad": "203.0.113.25",
	} {
		if got := senderIP(text).String(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestReadIsBounded(t *testing.T) {
	report := read(t, strings.Repeat("550 5.1.1 User unknown\n", 100_000))
	if !report.Truncated || len(report.Findings) != 1 {
		t.Errorf("truncated %v, %d findings", report.Truncated, len(report.Findings))
	}
	if f := read(t, "550 blocked client "+strings.Repeat("x", 10_000)).Findings[0]; len(f.Quote) > maxQuote+2 {
		t.Errorf("a quote of %d bytes", len(f.Quote))
	}
	// The worst there is, all different and all long, is cut down before any rule is tried.
	var b strings.Builder
	for i := range 600 {
		fmt.Fprintf(&b, "550 %d %s\n", i, strings.Repeat("no ip 1:2 ", 180))
	}
	hostile, all := replies(b.String())
	if all || len(hostile) != maxReplies || len(hostile[0].text) > maxReply {
		t.Errorf("%d replies, the first of %d bytes: every rule is tried on each", len(hostile), len(hostile[0].text))
	}
	if _, err := Read(iotest.ErrReader(errors.New("torn"))); err == nil {
		t.Error("a reading error is lost")
	}
}

func TestJSON(t *testing.T) {
	out, err := json.Marshal(read(t, "554 fed1rmimpi309 cox 203.0.113.25 blocked. Error Code: IPBL0100"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"findings", "kind", "provider", "list", "ip", "permanent", "certainty", "quote", "advice", "url"} {
		if !strings.Contains(string(out), fmt.Sprintf("%q:", name)) {
			t.Errorf("no %q in %s", name, out)
		}
	}
	if !strings.Contains(string(out), `"ip":"203.0.113.25"`) {
		t.Errorf("%s", out)
	}
}

// A rule is a row of data: each must be whole.
func TestRules(t *testing.T) {
	cat, err := catalogue()
	if err != nil || cat == nil {
		t.Fatal(err)
	}
	for _, c := range append(codeRules(), wordRules()...) {
		if c.match == "" || c.kind == "" || c.certainty == "" || !strings.HasSuffix(c.advice, ".") {
			t.Errorf("incomplete: %+v", c.rule)
		}
		if c.kind == List && c.list == "" {
			t.Errorf("a list without a name: %+v", c.rule)
		}
		if strings.Contains(c.advice, "!") || strings.Contains(strings.ToLower(c.advice), "pay ") && !strings.Contains(strings.ToLower(c.advice), "never pay") {
			t.Errorf("advice: %s", c.advice)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(postfixReport)
	f.Add("554 fed1rmimpi309 cox 203.0.113.25 blocked. Error Code: IPBL0100")
	f.Add("550-5.7.1 [203.0.113.25] a\n550 5.7.1 b\x1b[2J\u202e")
	f.Add("<html><a href=\"https://x.safelinks.protection.outlook.com/?url=%zz&\">550 blocked</a>")
	f.Add("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: multipart/mixed; boundary=B\n\n--B\n")
	f.Fuzz(func(t *testing.T, text string) {
		report, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Findings) == 0 {
			t.Fatal("no finding")
		}
		for _, finding := range report.Findings {
			for _, s := range []string{finding.Quote, finding.Advice, finding.URL, finding.List, finding.Provider} {
				if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
					t.Fatalf("not safe to print: %q", s)
				}
			}
		}
	})
}
