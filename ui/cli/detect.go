package cli

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"text/tabwriter"

	"delist/spool"
	"delist/spool/message"
	"delist/steps/mailbox"
	"delist/steps/service"
)

// finding is one thing known about this server, and on what ground.
type finding struct {
	value  string
	ground string
	given  bool // by a flag or the configuration file: nobody has to confirm it
}

// server is what delist works on.
type server struct {
	spool     finding // value empty: none
	logs      finding
	service   finding
	api       finding
	addresses []netip.Addr
	others    []string // what else was found, a sentence each
}

// detect completes what was given by what is found on this server. Nothing is changed by looking.
func (p *program) detect(ctx context.Context, o options) server {
	s := server{
		spool:     finding{o.spool, "given", o.spool != ""},
		logs:      finding{o.logs, "given", o.logs != ""},
		service:   finding{o.service, "given", o.service != "" && o.service != "auto"},
		api:       finding{o.api, "given", o.api != ""},
		addresses: o.ips,
	}
	if s.spool.given && s.service.given {
		return s
	}
	located := p.env.Locate(ctx)
	if !s.service.given {
		s.service, s.others = serviceOf(located)
		if len(located.Services) > 0 && !s.api.given {
			s.api = finding{value: mailbox.DefaultURL, ground: "where current builds of SmarterMail answer; not tried yet"}
		}
	}
	var more []string
	if !s.spool.given {
		s.spool, more = firstOf("spool", located.Spools)
		s.others = append(s.others, more...)
	}
	if !s.logs.given {
		s.logs, more = firstOf("logs", located.Logs)
		s.others = append(s.others, more...)
	}
	return s
}

// serviceOf is SmarterMail's service, or the operator's own hands.
func serviceOf(l service.Located) (finding, []string) {
	if len(l.Services) == 0 {
		why := "no service of SmarterMail was found here: you stop and start mail, delist says when"
		if l.ServiceErr != nil {
			why = "the services could not be looked at (" + sentence(l.ServiceErr) + "): you stop and start mail, delist says when"
		}
		return finding{value: service.NameByHand, ground: why}, nil
	}
	var others []string
	for _, f := range l.Services[1:] {
		others = append(others, fmt.Sprintf("Another service: %s (%s).", message.Printable(f.Name), message.Printable(f.Ground)))
	}
	return finding{value: l.Services[0].Name, ground: l.Services[0].Ground}, others
}

// firstOf takes the likeliest folder that is there.
func firstOf(what string, candidates []service.Candidate) (found finding, others []string) {
	for _, c := range candidates {
		switch {
		case c.Exists && found.value == "":
			found = finding{value: c.Path, ground: c.Ground}
		case c.Exists:
			others = append(others, fmt.Sprintf("Another %s: %s (%s).", what, message.Printable(c.Path), message.Printable(c.Ground)))
		default:
			others = append(others, fmt.Sprintf("Not looked at or not there: %s (%s).", message.Printable(c.Path), message.Printable(c.Ground)))
		}
	}
	return found, others
}

// confirmed says that everything that acts was given, so that nobody has to be asked.
func (s *server) confirmed() bool {
	return s.service.given && (s.spool.given || s.spool.value == "")
}

// tell shows what delist would work on, and on what ground.
func (s *server) tell(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(what string, f finding, none string) {
		if f.value == "" {
			fmt.Fprintf(table, "  %s\t%s\n", what, none)
			return
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", what, message.Printable(f.value), message.Printable(f.ground))
	}
	row("service", s.service, "none")
	row("spool", s.spool, "none was found; name it with --spool")
	row("logs", s.logs, "none were found; name them with --logs")
	row("API", s.api, "none is known; passwords are changed by hand, or give --api URL")
	if len(s.addresses) == 0 {
		fmt.Fprintf(table, "  address\tnot known; give it with --ip\n")
	} else {
		fmt.Fprintf(table, "  address\t%s\n", join(s.addresses))
	}
	table.Flush()
	for _, line := range s.others {
		fmt.Fprintln(w, "  "+line)
	}
}

// join lists addresses.
func join(addrs []netip.Addr) string {
	texts := make([]string, len(addrs))
	for i, a := range addrs {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}

// confirm shows what was found, and asks before it is used. What was given is not asked about, nor what is only looked at.
func (p *program) confirm(o options, s *server) error {
	if s.confirmed() {
		return nil
	}
	p.note("On this server delist found:")
	s.tell(p.env.Stderr)
	if o.readOnly && s.spool.value != "" {
		return nil
	}
	if !p.questions().yes("Use these?") {
		return usage("nothing was used; name the right ones with --spool FOLDER, --service NAME or by-hand, --logs FOLDER and --api URL")
	}
	return nil
}

// located completes the spool by the one that is found on this server, and then the logs, too: they belong together.
func (p *program) located(ctx context.Context, o options) (options, error) {
	if o.spool != "" {
		return o, nil
	}
	s := p.detect(ctx, o)
	if s.spool.value == "" {
		return o, usage("no spool was found on this server; name its folder with --spool")
	}
	p.note("Spool: %s (%s).", message.Printable(s.spool.value), message.Printable(s.spool.ground))
	o.spool, o.logs = s.spool.value, s.logs.value
	return o, nil
}

// openSpool opens the spool that was given or found, for commands that only look.
func (p *program) openSpool(ctx context.Context, o options) (*spool.Spool, error) {
	o, err := p.located(ctx, o)
	if err != nil {
		return nil, err
	}
	sp, err := spool.Open(o.spool)
	if err != nil {
		return nil, usage("%w", err)
	}
	return sp, nil
}
