package main

import "regexp"

// offer is what the program says can be done now, and what an operator who only follows does about it.
type offer struct {
	step  string   // the step on the screen
	what  string   // what is offered, in the screen's words; empty while the program only waits or works
	act   string   // what Enter at the foot is said to do; empty for a question
	box   bool     // a question or a text lies over the screen
	reads bool     // answering it closes a text, which has been read then
	opens bool     // an incident is open: leaving now leaves one to come back to
	press []stroke // what answers it
}

// stroke is a key by its name, or a text to type.
type stroke struct{ key, text string }

func keys(names ...string) []stroke {
	strokes := make([]stroke, len(names))
	for i, name := range names {
		strokes[i].key = name
	}
	return strokes
}

// typed is a text and the Enter behind it.
func typed(text string) []stroke {
	if text == "" {
		return keys("Enter")
	}
	return []stroke{{text: text}, {key: "Enter"}}
}

var (
	quotedWord  = regexp.MustCompile(`[Tt]ype "([^"]+)"`)
	yesHint     = regexp.MustCompile(`\by: `)
	countOf     = regexp.MustCompile(`([0-9][0-9,]*) messages?\b`)
	anyNumber   = regexp.MustCompile(`[0-9][0-9,]*`)
	incidentIn  = regexp.MustCompile(`(?i)\bincident [0-9A-F]{4}\b`)
	ticketAsked = regexp.MustCompile(`(?i)ticket`)
	ownerAsked  = regexp.MustCompile(`(?i)owner`)
)

// honest is what a careful operator writes where words are asked for.
func honest(question string) string {
	switch {
	case ticketAsked.MatchString(question):
		return "4711"
	case ownerAsked.MatchString(question):
		return "told by phone"
	}
	return "checked by hand"
}
