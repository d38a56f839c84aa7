package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"delist/steps"
)

// session keeps the administrator logged in. Tokens live for minutes, and none outlives the service.
type session struct {
	c        *client
	user     string
	password steps.Secret

	mu      sync.Mutex // held over the calls that get tokens, so that two callers do not log in twice
	admin   tokens
	domains map[string]tokens // of the administrator acting for a domain
	refused int               // logins that were refused, one after the other
	why     error             // the last refusal
}

// tokens is one login.
type tokens struct {
	access, refresh steps.Secret
	until           time.Time // zero: the server did not say
}

// good says that the access token may still be used. A token about to end is not: the call takes time too.
func (t tokens) good() bool {
	return !t.access.Empty() && (t.until.IsZero() || time.Until(t.until) > 10*time.Second)
}

// maxRefused is how often a password that is refused is sent. SmarterMail blocks an address that goes on trying (IDS
// rule Password Brute Force), and with it the operator.
const maxRefused = 3

// loginAnswer is the answer to authenticate-user and refresh-token, as far as it is used.
type loginAnswer struct {
	IsAdmin      bool   `json:"isAdmin"`
	Role         string `json:"role"` // "SysAdmin" in newer builds
	AccessToken  string `json:"accessToken"`
	RefreshToken string `json:"refreshToken"`
	Expiration   string `json:"accessTokenExpiration"` // ISO 8601
}

func (a loginAnswer) tokens() tokens {
	return tokens{access: steps.NewSecret(a.AccessToken), refresh: steps.NewSecret(a.RefreshToken), until: parseTime(a.Expiration)}
}

// parseTime reads an ISO 8601 time, and gives the zero time for what is none.
func parseTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// logIn asks for a login of somebody.
func logIn(ctx context.Context, c *client, user string, password steps.Secret) (loginAnswer, error) {
	var a loginAnswer
	err := c.call(ctx, request{
		method: http.MethodPost, path: []string{"auth", "authenticate-user"},
		body: map[string]any{"username": user, "password": password.Reveal()},
		hide: []steps.Secret{password},
	}, &a)
	var e *apiError
	switch {
	case errors.As(err, &e) && (e.spoke || e.status == http.StatusUnauthorized || e.status == http.StatusForbidden):
		said := ""
		if e.message != "" {
			said = " (" + e.message + ")"
		}
		return a, fmt.Errorf("%w: SmarterMail does not let %s in%s", ErrLogin, user, said)
	case unknownCall(err): // not an error of the call that needed the login
		return a, fmt.Errorf("%s has no login for programs: %w; builds before 16 have another API: check --api, or do this by hand", c.base, ErrNotAPI)
	case err != nil:
		return a, err
	case a.AccessToken == "":
		return a, fmt.Errorf("SmarterMail let %s in, but gave no token: %w; do this by hand", user, ErrNotAPI)
	}
	return a, nil
}

// adminToken is the administrator's token: the one at hand, a refreshed one, or that of a new login.
func (s *session) adminToken(ctx context.Context) (steps.Secret, error) {
	if s.admin.good() {
		return s.admin.access, nil
	}
	if !s.admin.refresh.Empty() {
		old := s.admin
		s.admin = tokens{}
		var a loginAnswer
		err := s.c.call(ctx, request{
			method: http.MethodPost, path: []string{"auth", "refresh-token"},
			body: map[string]any{"token": old.refresh.Reveal()}, hide: []steps.Secret{old.refresh, old.access},
		}, &a)
		if err == nil && a.AccessToken != "" {
			s.admin = a.tokens()
			return s.admin.access, nil
		}
	}
	return s.logInAdmin(ctx)
}

func (s *session) logInAdmin(ctx context.Context) (steps.Secret, error) {
	if s.refused >= maxRefused {
		return steps.Secret{}, s.why
	}
	a, err := logIn(ctx, s.c, s.user, s.password)
	if errors.Is(err, ErrLogin) {
		s.refused++
		s.why = fmt.Errorf("%w; check --admin and give the administrator's password again, or do this by hand", err)
		return steps.Secret{}, s.why
	}
	if err != nil {
		return steps.Secret{}, err
	}
	s.refused = 0
	if !a.IsAdmin && a.Role != "SysAdmin" {
		return steps.Secret{}, fmt.Errorf("%s is no system administrator of SmarterMail: %w; give one with --admin, or do this by hand", s.user, ErrLogin)
	}
	s.admin = a.tokens()
	return s.admin.access, nil
}

// asAdmin makes a call as the system administrator. A token that is not accepted any more is renewed once.
func (s *session) asAdmin(ctx context.Context, r request, into any) error {
	for retried := false; ; retried = true {
		s.mu.Lock()
		token, err := s.adminToken(ctx)
		s.mu.Unlock()
		if err != nil {
			return err
		}
		r.token = token
		err = s.c.call(ctx, r, into)
		if !unauthorized(err) || retried {
			return err
		}
		s.expire(token)
	}
}

// expire makes the next call get a new token in place of one that was not accepted.
func (s *session) expire(token steps.Secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin.access == token {
		s.admin.access = steps.Secret{}
	}
	for domain, t := range s.domains {
		if t.access == token {
			delete(s.domains, domain)
		}
	}
}

// inDomain makes a call that needs the rights of a domain's administrator. The system administrator takes them by
// manage-domain; where that call is unknown, by the header X-SmarterMailDomain.
func (s *session) inDomain(ctx context.Context, domain string, r request, into any) error {
	for retried := false; ; retried = true {
		token, err := s.domainToken(ctx, domain)
		if unknownCall(err) {
			r.domain = domain
			return s.asAdmin(ctx, r, into)
		}
		if err != nil {
			return err
		}
		r.token = token
		err = s.c.call(ctx, r, into)
		if !unauthorized(err) || retried {
			return err
		}
		s.expire(token)
	}
}

// domainToken is the token of the administrator acting for a domain.
func (s *session) domainToken(ctx context.Context, domain string) (steps.Secret, error) {
	s.mu.Lock()
	t := s.domains[domain]
	s.mu.Unlock()
	if t.good() {
		return t.access, nil
	}
	var a struct {
		Access     string `json:"impersonateAccessToken"`
		Expiration string `json:"impersonateAccessTokenExpiration"`
	}
	err := s.asAdmin(ctx, request{
		method: http.MethodPost, path: []string{"settings", "sysadmin", "manage-domain", domain}, body: map[string]any{},
	}, &a)
	if err != nil {
		return steps.Secret{}, fmt.Errorf("act for the domain %s: %w", domain, err)
	}
	if a.Access == "" {
		return steps.Secret{}, fmt.Errorf("SmarterMail lets the administrator act for %s, but gave no token: %w; do this by hand", domain, ErrNotAPI)
	}
	t = tokens{access: steps.NewSecret(a.Access), until: parseTime(a.Expiration)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.domains[domain] = t
	return t.access, nil
}
