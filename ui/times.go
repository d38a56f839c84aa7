package ui

import (
	"time"

	"delist/steps/words"
)

// span and ago are times as the screens say them.
func span(d time.Duration) string { return words.Age(d) }
func ago(d time.Duration) string  { return words.Ago(d) }

// clock is a time of day in a table as the operator's clock shows it; of another day it is the day.
func clock(t, now time.Time) string {
	switch t, now = t.Local(), now.Local(); {
	case t.IsZero():
		return ""
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return t.Format("15:04")
	}
	return t.Local().Format("Mon 2")
}

// day is a day and time of day.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("Mon 2, 15:04")
}
