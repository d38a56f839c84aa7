package traffic

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
)

// Far above its usual rate is an account that sends more than five times its usual rate in an hour, and more than fifty.
const (
	farAbove = 5
	many     = 50
)

// aDay, in hours, is what history leaves out at its end: a thief who has been at work for some hours would be his own
// measure. minHistory is how many hours before that the logs have to cover to say what is usual.
const (
	aDay       = 24
	minHistory = 24
)

// jump is from how many times its usual rate on an account looks stolen whatever else: no mailing of its owner's does that.
const jump = 100

// manyAddresses is from how many client addresses in a day an account's mail looks like a botnet's.
const manyAddresses = 8

// botnet is from how many client addresses in a day much mail is no person's, whatever is usual.
const botnet = 20

// Judgement says how an hour's mail compares with the account's usual rate. Unknown is neither good nor bad.
type Judgement uint8

// The judgements.
const (
	Unknown Judgement = iota // much, and there is no history to say what is usual
	Usual
	FarAbove
)

// String is the judgement in words.
func (j Judgement) String() string {
	return [...]string{"unknown", "usual", "far above its usual rate"}[j]
}

// judge compares an hour's messages with the usual rate: the median of the hours in which the account sent anything,
// without the last day's. Hours without mail do not count: with nights and weekends they are the most, and the median of
// everybody who writes by day would be none, so that it said nothing. An account that never sent in all the time that
// the logs cover has a usual rate of none.
func (a *Account) judge(messages int) Judgement {
	switch {
	case messages <= many:
		return Usual
	case !a.History:
		return Unknown
	case float64(messages) > farAbove*a.Usual:
		return FarAbove
	}
	return Usual
}

// Judge says whether the account sent far above its usual rate in an hour of the last day.
func (a *Account) Judge() Judgement { return a.judge(max(a.LastHour, a.Busiest)) }

// suspect says whether the account looks stolen, and why: far above its usual rate, and either from as many addresses as
// a botnet has or by two orders of magnitude. A newsletter is far above but neither of the two, a traveller the second
// but not the first. Where nobody knows what is usual, it takes more addresses.
func (a *Account) suspect(at time.Time) {
	judged := a.Judge()
	if a.Name == "" || judged == Usual {
		return
	}
	addresses, enough := len(a.Senders(at.Add(-aDay*time.Hour))), manyAddresses
	if judged == Unknown {
		if enough = botnet; addresses < enough {
			return
		}
	}
	a.Why = append(a.Why, "it "+a.Rate())
	if addresses >= enough {
		a.Why = append(a.Why, fmt.Sprintf("its mail came from %d client addresses in a day", addresses))
		a.Suspect = true
	}
	if a.Usual > 0 && float64(max(a.LastHour, a.Busiest)) >= jump*max(a.Usual, 1) { // a first newsletter has no usual rate either
		a.Suspect = true
	}
}

// Since is how many messages the account sent after a time, within the last hour.
func (a *Account) Since(t time.Time) int {
	return a.recent.between(second(t)+1, math.MaxInt64).sum()
}

// Above says whether an account sends far above its usual rate now: in the last hour, of which only what is after since
// counts. Where the logs tell of no mail at all it is Unknown.
func (r *Report) Above(account string, since time.Time) Judgement {
	if r == nil || !r.Tells() {
		return Unknown
	}
	a := r.Account(account)
	if a == nil {
		return Usual
	}
	return a.judge(a.Since(since))
}

// Tells says that the logs tell of mail that was sent by now: SmarterMail writes nothing of it at a low level of detail.
func (r *Report) Tells() bool {
	if r == nil {
		return false
	}
	for i := range r.Accounts {
		if a := &r.Accounts[i]; a.Messages > 0 && !a.First.After(r.At.Add(clockSlack*time.Second)) {
			return true
		}
	}
	return false
}

// Rate says how much the account sends and how much is usual, in words that are safe to print: "sent 4,812 in the last
// hour, usually 12 an hour". Where the busiest hour of the last day tells more, it says that one.
func (a *Account) Rate() string {
	sent := "sent " + humanize.Comma(int64(a.LastHour)) + " in the last hour"
	if a.judge(a.LastHour) == Usual && a.judge(a.Busiest) != Usual {
		sent = fmt.Sprintf("sent %s in an hour from %s", humanize.Comma(int64(a.Busiest)), a.BusiestAt.Format("Mon 15:04"))
	}
	return sent + ", " + a.Usually()
}

// Usually says what is usual, in words: "usually 12 an hour".
func (a *Account) Usually() string {
	switch {
	case !a.History:
		return "what is usual is not known: the logs do not reach back far enough"
	case a.Usual == 0:
		return "usually none"
	}
	return fmt.Sprintf("usually %s an hour", humanize.Comma(int64(math.Round(a.Usual))))
}

// Senders are the addresses that the account sent from after a time.
func (a *Account) Senders(after time.Time) []netip.Addr {
	return a.addresses(func(c *Client) bool { return c.Messages > 0 && c.Last.After(after) })
}

// Strangers are the addresses that sent after a time and were never seen before it. Without History nobody is known.
func (a *Account) Strangers(after time.Time) []netip.Addr {
	if !a.History {
		return nil
	}
	return a.addresses(func(c *Client) bool { return c.Messages > 0 && c.First.After(after) })
}

// Knows says that the account sent from an address before a time already.
func (a *Account) Knows(ip netip.Addr, before time.Time) bool {
	return a != nil && slices.ContainsFunc(a.Clients, func(c Client) bool { return c.IP == ip && c.Messages > 0 && c.First.Before(before) })
}

func (a *Account) addresses(match func(*Client) bool) []netip.Addr {
	seen := map[netip.Addr]bool{}
	var ips []netip.Addr
	for i := range a.Clients {
		c := &a.Clients[i]
		if c.IP.IsValid() && !seen[c.IP] && match(c) {
			seen[c.IP] = true
			ips = append(ips, c.IP)
		}
	}
	return ips
}
