package bounce

// What is left when no code and no name is known: general words, with low
// certainty. They are tried last.
var general = []rule{
	{match: `greylist|graylist|try again later|too many (connections|messages|recipients|errors)|rate ?limit|throttl|frequency limited|temporarily (deferred|rejected|unavailable)|\b[45]\.4\.[0-57]\b|timed? ?out|connection refused`, kind: Rate, certainty: Likely, waits: true,
		advice: "This is a brake, not a block. Stop the cause and wait; mail is tried again by itself."},
	{match: `spam (message|content|score)|(content|message|mail|e-?mail)\b.{0,40}(spam|rejected as|filter)|suspicion of spam|suspected spam|flagged as spam|\b5\.6\.\d|\b5\.7\.7\b`, kind: Content, certainty: Likely,
		advice: "The message itself is judged, not the address. Look at what was sent."},
	{match: `(\bip\b|address|host|client|server|network).{0,80}(block|blacklist|black list|banned|reputation|\brbl\b|dnsbl)|(block|blacklist|banned|reputation|\brbl\b|dnsbl).{0,80}(\bip\b|address|host|client|server)`, kind: Provider, certainty: Unsure,
		advice: "The receiver seems to block the address. Follow the link in the refusal if there is one, or write to the receiver's postmaster."},
	{match: `\b(blocked|blacklisted|blocklisted|black ?list|block ?list|poor reputation|bad reputation)\b`, kind: Provider, certainty: Unsure,
		advice: "The receiver seems to block the sender. Follow the link in the refusal if there is one, or write to the receiver's postmaster."},
}
