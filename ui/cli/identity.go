package cli

import (
	"context"
	"fmt"
	"strings"

	"delist/checks/identity"
	"delist/checks/resolver"
	"delist/spool/message"
	"delist/steps"
)

// ownSMTP is where this server's own SMTP greets, as a rule with the name that it says in HELO.
const ownSMTP = "127.0.0.1:25"

// identityChecker looks at who the world sees when this server sends.
func (p *program) identityChecker(client *resolver.Client, asked steps.Lists) *identity.Checker {
	c := &identity.Checker{Resolver: client, SMTP: ownSMTP, Clock: p.env.Clock}
	if l, ok := asked.(*lists); ok {
		c.Lists = l
	}
	if p.env.Addresses != nil {
		c.Sources = []identity.Source{p.env.Addresses}
	}
	return c
}

// identitySigns are the doctor's lines on it. Mail works without most of it; a request for removal does not.
func (p *program) identitySigns(ctx context.Context, o options, s server) []sign {
	client, err := o.newResolver()
	if err != nil {
		return nil // the doctor has said so already
	}
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	finding := resolver.Preflight(ctx, client)
	var asked steps.Lists
	if catalogue, err := o.newCatalogue(); err == nil { // what is wrong with it the doctor has said, too
		asked = &lists{client: client, catalogue: catalogue, clock: p.env.Clock, finding: finding}
	}
	report := p.identityChecker(client, asked).Check(ctx, identity.Input{Given: s.addresses, Host: hostname(), HELO: o.helo, Preflight: finding})
	var signs []sign
	for _, f := range report.Findings {
		text := strings.TrimSpace(f.Sentence + " " + f.Remedy)
		if len(f.Refusers) > 0 {
			text += " " + refuserText(f)
		}
		signs = append(signs, sign{identityHealth(f), "identity", text})
	}
	return signs
}

// identityHealth weighs a finding. That no address or HELO name is known yet is no fault of the server.
func identityHealth(f identity.Finding) health {
	switch {
	case f.Kind == identity.Good:
		return works
	case f.About == identity.OfAddress && f.Kind == identity.Bad && f.IP.IsValid(), f.Kind == identity.Bad && f.About != identity.OfAddress:
		return fails
	case f.Kind == identity.Unknown && f.About != identity.OfAddress && f.Name != "", f.Kind == identity.Unknown && f.About == identity.OfPTR:
		return unsure
	}
	return hint
}

// refuserText names the lists that refuse removal for a finding.
func refuserText(f identity.Finding) string {
	return "Removal is refused for this by " + strings.Join(f.Refusers, ", ") + "."
}

// ownAddresses are the public addresses that this server is found to have, each with its grounds.
func (p *program) ownAddresses(ctx context.Context) []identity.Address {
	if p.env.Addresses == nil {
		return nil
	}
	found, _ := identity.Addresses(ctx, p.env.Addresses)
	var public []identity.Address
	for _, a := range found {
		if a.Scope == identity.Public {
			public = append(public, a)
		}
	}
	return public
}

// offerAddresses proposes what was found; the operator decides.
func (p *program) offerAddresses(ctx context.Context, s *server) bool {
	found := p.ownAddresses(ctx)
	if len(found) == 0 {
		return false
	}
	var texts []string
	for _, a := range found {
		texts = append(texts, message.Printable(a.String()))
	}
	if !p.questions().yes(fmt.Sprintf("This server has %s. Does it send mail from there?", strings.Join(texts, ", "))) {
		return false
	}
	for _, a := range found {
		s.addresses = append(s.addresses, a.IP)
	}
	return true
}
