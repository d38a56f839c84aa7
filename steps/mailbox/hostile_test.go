package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"delist/steps"
)

// hostile are answers that a broken, foreign or malicious server may give to any call.
var hostile = map[string]struct {
	answer http.HandlerFunc
	is     error
	says   string
}{
	"200, but no":              {jsonAnswer(200, `{"success":false,"resultCode":400,"message":"USER_ADD_ERROR_PASSWORD_TOO_SHORT"}`), ErrRefused, "PASSWORD_TOO_SHORT, result code 400"},
	"200, neither yes nor no":  {jsonAnswer(200, `{"message":""}`), ErrNotAPI, "does not say whether it worked"},
	"200 and nothing":          {jsonAnswer(200, ``), ErrNotAPI, "does not say whether it worked"},
	"a yes in words":           {jsonAnswer(200, `{"success":"true"}`), ErrNotAPI, "does not say"},
	"an array":                 {jsonAnswer(200, `[{"success":true}]`), ErrNotAPI, "does not say"},
	"JSON that breaks off":     {jsonAnswer(200, `{"success":true,"accessTo`), ErrNotAPI, "does not say"},
	"another form":             {jsonAnswer(200, `{"success":true,"userData":[1],"accessToken":{"a":1},"impersonateAccessToken":7}`), ErrNotAPI, "another form"},
	"a login page":             {page(200), ErrNotAPI, "web page"},
	"a login page in disguise": {jsonAnswer(200, `<!doctype html><title>Log in</title>`), ErrNotAPI, "web page"},
	"an error page":            {page(500), ErrUnreachable, "HTTP 500"},
	"still starting":           {page(503), ErrUnreachable, "may still be starting"},
	"not there":                {page(404), ErrNotAPI, "builds before 16"},
	"forbidden":                {jsonAnswer(403, `{"success":false,"message":"NOT_ALLOWED"}`), ErrRefused, "NOT_ALLOWED"},
	"400 with words":           {jsonAnswer(400, `{"success":false,"message":"BAD"}`), ErrRefused, "BAD"},
	"escape codes":             {jsonAnswer(200, `{"success":false,"message":"a\u001b[2Jb\u202ec\nd"}`), ErrRefused, "a[2Jbc d"},
	"a very long reason":       {jsonAnswer(200, `{"success":false,"message":"`+strings.Repeat("x", 5000)+`"}`), ErrRefused, strings.Repeat("x", 200) + ".."},
	"10 MB":                    {huge, ErrNotAPI, "more than"},
	"cut off":                  {cutOff, ErrUnreachable, "not known, look again"},
	"no HTTP":                  {noHTTP, ErrUnreachable, "check --api"},
	"echo":                     {echo, ErrRefused, "[hidden]"},
	"a redirect":               {redirect("https://evil.example/take"), ErrNotAPI, "on to https://evil.example"},
	"a redirect to itself":     {redirect("/interface/root"), ErrNotAPI, "nothing was sent there"},
	"a redirect to nowhere":    {redirect(""), ErrNotAPI, "does not say where"},
}

func jsonAnswer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func page(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<html><form action=/login></form></html>")
	}
}

func huge(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"success":true,"message":"`)
	for range 160 {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 64<<10))
	}
	_, _ = io.WriteString(w, `"}`)
}

func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"success":true,`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func noHTTP(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_, _ = io.WriteString(conn, "220 mail.example ESMTP\x1b[2J\r\n")
		_ = conn.Close()
	}
}

// echo sends back whatever it was sent, as a reason.
func echo(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	quoted := fmt.Sprintf("%s %s %s", adminPassword, r.Header.Get("Authorization"), b)
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"success":false,"message":%q}`, quoted)
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if to != "" {
			w.Header().Set("Location", to)
		}
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

// everyCall makes each call of the interface, and returns what it said.
func everyCall(ctx context.Context, m *REST) map[string]error {
	_, read := m.Read(ctx, sales)
	return map[string]error{
		"ready": m.Ready(ctx), "read": read, "set": m.SetPassword(ctx, sales, steps.NewSecret(newPassword)),
		"prove": m.Prove(ctx, sales, steps.NewSecret(newPassword)), "sessions": m.EndSessions(ctx, sales),
		"disable": m.Disable(ctx, sales), "forward": m.RemoveForwarding(ctx, sales),
	}
}

// checkError holds an error's text to the rules for all: no secret, no control character, not long.
func checkError(t *testing.T, what string, err error) {
	t.Helper()
	text := err.Error()
	for _, secret := range []string{adminPassword, newPassword, oldPassword, "token-"} {
		if strings.Contains(text, secret) || strings.Contains(fmt.Sprintf("%+v %#v", err, err), secret) {
			t.Errorf("%s shows a secret: %s", what, text)
		}
	}
	if strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), unicode.IsControl) || len(text) > 1200 {
		t.Errorf("%s is not fit for a terminal (%d bytes): %q", what, len(text), text)
	}
}

// TestHostileFromTheStart gives the answer to the login already, and TestHostileLater to all calls that follow it.
func TestHostileFromTheStart(t *testing.T) {
	for name, c := range hostile {
		t.Run(name, func(t *testing.T) {
			server := newSmarterMail(t)
			server.before = func(w http.ResponseWriter, r *http.Request, _ string) bool { c.answer(w, r); return true }
			for call, err := range everyCall(t.Context(), server.rest(t)) {
				if err == nil {
					t.Errorf("%s: no error", call)
					continue
				}
				checkError(t, call, err)
			}
		})
	}
}

func TestHostileLater(t *testing.T) {
	for name, c := range hostile {
		t.Run(name, func(t *testing.T) {
			server := newSmarterMail(t)
			server.before = func(w http.ResponseWriter, r *http.Request, path string) bool {
				if strings.HasPrefix(path, "auth/") || strings.Contains(path, "/manage-domain/") {
					return false
				}
				c.answer(w, r)
				return true
			}
			for call, err := range everyCall(t.Context(), server.rest(t)) {
				if call == "prove" || call == "ready" && name == "not there" || name == "another form" && call != "read" {
					continue // these do not read that answer
				}
				if err == nil {
					t.Errorf("%s: no error", call)
					continue
				}
				checkError(t, call, err)
				if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, want %v and %q", call, err, c.is, c.says)
				}
			}
		})
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var sent atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent.Add(1) }))
	defer thief.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := newSmarterMail(t)
		server.before = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			http.Redirect(w, r, thief.URL+"/take", status)
			return true
		}
		for call, err := range everyCall(t.Context(), server.rest(t)) {
			if !errors.Is(err, ErrNotAPI) {
				t.Errorf("%d, %s: %v", status, call, err)
			}
		}
	}
	if n := sent.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestASlowServerIsGivenUp(t *testing.T) {
	for name, slow := range map[string]http.HandlerFunc{
		"no answer": func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() },
		"drop by drop": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, " "); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := newSmarterMail(t)
			server.before = func(w http.ResponseWriter, r *http.Request, _ string) bool { slow(w, r); return true }
			m, err := NewREST(Options{URL: server.URL, Admin: "admin", Password: steps.NewSecret(adminPassword), Timeout: 50 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			err = m.Ready(t.Context())
			if !errors.Is(err, ErrUnreachable) && !errors.Is(err, ErrNotAPI) {
				t.Errorf("%v", err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := m.Ready(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("given up by the caller: %v", err)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	server := newSmarterMail(t)
	m := server.rest(t)
	server.Close()
	for call, err := range everyCall(t.Context(), m) {
		if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "is the service running") {
			t.Errorf("%s: %v", call, err)
		}
		checkError(t, call, err)
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler()) // its certificate is for example.com and 127.0.0.1
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	options := Options{URL: server.URL, Admin: "admin", Password: steps.NewSecret(adminPassword)}
	m, err := NewREST(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Ready(t.Context()); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "not one that this machine trusts") {
		t.Errorf("unknown authority: %v", err)
	}
	options.URL = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	base, err := parseURL(options.URL)
	if err != nil {
		t.Fatal(err)
	}
	trusting := newREST(newClient(base, server.Client().Transport, 0, options.Password), options)
	if err := trusting.Ready(t.Context()); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "for another name (example.com") {
		t.Errorf("another name: %v", err)
	}
	plain := newSmarterMail(t)
	options.URL = strings.Replace(plain.URL, "http:", "https:", 1)
	if m, err = NewREST(options); err != nil {
		t.Fatal(err)
	}
	if err := m.Ready(t.Context()); !errors.Is(err, ErrNotAPI) || !strings.Contains(err.Error(), "does not speak https") {
		t.Errorf("no https: %v", err)
	}
}

func TestTheProxyIsNotAsked(t *testing.T) {
	if directTransport().Proxy != nil {
		t.Error("a proxy would see the administrator's password")
	}
}
