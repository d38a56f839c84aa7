package steps

import "delist/steps/incident"

// glossary are the words that an operator may not know, by the step where they come up.
var glossary = map[incident.Step][]Fact{
	incident.Look: {
		{"blocklist", "a list of addresses that other mail servers refuse mail from. People also say blacklist."},
		{"account", "the mailbox that logged in to send. The thief uses its real password."},
		{"sender", "what a message claims to be from. Spam forges it, so it proves nothing."},
		{"listed", "the list has this address. clear: it has not. refused: the list does not answer this resolver. unusable: no answer that can be believed. Only clear is good news."},
		{"IPs", "from how many addresses the account logged in. People have one to three, thieves dozens."},
		{"not explained", "mail that waits and that is neither the spam of a marked account, nor usual, nor explained by you. It is taken for spam until somebody has looked."},
	},
	incident.Stop:    {{"stopped", "seen stopped: the service says so, and nothing has spool files open. By hand: you say so, and no mail port answers here."}},
	incident.Purge:   {{"spool", "the folder where mail waits until it is delivered."}, {"quarantine", "a folder on the same disk. What is moved there is not delivered and not lost."}, {"match", "sent: by that account. addressed: to it. mentions: only the words occur. Only sent is marked beforehand."}},
	incident.Reset:   {{"held", "the new password is made, and set at Restart: SmarterMail takes it only while it runs. It is kept in memory only."}, {"forwarding", "a thief's favourite leftover: a copy of all mail goes on to him."}},
	incident.Restart: {{"round", "when the spam comes back, Stop to Verify are to do again. What was done stays in the record."}},
	incident.Verify:  {{"quiet", "no account sends far above its usual rate, nothing like the spam comes or still waits, and service and spool were in sight all the time."}},
	incident.Delist: {{"waiting by itself", "the listing ends without anybody asking. Asking does not make it faster."}, {"left", "deliberately not asked, with a reason."},
		{"not yet", "the list or receiver says no until the ones named have cleared."},
		{"paid removal", "money for what is free or ends by itself. Some lists sell it; never pay. It ends nothing that the cause does not bring back."},
		{"another address", "sending from a new address is no way out: it gets listed too, and looks like what spammers do."}},
	incident.Close: {{"record", "the report for people. The journal beside it has every line."}},
}
