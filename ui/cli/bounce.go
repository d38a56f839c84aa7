package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"delist/checks/bounce"
)

func (p *program) bounceCommand() *cobra.Command {
	var asJSON bool
	cmd := command("bounce FILE|-", "Say what a bounce means, and what to do",
		`Reads a bounce, or the line that says why mail was refused, from a file or from standard input, and says who refused it,
why, and what to do.`,
		"mail was refused for what this server did", orSay(cobra.ExactArgs(1), "give one file that holds the bounce, or - to paste it"))
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = func(_ *cobra.Command, args []string) error { return p.bounce(args[0], asJSON) }
	return cmd
}

// bounce reads a bounce and shows what it says.
func (p *program) bounce(name string, asJSON bool) error {
	in := p.env.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return usage("the bounce cannot be read: %w; give its file, or - and paste it", err)
		}
		defer f.Close()
		in = f
	} else if p.env.Terminal {
		p.note("Paste the bounce, then end with Ctrl+D (on Windows Ctrl+Z and Enter).")
	}
	report, err := bounce.Read(in)
	if err != nil {
		return noAnswer("the bounce cannot be read: %w", err)
	}
	v := bounceView(report)
	if err := p.show(v, asJSON); err != nil {
		return err
	}
	return silent(v.status())
}

// bounceView is what a bounce says.
type bounceView bounce.Report

// status is BadNews when somebody blocks this server, and NoAnswer when the bounce does not tell, or was
// not read to its end.
func (v bounceView) status() Status {
	status := NoAnswer
	for _, f := range v.Findings {
		switch {
		case f.Kind == bounce.Unknown:
		case f.Kind == bounce.Rate && !f.Permanent && f.Certainty != bounce.Certain: // whoever is new somewhere waits, greylisted, too
		case f.Kind == bounce.Recipient, f.Kind == bounce.RecipientResolver:
			if !v.Truncated {
				status = min(status, Good) // the recipient's matter, not this server's
			}
		default:
			return BadNews
		}
	}
	return status
}

// people implements view.
func (v bounceView) people(w io.Writer) {
	if v.Truncated {
		defer fmt.Fprintln(w, "\nIt was not read to its end: it is too long, or torn. What the rest says is not known; paste the line with the code.")
	}
	if len(v.Findings) == 0 {
		fmt.Fprintln(w, "This names no blocker. Look for the line with a three-digit code, such as 554, and paste it.")
		return
	}
	for i, f := range v.Findings {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if !f.Refused() {
			fmt.Fprintln(w, f.Advice)
		} else {
			fmt.Fprintln(w, said(f))
			if f.Advice != "" {
				fmt.Fprintln(w, "  "+f.Advice)
			}
		}
		if f.URL != "" {
			fmt.Fprintln(w, "  "+f.URL)
		}
		if f.Quote != "" {
			fmt.Fprintln(w, "  It says: "+f.Quote)
		}
	}
}

// said is a finding in one sentence.
func said(f bounce.Finding) string {
	who := cmp.Or(f.Provider, "the receiving server")
	if f.List != "" && f.List != f.Provider {
		who += ", by " + f.List
	}
	what := map[bounce.Kind]string{
		bounce.List: "blocked by a blocklist", bounce.Provider: "blocked by the receiver itself", bounce.Rate: "slowed down: too much, or too early",
		bounce.DNS: "refused for this server's DNS names", bounce.Auth: "refused for SPF, DKIM, DMARC or TLS",
		bounce.Content: "refused for what the message holds", bounce.Domain: "refused for a domain in the message",
		bounce.Recipient: "refused for this recipient only", bounce.RecipientResolver: "refused by a blocklist check that is broken at the receiver",
		bounce.Unknown: "refused, and it does not say why",
	}[f.Kind]
	text := fmt.Sprintf("%s: %s", who, what)
	if f.IP.IsValid() {
		text = fmt.Sprintf("%s, %s", text, f.IP)
	}
	if f.Permanent {
		return text + ", for good"
	}
	return text + ", for now"
}

// machine implements view.
func (v bounceView) machine() any {
	if v.Findings == nil {
		v.Findings = []bounce.Finding{}
	}
	return bounce.Report(v)
}
