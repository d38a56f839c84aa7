package bounce

import (
	"regexp"
	"strings"
)

// reply is one refusal as a server gave it, on one line.
type reply struct {
	text     string
	host     string // the server that refused, when the report names it
	code     string // such as "550", or empty
	enhanced string // such as "5.7.1" (RFC 3463), or empty
	delayed  bool   // the report says that the mail still waits
}

const (
	maxReplies = 60   // different ones in one report
	maxReply   = 1500 // bytes of one
	maxLines   = 5000 // of one report: a large one repeats itself
)

var (
	// startsReply finds a line that begins with a reply, or quotes one.
	startsReply = regexp.MustCompile(`(?i)(?:^|[\s:;'"<>(\[])([45]\d\d)[ -]\S`)
	continued   = regexp.MustCompile(`^\s*'?([45]\d\d)-`)
	repeated    = regexp.MustCompile(`^\s*[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3}[ -]*)?`)
	codes       = regexp.MustCompile(`(?:^|[\s:;'"<>(\[])([45]\d\d)[ -]+#?(?:([45]\.\d{1,3}\.\d{1,3})\b)?`)
	enhanced    = regexp.MustCompile(`(?:^|[\s:;'"<>(\[#])([45]\.\d{1,3}\.\d{1,3})(?:[\s:;'")\]>,]|$)`)
	saidBy      = regexp.MustCompile(`(?i)\bhost ([a-z0-9.-]+\.[a-z]{2,})\b|([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})\s?\[[0-9a-f.:]+\]:? (?:said|refused)`)
	field       = regexp.MustCompile(`^([A-Za-z][A-Za-z-]*):[ \t]*(.*)$`)
)

// replies finds the refusals in a report: lines that belong together joined,
// repeated codes dropped. A text without any code is taken whole. all is false where a bound left lines unread.
func replies(text string) (found []reply, all bool) {
	all = true
	seen := make(map[string]bool)
	left := maxLines
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		lines := unfold(paragraph)
		all = all && len(lines) <= left
		lines = lines[:min(len(lines), left)]
		left -= len(lines)
		here, ok := statusBlock(lines)
		if !ok {
			here = textReplies(lines)
		}
		for _, r := range here {
			if seen[r.text+r.host] {
				continue
			}
			if len(found) == maxReplies {
				all = false
				continue
			}
			seen[r.text+r.host] = true
			found = append(found, r)
		}
	}
	return found, all
}

// unfold joins lines that begin with a space to the ones before, and drops
// the blank ones.
func unfold(paragraph string) []string {
	var lines []string
	for line := range strings.SplitSeq(paragraph, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		folded := (line[0] == ' ' || line[0] == '\t') && !startsReply.MatchString(line)
		if folded && len(lines) > 0 && len(lines[len(lines)-1]) < maxReply {
			lines[len(lines)-1] += " " + strings.TrimSpace(line)
		} else {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// statusBlock reads the fields on one recipient (RFC 3464 section 2.3). The
// code within Diagnostic-Code is better than Status, which is often general. Of
// what was delivered there is no refusal.
func statusBlock(lines []string) (refusal []reply, ok bool) {
	fields := make(map[string]string)
	for _, line := range lines {
		if m := field.FindStringSubmatch(line); m != nil {
			fields[strings.ToLower(m[1])] = m[2]
		} else if diagnostic, ok := fields["diagnostic-code"]; ok && len(diagnostic) < maxReply {
			fields["diagnostic-code"] = diagnostic + " " + repeated.ReplaceAllString(line, "")
		}
	}
	diagnostic, status := fields["diagnostic-code"], fields["status"]
	switch strings.ToLower(strings.TrimSpace(fields["action"])) { // RFC 3464, 2.3.3
	case "delivered", "relayed", "expanded":
		return nil, true // it is no refusal
	}
	if diagnostic == "" && (status == "" || fields["action"] == "") {
		return nil, false
	}
	if kind, rest, ok := strings.Cut(diagnostic, ";"); ok && !strings.Contains(kind, " ") {
		diagnostic = strings.TrimSpace(rest)
	}
	if diagnostic == "" {
		diagnostic = status
	}
	r := newReply(diagnostic)
	if _, host, ok := strings.Cut(fields["remote-mta"], ";"); ok {
		r.host = strings.ToLower(strings.TrimSpace(host))
	}
	if r.enhanced == "" {
		r.enhanced = strings.TrimSpace(status)
	}
	r.delayed = strings.EqualFold(strings.TrimSpace(fields["action"]), "delayed")
	return []reply{r}, true
}

// textReplies reads lines of prose or of a log.
func textReplies(lines []string) []reply {
	var found []reply
	var current, open string // open: the code of a reply that goes on
	flush := func() {
		if current != "" {
			found = append(found, newReply(current))
		}
		current, open = "", ""
	}
	for _, line := range lines {
		start := startsReply.FindStringSubmatch(line)
		switch {
		case start != nil && open != "" && start[1] == open && repeated.MatchString(line):
			current += " " + repeated.ReplaceAllString(line, "")
		case start != nil || current == "":
			flush()
			current = line
		default:
			current += " " + line
		}
		open = ""
		if m := continued.FindStringSubmatch(line); m != nil {
			open = m[1]
		}
		if len(current) > maxReply {
			current = current[:maxReply]
		}
	}
	flush()
	return found
}

func newReply(text string) reply {
	text = strings.Join(strings.Fields(text), " ")
	r := reply{text: text[:min(len(text), maxReply)]}
	if m := codes.FindStringSubmatch(r.text); m != nil {
		r.code, r.enhanced = m[1], m[2]
	}
	if m := enhanced.FindStringSubmatch(r.text); m != nil && r.enhanced == "" {
		r.enhanced = m[1]
	}
	if m := saidBy.FindStringSubmatch(r.text); m != nil {
		r.host = strings.ToLower(m[1] + m[2])
	}
	return r
}

// permanent reports that trying again is no use: 5xx, not 4xx (RFC 5321
// section 4.2.1). Without a code it is taken to be so, as it came back.
func (r reply) permanent() bool {
	switch {
	case r.delayed:
		return false
	case r.code != "":
		return r.code[0] == '5'
	case r.enhanced != "":
		return r.enhanced[0] != '4'
	default:
		return true
	}
}
