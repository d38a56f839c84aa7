package smartermail

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// build is what the stand-in says it is.
const build = "100.0.9742"

// token is what a bearer token, or a refresh token, opens.
type token struct {
	user    string // the account, or AdminUser
	admin   bool   // the whole server
	domain  string // this domain's settings, for a domain administrator or an administrator acting as one
	refresh bool   // good for a new token, nothing else
	until   time.Time
}

// call is one request to the API, with mu held and the token looked at.
type call struct {
	*http.Request
	token token
	body  map[string]any
}

// answer is what the API says: always HTTP 200, with success false for a failure.
type answer map[string]any

// ok is a success with what it has to say.
func ok(fields answer) answer {
	all := answer{"success": true, "resultCode": 200, "message": ""}
	for k, v := range fields {
		all[k] = v
	}
	return all
}

// refused is a failure: HTTP says 200, the body says otherwise.
func refused(code int, message string) answer {
	return answer{"success": false, "resultCode": code, "message": message}
}

// api is the REST API of 16.x and later, as far as delist uses it (SmarterMail's reference: <url>/Documentation/api).
func (s *server) api() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, who func(call) bool, do func(call) answer) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /api/v1/"+path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, who, do) })
	}
	handle("POST auth/authenticate-user", anybody, s.authenticate)
	handle("POST auth/refresh-token", anybody, s.refresh)

	handle("GET settings/sysadmin/get-version", anAdmin, func(call) answer { return ok(answer{"version": build}) })
	handle("GET settings/sysadmin/domains", anAdmin, s.domains)
	handle("GET settings/sysadmin/services", anAdmin, s.services)
	handle("GET settings/sysadmin/spool-message-counts", anAdmin, s.counts)
	handle("POST settings/sysadmin/manage-domain/{domain}", anAdmin, s.manageDomain)
	handle("GET settings/sysadmin/user/{email}", anAdmin, s.readUser)
	handle("POST settings/sysadmin/users-disable/{disable}/{domain}", anAdmin, s.disableUsers)
	for _, scope := range []struct {
		path string
		who  func(call) bool
	}{{"settings/sysadmin/", anAdmin}, {"settings/domain/", aDomainAdmin}} {
		handle("POST "+scope.path+"kill-user-sessions", scope.who, s.killSessions)
		handle("POST "+scope.path+"drop-user-connections", scope.who, s.dropConnections)
	}
	handle("POST settings/domain/get-user", aDomainAdmin, s.readUser)
	handle("GET settings/domain/user/{email}", aDomainAdmin, s.readUser)
	handle("POST settings/domain/post-user", aDomainAdmin, s.postUser)
	handle("POST settings/domain/post-user-mail", aDomainAdmin, s.postUserMail)
	handle("POST settings/domain/users-disable/{disable}/{allowMail}", aDomainAdmin, s.disableUsers)
	handle("GET settings/domain/mailbox-forward-list/{email}", aDomainAdmin, s.forwarding)
	handle("POST settings/domain/get-mailbox-forward-list", aDomainAdmin, s.forwarding)
	handle("POST settings/domain/post-mailbox-forward-list", aDomainAdmin, s.postForwarding)
	return mux
}

// serve reads a request, asks who it is, and answers.
func (s *server) serve(w http.ResponseWriter, r *http.Request, who func(call) bool, do func(call) answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := call{Request: r, body: map[string]any{}}
	if r.Method == http.MethodPost {
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&c.body); err != nil {
			http.Error(w, "", http.StatusBadRequest)
			return
		}
	}
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if t, known := s.tokens[bearer]; known && !t.refresh && time.Now().Before(t.until) {
		c.token = t
	}
	if !who(c) {
		http.Error(w, "", http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(do(c)) // the caller has gone: its loss
}

// Who may call.
func anybody(call) bool   { return true }
func anAdmin(c call) bool { return c.token.admin }
func aDomainAdmin(c call) bool {
	return c.domain() != ""
}

// domain is the one whose settings the call is about: the token's, or for an administrator the one the header names.
func (c call) domain() string {
	if c.token.admin {
		return c.Header.Get("X-SmarterMailDomain")
	}
	return c.token.domain
}

// text is a string of the body.
func (c call) text(key string) string {
	s, _ := c.body[key].(string)
	return s
}

// authenticate logs in the administrator, or the owner of a mailbox.
func (s *server) authenticate(c call) answer {
	user, password := c.text("username"), c.text("password")
	if user == AdminUser && password == AdminPassword {
		return s.letIn(token{user: user, admin: true})
	}
	now := time.Now()
	s.log(adminLine(now, "127.0.0.1", "Webmail Attempting to login user: "+printable(user)))
	if !s.accounts.logIn(user, password) {
		s.log(adminLine(now, "127.0.0.1", "Webmail Login failed: With user "+printable(user)))
		return refused(401, "Invalid username or password")
	}
	s.log(adminLine(now, "127.0.0.1", "Webmail Login successful: With user "+printable(user)))
	t := token{user: user}
	if s.accounts.find(user).DomainAdmin {
		t.domain = domainOf(user)
	}
	return s.letIn(t)
}

// refresh gives a new token for a refresh token, once.
func (s *server) refresh(c call) answer {
	t, known := s.tokens[c.text("token")]
	if !known || !t.refresh || time.Now().After(t.until) {
		return refused(401, "Refresh token is not valid")
	}
	delete(s.tokens, c.text("token"))
	return s.letIn(t)
}

// letIn makes the pair of tokens of a login.
func (s *server) letIn(t token) answer {
	access, refresh := s.newTokens(t)
	return ok(answer{
		"username": t.user, "emailAddress": t.user, "isAdmin": t.admin, "isDomainAdmin": t.domain != "",
		"changePasswordNeeded": false, "isImpersonating": false, "isLicensed": true,
		"accessToken": access, "refreshToken": refresh, "accessTokenExpiration": s.expiry(),
	})
}

// newTokens makes an access token and a refresh token, which lives ten times as long.
func (s *server) newTokens(t token) (access, refresh string) {
	access, refresh = rand.Text(), rand.Text()
	t.refresh, t.until = false, time.Now().Add(s.TokenLife)
	s.tokens[access] = t
	t.refresh, t.until = true, time.Now().Add(10*s.TokenLife)
	s.tokens[refresh] = t
	return access, refresh
}

// expiry is when an access token made now ends, in ISO 8601.
func (s *server) expiry() string { return time.Now().Add(s.TokenLife).UTC().Format(time.RFC3339) }

// manageDomain lets the administrator act as a domain's.
func (s *server) manageDomain(c call) answer {
	domain := c.PathValue("domain")
	if !s.accounts.hosts(domain) {
		return refused(404, "DOMAIN_NOT_FOUND")
	}
	access, refresh := s.newTokens(token{user: AdminUser, domain: domain})
	return ok(answer{
		"impersonateAccessToken": access, "impersonateRefreshToken": refresh,
		"impersonateAccessTokenExpiration": s.expiry(), "username": AdminUser, "email": "",
	})
}

// domains lists the domains that are hosted here.
func (s *server) domains(call) answer {
	var data []answer
	for _, domain := range domains {
		users := 0
		for _, one := range s.accounts.Accounts {
			if domainOf(one.Email) == domain.name {
				users++
			}
		}
		data = append(data, answer{"name": domain.name, "path": filepath.Join(s.Dir, "Domains", domain.name), "userCount": users, "status": "Enabled"})
	}
	return ok(answer{"data": data})
}

// services names the parts that run.
func (s *server) services(call) answer {
	running := map[string]bool{}
	for _, name := range []string{"smtp", "imap", "pop", "spool", "delivery"} {
		running[name] = true
	}
	return ok(answer{"services": running})
}

// counts is the spool in numbers.
func (s *server) counts(call) answer {
	waiting := 0
	for _, l := range s.queue {
		if l.env.retries > 0 {
			waiting++
		}
	}
	return ok(answer{"counts": map[string]int{
		"default": len(s.queue) - waiting, "waiting": waiting, "virus": 0, "spam": 0,
		"throttledUsers": 0, "throttledMailingLists": 0, "throttledDomains": 0,
		"spool_limit": 50000, "quarantine_limit": 5000,
	}})
}

// printable keeps a caller's text from breaking a log line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s[:min(len(s), 200)])
}
