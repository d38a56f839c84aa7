package mailbox

import (
	"crypto/rand"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func TestGenerate(t *testing.T) {
	shape := regexp.MustCompile(`^([a-zA-Z2-9]{4}-){4}[a-zA-Z2-9]{4}$`)
	seen := map[string]bool{}
	count := map[rune]int{}
	const n = 5000
	for range n {
		secret, err := Generate()
		if err != nil {
			t.Fatal(err)
		}
		p := secret.Reveal()
		if !shape.MatchString(p) || strings.ContainsAny(p, "0Oo1lIi") {
			t.Fatalf("%q has not the shape of a password", p)
		}
		// what SmarterMail's requirements can ask for: a capital, a lower-case letter, a number, a symbol
		for _, class := range []string{lowers, capitals, digits, "-"} {
			if !strings.ContainsAny(p, class) {
				t.Fatalf("%q has none of %s", p, class)
			}
		}
		if seen[p] {
			t.Fatalf("%q came twice", p)
		}
		seen[p] = true
		for _, c := range p {
			count[c]++
		}
	}
	// every letter comes about as often: 20 of a password's letters over 54 kinds. Passwords without a digit are drawn
	// again, so digits come a few percent more often.
	kinds := lowers + capitals + digits
	mean := float64(n*groups*groupSize) / float64(len(kinds))
	for _, c := range kinds {
		if got := float64(count[c]); got < 0.85*mean || got > 1.15*mean {
			t.Errorf("%c came %.0f times, the mean is %.0f", c, got, mean)
		}
	}
}

func TestGenerateWithoutRandomness(t *testing.T) {
	old := rand.Reader
	defer func() { rand.Reader = old }()
	rand.Reader = iotest.ErrReader(errors.New("no entropy"))
	if secret, err := Generate(); err == nil || !secret.Empty() {
		t.Errorf("made a password of nothing: %v", err)
	}
}
