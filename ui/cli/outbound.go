package cli

import (
	"cmp"
	"context"
	"time"

	"delist/steps"
	"delist/steps/service"
)

// A command that looks once sees what is open at that moment; some looks see more.
const (
	outboundLooks = 5
	outboundPause = 200 * time.Millisecond
)

// lookOutbound looks who on this machine speaks to mail servers elsewhere, beside its mail service; nil where nobody looks,
// and where the mail server is elsewhere.
func (p *program) lookOutbound(ctx context.Context, name string) *steps.OutboundLook {
	if p.env.Outbound == nil || name == service.NameNone {
		return nil
	}
	if name == "" || name == "auto" {
		found, _ := serviceOf(p.env.Locate(ctx))
		name = found.value
	}
	svc, err := service.New(cmp.Or(name, service.NameByHand), service.Options{})
	if err != nil {
		return nil // the name is wrong, which is said of the service
	}
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	look := steps.LookOutbound(ctx, p.env.Outbound, svc, 0)
	for range outboundLooks - 1 {
		select {
		case <-ctx.Done():
			return &look
		case <-time.After(outboundPause):
		}
		look = look.And(steps.LookOutbound(ctx, p.env.Outbound, svc, 0))
	}
	return &look
}

// outboundSigns are the doctor's lines on it. A program that is not the mail service may be one that the admin knows.
func (p *program) outboundSigns(ctx context.Context, s server) []sign {
	look := p.lookOutbound(ctx, s.service.value)
	if look == nil {
		return nil
	}
	one := sign{works, "port 25", look.Sentences()}
	switch {
	case look.Blind() || look.Hidden > 0:
		one.health = unsure
	case len(look.Others) > 0 || len(look.Unseen) > 0:
		one.health = hint
	}
	signs := []sign{one}
	for i := 1; i < len(look.Others); i++ { // the line above names the first
		signs = append(signs, sign{hint, "port 25", look.Say(look.Others[i : i+1])})
	}
	return signs
}
