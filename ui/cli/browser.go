package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"

	"delist/steps"
	"delist/steps/incident"
)

// browser opens web pages in the operator's own browser; where none can be reached it is nil, and why says so in words.
// Over SSH a browser would open on the screen of the server, or nowhere.
func (p *program) browser() (open func(context.Context, string) error, why string) {
	switch {
	case p.remote():
		return nil, "you work over SSH, and a browser would open on the server's own screen"
	case runtime.GOOS == "windows":
		return openWith("rundll32.exe", "url.dll,FileProtocolHandler"), ""
	case p.env.get("DISPLAY") == "" && p.env.get("WAYLAND_DISPLAY") == "":
		return nil, "there is no desktop here"
	case os.Geteuid() == 0:
		return nil, "delist runs as root, and a browser should not"
	}
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	if _, err := exec.LookPath(opener); err != nil {
		return nil, opener + " is not installed"
	}
	return openWith(opener), ""
}

// remote says that the operator is at another machine's screen.
func (p *program) remote() bool {
	return p.env.get("SSH_CONNECTION") != "" || p.env.get("SSH_TTY") != ""
}

// openWith hands a link to a program of the desktop, and does not wait for it: some live as long as the browser. The
// links are the catalogue's own; any other kind of address is refused all the same, since a desktop runs what it is handed.
func openWith(program string, args ...string) func(context.Context, string) error {
	return func(_ context.Context, link string) error {
		u, err := url.Parse(link)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return errors.New("this is no web address; copy it instead")
		}
		cmd := exec.Command(program, append(args, u.String())...)
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("no browser could be started: %w; copy the link instead", err)
		}
		return cmd.Process.Release()
	}
}

// earlierRequests are the requests for removal of all incidents of this server: a list remembers who asked, and extends
// the listing of who asks twice. Practice and dry runs asked nobody.
func (p *program) earlierRequests(o options) []steps.Earlier {
	var all []steps.Earlier
	for _, i := range p.listIncidents(o) {
		if i.inc.Mode.Drill || i.inc.Mode.DryRun {
			continue
		}
		for _, l := range i.inc.Listings {
			if l.State == incident.ListingAsked {
				all = append(all, steps.Earlier{Incident: i.inc.ID, Listing: l})
			}
		}
	}
	return all
}
