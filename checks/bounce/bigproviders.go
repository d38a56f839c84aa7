package bounce

const (
	outlookForm = "https://go.microsoft.com/fwlink/?LinkID=614866"
	yahooForm   = "https://senders.yahooinc.com/contact/"
	googleForm  = "https://support.google.com/mail/contact/gmail_bulk_sender_escalation"
	spamhausURL = "https://check.spamhaus.org/results/?query={ip}"

	askSpamhaus = "Spamhaus decides, so go there: look the address up and follow what its record says. Ask once, after the spam has stopped."
	slowDown    = "Do not ask for anything: stop the cause, let mail out slowly, and wait some hours."
)

// The codes of the largest receivers, from their own pages.
var bigProviders = []rule{
	// Microsoft runs two systems with two forms; the code or the host tells which.
	{match: `blocked using spamhaus|AS3130\b|AS16012611|AS\(1450\)`, kind: List, provider: "Microsoft 365", list: "Spamhaus", certainty: Certain, advice: askSpamhaus, url: spamhausURL},
	{match: `\(?S31[45]0\)?|on our block ?list`, kind: Provider, provider: "Outlook.com", certainty: Certain, url: outlookForm,
		advice: "Fill in Microsoft's form for Outlook.com once the spam has stopped. When the automatic answer says that you do not qualify, reply to it and ask for a review."},
	{match: `S3113|S3114|\bS775\b|4\.7\.65[01]\b|rate limited due to ip reputation`, kind: Rate, provider: "Outlook.com", certainty: Certain, waits: true, url: outlookForm,
		advice: "Let mail out slowly and wait. Use the form only when this lasts for days."},
	{match: `\b(SC-00[1-4]|OU-00[12]|DY-00[12])\b`, kind: Provider, provider: "Outlook.com", certainty: Certain, url: outlookForm,
		advice: "Fill in Microsoft's form for Outlook.com once the spam has stopped. When the automatic answer says that you do not qualify, reply to it and ask for a review."},
	{match: `\bRP-00[1-3]\b`, kind: Rate, provider: "Outlook.com", certainty: Certain, waits: true, advice: slowDown},
	{match: `5\.7\.6(0[6-9]|[1-4]\d)\b|banned sending ip|AS16012609`, kind: Provider, provider: "Microsoft 365", certainty: Certain, url: "https://sender.office.com",
		advice: "Use Microsoft's delisting page for Microsoft 365, and confirm with the link it mails you. It takes a day, three at the most."},
	{match: `5\.7\.511\b`, kind: Provider, provider: "Microsoft 365", certainty: Certain, url: "mailto:delist@messaging.microsoft.com",
		advice: "Forward this report to the address that it names. Write what happened and what you changed."},
	{match: `\b451 4\.7\.(5\d\d|6\d\d|8[5-9]\d)\b`, kind: Rate, provider: "Microsoft 365", certainty: Certain, waits: true, advice: slowDown},
	{match: `block|weren't sent`, host: `\.olc\.protection\.outlook\.com$`, kind: Provider, provider: "Outlook.com", certainty: Likely, url: outlookForm,
		advice: "Fill in Microsoft's form for Outlook.com once the spam has stopped."},

	// Google has no list to leave.
	{match: `UnsolicitedRateLimitError|unusual rate of unsolicited|\b4\.7\.28\b`, kind: Rate, provider: "Google", certainty: Certain, waits: true, url: "https://postmaster.google.com",
		advice: "Stop the cause, let mail out slowly, and wait. Read whether the address, a network or a domain is named: that is what Google counts."},
	{match: `very low reputation of the sending ip|\b5\.7\.28\b`, kind: Provider, provider: "Google", certainty: Certain, url: googleForm,
		advice: "Google has no removal: stop the cause, send little and clean mail, and watch Postmaster Tools. Their form gives no answer; wait two weeks between two letters."},
	{match: `NotAuthorizedError`, kind: Provider, provider: "Google", certainty: Certain, url: "https://support.google.com/mail/?p=NotAuthorizedError",
		advice: "Google takes no mail from this kind of address. Send through your provider's mail server."},

	// Yahoo also serves AOL, Verizon, Cox, AT&T and Comcast mailboxes by now.
	{match: `\[?(BL2[13]|TSS07)\]|\[TSS07\]`, kind: List, provider: "Yahoo", list: "Spamhaus", certainty: Certain, advice: askSpamhaus, url: spamhausURL},
	{match: `\[(TSS0[1-4]|IPTS04)\]`, kind: Rate, provider: "Yahoo", certainty: Certain, waits: true,
		advice: "Wait some hours and let mail out slowly; it ends by itself once the complaints stop.", url: "https://senders.yahooinc.com/error-codes"},
	{match: `\[TSS(09|11)\]|permanently deferred`, kind: Provider, provider: "Yahoo", certainty: Certain, url: yahooForm,
		advice: "Fill in Yahoo's form once the spam has stopped, and write what you changed."},
	{match: `\[PH01\]|5\.7\.9 message not accepted for policy`, kind: Content, provider: "Yahoo", certainty: Certain,
		advice: "The message or its authentication is refused, not the address. Look at what was sent, and at SPF, DKIM and DMARC.", url: "https://senders.yahooinc.com/error-codes"},

	// Apple follows Proofpoint and Spamhaus.
	{match: `\[HM08\]|\[CS01\]`, kind: Provider, provider: "Apple", certainty: Likely, url: "https://support.apple.com/HT204137",
		advice: "Get off Spamhaus and Proofpoint first, since Apple follows them. Then read Apple's page for postmasters."},
	{match: `me\.com ESMTP not accepting`, kind: Provider, provider: "Apple", certainty: Likely, url: "https://support.apple.com/HT204137",
		advice: "Get off Spamhaus and Proofpoint first, since Apple follows them. Then read Apple's page for postmasters."},
}
