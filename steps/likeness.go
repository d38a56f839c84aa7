package steps

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"delist/spool"
	"delist/spool/message"
	"delist/steps/cause"
	"delist/steps/incident"
	"delist/steps/words"
)

// forged says that a message claims a sender of another domain than that of the account that logged in. An alias of the
// owner's own domain is no forgery.
func forged(m spool.Message) bool {
	_, domain, ok := strings.Cut(strings.ToLower(m.Account), "@")
	if !ok || domain == "" {
		return false
	}
	foreign := func(address string) bool {
		_, of, ok := strings.Cut(strings.ToLower(message.Address(address)), "@")
		return ok && of != "" && !message.Akin(of, domain)
	}
	return foreign(m.MailFrom) || foreign(m.From)
}

// likeTheSpam says whether a message looks like the spam of this incident: sent as a suspect, under another name or from
// an address the thief used. The owner's own mail, under their own name from elsewhere, does not.
func likeTheSpam(inc *incident.Incident, m spool.Message) bool {
	if inc.Suspect(m.Account) == nil || m.Account == "" {
		return false
	}
	return forged(m) || slices.Contains(inc.ThiefIPs, m.ClientIP)
}

// relapse looks at what has come since mail was started: spam of a known suspect, or an account that now looks stolen too.
func (s *State) relapse(arrivals []spool.Message) (incident.Relapsed, []incident.Fact, bool) {
	inc := &s.Incident
	counts, newest := map[string]int{}, map[string]time.Time{}
	perAccount := map[string][]spool.Message{}
	for _, m := range arrivals {
		if m.Account == "" {
			continue
		}
		perAccount[m.Account] = append(perAccount[m.Account], m)
		if likeTheSpam(inc, m) {
			counts[m.Account]++
			newest[m.Account] = incident.Later(newest[m.Account], m.Created)
		}
	}
	var back incident.Relapsed
	var fresh []incident.Fact
	var whys []string
	for account, n := range counts {
		why := fmt.Sprintf("%s like the spam from %s since the start", words.Messages(n), account)
		if p := inc.Suspect(account); p.Reset == incident.ResetDone && newest[account].Before(inc.ResetAt(account, s.Now)) {
			why += ", before its password was changed"
		} else {
			back.Accounts = append(back.Accounts, account)
		}
		whys = append(whys, why)
	}
	for account, list := range perAccount {
		if why, ips := busyAndOdd(list, s.Settings.BusyPerHour); inc.Suspect(account) == nil && why != "" {
			fresh = append(fresh, incident.SuspectMarked{Account: account, Why: []string{why}, IPs: ips})
			back.Accounts = append(back.Accounts, account)
			whys = append(whys, account+": "+why)
		}
	}
	known := cause.Known{}
	if len(inc.Causes) > 0 && s.Live.Spool != nil {
		known.Here = cause.Here(s.Live.Spool, s.Live.Traffic)
	}
	for i := range inc.Causes {
		c := &inc.Causes[i]
		n := 0
		for j := range arrivals {
			if known.Belongs(&arrivals[j], c) {
				n++
			}
		}
		least := cause.Again
		if c.Class == incident.Form { // which goes on sending what it is there for
			least = max(least, s.Settings.BusyPerHour)
		}
		if n >= least {
			back.Causes = append(back.Causes, c.Name)
			whys = append(whys, fmt.Sprintf("%s from %s since the start", words.Messages(n), c.About()))
		}
	}
	slices.Sort(back.Accounts)
	slices.Sort(whys)
	back.Why = strings.Join(whys, "; ")
	return back, fresh, len(whys) > 0
}

// manyAddresses is from how many client addresses on one account's mail looks like a botnet's. A person has a desk, a
// phone and a home.
const manyAddresses = 6

// busyAndOdd says why an account's new mail looks stolen: much of it, from many addresses, under other names.
func busyAndOdd(list []spool.Message, busy int) (string, []netip.Addr) {
	if len(list) <= busy {
		return "", nil
	}
	var ips []netip.Addr
	odd := 0
	for _, m := range list {
		if m.ClientIP.IsValid() && !slices.Contains(ips, m.ClientIP) {
			ips = append(ips, m.ClientIP)
		}
		if forged(m) {
			odd++
		}
	}
	if len(ips) < manyAddresses || odd*2 < len(list) {
		return "", nil
	}
	return fmt.Sprintf("%s from %d client addresses, %d under other names", words.Messages(len(list)), len(ips), odd), ips
}
