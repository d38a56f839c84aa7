package identity

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"delist/spool/message"
)

// SeenHELO is the name that somebody elsewhere heard in HELO from this server's address, as the page of a listing shows
// it, held against the names of this server. It tells whether the mail server spoke, or something else did.
type SeenHELO struct {
	Heard string   `json:"heard"`          // safe to print
	Own   string   `json:"own,omitempty"`  // what the mail server says itself; empty where that is not known
	Kind  HELOKind `json:"kind"`           // what the comparison comes to
	Ours  []string `json:"ours,omitempty"` // this computer's other names
}

// HELOKind is whose name it is.
type HELOKind string

// The kinds. Only the first says that the mail came through the mail server.
const (
	OwnHELO      HELOKind = "own"      // the mail server's
	ComputerHELO HELOKind = "computer" // this computer's, and not what its mail server says
	InsideHELO   HELOKind = "inside"   // of a computer inside, behind the same address
	ForeignHELO  HELOKind = "foreign"  // another
	UnknownHELO  HELOKind = "unknown"  // the mail server's own is not known
)

// ReadHELO finds the name in what was pasted: a word alone, or what follows HELO or EHLO. What nobody can say there, such
// as the ??? of a page that shows none, is no evidence of anything.
func ReadHELO(pasted string) (name string, ok bool) {
	words := strings.FieldsFunc(pasted, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"'<>(),;=`, r) })
	for i, word := range words {
		verb := strings.ToUpper(strings.Trim(word, ":"))
		if (verb == "HELO" || verb == "EHLO") && len(words) > 1 {
			words = words[i+1:]
			for len(words) > 1 && slices.Contains([]string{"name", "string", "as", "was", "is", "of", "value"}, strings.ToLower(strings.Trim(words[0], ":"))) {
				words = words[1:]
			}
			words = words[:min(len(words), 1)]
			break
		}
	}
	if len(words) != 1 {
		return "", false
	}
	name = message.Printable(strings.TrimRight(words[0], ".:"))
	if !isHELO(name) {
		return "", false
	}
	return name, true
}

// isHELO says that a name can be said in HELO: a domain, or an address in brackets (RFC 5321 section 4.1.2).
func isHELO(name string) bool {
	const longest, longestLabel = 255, 63 // RFC 5321 section 4.5.3.1.2, RFC 1035 section 2.3.4
	if len(name) > longest {
		return false
	}
	if inner, ok := strings.CutPrefix(name, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		if tag := "ipv6:"; len(inner) > len(tag) && strings.EqualFold(inner[:len(tag)], tag) {
			inner = inner[len(tag):]
		}
		ip, err := netip.ParseAddr(inner)
		return closed && err == nil && ip.Zone() == ""
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > longestLabel || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") || strings.ContainsFunc(label, notInLabel) {
			return false
		}
	}
	return true
}

// notInLabel says that a rune stands in no label. The underscore is none of RFC 5321's, but Windows gives it to computers,
// and what such a one has said is what is looked for.
func notInLabel(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

// CompareHELO holds a name that was heard against what the mail server says itself and this computer's other names.
func CompareHELO(heard, own string, others ...string) SeenHELO {
	seen := SeenHELO{Heard: heard, Own: own}
	for _, name := range others {
		if name != "" && !sameName(name, own) && !slices.Contains(seen.Ours, name) {
			seen.Ours = append(seen.Ours, name)
		}
	}
	switch {
	case own != "" && sameName(heard, own):
		seen.Kind = OwnHELO
	case slices.ContainsFunc(seen.Ours, func(name string) bool { return sameName(heard, name) || sameName(heard, firstLabel(name)) }):
		seen.Kind = ComputerHELO
		if own == "" { // it may be the mail server's as well
			seen.Kind = UnknownHELO
		}
	case inside(heard):
		seen.Kind = InsideHELO
	case own == "":
		seen.Kind = UnknownHELO
	default:
		seen.Kind = ForeignHELO
	}
	return seen
}

func firstLabel(name string) string {
	label, _, _ := strings.Cut(name, ".")
	return label
}

// inside says that a name is one of those that computers in offices and homes have.
func inside(name string) bool {
	literal := strings.Trim(strings.ToLower(name), "[]")
	if ip, err := netip.ParseAddr(strings.TrimPrefix(literal, "ipv6:")); err == nil {
		return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast()
	}
	dot := strings.LastIndex(literal, ".")
	return dot < 0 || slices.Contains([]string{"local", "lan", "internal", "home", "localdomain", "corp", "intranet"}, literal[dot+1:])
}

// Another says that something else than the mail server spoke.
func (s SeenHELO) Another() bool {
	return s.Kind == ComputerHELO || s.Kind == InsideHELO || s.Kind == ForeignHELO
}

// Means says what the comparison comes to, in a sentence or two.
func (s SeenHELO) Means() string {
	switch s.Kind {
	case OwnHELO:
		return fmt.Sprintf("%s is what this mail server says, so the mail came through it.", s.Heard)
	case ComputerHELO:
		return fmt.Sprintf("%s is this computer's own name, and its mail server says %s: another program on this computer sent, such as a script or a form.", s.Heard, s.Own)
	case InsideHELO:
		return fmt.Sprintf("%s is a name as computers inside a network have, and %s: another computer behind the same address sent, or a program that makes names up. Look for the one of that name.", s.Heard, s.ownText())
	case ForeignHELO:
		return fmt.Sprintf("%s is not what this mail server says (%s): something else behind this address sent. Malware makes such names up.", s.Heard, s.Own)
	}
	return fmt.Sprintf("%s cannot be compared: what this mail server says is not known. Give it with --helo.", s.Heard)
}

func (s SeenHELO) ownText() string {
	if s.Own == "" {
		return "what this mail server says is not known"
	}
	return "this mail server says " + s.Own
}
