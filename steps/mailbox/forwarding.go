package mailbox

import (
	"context"
	"fmt"
	"net/http"

	"delist/spool/message"
	"delist/steps/incident"
)

// maxForwards bounds how many addresses of a forwarding rule are kept.
const maxForwards = 100

// forwarding reads an account's forwarding rule. Addresses are made printable.
func (m *REST) forwarding(ctx context.Context, account, domain string) (incident.Forwarding, error) {
	var a struct {
		List *struct {
			Addresses       []string `json:"forwardList"`
			DeleteOnForward bool     `json:"deleteOnForward"`
		} `json:"mailboxForwardList"`
	}
	err := m.session.inDomain(ctx, domain, request{
		method: http.MethodGet, path: []string{"settings", "domain", "mailbox-forward-list", account},
	}, &a)
	if unknownCall(err) { // the same by POST, in other builds
		err = m.session.inDomain(ctx, domain, request{
			method: http.MethodPost, path: []string{"settings", "domain", "get-mailbox-forward-list"}, body: map[string]any{"email": account},
		}, &a)
	}
	if err != nil {
		return incident.Forwarding{}, err
	}
	if a.List == nil {
		return incident.Forwarding{}, fmt.Errorf("the answer has no forwarding in it: %w", ErrNotAPI)
	}
	f := incident.Forwarding{Known: true, DeleteOnForward: a.List.DeleteOnForward}
	for _, address := range a.List.Addresses {
		if address = message.Printable(address); address != "" && len(f.Addresses) < maxForwards {
			f.Addresses = append(f.Addresses, address)
		}
	}
	return f, nil
}
