package mailbox

import (
	"context"
	"fmt"

	"delist/steps"
	"delist/steps/incident"
)

// ByHand is a server whose accounts the operator changes. Every method fails with ErrByHand and says what to do.
type ByHand struct{}

// where leads the operator to an account in SmarterMail's web interface. The addresses are the vendor's defaults.
const where = "log in to SmarterMail's web interface as the administrator (usually http://127.0.0.1:17017, up to 15.x http://127.0.0.1:9998), open the domain %s and its user %s"

func byHand(account, what string) error {
	name, domain, err := split(account)
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: "+where+", and %s; then confirm it here", ErrByHand, domain, name, what)
}

// Name implements steps.Mailboxes.
func (ByHand) Name() string { return "by hand, in SmarterMail's web interface" }

// ByHand implements steps.Mailboxes.
func (ByHand) ByHand() bool { return true }

// Ready implements steps.Mailboxes.
func (ByHand) Ready(context.Context) error {
	return fmt.Errorf("%w: see whether SmarterMail's web interface opens and lets you in", ErrByHand)
}

// Read implements steps.Mailboxes.
func (ByHand) Read(_ context.Context, account string) (incident.Mailbox, error) {
	return incident.Mailbox{}, byHand(account, "look whether it is an administrator, and whether its mail is forwarded")
}

// SetPassword implements steps.Mailboxes.
func (ByHand) SetPassword(_ context.Context, account string, _ steps.Secret) error {
	return byHand(account, "set the new password there. Where Plesk or another panel owns the passwords, change it in the panel instead, or the panel will put the stolen one back")
}

// Prove implements steps.Mailboxes.
func (ByHand) Prove(_ context.Context, account string, _ steps.Secret) error {
	if _, _, err := split(account); err != nil {
		return err
	}
	return fmt.Errorf("%w: log in to web mail as %s with the new password, then log out; then confirm it here", ErrByHand, account)
}

// EndSessions implements steps.Mailboxes.
func (ByHand) EndSessions(_ context.Context, account string) error {
	if _, _, err := split(account); err != nil {
		return err
	}
	return fmt.Errorf("%w: end the connections and web sessions of %s in SmarterMail's web interface, or stop and start the service, which ends them all; then confirm it here", ErrByHand, account)
}

// Disable implements steps.Mailboxes.
func (ByHand) Disable(_ context.Context, account string) error {
	return byHand(account, "disable it")
}

// RemoveForwarding implements steps.Mailboxes.
func (ByHand) RemoveForwarding(_ context.Context, account string) error {
	return byHand(account, "remove its forwarding")
}
