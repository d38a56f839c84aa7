package mailbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"delist/steps"
)

const (
	adminPassword = "Adm1n-of-the-mail!"
	oldPassword   = "stolen-0ld-one"
	newPassword   = "aB3d-eF4g-hJ5k-mN6p-qR7s"
	sales         = "sales@harbourlight.example"
)

// smarterMail is a server that answers as SmarterMail's published clients show it.
type smarterMail struct {
	*httptest.Server
	mu        sync.Mutex
	calls     []string          // every call, as METHOD path
	bodies    map[string]string // the last body of each path
	passwords map[string]string
	tokens    map[string]string // token: who
	tokenLife time.Duration
	n         int
	forwards  []string
	disabled  bool
	authType  string
	// before answers in place of the server when it returns true
	before func(w http.ResponseWriter, r *http.Request, path string) bool
}

func newSmarterMail(t *testing.T) *smarterMail {
	m := &smarterMail{
		bodies: map[string]string{}, tokens: map[string]string{}, tokenLife: time.Hour, authType: "0",
		passwords: map[string]string{"admin": adminPassword, sales: oldPassword},
		forwards:  []string{"k.w0rd@freemail.test"},
	}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

// rest is the code under test, speaking to the server.
func (m *smarterMail) rest(t *testing.T) *REST {
	t.Helper()
	r, err := NewREST(Options{URL: m.URL, Admin: "admin", Password: steps.NewSecret(adminPassword), Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// seen returns the calls so far.
func (m *smarterMail) seen() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.calls...)
}

func (m *smarterMail) body(path string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bodies[path]
}

func (m *smarterMail) count(path string) int {
	n := 0
	for _, c := range m.seen() {
		if strings.HasSuffix(c, " "+path) {
			n++
		}
	}
	return n
}

func (m *smarterMail) token(who string) string {
	m.n++
	t := fmt.Sprintf("token-%d-of-%s", m.n, who)
	m.tokens[t] = who
	return t
}

func no(code int, message string) map[string]any {
	return map[string]any{"success": false, "resultCode": code, "message": message}
}

func (m *smarterMail) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/")
	if m.before != nil && m.before(w, r, path) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, r.Method+" "+path)
	var body map[string]any
	if r.Method == http.MethodPost {
		var raw json.RawMessage
		if json.NewDecoder(r.Body).Decode(&raw) != nil || json.Unmarshal(raw, &body) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		m.bodies[path] = string(raw)
	}
	who := m.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	a, known := m.answer(path, body, who, r.Header.Get("X-SmarterMailDomain"))
	switch {
	case !known:
		w.WriteHeader(http.StatusNotFound)
	case a == nil:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		if _, said := a["success"]; !said {
			a["success"], a["resultCode"], a["message"] = true, 200, ""
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(a)
	}
}

func (m *smarterMail) answer(path string, body map[string]any, who, domain string) (a map[string]any, known bool) {
	switch path {
	case "auth/authenticate-user":
		user, _ := body["username"].(string)
		if want, ok := m.passwords[user]; !ok || body["password"] != want || m.disabled && user == sales {
			return no(401, "Invalid username or password"), true
		}
		return m.login(user), true
	case "auth/refresh-token":
		token, _ := body["token"].(string)
		who, ok := strings.CutPrefix(m.tokens[token], "refresh ")
		if !ok {
			return no(401, "Refresh token is not valid"), true
		}
		return m.login(who), true
	}
	part := strings.Split(path, "/")
	isAdmin := who == "admin"
	inDomain := who == "domain" || isAdmin && domain == "harbourlight.example"
	switch {
	case part[1] == "sysadmin" && !isAdmin, part[1] == "domain" && !inDomain:
		return nil, true
	}
	user := map[string]any{"userName": "sales", "emailAddress": sales, "securityFlags": map[string]any{
		"isDomainAdmin": false, "isDisabled": m.disabled, "authType": json.RawMessage(m.authType)}}
	switch strings.Join(part[1:], "/") {
	case "sysadmin/spool-message-counts", "sysadmin/kill-user-sessions", "sysadmin/drop-user-connections":
		return map[string]any{}, true
	case "sysadmin/manage-domain/harbourlight.example":
		return map[string]any{"impersonateAccessToken": m.token("domain"),
			"impersonateAccessTokenExpiration": time.Now().Add(m.tokenLife).UTC().Format(time.RFC3339Nano)}, true
	case "sysadmin/manage-domain/nowhere.example":
		return no(404, "DOMAIN_NOT_FOUND"), true
	case "sysadmin/users-disable/true/harbourlight.example":
		m.disabled = true
		return map[string]any{}, true
	case "domain/get-user":
		if body["email"] != sales {
			return no(404, "USER_NOT_FOUND"), true
		}
		return map[string]any{"userData": user}, true
	case "domain/post-user":
		data, _ := body["userData"].(map[string]any)
		password, _ := data["password"].(string)
		if len(password) < 8 {
			return no(400, "USER_ADD_ERROR_PASSWORD_TOO_SHORT"), true
		}
		m.passwords[sales] = password
		return map[string]any{}, true
	case "domain/mailbox-forward-list/" + sales:
		return map[string]any{"mailboxForwardList": map[string]any{"forwardList": m.forwards, "deleteOnForward": true}}, true
	case "domain/post-mailbox-forward-list":
		m.forwards = nil
		return map[string]any{}, true
	}
	return nil, false
}

func (m *smarterMail) login(who string) map[string]any {
	return map[string]any{"username": who, "isAdmin": who == "admin", "accessToken": m.token(who), "refreshToken": m.token("refresh " + who),
		"accessTokenExpiration": time.Now().Add(m.tokenLife).UTC().Format(time.RFC3339Nano)}
}

// restart forgets every token, as the service does when it stops.
func (m *smarterMail) restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.tokens)
}
