package smartermail

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFailuresComeAsSuccess(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 1, Messages: 20})
	r := start(t, dir, nil)
	admin, acting := r.admin(), r.acting()
	const em = `{"email":"` + StolenAccount + `"`
	for _, c := range []struct {
		name, path, bearer, body string
		message                  string
	}{
		{"wrong password", "auth/authenticate-user", "", `{"username":"admin","password":"guess"}`, "Invalid username"},
		{"unknown mailbox", "auth/authenticate-user", "", `{"username":"x@y.example","password":"guess"}`, "Invalid username"},
		{"bad refresh token", "auth/refresh-token", "", `{"token":"x"}`, "not valid"},
		{"unknown domain", "settings/sysadmin/manage-domain/nowhere.example", admin, `{}`, "DOMAIN_NOT_FOUND"},
		{"unknown user", "settings/domain/get-user", acting, `{"email":"nobody@harbourlight.example"}`, "USER_NOT_FOUND"},
		{"another domain's user", "settings/domain/get-user", acting, `{"email":"` + Busiest + `"}`, "USER_NOT_FOUND"},
		{"short password", "settings/domain/post-user", acting, em + `,"userData":{"password":"Ab1-"}}`, "TOO_SHORT"},
		{"no symbol", "settings/domain/post-user", acting, em + `,"userData":{"password":"Abcdefgh1"}}`, "SYMBOL"},
		{"no forwarding named", "settings/domain/post-mailbox-forward-list", acting, em + `}`, "INVALID_INPUT"},
		{"nobody to disable", "settings/sysadmin/users-disable/true/harbourlight.example", admin, `{}`, "INVALID_INPUT"},
	} {
		code, said := r.call("POST", c.path, c.bearer, c.body)
		message, _ := said["message"].(string)
		if code != http.StatusOK || said["success"] != false || !strings.Contains(message, c.message) {
			t.Errorf("%s: %d %v", c.name, code, said)
		}
	}
}

func TestOnlyATokenOpensTheAPI(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 1, Messages: 20})
	r := start(t, dir, nil)
	mailbox := r.must("POST", "auth/authenticate-user", "", `{"username":"`+StolenAccount+`","password":"`+stolenPassword+`"}`)["accessToken"].(string)
	for _, bearer := range []string{"", "made-up", mailbox} {
		for _, path := range []string{"settings/sysadmin/manage-domain/harbourlight.example", "settings/domain/post-user"} {
			if code, _ := r.call("POST", path, bearer, `{}`); code != http.StatusUnauthorized {
				t.Errorf("%s with token %.8q: HTTP %d", path, bearer, code)
			}
		}
	}
	if code, _ := r.call("POST", "settings/domain/get-user", r.admin(), `{"email":"`+StolenAccount+`"}`); code != http.StatusUnauthorized {
		t.Errorf("an administrator without a domain reads users: HTTP %d", code)
	}
	r.must("POST", "settings/domain/get-user", r.admin(), `{"email":"`+StolenAccount+`"}`, "X-SmarterMailDomain", "harbourlight.example")
}

func TestTokensExpireAndAreRefreshedOnce(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 1, Messages: 20})
	r := start(t, dir, func(c *Config) { c.TokenLife = 300 * time.Millisecond })
	login := r.must("POST", "auth/authenticate-user", "", `{"username":"admin","password":"`+AdminPassword+`"}`)
	access, refresh := login["accessToken"].(string), login["refreshToken"].(string)
	r.must("GET", "settings/sysadmin/get-version", access, "")
	eventually(t, "the token has expired", func() bool {
		code, _ := r.call("GET", "settings/sysadmin/get-version", access, "")
		return code == http.StatusUnauthorized
	})
	fresh := r.must("POST", "auth/refresh-token", "", `{"token":"`+refresh+`"}`)["accessToken"].(string)
	r.must("GET", "settings/sysadmin/get-version", fresh, "")
	if _, said := r.call("POST", "auth/refresh-token", "", `{"token":"`+refresh+`"}`); said["success"] != false {
		t.Error("a refresh token worked twice")
	}
}

func TestWhatIsChangedStaysChanged(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 1, Messages: 20})
	r := start(t, dir, nil)
	path := "settings/domain/mailbox-forward-list/" + StolenAccount
	list := func() []any {
		return r.must("GET", path, r.acting(), "")["mailboxForwardList"].(map[string]any)["forwardList"].([]any)
	}
	if got := list(); len(got) != 1 || got[0] != ThiefsMailbox {
		t.Fatalf("forwards to %v", got)
	}
	r.setPassword()
	r.must("POST", "settings/domain/post-mailbox-forward-list", r.acting(), `{"email":"`+StolenAccount+`","mailboxForwardList":{"forwardList":[],"deleteOnForward":false}}`)
	r.stop()

	r = start(t, dir, nil)
	if got := list(); len(got) != 0 {
		t.Errorf("forwards to %v after the restart", got)
	}
	r.must("POST", "auth/authenticate-user", "", `{"username":"`+StolenAccount+`","password":"`+newPassword+`"}`)
	if _, said := r.call("POST", "auth/authenticate-user", "", `{"username":"`+StolenAccount+`","password":"`+stolenPassword+`"}`); said["success"] != false {
		t.Error("the stolen password works again after the restart")
	}
}

func TestKilledSessionsAreOver(t *testing.T) {
	t.Parallel()
	dir, _ := seeded(t, Options{Seed: 1, Messages: 20})
	r := start(t, dir, nil)
	office := r.must("POST", "auth/authenticate-user", "", `{"username":"office@harbourlight.example","password":"Plain-word-01"}`)
	bearer := office["accessToken"].(string)
	r.must("POST", "settings/domain/get-user", bearer, `{"email":"`+StolenAccount+`"}`)
	r.must("POST", "settings/sysadmin/kill-user-sessions", r.admin(), `{"sessions":[{"email":"office@harbourlight.example","ip":""}]}`)
	if code, _ := r.call("POST", "settings/domain/get-user", bearer, `{"email":"`+StolenAccount+`"}`); code != http.StatusUnauthorized {
		t.Errorf("the session lives: HTTP %d", code)
	}
}

func TestAdminReadsUsersCountsAndServices(t *testing.T) {
	t.Parallel()
	dir, w := seeded(t, Options{Seed: 1, Messages: 100})
	r := start(t, dir, nil)
	admin := r.admin()
	user := r.must("GET", "settings/sysadmin/user/"+StolenAccount, admin, "")["userData"].(map[string]any)
	if flags := user["securityFlags"].(map[string]any); user["emailAddress"] != StolenAccount || flags["isDisabled"] != false || flags["authType"] != 0.0 {
		t.Errorf("user %v", user)
	}
	counts := r.must("GET", "settings/sysadmin/spool-message-counts", admin, "")["counts"].(map[string]any)
	if n := counts["default"].(float64) + counts["waiting"].(float64); n < float64(w.Spam) {
		t.Errorf("%v messages in the spool of %d", n, w.Messages)
	}
	r.must("GET", "settings/sysadmin/services", admin, "")
}
