package bounce

// Refusals that are no block of the address, though their words may sound so.
// They are tried before everything else.
var negatives = []rule{
	{match: `5\.4\.1\b.*access denied`, kind: Recipient, certainty: Certain,
		advice: "The recipient does not exist there; this is no block. Check the address."},
	{match: `\b(5\.1\.[1236]|5\.1\.10|4\.1\.1)\b|user (is )?unknown|unknown (user|recipient|mailbox)|no such (user|recipient|mailbox|address)|(user|recipient|mailbox|address|account)\b.{0,60}(does ?n[o']t exist|not found|unavailable|invalid|disabled|inactive|suspended)|invalid recipient`, kind: Recipient, certainty: Certain,
		advice: "The mailbox does not exist or is closed; this is no block. Check the address."},
	{match: `\b[45]\.2\.[123]\b|mailbox( is)? full|(over|exceeded).{0,20}quota|quota exceeded|insufficient storage`, kind: Recipient, certainty: Certain,
		advice: "The recipient's mailbox is full or closed; this is no block. Reach them another way."},
	{match: `message (size|too (large|big))|exceeds?( the)? (size|maximum)|5\.3\.4\b`, kind: Content, certainty: Certain,
		advice: "The message is too large for the recipient; this is no block. Send it smaller."},
	{match: `relay(ing)? (is )?(denied|not permitted|access denied)|unable to relay|authentication (is )?required|5\.7\.57\b|smtp auth`, kind: Auth, certainty: Certain,
		advice: "The server did not take this sender as one of its own. Check the login and the outgoing server of the program that sent it."},
	{match: `too many hops|loop(s)? detected|mail loop|5\.4\.6\b`, kind: Recipient, certainty: Certain,
		advice: "The mail goes round in a loop; this is no block. Look at forwarding rules and MX records."},
	{match: `MailFrom domain is listed|\bdbl\.spamhaus|dbl\.dq\.|(multi|black)\.uribl\.com|multi\.surbl\.org|listed (in|by|on) (uribl|surbl|the dbl)|URLBL`, kind: Domain, certainty: Certain,
		advice: "A domain in the message is listed, not the address. Look up the sender's domain and the links in the text.", url: "https://check.spamhaus.org/"},
	{match: `(sender|from|sending|reputation of (a|the)( sending)?) domain\b.{0,60}(reputation|blocked|listed|rejected)|reputation of (a|the)( sending)? domain`, kind: Domain, certainty: Likely,
		advice: "The sender's domain is judged, not the address. Look at who else sends in its name, and at SPF, DKIM and DMARC."},
	{match: `blocked using .*(sender address|helo command)|(sender address|helo command) \[[^]]*\] blocked using`, kind: Domain, certainty: Certain,
		advice: "A name is listed, not the address. Look up the domain of the sender, or the server's HELO name."},
	{match: `\b5\.7\.515\b|\b[45]\.7\.(2[67]|30|32)\b|(spf|dkim|dmarc)\b.{0,80}(fail|not pass|did not|require|policy|reject|unauth|missing)|(fail|not pass|require|unauthenticated).{0,80}\b(spf|dkim|dmarc)\b|CXSNDR`, kind: Auth, certainty: Certain,
		advice: "SPF, DKIM or DMARC did not pass; this is no block. Correct these records for the sender's domain, then send again."},
	{match: `\b[45]\.7\.29\b|must issue a starttls|tls (is )?required`, kind: Auth, certainty: Certain,
		advice: "The receiver takes mail over TLS only. Switch on TLS for outgoing mail."},
	{match: `\b[45]\.7\.25\b|\b(ptr|reverse[- ]dns|rdns|reverse (lookup|hostname))\b|cannot find your (reverse )?hostname|CXDNS|\bIB108\b|\bc=rdns\b`, kind: DNS, certainty: Certain,
		advice: "The address has no PTR record, or one that does not fit. Ask your provider to set it to the name of this server."},
	{match: `\b5\.7\.506\b|(helo|ehlo)\b.{0,40}(invalid|reject|bad|fully[- ]qualified|does not)`, kind: DNS, certainty: Certain,
		advice: "The server greets with a name that is not accepted. Set the HELO name to the server's own full name."},
	{match: `\bvirus\b|\bmalware\b|phishing`, kind: Content, certainty: Likely,
		advice: "The message itself was found dangerous; this is no block of the address. Look at what was sent."},
	{match: `\b5\.7\.513\b|AS16012607|blocked by (the )?recipient|recipient.{0,30}(safe|blocked) senders|\b5\.7\.507\b|host network not allowed`, kind: Recipient, certainty: Certain,
		advice: "The recipient's own rules refuse this sender. Reach the recipient another way and ask them to allow it."},
}

// The receiver's blocklist check is broken: the sender is not listed at all.
var brokenResolvers = []rule{
	{match: `error: open resolver|127\.255\.255\.\d+|uribl\.com/refused|spamhaus\.org/returnc`, kind: RecipientResolver, certainty: Certain,
		advice: "You are not listed: the receiver's server asks the blocklist in a way that it refuses. Tell the receiver's postmaster, and quote this line."},
	{match: `\bsorbs\b`, kind: RecipientResolver, list: "SORBS", certainty: Certain,
		advice: "SORBS ended in June 2024; there is nothing to ask it for. Tell the receiver's postmaster to take it out of their filter."},
}
