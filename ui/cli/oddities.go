package cli

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"delist/spool"
)

// strays are the kinds of files that belong to no message.
var strays = []spool.ProblemKind{spool.OrphanHDR, spool.OrphanEML, spool.Unknown}

// oddLines say what a look at the spool could not count among the messages, for standard error. What is still arriving
// is as it should be. doctor is the command that lists it.
func oddLines(snap *spool.Snapshot, doctor string) []string {
	count := kinds(snap.Problems())
	n := 0
	var parts []string
	for _, kind := range strays {
		if count[kind] > 0 {
			n += count[kind]
			parts = append(parts, kind.Count(count[kind]))
		}
	}
	var lines []string
	if n > 0 {
		lines = append(lines, fmt.Sprintf("%s in the spool %s to no message (%s); `%s` lists %s.", countFiles(n),
			plural(n, "belongs", "belong"), strings.Join(parts, ", "), doctor, plural(n, "it", "them")))
	}
	if odd := snap.OddLayouts(); odd != "" {
		lines = append(lines, "The spool holds "+odd+".")
	}
	unlisted := count[spool.Unlisted]
	if unlisted > 0 {
		lines = append(lines, fmt.Sprintf("%s of the spool could not be looked into: how many messages are in %s is not known, and they are not counted; `%s` says what stands in the way.",
			plural(unlisted, "1 folder", humanize.Comma(int64(unlisted))+" folders"), plural(unlisted, "it", "them"), doctor))
	}
	switch n := snap.Unread() - snap.Layout(spool.LayoutUnknown); {
	case n > 0:
		lines = append(lines, fmt.Sprintf("%s in the spool could not be read, so nobody knows what is in %s; `%s` lists %s.", countOf(n),
			plural(n, "it", "them"), doctor, plural(n, "it", "them")))
	case !snap.Whole() && unlisted == 0:
		lines = append(lines, fmt.Sprintf("Part of the spool could not be read, so there may be more; `%s` says what stands in the way.", doctor))
	}
	if n := count[spool.Overlong]; n > 0 {
		lines = append(lines, fmt.Sprintf("%s in the spool could not be read to %s end; class:cut finds %s.", countOf(n),
			plural(n, "its", "their"), plural(n, "it", "them")))
	}
	if n := snap.Apart().Drop; n > 0 {
		lines = append(lines, fmt.Sprintf("%s in the spool's Drop folder, not counted nor searched here: SmarterMail sends them as soon as it runs.", countOf(n)))
	}
	if n := snap.Apart().Quarantine; n > 0 {
		lines = append(lines, fmt.Sprintf("%s in SmarterMail's own Quarantine, not counted nor searched here.", countOf(n)))
	}
	return lines
}

// kinds counts problems by their kind.
func kinds(problems []spool.Problem) map[spool.ProblemKind]int {
	count := map[spool.ProblemKind]int{}
	for _, p := range problems {
		count[p.Kind]++
	}
	return count
}

func countFiles(n int) string { return humanize.Comma(int64(n)) + " " + plural(n, "file", "files") }

// shownOddities bounds the doctor's list.
const shownOddities = 50

// odditySigns list what is in the spool but is no readable message: it is left alone, and somebody has to look at it.
func odditySigns(snap *spool.Snapshot) []sign {
	var signs []sign
	switch odd := snap.OddLayouts(); {
	case snap.Layout(spool.LayoutUnknown) > 0:
		signs = append(signs, sign{unsure, "spool", odd + ": who sent them is not known; they can be found, moved and put back by what their files hold"})
	case odd != "":
		signs = append(signs, sign{hint, "spool", odd})
	}
	more := 0
	for _, p := range snap.Problems() {
		switch {
		case p.Kind == spool.Receiving:
			continue
		case len(signs) == shownOddities:
			more++
			continue
		}
		text := fmt.Sprintf("%s: %s", p.Path, p.Kind)
		if p.Detail != "" {
			text += ", " + p.Detail
		}
		h := hint
		if p.Kind.Unread() || p.Kind == spool.Unlisted || p.Kind == spool.Overlong {
			h = unsure // what it is, nobody can tell
		}
		signs = append(signs, sign{h, "spool", text})
	}
	if more > 0 {
		signs = append(signs, sign{hint, "spool", humanize.Comma(int64(more)) + " more such files"})
	}
	return signs
}
