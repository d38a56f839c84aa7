package spool

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"delist/spool/message"
)

// Campaign is mail alike in subject, once digits, case and the recipient's name are folded, and in size class. Forged
// senders hide behind one another, a campaign does not.
type Campaign struct {
	Bulk
	Name    string // of the campaign: the folded subject and the size class; the same in later snapshots
	Bounces bool   // the campaign is of bounces
	Query   string // selects its mail, and perhaps some more; empty where its subject has no word to search for
	Why     []string
	Suspect bool
}

const (
	// minCampaign is the fewest messages that make a campaign.
	minCampaign = 10

	// maxRows bounds the campaigns and the clients that are told of: the fullest ones.
	maxRows = 500
)

// Campaigns returns the campaigns of at least ten messages, the fullest first, at most 500.
func (s *Snapshot) Campaigns() []Campaign {
	keys := s.like().keys
	often := frequent(slices.Clone(keys), minCampaign)
	fullest := make([]uint64, 0, len(often))
	for key := range often {
		fullest = append(fullest, key)
	}
	slices.SortFunc(fullest, func(a, b uint64) int { return cmp.Compare(often[b], often[a]) })
	rows, known := map[uint64]*campaignTally{}, claims{}
	for _, key := range fullest[:min(len(fullest), maxRows)] {
		rows[key] = &campaignTally{bulkTally: newBulkTally(s.TakenAt()), claims: known}
	}
	for i, key := range keys {
		if row := rows[key]; row != nil {
			m := s.At(i)
			row.add(&m)
		}
	}
	out := make([]Campaign, 0, len(rows))
	waiting := s.Waiting()
	for _, row := range rows {
		out = append(out, row.campaign(waiting))
	}
	slices.SortFunc(out, func(a, b Campaign) int {
		return cmp.Or(cmp.Compare(b.Queued, a.Queued), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// Alike returns a number that messages of one campaign share, whatever their count: those alike in subject, size class and
// whether they are bounces. It is worked out for all messages at the first call, and means nothing in another snapshot.
func (s *Snapshot) Alike(i int) uint64 { return s.like().keys[i] }

// campaignTally counts one campaign.
type campaignTally struct {
	*bulkTally
	newest  Message
	claims  claims
	foreign int
	example string // of a sender that is not the account's own
}

func (t *campaignTally) add(m *Message) {
	if t.bulkTally.add(m) {
		t.newest = *m
	}
	if t.claims.foreign(claim{m.Account, m.MailFrom, m.From}) {
		t.foreign++
		if t.example = message.Address(m.MailFrom); t.example == message.Address(m.Account) {
			t.example = message.Address(m.From)
		}
	}
}

func (t *campaignTally) campaign(total int) Campaign {
	c := Campaign{Bulk: t.finish(total), Bounces: t.newest.Bounce}
	recipient := ""
	if len(t.newest.Recipients) > 0 {
		recipient = t.newest.Recipients[0]
	}
	c.Name = CampaignName(&t.newest)
	c.Query = campaignQuery(t.newest.Subject, recipient, c.Bounces)
	c.judge(t.foreign, t.example)
	return c
}

// CampaignName is the Name of the campaign that a message would belong to, if there were more like it.
func CampaignName(m *Message) string {
	recipient := ""
	if len(m.Recipients) > 0 {
		recipient = m.Recipients[0]
	}
	return fmt.Sprintf("%s/%d", foldedSubject(nil, m.Subject, recipient), sizeClass(m.Size))
}

// campaignQuery finds the words that a campaign's subjects share: a term for each stretch of them.
func campaignQuery(subject, recipient string, bounces bool) string {
	var q Query
	if bounces {
		q.terms = append(q.terms, term{field: fieldClass, value: classBounce})
	}
	start, end := -1, 0
	flush := func() {
		if stretch := subject[max(start, 0):end]; start >= 0 && len(stretch) >= minName && !strings.ContainsFunc(stretch, unprintable) {
			q.terms = append(q.terms, term{field: fieldSubject, value: stretch})
		}
		start = -1
	}
	eachWord(subject, func(word string, at int) {
		if hasDigit(word) || namesRecipient(word, recipient) {
			flush()
			return
		}
		if start >= 0 && strings.ContainsFunc(subject[end:at], unprintable) {
			flush()
		}
		if start < 0 {
			start = at
		}
		end = at + len(word)
	})
	flush()
	if len(q.terms) > maxCampaignTerms {
		q.terms = q.terms[:maxCampaignTerms]
	}
	return q.String()
}

// maxCampaignTerms keeps the search of a campaign one that can be read.
const maxCampaignTerms = 4

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// judge looks for the signs of spam, as Sender.judge does, writes them down and decides.
func (c *Campaign) judge(foreign int, example string) {
	if c.Bounces || c.Queued < minQueued {
		return
	}
	theft, signs := 0, 0
	note := func(isTheft bool, format string, args ...any) {
		signs++
		if isTheft {
			theft++
		}
		c.Why = append(c.Why, fmt.Sprintf(format, args...))
	}
	if c.IPCount >= manyIPs {
		note(true, "it came from %s client addresses", number(c.IPCount))
	}
	if float64(foreign) >= forgedShare*float64(c.Queued) {
		note(true, "%s of its messages claim senders that are not the account's own, such as %s", number(foreign), message.Printable(example))
	}
	if c.Recipients >= manyRecipients && c.Recipients >= perMessage*c.Queued {
		note(false, "it goes to %s recipients", number(c.Recipients))
	}
	if c.Share >= largeShare && c.Queued >= largeQueue {
		note(false, "%s of what waits in the spool is of it", Percent(c.Share))
	}
	c.Suspect = theft > 0 && signs >= 2
}
