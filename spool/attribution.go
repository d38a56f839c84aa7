package spool

import (
	"strings"

	"delist/spool/message"
)

// attribution says who sent a message.
type attribution struct {
	account   string
	basis     Basis
	disagrees bool
	bounce    bool
}

// attribute names the account behind a message, by the best ground there is: the login that the server noted in the
// HDR, the login it noted in the message, the envelope sender, From. The last two are the sender's own choice. A
// message with a null sender and without a login is a bounce and has no account.
func attribute(h HDR, m message.Header) attribution {
	envelope := message.Address(h.MailFrom)
	header := strings.ToLower(strings.TrimSpace(m.Authenticated))
	var auth string
	if len(h.Auth) > 0 {
		auth = strings.ToLower(h.Auth[0])
	}
	a := attribution{disagrees: differ(auth, header, envelope)}
	switch {
	case len(h.Auth) > 1:
		a.basis, a.disagrees = BasisAmbiguous, true
	case auth != "":
		a.account, a.basis = auth, BasisAuth
	case header != "":
		a.account, a.basis = header, BasisHeader
	case h.MailFrom == "" && h.Layout != LayoutUnknown:
		a.bounce = true
	case envelope != "":
		a.account, a.basis = envelope, BasisEnvelope
	default:
		if from := message.Address(m.From); from != "" {
			a.account, a.basis = from, BasisFrom
		}
	}
	return a
}

// differ reports whether two of the names that are there are not the same.
func differ(names ...string) bool {
	first := ""
	for _, name := range names {
		if name == "" {
			continue
		}
		if first != "" && name != first {
			return true
		}
		first = name
	}
	return false
}
