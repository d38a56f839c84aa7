package main

import (
	"regexp"
	"slices"
	"strings"
)

var (
	enterHint = regexp.MustCompile(`(?:^|[ │|])Enter: (.+?)(?:   |\s*$)`)
	stepTitle = regexp.MustCompile(`(?:^|[│|]) (Look|Stop|Purge|Reset|Restart|Notify|Verify|Delist|Close): [a-z]`)
	shellAsks = regexp.MustCompile(`(\S.*) \[(?:y/N|Y/n)\]\s*$`)
	cursorRow = regexp.MustCompile(`(?:^|│) ►[ √]+(.*)`)
	stepMark  = regexp.MustCompile(`^(Look|Stop|Purge|Reset|Restart|Notify|Verify|Delist|Close)\b`)
	boxTitle  = regexp.MustCompile(`┌─+ (.+?) ─*┐`)
)

// readScreen reads the full screen. read says that the text which the screen's Enter shows has just been read.
func readScreen(screen string, read bool) offer {
	lines := strings.Split(strings.TrimRight(screen, "\n "), "\n")
	o := offer{opens: incidentIn.MatchString(strings.Join(lines[:min(3, len(lines))], " "))}
	for _, line := range lines {
		if m := stepTitle.FindStringSubmatch(line); m != nil {
			o.step = m[1]
			break
		}
	}
	if box, title := boxOn(lines); box != nil {
		o.box = true
		o.answerBox(title, box)
		return o
	}
	if o.step == "" { // before the screens begin, or after them
		if m := shellAsks.FindStringSubmatch(lines[len(lines)-1]); m != nil {
			o.what, o.press = m[1], typed("y")
		}
		return o
	}
	act := enterAct(lines)
	if act == "" {
		return o
	}
	o.act, o.what, o.press = act, act, keys("Enter")
	if o.step == "Delist" && strings.HasPrefix(act, "show ") {
		row := rowUnderCursor(lines)
		o.what += " " + row
		if !read {
			return o
		}
		// Enter only shows what to do: having done it, the operator says so with the key that stands beside it.
		foot := strings.Join(lines[max(0, len(lines)-4):], "\n")
		switch {
		case offered(foot, "m: mark as asked"):
			o.act, o.what, o.press = "mark as asked", "mark as asked "+row, keys("m")
		case offered(foot, "x: leave it"):
			o.act, o.what, o.press = "leave it", "leave it "+row, keys("x")
		}
	}
	return o
}

// offered says whether a hint stands at the foot, and not in brackets, in which stands what is refused.
func offered(foot, hint string) bool {
	return strings.Contains(foot, hint) && !strings.Contains(foot, "("+hint)
}

// enterAct is what Enter is said to do at the foot; empty where nothing is recommended or it is refused.
func enterAct(lines []string) string {
	foot := lines[max(0, len(lines)-5):]
	for _, line := range slices.Backward(foot) {
		if m := enterHint.FindStringSubmatch(line); m != nil {
			return strings.TrimSpace(m[1])
		}
	}
	return ""
}

// boxOn gives the lines within the box over the screen, and its title; nil where there is none.
func boxOn(lines []string) (box []string, title string) {
	for i, line := range lines {
		m := boxTitle.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		runes := []rune(line)
		left, right := slices.Index(runes, '┌'), slices.Index(runes, '┐')
		box = []string{}
		for _, line := range lines[i+1:] {
			if strings.Contains(line, "└─") {
				return box, m[1]
			}
			box = append(box, within([]rune(line), left, right))
		}
		return box, m[1]
	}
	return nil, ""
}

// within is what stands between two bars; where a wide character left of the box has moved them, the nearest ones count.
func within(line []rune, left, right int) string {
	if left >= len(line) {
		return ""
	}
	if line[left] != '│' {
		if at := slices.Index(line, '│'); at >= 0 {
			right += at - left
			left = at
		}
	}
	return strings.TrimSpace(string(line[min(left+1, len(line)):min(right, len(line))]))
}

// answerBox says how the box is answered. Its hints tell the kind of box.
func (o *offer) answerBox(title string, box []string) {
	o.what = title
	text := strings.Join(box, " ")
	switch {
	case quotedWord.MatchString(text):
		o.press = typed(quotedWord.FindStringSubmatch(text)[1])
	case strings.Contains(text, "Once typed, Enter: "):
		number := countIn(title, text)
		o.what += ", " + number
		if number != "" {
			o.press = typed(number)
		}
	case yesHint.MatchString(text):
		o.press = keys("y")
	case strings.Contains(text, "Enter: go on"):
		ask, start := field(box)
		o.what += ", " + ask + start
		if start != "" {
			o.press = keys("Enter")
		} else {
			o.press = typed(honest(title + " " + ask))
		}
	case enterHint.MatchString(text):
		o.press = keys("Enter")
	case strings.Contains(text, "Esc: "):
		o.press, o.reads = keys("Escape"), true
	default:
		o.what = "" // nothing says how to answer it
	}
}

// countIn is the number to type: of the title, else of the first number of messages, without its commas.
func countIn(title, text string) string {
	for _, from := range []string{title, text} {
		if m := countOf.FindStringSubmatch(from); m != nil {
			return strings.ReplaceAll(m[1], ",", "")
		}
	}
	return strings.ReplaceAll(anyNumber.FindString(title), ",", "")
}

// field gives the question of a box and what already stands in its field, which is the line before the empty one above
// the hints, or above a complaint.
func field(box []string) (ask, start string) {
	end := len(box) - 1
	for end > 0 && !strings.Contains(box[end], "Enter: go on") {
		end--
	}
	for i := end - 1; i > 0; i-- {
		if strings.HasSuffix(box[i-1], ":") || strings.HasSuffix(box[i-1], "?") {
			return box[i-1], box[i]
		}
	}
	if end >= 2 {
		return "", box[end-2]
	}
	return "", ""
}

// rowUnderCursor is the row that the cursor is on; the step line, which has the same mark, is none.
func rowUnderCursor(lines []string) string {
	for _, line := range lines {
		if m := cursorRow.FindStringSubmatch(line); m != nil && !stepMark.MatchString(m[1]) {
			return strings.TrimSpace(m[1])
		}
	}
	return ""
}
