package smartermail

import (
	"strings"
	"time"
)

// user finds the account a call is about: named in its path or its body, and of the domain it may touch.
func (s *server) user(c call) (*account, answer) {
	email := c.PathValue("email")
	if email == "" {
		email = c.text("email")
	}
	one := s.accounts.find(email)
	if one == nil {
		return nil, refused(404, "USER_NOT_FOUND")
	}
	if domain := c.domain(); domain != "" && !strings.EqualFold(domainOf(one.Email), domain) {
		return nil, refused(404, "USER_NOT_FOUND")
	}
	return one, nil
}

// saved writes the accounts file and says how that went.
func (s *server) saved(fields answer) answer {
	if err := s.accounts.save(s.Dir); err != nil {
		s.keep(err)
		return refused(500, "SETTINGS_NOT_SAVED")
	}
	return ok(fields)
}

// readUser tells what the server knows of an account.
func (s *server) readUser(c call) answer {
	one, no := s.user(c)
	if no != nil {
		return no
	}
	local, _, _ := strings.Cut(one.Email, "@")
	return ok(answer{"userData": answer{
		"userName": local, "emailAddress": one.Email, "fullName": one.Name,
		"lockPassword": false, "isPasswordExpired": false, "maxMailboxSize": 0,
		"securityFlags": answer{"isDomainAdmin": one.DomainAdmin, "isDisabled": one.Disabled, "authType": 0},
	}})
}

// postUser changes what the body names: here a password, held against the rules.
// Connections that are open stay open, as on many a real server.
func (s *server) postUser(c call) answer {
	one, no := s.user(c)
	if no != nil {
		return no
	}
	data, _ := c.body["userData"].(map[string]any)
	if password, given := data["password"].(string); given {
		if weak := weakness(password); weak != "" {
			return refused(400, weak)
		}
		one.Password = password
	}
	if name, given := data["fullName"].(string); given {
		one.Name = name
	}
	return s.saved(nil)
}

// postUserMail turns a mailbox off or on.
func (s *server) postUserMail(c call) answer {
	one, no := s.user(c)
	if no != nil {
		return no
	}
	settings, _ := c.body["userMailSettings"].(map[string]any)
	if enabled, given := settings["isEnabled"].(bool); given {
		one.Disabled = !enabled
	}
	return s.saved(nil)
}

// disableUsers turns accounts off or on. The body names them without their domain.
func (s *server) disableUsers(c call) answer {
	domain := c.PathValue("domain")
	if domain == "" {
		domain = c.domain()
	}
	disable := c.PathValue("disable")
	if disable != "true" && disable != "false" {
		return refused(400, "INVALID_INPUT")
	}
	names, _ := c.body["input"].([]any)
	if len(names) == 0 {
		return refused(400, "INVALID_INPUT")
	}
	for _, name := range names {
		local, _ := name.(string)
		local, _, _ = strings.Cut(local, "@")
		one := s.accounts.find(local + "@" + domain)
		if one == nil {
			return refused(404, "USER_NOT_FOUND")
		}
		one.Disabled = disable == "true"
	}
	return s.saved(nil)
}

// forwarding tells where an account's mail is copied to.
func (s *server) forwarding(c call) answer {
	one, no := s.user(c)
	if no != nil {
		return no
	}
	list := one.Forward
	if list == nil {
		list = []string{}
	}
	return ok(answer{"mailboxForwardList": answer{
		"forwardList": list, "deleteOnForward": one.DeleteOnForward, "keepRecipients": false, "spamForwardOption": "None",
	}})
}

// postForwarding replaces the list.
func (s *server) postForwarding(c call) answer {
	one, no := s.user(c)
	if no != nil {
		return no
	}
	rule, given := c.body["mailboxForwardList"].(map[string]any)
	if !given {
		return refused(400, "INVALID_INPUT")
	}
	one.Forward, one.ForwardSince = nil, time.Now()
	list, _ := rule["forwardList"].([]any)
	for _, address := range list {
		if text, isText := address.(string); isText {
			one.Forward = append(one.Forward, text)
		}
	}
	one.DeleteOnForward, _ = rule["deleteOnForward"].(bool)
	return s.saved(nil)
}

// killSessions ends web mail sessions: tokens of the account are good for nothing from now on.
func (s *server) killSessions(c call) answer {
	list, _ := c.body["sessions"].([]any)
	if len(list) == 0 {
		return refused(400, "INVALID_INPUT")
	}
	for _, one := range list {
		session, _ := one.(map[string]any)
		email, _ := session["email"].(string)
		for name, t := range s.tokens {
			if strings.EqualFold(t.user, email) {
				delete(s.tokens, name)
			}
		}
	}
	return ok(nil)
}

// dropConnections ends the SMTP, IMAP and POP connections of the accounts named.
func (s *server) dropConnections(c call) answer {
	names := []string{c.text("email")}
	list, _ := c.body["dropInfo"].([]any)
	for _, one := range list {
		if text, isText := one.(string); isText {
			names = append(names, text)
		}
	}
	for _, name := range names {
		s.forget(func(open session) bool { return strings.EqualFold(open.account, name) })
	}
	return ok(nil)
}
