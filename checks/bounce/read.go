package bounce

import (
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"delist/spool/message"
)

// Read reads a bounce in any form, at most a mebibyte of it. A text that says
// nothing known gives one finding of kind Unknown; an error is one of reading.
func Read(r io.Reader) (Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return Report{}, fmt.Errorf("read the bounce: %w", err)
	}
	return readAll(data), nil
}

// ReadText reads a bounce that was pasted, as Read does.
func ReadText(text string) Report { return readAll([]byte(text)) }

func readAll(data []byte) Report {
	reading := reading{parts: maxParts, cut: len(data) > maxInput}
	found, all := replies(reading.reportText(data[:min(len(data), maxInput)]))
	report := Report{Truncated: reading.cut || !all}
	for _, reply := range found {
		for _, f := range diagnose(reply) {
			report.add(f)
		}
	}
	// Lines without a code only count where no line with one does.
	if len(report.Findings) == 0 {
		report.Findings = []Finding{unknown(found)}
	}
	return report
}

// add keeps a finding, unless another says the same.
func (r *Report) add(f Finding) {
	same := slices.ContainsFunc(r.Findings, func(g Finding) bool {
		return g.Kind == f.Kind && g.Provider == f.Provider && g.List == f.List && g.IP == f.IP
	})
	if !same {
		r.Findings = append(r.Findings, f)
	}
}

// The tables in the order of trust: what is surely no block, a broken check at
// the receiver, a receiver's own code; then, after the zones, names and words.
var (
	codeRules = sync.OnceValue(func() []compiled {
		return compile(brokenResolvers[:1], coxOwn, negatives, brokenResolvers[1:], bigProviders, moreProviders)
	})
	wordRules = sync.OnceValue(func() []compiled { return compile(namedLists, general) })
)

// diagnose says what one refusal means; nothing when it is no refusal.
func diagnose(r reply) []Finding {
	if found := cox(r); found != nil {
		return found
	}
	if r.code == "" && r.enhanced == "" && (accepted.MatchString(r.text) || !sounds.containsAny(denied.ReplaceAllString(r.text, ""))) {
		return nil
	}
	if f, ok := first(codeRules(), r.text, r); ok {
		return []Finding{f}
	}
	if f, ok := byZone(r); ok {
		return []Finding{f}
	}
	if f, ok := first(wordRules(), lookalike.ReplaceAllString(r.text, ""), r); ok {
		return []Finding{f}
	}
	if r.code == "" && r.enhanced == "" {
		return nil
	}
	return []Finding{unclear(r)}
}

var (
	// accepted is an answer that takes the message (RFC 5321, 4.2.1), at the begin of a line or quoted by a log.
	accepted = regexp.MustCompile(`^(?:\S+ )?['"(]?2\d\d[ -](?:2\.\d{1,3}\.\d{1,3}\b|ok\b|accepted|queued|message|requested)`)
	// denied says that something is not so: of a list that has nothing against an address.
	denied = regexp.MustCompile(`(?i)\b(?:not|never|no longer|isn't|wasn't)(?: \w+){0,2} (?:blocked|(?:black|block)?-?listed|rejected|refused|denied)\b`)
)

// lookalike is a host's name that holds another's whole name: zen.spamhaus.org.example.net is not Spamhaus'. A sentence that
// begins behind a name, without a blank, begins with a capital.
var lookalike = regexp.MustCompile(`\b(?i:(?:[a-z0-9_-]+\.)+(?:org|net|com|info|biz|de|io))\.(?:[a-z0-9_-]+\.)*[a-z][a-z0-9-]+\b`)

// words are what a line without a code must say to be taken for a refusal.
type words []string

var sounds = words{"blocked", "listed", "blacklist", "blocklist", "rejected", "refused", "deferred", "denied", "http"}

func (w words) containsAny(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(w, func(s string) bool { return strings.Contains(text, s) })
}

// first is the finding of the first rule that fits a text of the reply.
func first(rules []compiled, text string, r reply) (Finding, bool) {
	for i := range rules {
		if rules[i].fits(text, r.host) {
			return rules[i].finding(r), true
		}
	}
	return Finding{}, false
}

// newFinding fills in what the refusal itself says.
func newFinding(r reply) Finding {
	return Finding{
		Provider:  providerOf(r.host),
		IP:        senderIP(r.text),
		Permanent: r.permanent(),
		Quote:     quote(r.text),
	}
}

// unclear is a refusal with a code that no rule explains.
func unclear(r reply) Finding {
	f := newFinding(r)
	f.Kind, f.Certainty = Unknown, Unsure
	f.Advice = "The refusal does not say why. Ask the receiver's postmaster, and quote this line."
	if !f.Permanent {
		f.Kind = Rate
		f.Advice = "A temporary refusal: wait, since mail is tried again by itself. Ask the receiver's postmaster if it lasts for days."
	}
	return f
}

// unknown is the finding of a text that says nothing known.
func unknown(found []reply) Finding {
	f := Finding{Kind: Unknown, Certainty: Unsure, Advice: "No refusal was found in this text. Paste the line that begins with a number such as 550, or the whole report."}
	if len(found) > 0 {
		f.Quote = quote(found[0].text)
	}
	return f
}

// maxQuote is the longest quote in bytes: enough for every code and link.
const maxQuote = 400

func quote(text string) string {
	if len(text) > maxQuote {
		text = text[:maxQuote] + ".."
	}
	return message.Printable(text)
}

// fill puts the address into a URL; without one, the query is left off.
func fill(template string, ip netip.Addr) string {
	if !strings.Contains(template, "{ip}") {
		return template
	}
	if ip.IsValid() {
		return strings.ReplaceAll(template, "{ip}", url.QueryEscape(ip.String()))
	}
	bare, _, _ := strings.Cut(template, "?")
	return bare
}
