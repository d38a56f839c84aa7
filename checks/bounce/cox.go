package bounce

import "regexp"

// coxCode is Cox's refusal by blocklists: four binary digits, one for each list
// (Cox postmaster page, "Error Codes").
var coxCode = regexp.MustCompile(`(?i)\bIPBL([01]{4})\b`)

const invaluementAdvice = "Stop the cause, look the address up at invaluement, and ask for removal there; the receiver cannot lift it. This list cannot be asked by DNS, so every blocklist check may be clear and the refusal right all the same."

// coxLists are the lists by digit, from the left.
var coxLists = [4]rule{
	{list: "Cloudmark CSI", url: "https://csi.cloudmark.com/reset-request/?ip={ip}",
		advice: "Ask Cloudmark for a reset with its form, one time, once the spam has stopped; Cox cannot lift it."},
	{list: "invaluement ivmSIP", url: "https://www.invaluement.com/removal/", advice: invaluementAdvice},
	{list: "Validity", url: "https://senderscore.org/act/blocklist-remover/",
		advice: "Use Validity's form once the spam has stopped; it works at once. Cox cannot lift it."},
	{list: "Spamhaus ZEN", url: spamhausURL, advice: askSpamhaus},
}

// coxOwn are Cox's codes besides.
var coxOwn = []rule{
	{match: `\bIPBL0000\b|\bCXBL\b`, kind: Provider, provider: "Cox", certainty: Certain, url: "mailto:unblock.request@cox.net",
		advice: "Cox itself blocks the address. Write to its postmaster once the spam has stopped."},
	{match: `\bCDRBL\b`, kind: Rate, provider: "Cox", certainty: Certain, waits: true, advice: "A block for a time: it ends by itself within 24 hours. Stop the cause and wait."},
	{match: `\bCX(CNCT|MXRT)\b`, kind: Rate, provider: "Cox", certainty: Certain, waits: true, advice: slowDown},
}

// cox decodes IPBL codes: one finding for each list that is named.
func cox(r reply) []Finding {
	m := coxCode.FindStringSubmatch(r.text)
	if m == nil {
		return nil
	}
	var found []Finding
	for i, l := range coxLists {
		if m[1][i] != '1' {
			continue
		}
		f := newFinding(r)
		f.Kind, f.Provider, f.List, f.Certainty, f.Advice = List, "Cox", l.list, Certain, l.advice
		f.URL = fill(l.url, f.IP)
		if !f.IP.IsValid() {
			f.Advice += " The refusal hides the address: check each one that this server sends from."
		}
		found = append(found, f)
	}
	return found
}
