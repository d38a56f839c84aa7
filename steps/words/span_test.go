package words

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 40 * time.Millisecond: "0.1 s", 4200 * time.Millisecond: "4.2 s", time.Minute: "60 s",
		time.Hour: "60 min", 90 * time.Minute: "90 min", 5 * time.Hour: "5 h", 72 * time.Hour: "3 days",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%s) = %q, want %q", d, got, want)
		}
	}
}
