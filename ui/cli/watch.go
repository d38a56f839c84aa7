package cli

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"delist/checks/dnsbl"
	"delist/checks/resolver"
	"delist/checks/watch"
)

type watchOptions struct {
	json     bool
	guard    bool
	every    time.Duration
	onChange string
	ips      []string
}

func (p *program) watchCommand() *cobra.Command {
	var o watchOptions
	shell := "sh -c"
	if runtime.GOOS == "windows" {
		shell = "cmd /C"
	}
	cmd := command("watch IP...", "Check again until listings clear, or report new ones",
		`Looks again at every blocklist, each on its own schedule (15 minutes to 6 hours), and prints one line a change. It ends by
itself when every address is clear as check says it; with --guard it goes on and reports new listings. A list that
refuses, or gives no answer that can be believed, never counts as clear. What it knows outlives it: the same command
goes on after Ctrl+C or a restart. Without an address, those of --ip or of the configuration file are watched.

--on-change runs a command for each change, by `+"`"+shell+"`"+`, for at most a minute. It finds what happened in the variables
DELIST_IP, DELIST_LIST, DELIST_WAS and DELIST_IS (listed or clear) and DELIST_TIME (RFC 3339); nothing that a list
or a DNS server wrote is among them. The first answer of a list is no change.`,
		"another delist watches the address", cobra.ArbitraryArgs)
	cmd.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&o.guard, "guard", false, "go on when all are clear, and report new listings")
	cmd.Flags().DurationVar(&o.every, "every", 0, "look at every list this often, such as 30m, instead of on its own schedule")
	cmd.Flags().StringVar(&o.onChange, "on-change", "", "the `COMMAND` to run for each change")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.ips = args
		settings, err := p.load(cmd.Flags())
		if err != nil {
			return err
		}
		return p.watch(cmd.Context(), settings, o)
	}
	return cmd
}

// watch looks at the lists until all are clear, or until it is told to end.
func (p *program) watch(ctx context.Context, settings options, o watchOptions) (err error) {
	ips, err := settings.addressesToAsk(o.ips, "watch", parseAddresses)
	if err != nil {
		return err
	}
	if err := settings.mayAskEvery(o.every); err != nil {
		return err
	}
	client, err := settings.newResolver()
	if err != nil {
		return err
	}
	catalogue, err := settings.newCatalogue()
	if err != nil {
		return err
	}
	kept, err := p.openKept(settings, ips)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.close()) }()
	tell := watchTeller{program: p, o: o, ctx: ctx}
	tell.watch = watch.New(watch.Settings{
		Catalogue: catalogue, IPs: ips, Every: o.every, Guard: o.guard, Clock: p.env.Clock, Save: kept.save, Tell: tell.round,
		Ask: func(ctx context.Context, ips []netip.Addr, lists []*dnsbl.List) ([]dnsbl.Result, error) {
			return askOnly(ctx, client, catalogue, p.env.Clock, ips, lists)
		},
	}, kept.known)
	tell.ips = ips
	switch err := tell.watch.Run(ctx); {
	case ctx.Err() != nil:
		return unfinished("the watch was stopped; the same command goes on with it")
	case err != nil:
		return noAnswer("%w", err)
	}
	return nil
}

// askOnly asks some lists of the catalogue, and no other.
func askOnly(ctx context.Context, client *resolver.Client, catalogue *dnsbl.Catalogue, clock func() time.Time, ips []netip.Addr, lists []*dnsbl.List) ([]dnsbl.Result, error) {
	wanted := make(map[string]bool, len(lists))
	for _, l := range lists {
		wanted[l.ID] = true
	}
	o := dnsbl.Options{Keys: catalogue.Keys(), Preflight: resolver.Preflight(ctx, client), Now: clock}
	for _, l := range catalogue.Lists {
		if !wanted[l.ID] {
			o.Skip = append(o.Skip, l.ID)
		}
	}
	report, err := dnsbl.New(client, catalogue, o).Check(ctx, ips, nil)
	if err != nil {
		return nil, err
	}
	var results []dnsbl.Result
	for _, a := range report.Addresses {
		results = append(results, a.Results...)
	}
	return results, nil
}

// leastEvery is how often the lists of other people may be asked.
const leastEvery = 15 * time.Minute

// mayAskEvery refuses what the operators of lists would take for an attack. A DNS server for practice, on this machine
// and at a port that no real one has, may be asked as often as one likes.
func (o *options) mayAskEvery(every time.Duration) error {
	if every == 0 || every >= leastEvery {
		return nil
	}
	server, err := resolver.Parse(o.resolver)
	if every > 0 && err == nil && server.Addr.Addr().IsLoopback() && server.Addr.Port() != 53 {
		return nil
	}
	return usage("--every %s is too often: lists shut out who asks more than every 15 minutes; give 15m or more, or leave it out", every)
}

// kept are the files of a watch, one an address, with what an earlier watch knew.
type kept struct {
	*program
	files map[netip.Addr]*watch.File
	known map[netip.Addr]watch.Memory
	mute  bool // that nothing can be kept was said
}

// openKept takes the files of the addresses, beside the incidents.
func (p *program) openKept(o options, ips []netip.Addr) (*kept, error) {
	folder, err := p.stateFolder(o, "what the watch knows")
	if err != nil {
		return nil, err
	}
	k := &kept{program: p, files: map[netip.Addr]*watch.File{}, known: map[netip.Addr]watch.Memory{}}
	for _, ip := range ips {
		f, err := watch.OpenFile(filepath.Join(folder, "watch"), ip)
		if errors.Is(err, watch.ErrBusy) {
			return nil, errors.Join(badNews("%s: %w; end that one first, or leave it to it", ip, err), k.close())
		}
		if err != nil {
			return nil, errors.Join(usage("%w; name another folder with --incidents", err), k.close())
		}
		k.files[ip] = f
		known, aside, err := f.Load(ip)
		if err != nil {
			return nil, errors.Join(usage("%w; name another folder with --incidents", err), k.close())
		}
		if aside != "" {
			p.note("What the last watch of %s knew is damaged and was kept as %s; this watch begins anew.", ip, aside)
		}
		k.known[ip] = known
	}
	return k, nil
}

// save keeps what is known; that it cannot is said once, and the watch goes on.
func (k *kept) save(ip netip.Addr, known watch.Memory) {
	if err := k.files[ip].Save(ip, known); err != nil && !k.mute {
		k.mute = true
		k.note("%s; the watch goes on, and begins anew when it is started again.", sentence(err))
	}
}

func (k *kept) close() error {
	var err error
	for _, f := range k.files {
		err = errors.Join(err, f.Close())
	}
	return err
}
