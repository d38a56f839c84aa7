package mailbox

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"delist/steps"
)

// The letters and digits of a password: none that can be taken for another when it is read out or typed from a screen
// (0 O o, 1 l I i).
const (
	lowers   = "abcdefghjkmnpqrstuvwxyz"
	capitals = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	digits   = "23456789"
)

const (
	groups    = 5
	groupSize = 4
)

// Generate makes a random password: five groups of four letters and digits with hyphens between, some 115 bits. It
// always has a capital, a lower-case letter, a number and a symbol, which are all that SmarterMail's password
// requirements can ask for.
func Generate() (steps.Secret, error) {
	for {
		word, err := randomWord()
		if err != nil {
			return steps.Secret{}, fmt.Errorf("make a password: %w", err)
		}
		// Drawing again keeps every password that passes equally likely; putting a capital somewhere would not.
		if strings.ContainsAny(word, lowers) && strings.ContainsAny(word, capitals) && strings.ContainsAny(word, digits) {
			return steps.NewSecret(word), nil
		}
	}
}

func randomWord() (string, error) {
	const alphabet = lowers + capitals + digits
	var b strings.Builder
	for i := range groups * groupSize {
		if i > 0 && i%groupSize == 0 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			return "", err
		}
		b.WriteByte(alphabet[n.Int64()])
	}
	return b.String(), nil
}
