// Package mailbox changes the accounts of a mail server: by SmarterMail's REST API (16.x and later), or by the
// operator's hand. It also makes the new passwords.
//
// Paths and answers are those of SmarterMail's published clients; those that only one of them uses are marked so. None
// was tried on a live server, so answers are read tolerantly, and a success that matters is looked at again.
package mailbox

import (
	"errors"
	"fmt"
	"strings"

	"delist/spool/message"
	"delist/steps"
)

// What can stand in the way of changing an account. The errors that wrap these are sentences for the operator and end
// with a next step.
var (
	// ErrUnreachable says that nothing answers, or not in time: the service may be stopped or still starting.
	ErrUnreachable = errors.New("no answer")
	// ErrNotAPI says that something answers that is not SmarterMail's API.
	ErrNotAPI = errors.New("not SmarterMail's API")
	// ErrLogin says that the server does not let somebody in with this password.
	ErrLogin = steps.ErrLogin
	// ErrRefused says that the API answered and said no.
	ErrRefused = errors.New("refused")
	// ErrByHand says that the operator does this, not delist.
	ErrByHand = errors.New("to be done by hand")
)

// split takes an account apart into its name and its domain. It refuses what cannot be an account: both parts go into
// paths of the API and onto the screen.
func split(account string) (name, domain string, err error) {
	name, domain, ok := strings.Cut(account, "@")
	switch {
	case !ok, name == "", domain == "", len(account) > 320, strings.ContainsAny(domain, `@/\`), domain == ".", domain == "..",
		strings.ContainsAny(account, " \t"), message.Printable(account) != account:
		return "", "", fmt.Errorf("%q is not an account of this server; an account looks like name@domain", account)
	}
	return name, domain, nil
}
