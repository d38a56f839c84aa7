package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"delist/steps"
	"delist/steps/incident"
)

// Options say how to reach SmarterMail's API.
type Options struct {
	URL      string        // empty: DefaultURL
	Admin    string        // a system administrator, usually "admin"
	Password steps.Secret  // the administrator's
	Timeout  time.Duration // of one call; 15 s when zero
}

// REST changes accounts through SmarterMail's REST API (16.x and later; the server's own reference is at
// <url>/Documentation/api). It is safe for use by several goroutines.
type REST struct {
	c       *client
	session *session
}

// NewREST returns the API at an address. It makes no call. It refuses an address that would show the administrator's
// password to the network.
func NewREST(o Options) (*REST, error) {
	base, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Admin == "" || o.Password.Empty() {
		return nil, errors.New("SmarterMail's API needs an administrator and the password; give the name with --admin, or work by hand")
	}
	return newREST(newClient(base, directTransport(), o.Timeout, o.Password), o), nil
}

func newREST(c *client, o Options) *REST {
	return &REST{c: c, session: &session{c: c, user: o.Admin, password: o.Password, domains: map[string]tokens{}}}
}

// Name implements steps.Mailboxes.
func (m *REST) Name() string { return "SmarterMail's API at " + m.c.base.String() }

// ByHand implements steps.Mailboxes.
func (m *REST) ByHand() bool { return false }

// Ready implements steps.Mailboxes. After three logins that the server refused it does not ask the server again, so that
// polling it does not get the operator blocked.
func (m *REST) Ready(ctx context.Context) error {
	// a call that needs the login, since a token at hand may be from before a restart
	err := m.session.asAdmin(ctx, request{method: http.MethodGet, path: []string{"settings", "sysadmin", "spool-message-counts"}}, nil)
	if unknownCall(err) {
		return nil // an older build; the login went well
	}
	return err
}

// userAnswer is the answer to get-user, as far as it is used.
type userAnswer struct {
	UserData *struct {
		UserName      string `json:"userName"`
		SecurityFlags struct {
			IsDomainAdmin bool            `json:"isDomainAdmin"`
			IsDisabled    bool            `json:"isDisabled"`
			AuthType      json.RawMessage `json:"authType"` // 0 local, 1 Active Directory
		} `json:"securityFlags"`
	} `json:"userData"`
}

// Read implements steps.Mailboxes. An account that the server does not know is no error: its Exists is false. A
// forwarding rule that cannot be read leaves Forwarding.Known false.
func (m *REST) Read(ctx context.Context, account string) (incident.Mailbox, error) {
	_, domain, err := split(account)
	if err != nil {
		return incident.Mailbox{}, err
	}
	box := incident.Mailbox{Account: account, ReadAt: time.Now()}
	var a userAnswer
	err = m.session.inDomain(ctx, domain, request{
		method: http.MethodPost, path: []string{"settings", "domain", "get-user"}, body: map[string]any{"email": account},
	}, &a)
	switch {
	case noSuchUser(err):
		return box, nil
	case err != nil:
		return incident.Mailbox{}, fmt.Errorf("read %s: %w", account, err)
	case a.UserData == nil:
		return incident.Mailbox{}, fmt.Errorf("read %s: the answer has no account in it: %w; do this by hand", account, ErrNotAPI)
	}
	flags := a.UserData.SecurityFlags
	box.Exists = true
	box.Admin, box.Disabled, box.LocalPassword = flags.IsDomainAdmin, flags.IsDisabled, local(flags.AuthType)
	if f, err := m.forwarding(ctx, account, domain); err == nil {
		box.Forwarding = f
	}
	return box, nil
}

// local says that SmarterMail itself holds a password. A build that says nothing about it holds them all; what it says
// in other words than known is taken for a no.
func local(authType json.RawMessage) bool {
	switch strings.ToLower(strings.Trim(string(authType), `" `)) {
	case "", "null", "0", "local", "smartermail":
		return true
	}
	return false
}

// SetPassword implements steps.Mailboxes.
func (m *REST) SetPassword(ctx context.Context, account string, password steps.Secret) error {
	_, domain, err := split(account)
	if err != nil {
		return err
	}
	if password.Empty() {
		return fmt.Errorf("set the password of %s: there is none to set; make one first", account)
	}
	err = m.session.inDomain(ctx, domain, request{
		method: http.MethodPost, path: []string{"settings", "domain", "post-user"},
		body: map[string]any{"email": account, "userData": map[string]any{"password": password.Reveal()}},
		hide: []steps.Secret{password},
	}, nil)
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", account, err)
	}
	return nil
}

// Prove implements steps.Mailboxes.
func (m *REST) Prove(ctx context.Context, account string, password steps.Secret) error {
	if _, _, err := split(account); err != nil {
		return err
	}
	_, err := logIn(ctx, m.c, account, password)
	if errors.Is(err, ErrLogin) {
		return fmt.Errorf("the new password of %s does not work yet: %w; set it again, or by hand", account, err)
	}
	if err != nil {
		return fmt.Errorf("log in as %s: %w", account, err)
	}
	return nil
}

// EndSessions implements steps.Mailboxes. Both calls are known from one client only [smartermail-agent]; each is tried
// whatever becomes of the other.
func (m *REST) EndSessions(ctx context.Context, account string) error {
	_, domain, err := split(account)
	if err != nil {
		return err
	}
	web := m.adminOrDomain(ctx, domain, "kill-user-sessions",
		map[string]any{"sessions": []any{map[string]any{"email": account, "ip": ""}}})
	if web != nil {
		web = fmt.Errorf("end the web sessions of %s: %w", account, web)
	}
	open := m.adminOrDomain(ctx, domain, "drop-user-connections",
		map[string]any{"email": account, "dropInfo": []any{account}})
	if open != nil {
		open = fmt.Errorf("end the SMTP, IMAP and POP connections of %s: %w", account, open)
	}
	return errors.Join(web, open)
}

// adminOrDomain makes a call that is there for system administrators and for those of a domain.
func (m *REST) adminOrDomain(ctx context.Context, domain, call string, body map[string]any) error {
	r := request{method: http.MethodPost, path: []string{"settings", "sysadmin", call}, body: body}
	err := m.session.asAdmin(ctx, r, nil)
	if unknownCall(err) {
		r.path = []string{"settings", "domain", call}
		err = m.session.inDomain(ctx, domain, r, nil)
	}
	return err
}

// Disable implements steps.Mailboxes. users-disable is known from one client only [smartermail-agent], so the account is
// read again; where the call is unknown, the mailbox is disabled instead.
func (m *REST) Disable(ctx context.Context, account string) error {
	name, domain, err := split(account)
	if err != nil {
		return err
	}
	err = m.session.asAdmin(ctx, request{
		method: http.MethodPost, path: []string{"settings", "sysadmin", "users-disable", "true", domain},
		body: map[string]any{"input": []any{name}},
	}, nil)
	if unknownCall(err) {
		err = m.session.inDomain(ctx, domain, request{
			method: http.MethodPost, path: []string{"settings", "domain", "post-user-mail"},
			body: map[string]any{"email": account, "userMailSettings": map[string]any{"isEnabled": false}},
		}, nil)
		if err != nil {
			return fmt.Errorf("disable %s: %w", account, err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("disable %s: %w", account, err)
	}
	box, err := m.Read(ctx, account)
	if err != nil {
		return fmt.Errorf("see whether %s is disabled: %w", account, err)
	}
	if !box.Disabled {
		return fmt.Errorf("SmarterMail said yes, but %s is still enabled: %w; disable it in the web interface", account, ErrRefused)
	}
	return nil
}

// RemoveForwarding implements steps.Mailboxes. The rule is read again afterwards.
func (m *REST) RemoveForwarding(ctx context.Context, account string) error {
	_, domain, err := split(account)
	if err != nil {
		return err
	}
	err = m.session.inDomain(ctx, domain, request{
		method: http.MethodPost, path: []string{"settings", "domain", "post-mailbox-forward-list"},
		body: map[string]any{"email": account, "mailboxForwardList": map[string]any{"forwardList": []any{}, "deleteOnForward": false}},
	}, nil)
	if err != nil {
		return fmt.Errorf("remove the forwarding of %s: %w", account, err)
	}
	f, err := m.forwarding(ctx, account, domain)
	if err != nil {
		return fmt.Errorf("see whether the forwarding of %s is gone: %w", account, err)
	}
	if len(f.Addresses) > 0 {
		return fmt.Errorf("SmarterMail said yes, but %s still forwards to %d addresses: %w; remove them in the web interface", account, len(f.Addresses), ErrRefused)
	}
	return nil
}
