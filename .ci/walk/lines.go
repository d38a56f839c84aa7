package main

import (
	"regexp"
	"strings"
)

var (
	menuLine    = regexp.MustCompile(`^ (\d+)  (.+?)(  \(Enter\))?\s*$`)
	stepLine    = regexp.MustCompile(`^Step \d+ of \d+, (\w+): `)
	askedCount  = regexp.MustCompile(`type the number of messages \(([0-9,]+)\):\s*$`)
	askedNumber = regexp.MustCompile(`(Number of the .+?)( \[\d+\])?:\s*$`)
	withDefault = regexp.MustCompile(`\[.+\]\s*$`)
)

// menu is the last menu in line mode.
type menu struct {
	shown   bool
	first   string // what is recommended, if anything
	changed bool   // other things can be done meanwhile
}

// readMenu finds the last menu, and the step that was told last.
func readMenu(lines []string, step string) (menu, string) {
	var m menu
	for _, line := range lines {
		if found := stepLine.FindStringSubmatch(line); found != nil {
			step = found[1]
		}
		if strings.HasPrefix(line, "What can be done has changed") {
			m.changed = m.shown
		}
		if found := menuLine.FindStringSubmatch(line); found != nil {
			if found[1] == "1" {
				m = menu{}
			}
			m.shown = true
			if found[3] != "" {
				m.first = found[2]
			}
		}
	}
	return m, step
}

// readLines reads line mode: text is what was written since the last answer, step the one that was told last.
func readLines(text, step string) offer {
	lines := strings.Split(text, "\n")
	menu, step := readMenu(lines, step)
	o := offer{step: step, opens: step != ""}
	last := strings.TrimSpace(lines[len(lines)-1]) // has no line end: it waits for an answer
	question := ""
	if len(lines) > 1 {
		question = strings.TrimSpace(lines[len(lines)-2])
	}
	switch {
	case strings.HasSuffix(last, "[y/N]"), strings.HasSuffix(last, "[Y/n]"):
		o.box, o.what, o.press = true, question+" "+last, typed("y")
	case askedCount.MatchString(last):
		number := strings.ReplaceAll(askedCount.FindStringSubmatch(last)[1], ",", "")
		o.box, o.what, o.press = true, last, typed(number)
	case askedNumber.MatchString(last):
		o.box, o.what, o.press = true, last, typed("1")
		if askedNumber.FindStringSubmatch(last)[2] != "" {
			o.press = keys("Enter")
		}
	case last != ">":
	case menu.shown && menu.changed:
		o.press = typed("?")
	case menu.shown && menu.first != "":
		o.what, o.act, o.press = menu.first, menu.first, keys("Enter")
	case menu.shown:
		o.press = typed("wait 3") // nothing is recommended: the operator lets it work
	case quotedWord.MatchString(question):
		o.box, o.what, o.press = true, question, typed(quotedWord.FindStringSubmatch(question)[1])
	case withDefault.MatchString(question):
		o.box, o.what, o.press = true, question, keys("Enter")
	case question != "":
		o.box, o.what, o.press = true, question, typed(honest(question))
	}
	return o
}
