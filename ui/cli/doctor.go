package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"delist/checks/resolver"
	"delist/spool"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/mailbox"
	"delist/steps/service"
	"delist/steps/words"
)

func (p *program) doctorCommand() *cobra.Command {
	cmd := command("doctor", "Say what is found on this server, and what would not work and why",
		`Looks at everything that the wizard needs, and changes nothing: the service, the spool, the logs, your rights, the
resolver, the server's own name and address in DNS, SmarterMail's API, the folder of the incidents, the terminal, and
what would fail once mail is stopped: rights, the quarantine's place and room, the service, this session.`,
		"something would not work", noWords)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		return p.doctor(cmd.Context(), settings)
	}
	return cmd
}

// health is what the doctor says of one thing.
type health uint8

const (
	works health = iota
	hint         // it works, with something to know
	fails
	unsure // nobody can tell
)

// String is the mark in front of a line.
func (h health) String() string { return [...]string{"good", "note", "BAD ", "?   "}[h] }

// sign is one line of the doctor's answer.
type sign struct {
	health health
	what   string
	says   string
}

// doctorLimit bounds one look that may hang: at the service, at the resolver, at the API.
const doctorLimit = 20 * time.Second

// doctor looks at everything and shows it.
func (p *program) doctor(ctx context.Context, o options) error {
	s := p.detect(ctx, o)
	var v doctorView
	v.add(p.systemSign())
	v.add(p.serviceSign(ctx, s))
	signs, snap := p.spoolSigns(ctx, s, o)
	v.add(signs...)
	v.add(p.logsSigns(ctx, s.logs)...)
	v.add(p.outboundSigns(ctx, s)...)
	v.add(p.resolverSign(ctx, o))
	v.add(p.identitySigns(ctx, o, s)...)
	v.add(apiSign(ctx, s))
	v.add(p.incidentsSign(o))
	v.add(p.readySigns(ctx, o, s, snap)...)
	v.add(p.terminalSign())
	if o.config != "" {
		v.add(sign{works, "config", o.config + " is read"})
	}
	if o.lists != "" {
		v.add(listsSign(o))
	}
	for _, other := range s.others {
		v.add(sign{hint, "also", other})
	}
	if ctx.Err() != nil {
		return unfinished("stopped before the end; run the same command again")
	}
	v.people(p.env.Stdout)
	return silent(v.status())
}

// doctorView is the doctor's answer.
type doctorView struct{ signs []sign }

func (v *doctorView) add(signs ...sign) { v.signs = append(v.signs, signs...) }

// people shows a line for each thing.
func (v *doctorView) people(w io.Writer) {
	for _, s := range v.signs {
		first, more, _ := strings.Cut(s.says, "\n")
		fmt.Fprintf(w, "%s  %-10s %s\n", s.health, s.what, message.Printable(first))
		for line := range strings.Lines(more) { // lines to type
			fmt.Fprintf(w, "%17s%s\n", "", message.Printable(strings.TrimSuffix(line, "\n")))
		}
	}
}

// status is BadNews when something would not work, and NoAnswer when nobody can tell.
func (v *doctorView) status() Status {
	status := Good
	for _, s := range v.signs {
		switch s.health {
		case fails:
			status = worse(status, BadNews)
		case unsure:
			status = worse(status, NoAnswer)
		}
	}
	return status
}

func (p *program) systemSign() sign {
	may, why := mayAct()
	h := works
	if !may {
		h = hint
	}
	return sign{h, "system", fmt.Sprintf("delist %s on %s/%s, server %s; %s", version(), runtime.GOOS, runtime.GOARCH, hostname(), why)}
}

// serviceSign looks at the service, and does not touch it.
func (p *program) serviceSign(ctx context.Context, s server) sign {
	svc, err := service.New(s.service.value, service.Options{})
	if err != nil {
		return sign{fails, "service", sentence(err)}
	}
	if svc.ByHand() {
		return sign{hint, "service", "by hand: " + s.service.ground}
	}
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	seen, err := svc.Look(ctx)
	if err != nil {
		return sign{fails, "service", fmt.Sprintf("%s: %s", svc.Name(), sentence(err))}
	}
	text := fmt.Sprintf("%s is %s (%s)", svc.Name(), seen.State, s.service.ground)
	if seen.Detail != "" {
		text += "; " + seen.Detail
	}
	if seen.State == steps.ServiceUnknown {
		return sign{unsure, "service", text}
	}
	return sign{works, "service", text}
}

// spoolSigns looks at the spool as a search does, for as long as one look may take.
func (p *program) spoolSigns(ctx context.Context, s server, o options) ([]sign, *spool.Snapshot) {
	if s.spool.value == "" {
		return []sign{{fails, "spool", "no spool was found; SmarterMail names its folder under Settings, General, Spool Path: give it with --spool"}}, nil
	}
	sp, err := spool.Open(s.spool.value)
	if err != nil {
		return []sign{{fails, "spool", sentence(err)}}, nil
	}
	defer sp.Close()
	like, ground := spool.LooksLikeSpool(sp.Root())
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	snap, err := sp.ScanOnce(ctx, progressTo(p.env.Stderr, "reading the spool"))
	text := fmt.Sprintf("%s (%s): %s, %s waiting", sp.Root(), s.spool.ground, ground, waiting(sp.Root(), snap, err))
	signs := []sign{{works, "spool", text}}
	if !like {
		signs[0] = sign{fails, "spool", fmt.Sprintf("%s does not look like a spool: %s; give the right folder with --spool", sp.Root(), ground)}
	}
	if share, why := o.shared(sp.Root()); share {
		signs = append(signs, sign{hint, "spool", why + ": before messages are moved, mail has to be stopped on every node"})
	}
	if snap == nil {
		return append(signs, sign{unsure, "spool", "it could not be read: " + sentence(err)}), nil
	}
	if err != nil {
		signs = append(signs, sign{hint, "spool", fmt.Sprintf("it was not read to its end in %s, so what is odd in it is known in part", words.Span(doctorLimit))})
	}
	return append(signs, odditySigns(snap)...), snap
}

// waiting counts the messages, by their names where there was no time to read them all.
func waiting(root string, snap *spool.Snapshot, err error) string {
	if err == nil {
		return countOf(snap.Waiting()) + inBrackets(snap.SayUnread())
	}
	return atLeast(countPairs(root))
}

// shallow bounds how many names of one folder are counted.
const shallow = 100_000

// countPairs counts the messages of a spool by name: in its root and its SubSpool folders.
func countPairs(root string) (pairs int, more bool) {
	folders := []string{root}
	if entries, err := os.ReadDir(root); err == nil {
		for _, e := range entries {
			if e.IsDir() && strings.HasPrefix(strings.ToLower(e.Name()), "subspool") {
				folders = append(folders, filepath.Join(root, e.Name()))
			}
		}
	}
	for _, folder := range folders {
		f, err := os.Open(folder)
		if err != nil {
			more = true
			continue
		}
		names, _ := f.Readdirnames(shallow)
		_ = f.Close()
		more = more || len(names) == shallow
		for _, name := range names {
			if strings.HasSuffix(name, ".hdr") {
				pairs++
			}
		}
	}
	return pairs, more
}

func atLeast(n int, more bool) string {
	if more {
		return "at least " + countOf(n)
	}
	return countOf(n)
}

func listsSign(o options) sign {
	if _, err := o.newCatalogue(); err != nil {
		return sign{fails, "lists", sentence(err)}
	}
	return sign{works, "lists", o.lists + " is read"}
}

func (p *program) resolverSign(ctx context.Context, o options) sign {
	client, err := o.newResolver()
	if err != nil {
		return sign{fails, "resolver", sentence(err)}
	}
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	finding := resolver.Preflight(ctx, client)
	text := strings.TrimSpace(finding.Sentence + " " + finding.Remedy)
	switch finding.Kind {
	case resolver.Good:
		return sign{works, "resolver", text}
	case resolver.Unknown, resolver.Unreachable:
		return sign{unsure, "resolver", text}
	}
	return sign{fails, "resolver", text}
}

// apiSign knocks at the API's port; it does not log in.
func apiSign(ctx context.Context, s server) sign {
	if s.api.value == "" {
		return sign{hint, "API", "none is known, so passwords are changed by hand; give --api URL and --admin USER to let delist do it"}
	}
	u, err := url.Parse(s.api.value)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return sign{fails, "API", fmt.Sprintf("%q is not a web address; give --api such as %s", s.api.value, mailbox.DefaultURL)}
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return sign{hint, "API", fmt.Sprintf("nobody answers at %s (%s); while mail is stopped that is so, else give the right --api URL", s.api.value, sentence(err))}
	}
	_ = conn.Close()
	return sign{works, "API", fmt.Sprintf("somebody answers at %s; whether the administrator gets in is seen by the wizard", s.api.value)}
}

func (p *program) incidentsSign(o options) sign {
	var failed []string
	for _, folder := range p.incidentFolders(o) {
		if err := writable(standing(folder)); err != nil {
			failed = append(failed, sentence(err))
			continue
		}
		if len(failed) > 0 {
			return sign{hint, "incidents", fmt.Sprintf("kept in %s (%s)", folder, strings.Join(failed, "; "))}
		}
		return sign{works, "incidents", "kept in " + folder}
	}
	return sign{fails, "incidents", strings.Join(failed, "; ") + "; name a folder with --incidents"}
}

func (p *program) terminalSign() sign {
	if !p.env.Terminal {
		return sign{hint, "terminal", "none: the wizard needs one, or --plain"}
	}
	text := "a terminal"
	if name := p.env.get("TERM"); name != "" {
		text += " of type " + name
	}
	if yes, why := p.lineByLine(options{}); yes {
		return sign{hint, "terminal", why}
	}
	if why := p.noLines(); why != "" {
		text += "; " + why + ", so the screens use ASCII"
	}
	return sign{works, "terminal", text}
}
