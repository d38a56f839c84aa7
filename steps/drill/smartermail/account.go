package smartermail

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

// account is one mailbox, as the accounts file keeps it. Its password is written plainly: nothing here is real.
type account struct {
	Email           string    `json:"email"`
	Name            string    `json:"name"`
	Password        string    `json:"password"`
	DomainAdmin     bool      `json:"domainAdmin,omitempty"`
	Disabled        bool      `json:"disabled,omitempty"`
	Forward         []string  `json:"forward,omitempty"`
	ForwardSince    time.Time `json:"forwardSince,omitzero"`
	DeleteOnForward bool      `json:"deleteOnForward,omitempty"`
}

// accounts is the accounts file: what survives a stop and a start of the service.
type accounts struct {
	Seed     uint64     `json:"seed"`
	Starts   uint64     `json:"starts"`          // how often the service was started: each run makes other mail
	Quiet    bool       `json:"quiet,omitempty"` // nobody's password was stolen
	Accounts []*account `json:"accounts"`
}

// accountsFile lies in a folder named Domains, as SmarterMail's mailboxes do.
func accountsFile(dir string) string { return filepath.Join(dir, "Domains", "accounts.json") }

// seedAccounts are those of a server whose sales account was stolen this morning.
func seedAccounts(seed uint64, forwardSince time.Time) *accounts {
	all := &accounts{Seed: seed}
	for i, p := range everybody() {
		all.Accounts = append(all.Accounts, &account{
			Email: p.address, Name: p.name, Password: fmt.Sprintf("Plain-word-%02d", i),
			DomainAdmin: strings.HasPrefix(p.address, "office@") || strings.HasPrefix(p.address, "frontdesk@"),
		})
	}
	thiefs := owner()
	all.Accounts = append(all.Accounts, &account{
		Email: thiefs.address, Name: thiefs.name, Password: stolenPassword,
		Forward: []string{ThiefsMailbox}, ForwardSince: forwardSince,
	})
	return all
}

// quiet makes them those of a server at which nobody's password was stolen.
func (a *accounts) quiet() {
	a.Quiet = true
	one := a.find(StolenAccount)
	one.Password, one.Forward, one.ForwardSince = "Plain-word-99", nil, time.Time{}
}

// find returns the account of that address, or nil.
func (a *accounts) find(email string) *account {
	for _, one := range a.Accounts {
		if strings.EqualFold(one.Email, email) {
			return one
		}
	}
	return nil
}

// logIn says whether the address and password open a mailbox.
func (a *accounts) logIn(email, password string) bool {
	one := a.find(email)
	return one != nil && !one.Disabled && one.Password == password
}

// hosts says whether the domain is one of this server's.
func (a *accounts) hosts(domain string) bool {
	for _, one := range a.Accounts {
		if strings.EqualFold(domainOf(one.Email), domain) {
			return true
		}
	}
	return false
}

// loadAccounts reads the accounts file.
func loadAccounts(dir string) (*accounts, error) {
	b, err := os.ReadFile(accountsFile(dir))
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	all := &accounts{}
	if err := json.Unmarshal(b, all); err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return all, nil
}

// save replaces the accounts file in one step.
func (a *accounts) save(dir string) error {
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	name := accountsFile(dir)
	if err := errors.Join(os.WriteFile(name+".new", b, 0o600), os.Rename(name+".new", name)); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	return nil
}

// weakness is the vendor's name for what is wrong with a password, or empty: the strict rules of Settings > Password.
func weakness(password string) string {
	var upper, lower, digit, symbol bool
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsLower(r):
			lower = true
		case unicode.IsDigit(r):
			digit = true
		default:
			symbol = true
		}
	}
	switch {
	case len(password) < 8:
		return "USER_ADD_ERROR_PASSWORD_TOO_SHORT"
	case !upper:
		return "USER_ADD_ERROR_PASSWORD_REQUIRES_CAPITAL"
	case !lower:
		return "USER_ADD_ERROR_PASSWORD_REQUIRES_LOWER"
	case !digit:
		return "USER_ADD_ERROR_PASSWORD_REQUIRES_NUMBER"
	case !symbol:
		return "USER_ADD_ERROR_PASSWORD_REQUIRES_SYMBOL"
	}
	return ""
}
