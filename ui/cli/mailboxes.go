package cli

import (
	"fmt"
	"strings"

	"delist/spool/message"
	"delist/steps"
	"delist/steps/mailbox"
)

// mailboxes is the way to the accounts: SmarterMail's API where its address and its administrator are known, else the
// operator's hands.
func (p *program) mailboxes(o options, s server) (steps.Mailboxes, error) {
	admin := o.admin
	if admin == "" && s.api.value != "" && p.env.Terminal {
		admin, _ = p.questions().line("SmarterMail's system administrator, to change passwords (empty: you change them by hand):")
	}
	if admin == "" {
		return mailbox.ByHand{}, nil
	}
	password, err := p.adminPassword(admin)
	if err != nil {
		return nil, err
	}
	boxes, err := mailbox.NewREST(mailbox.Options{URL: s.api.value, Admin: admin, Password: password})
	if err != nil {
		return nil, usage("%w", err)
	}
	return boxes, nil
}

// adminPassword takes the administrator's password from the environment, or asks for it without showing it. It is never
// an argument: those stand in the list of processes.
func (p *program) adminPassword(admin string) (steps.Secret, error) {
	if password, ok := p.env.LookupEnv("DELIST_ADMIN_PASSWORD"); ok && password != "" {
		return steps.NewSecret(password), nil
	}
	if !p.env.Terminal {
		return steps.Secret{}, usage("%w", errNoSecret)
	}
	fmt.Fprint(p.env.Stderr, "Password of "+message.Printable(admin)+" (not shown): ")
	password, err := p.env.ReadSecret()
	p.note("")
	if err != nil {
		return steps.Secret{}, noAnswer("the password could not be read: %w; set DELIST_ADMIN_PASSWORD, or leave out --admin", err)
	}
	if strings.TrimSpace(password) == "" {
		return steps.Secret{}, usage("no password was given; set DELIST_ADMIN_PASSWORD, or leave out --admin and change passwords by hand")
	}
	return steps.NewSecret(password), nil
}
