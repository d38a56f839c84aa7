package mailbox

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"delist/steps"
	"delist/steps/incident"
)

var _ steps.Mailboxes = (*REST)(nil)

func TestAWholeReset(t *testing.T) {
	server := newSmarterMail(t)
	m, ctx := server.rest(t), t.Context()
	if err := m.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	box, err := m.Read(ctx, sales)
	if err != nil {
		t.Fatal(err)
	}
	want := incident.Mailbox{Account: sales, Exists: true, LocalPassword: true,
		Forwarding: incident.Forwarding{Known: true, Addresses: []string{"k.w0rd@freemail.test"}, DeleteOnForward: true}}
	if diff := cmp.Diff(want, box, cmpopts.IgnoreFields(incident.Mailbox{}, "ReadAt")); diff != "" {
		t.Error(diff)
	}
	if err := m.Prove(ctx, sales, steps.NewSecret(newPassword)); !errors.Is(err, ErrLogin) {
		t.Errorf("a password that was not set is proven: %v", err)
	}
	for what, err := range map[string]error{
		"set":      m.SetPassword(ctx, sales, steps.NewSecret(newPassword)),
		"prove":    m.Prove(ctx, sales, steps.NewSecret(newPassword)),
		"sessions": m.EndSessions(ctx, sales),
		"forward":  m.RemoveForwarding(ctx, sales),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := server.count("auth/authenticate-user"); n != 3 { // the administrator once, the account twice
		t.Errorf("%d logins: %v", n, server.seen())
	}
	for path, want := range map[string]string{
		"settings/domain/post-user":                            `{"email":"sales@harbourlight.example","userData":{"password":"` + newPassword + `"}}`,
		"settings/sysadmin/kill-user-sessions":                 `{"sessions":[{"email":"sales@harbourlight.example","ip":""}]}`,
		"settings/sysadmin/drop-user-connections":              `{"dropInfo":["sales@harbourlight.example"],"email":"sales@harbourlight.example"}`,
		"settings/domain/post-mailbox-forward-list":            `{"email":"sales@harbourlight.example","mailboxForwardList":{"deleteOnForward":false,"forwardList":[]}}`,
		"settings/sysadmin/manage-domain/harbourlight.example": `{}`,
	} {
		if got := server.body(path); got != want {
			t.Errorf("%s was sent %s, want %s", path, got, want)
		}
	}
	if box, err := m.Read(ctx, sales); err != nil || len(box.Forwarding.Addresses) != 0 || !box.Forwarding.Known {
		t.Errorf("after the removal: %+v, %v", box, err)
	}
}

func TestReadTellsWhatItIs(t *testing.T) {
	server := newSmarterMail(t)
	m := server.rest(t)
	if box, err := m.Read(t.Context(), "ghost@harbourlight.example"); err != nil || box.Exists {
		t.Errorf("an account that is not there: %+v, %v", box, err)
	}
	if box, err := m.Read(t.Context(), "x@nowhere.example"); err != nil || box.Exists {
		t.Errorf("a domain that is not there: %+v, %v", box, err)
	}
	for authType, local := range map[string]bool{"0": true, `"0"`: true, "null": true, "1": false, `"ActiveDirectory"`: false, "7": false} {
		server.mu.Lock()
		server.authType = authType
		server.mu.Unlock()
		if box, err := m.Read(t.Context(), sales); err != nil || box.LocalPassword != local {
			t.Errorf("authType %s: %+v, %v", authType, box, err)
		}
	}
}

func TestDisableIsSeen(t *testing.T) {
	server := newSmarterMail(t)
	m := server.rest(t)
	if err := m.Disable(t.Context(), sales); err != nil {
		t.Fatal(err)
	}
	if got := server.body("settings/sysadmin/users-disable/true/harbourlight.example"); got != `{"input":["sales"]}` {
		t.Errorf("sent %s", got)
	}
	if err := m.Prove(t.Context(), sales, steps.NewSecret(oldPassword)); !errors.Is(err, ErrLogin) {
		t.Errorf("a disabled account logs in: %v", err)
	}
}

func TestAYesThatIsNoneIsNotBelieved(t *testing.T) {
	server := newSmarterMail(t)
	yes := func(calls ...string) {
		server.before = func(w http.ResponseWriter, _ *http.Request, path string) bool {
			for _, c := range calls {
				if strings.HasPrefix(path, c) {
					_, _ = w.Write([]byte(`{"success":true}`))
					return true
				}
			}
			return false
		}
	}
	m := server.rest(t)
	yes("settings/sysadmin/users-disable", "settings/domain/post-mailbox-forward-list")
	if err := m.Disable(t.Context(), sales); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "still enabled") {
		t.Errorf("disable: %v", err)
	}
	if err := m.RemoveForwarding(t.Context(), sales); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "still forwards to 1") {
		t.Errorf("forwarding: %v", err)
	}
	yes("auth/authenticate-user") // a success without a token
	if err := m.Prove(t.Context(), sales, steps.NewSecret(newPassword)); !errors.Is(err, ErrNotAPI) {
		t.Errorf("prove: %v", err)
	}
	yes("settings/domain/get-user") // a success without an account
	if _, err := m.Read(t.Context(), sales); !errors.Is(err, ErrNotAPI) {
		t.Errorf("read: %v", err)
	}
}

func TestTheLoginIsRenewed(t *testing.T) {
	t.Run("tokens lost with the service", func(t *testing.T) {
		server := newSmarterMail(t)
		m := server.rest(t)
		if _, err := m.Read(t.Context(), sales); err != nil {
			t.Fatal(err)
		}
		server.restart()
		if box, err := m.Read(t.Context(), sales); err != nil || !box.Exists {
			t.Errorf("%+v, %v", box, err)
		}
		if err := m.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("tokens about to end", func(t *testing.T) {
		server := newSmarterMail(t)
		server.tokenLife = time.Second
		m := server.rest(t)
		for range 3 {
			if err := m.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if logins, renewed := server.count("auth/authenticate-user"), server.count("auth/refresh-token"); logins != 1 || renewed != 2 {
			t.Errorf("%d logins, %d refreshed", logins, renewed)
		}
	})
	t.Run("only once a call", func(t *testing.T) {
		server := newSmarterMail(t)
		server.before = func(w http.ResponseWriter, _ *http.Request, path string) bool {
			if strings.HasPrefix(path, "auth/") {
				return false
			}
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		if err := server.rest(t).Ready(t.Context()); !errors.Is(err, ErrLogin) {
			t.Errorf("%v", err)
		}
		if n := len(server.seen()); n > 3 {
			t.Errorf("%d logins and refreshes for one call", n)
		}
	})
}

func TestAWrongPasswordIsNotSentForEver(t *testing.T) {
	server := newSmarterMail(t)
	server.passwords["admin"] = "another"
	m := server.rest(t)
	for range 20 {
		if err := m.Ready(t.Context()); !errors.Is(err, ErrLogin) || !strings.Contains(err.Error(), "--admin") {
			t.Fatalf("%v", err)
		}
	}
	if n := server.count("auth/authenticate-user"); n != maxRefused {
		t.Errorf("a refused password was sent %d times", n)
	}
}

func TestAnAdministratorOfADomainIsNotEnough(t *testing.T) {
	server := newSmarterMail(t)
	server.passwords["boss"] = adminPassword
	m, err := NewREST(Options{URL: server.URL, Admin: "boss", Password: steps.NewSecret(adminPassword)})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Ready(t.Context()); !errors.Is(err, ErrLogin) || !strings.Contains(err.Error(), "no system administrator") {
		t.Errorf("%v", err)
	}
}

func TestOtherBuildsOtherCalls(t *testing.T) {
	// each of these calls is unknown to some build, and has another that does the same
	for _, unknown := range []string{
		"settings/sysadmin/manage-domain", "settings/sysadmin/spool-message-counts",
	} {
		server := newSmarterMail(t)
		server.before = func(w http.ResponseWriter, _ *http.Request, path string) bool {
			if !strings.HasPrefix(path, unknown) {
				return false
			}
			w.WriteHeader(http.StatusNotFound)
			return true
		}
		m := server.rest(t)
		if err := m.Ready(t.Context()); err != nil {
			t.Errorf("without %s: %v", unknown, err)
		}
		if err := m.SetPassword(t.Context(), sales, steps.NewSecret(newPassword)); err != nil {
			t.Errorf("without %s: %v", unknown, err)
		}
	}
}

func TestAccountsThatAreNone(t *testing.T) {
	server := newSmarterMail(t)
	m := server.rest(t)
	for _, account := range []string{"", "sales", "@x.example", "a@", "a@b@c", "a@b/c", "a@..", "a b@c.example", "a@c\x1b[2J.example", strings.Repeat("a", 320) + "@b.example"} {
		for what, err := range map[string]error{
			"set": m.SetPassword(t.Context(), account, steps.NewSecret(newPassword)), "prove": m.Prove(t.Context(), account, steps.NewSecret(newPassword)),
			"sessions": m.EndSessions(t.Context(), account), "disable": m.Disable(t.Context(), account), "forward": m.RemoveForwarding(t.Context(), account),
		} {
			if err == nil || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%s %q: %q", what, account, err)
			}
		}
		if _, err := m.Read(t.Context(), account); err == nil {
			t.Errorf("read %q", account)
		}
	}
	if calls := server.seen(); len(calls) != 0 {
		t.Errorf("the server was asked: %v", calls)
	}
	if err := m.SetPassword(t.Context(), sales, steps.Secret{}); err == nil {
		t.Error("set an empty password")
	}
}

func TestByHandSaysWhatToDo(t *testing.T) {
	var m steps.Mailboxes = ByHand{}
	_, read := m.Read(t.Context(), sales)
	for what, err := range map[string]error{
		"ready": m.Ready(t.Context()), "read": read, "set": m.SetPassword(t.Context(), sales, steps.NewSecret(newPassword)),
		"prove": m.Prove(t.Context(), sales, steps.NewSecret(newPassword)), "sessions": m.EndSessions(t.Context(), sales),
		"disable": m.Disable(t.Context(), sales), "forward": m.RemoveForwarding(t.Context(), sales),
	} {
		if !errors.Is(err, ErrByHand) || what != "ready" && !strings.Contains(err.Error(), "sales") || strings.Contains(err.Error(), newPassword) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if !m.ByHand() {
		t.Error("by hand is not by hand")
	}
}
