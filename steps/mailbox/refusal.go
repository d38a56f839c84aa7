package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"delist/spool/message"
)

// apiError is an answer that is no success.
type apiError struct {
	call    string // the request, without its body
	status  int    // of HTTP
	spoke   bool   // the answer has the API's own form
	page    bool   // the answer is a web page
	code    string // the API's resultCode, made safe
	message string // the API's message, made safe
}

// Error implements error: a sentence with a next step.
func (e *apiError) Error() string {
	said := e.message
	if said == "" {
		said = "without a reason"
	}
	if e.code != "" && e.code != "null" {
		said += ", result code " + e.code
	}
	switch {
	case e.status == http.StatusUnauthorized:
		return fmt.Sprintf("SmarterMail does not accept the login for %s (%s); look whether the administrator's name and password are right", e.call, said)
	case e.status == http.StatusForbidden:
		return fmt.Sprintf("this administrator may not call %s (%s); use the system administrator, or do this by hand", e.call, said)
	case e.spoke:
		return fmt.Sprintf("SmarterMail said no to %s: %s; look at the account in its web interface, or do this by hand", e.call, said)
	case e.status == http.StatusNotFound, e.status == http.StatusMethodNotAllowed:
		return fmt.Sprintf("there is no %s here (HTTP %d); builds before 16 have another API: check --api, or do this by hand", e.call, e.status)
	case e.status >= 500:
		return fmt.Sprintf("SmarterMail failed at %s (HTTP %d); it may still be starting: try again, then look in its log generalErrors, or do this by hand", e.call, e.status)
	case e.page:
		return fmt.Sprintf("%s was answered with a web page (HTTP %d), not by the API; is --api the address of SmarterMail itself?", e.call, e.status)
	}
	return fmt.Sprintf("the answer to %s does not say whether it worked (HTTP %d); look at the account in SmarterMail's web interface", e.call, e.status)
}

// Unwrap says what kind of failure this is.
func (e *apiError) Unwrap() error {
	switch {
	case e.status == http.StatusUnauthorized:
		return ErrLogin
	case e.spoke, e.status == http.StatusForbidden:
		return ErrRefused
	case e.status >= 500:
		return ErrUnreachable
	}
	return ErrNotAPI
}

// unauthorized says that a token was not accepted.
func unauthorized(err error) bool {
	var e *apiError
	return errors.As(err, &e) && e.status == http.StatusUnauthorized
}

// unknownCall says that the server has no such call, as opposed to no such account.
func unknownCall(err error) bool {
	var e *apiError
	return errors.As(err, &e) && !e.spoke && (e.status == http.StatusNotFound || e.status == http.StatusMethodNotAllowed)
}

// noSuchUser says that the API knows the call, but not the account. The words differ between builds, so more than one
// is taken.
func noSuchUser(err error) bool {
	var e *apiError
	if !errors.As(err, &e) || !e.spoke {
		return false
	}
	text := strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(e.message))
	for _, words := range []string{"not found", "does not exist", "doesn't exist", "no such user", "invalid user", "unknown user"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// safe makes a server's text fit for an error: printable, without the request's secrets, at most limit runes.
func (r request) safe(s string, limit int) string {
	// before and after, so that neither an odd character in a secret nor one put into its echo keeps it from being found
	s = strings.TrimSpace(r.redact(message.Printable(r.redact(s))))
	if utf8.RuneCountInString(s) > limit {
		s = string([]rune(s)[:limit]) + ".."
	}
	return s
}

func (r request) redact(s string) string {
	for _, secret := range r.hide {
		if !secret.Empty() {
			s = strings.ReplaceAll(s, secret.Reveal(), secret.String())
		}
	}
	return s
}

// notReached explains why no answer came.
func (c *client) notReached(ctx context.Context, r request, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which the sentence has
	}
	if cause := c.cancelled(ctx); cause != nil {
		return cause
	}
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var dial *net.OpError
	switch {
	case errors.As(err, &name):
		return fmt.Errorf("the certificate of %s is for another name (%s): %w; give that name with --api, or use %s on the server itself",
			c.base, r.safe(certificateNames(name.Certificate), 200), ErrUnreachable, DefaultURL)
	case errors.As(err, &authority), errors.As(err, &invalid):
		return fmt.Errorf("the certificate of %s is not one that this machine trusts: %w; use %s on the server itself",
			c.base, ErrUnreachable, DefaultURL)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%s does not speak https: %w; check --api", c.base, ErrNotAPI)
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("%w at %s; is the service running, and is --api right?", ErrUnreachable, c.base)
	}
	return fmt.Errorf("%w from %s that could be read (%s); whether it was done is not known: look again, and check --api",
		ErrUnreachable, c.base, r.safe(err.Error(), 120))
}

// certificateNames is what a certificate is for.
func certificateNames(cert *x509.Certificate) string {
	names := cert.DNSNames
	if len(names) == 0 {
		names = []string{cert.Subject.CommonName}
	}
	return strings.Join(names[:min(len(names), 4)], ", ")
}

// brokeOff explains an answer that began and did not end. What the server did is then not known.
func (c *client) brokeOff(ctx context.Context, r request, err error) error {
	if cause := c.cancelled(ctx); cause != nil {
		return cause
	}
	return fmt.Errorf("the answer of %s to %s broke off (%s): %w; whether it was done is not known, look again",
		c.base, r, r.safe(err.Error(), 120), ErrUnreachable)
}

// cancelled says whether a call ended because its time was over, or because the caller gave up.
func (c *client) cancelled(ctx context.Context) error {
	switch {
	case ctx.Err() == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%w from %s in time; it may still be starting: try again", ErrUnreachable, c.base)
	}
	return fmt.Errorf("the call to %s was given up: %w", c.base, ctx.Err())
}

// redirected explains why a redirect is not followed.
func (c *client) redirected(r request, location string) error {
	target, err := url.Parse(location)
	if err != nil || location == "" {
		return fmt.Errorf("%s sends %s elsewhere, and does not say where: %w; check --api", c.base, r, ErrNotAPI)
	}
	to := c.base.ResolveReference(target)
	return fmt.Errorf("%s sends %s on to %s://%s: %w; nothing was sent there. If that is your SmarterMail, give it with --api",
		c.base, r, r.safe(to.Scheme, 10), r.safe(to.Host, 100), ErrNotAPI)
}
