package cli

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"delist/checks/resolver"
)

// options are what flags and the configuration file say; a zero value is for what neither says.
type options struct {
	spool     string
	logs      string
	ips       []netip.Addr
	resolver  string
	helo      string
	service   string // "", "auto", "by-hand", "none" or a name
	api       string
	admin     string
	incidents string
	config    string

	dryRun      bool
	readOnly    bool
	plain       bool
	ascii       bool
	noColor     bool
	noAltScreen bool

	// Of the configuration file only.
	failover        bool // several servers use this spool
	quarantineDir   string
	otherVolume     bool // may be; for `delist quarantine`, a flag as well
	lists           string
	verifyWait      time.Duration
	watchRestart    time.Duration
	busyPerHour     int
	backlogMessages int
	backlogShare    float64
}

// given are the flags as they were typed, before the configuration file is read.
type given struct {
	options
	ipTexts []string
}

// register adds the flags that all commands share.
func (g *given) register(flags *pflag.FlagSet) {
	flags.StringVar(&g.spool, "spool", "", "the spool's `FOLDER`, such as C:\\SmarterMail\\Spool")
	flags.StringVar(&g.logs, "logs", "", "the `FOLDER` of SmarterMail's logs")
	flags.StringSliceVar(&g.ipTexts, "ip", nil, "the `ADDRESS` this server sends from; may be given several times")
	flags.StringVar(&g.helo, "helo", "", "the `NAME` this server says in HELO; else it is looked for")
	flags.StringVar(&g.resolver, "resolver", "", "the DNS server to ask, `[tcp://]HOST[:PORT]`")
	flags.StringVar(&g.service, "service", "", "the mail service: auto, its `NAME`, by-hand, or none where nothing writes to the spool")
	flags.StringVar(&g.api, "api", "", "the `URL` of SmarterMail's web interface, such as http://127.0.0.1:17017")
	flags.StringVar(&g.admin, "admin", "", "the SmarterMail administrator's `USER` name; the password is asked for, or taken from DELIST_ADMIN_PASSWORD")
	flags.StringVar(&g.incidents, "incidents", "", "the `FOLDER` that keeps the incidents")
	flags.StringVar(&g.config, "config", "", "the configuration `FILE` (TOML)")
	flags.BoolVar(&g.dryRun, "dry-run", false, "say everything, do nothing to the spool, the service or an account")
	flags.BoolVar(&g.readOnly, "read-only", false, "only look, collect and report")
	flags.BoolVar(&g.plain, "plain", false, "one line after the other, for screen readers, dumb terminals and scripts")
	flags.BoolVar(&g.ascii, "ascii", false, "draw with ASCII only")
	flags.BoolVar(&g.noColor, "no-color", false, "no colours; the variable NO_COLOR does the same")
	flags.BoolVar(&g.noAltScreen, "no-altscreen", false, "keep what stands on the terminal; for consoles that stay blank otherwise")
}

// load reads the configuration file and lays the flags over it: a flag counts more than the file.
func (p *program) load(flags *pflag.FlagSet) (options, error) {
	g := &p.given
	file, path, err := p.readConfig(g.config)
	if err != nil {
		return options{}, err
	}
	o, err := file.options(path)
	if err != nil {
		return options{}, err
	}
	for name, lay := range map[string]func(){
		"spool": func() { o.spool = g.spool }, "logs": func() { o.logs = g.logs },
		"resolver": func() { o.resolver = g.resolver }, "service": func() { o.service = g.service },
		"api": func() { o.api = g.api }, "admin": func() { o.admin = g.admin },
		"helo":      func() { o.helo = g.helo },
		"incidents": func() { o.incidents = g.incidents },
	} {
		if flags.Changed(name) {
			lay()
		}
	}
	if flags.Changed("ip") {
		if o.ips, err = parseAddresses(g.ipTexts, "--ip"); err != nil {
			return options{}, err
		}
	}
	o.config = path
	o.dryRun, o.readOnly, o.plain, o.ascii = g.dryRun, g.readOnly, g.plain, g.ascii
	o.noColor = g.noColor || p.env.get("NO_COLOR") != "" || p.env.get("TERM") == "dumb"
	o.noAltScreen = g.noAltScreen
	return o, o.check()
}

// check refuses what cannot be right whatever the server is.
func (o *options) check() error {
	if o.dryRun && o.readOnly {
		return usage("--dry-run and --read-only do not go together: a dry run says what it would change, read-only offers no change; choose one")
	}
	if o.resolver != "" {
		if _, err := resolver.Parse(o.resolver); err != nil {
			return usage("%w", err)
		}
	}
	return nil
}

// parseAddresses reads addresses; where names the flag or key they come from.
func parseAddresses(texts []string, where string) ([]netip.Addr, error) {
	var addrs []netip.Addr
	for _, text := range texts {
		addr, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil || addr.Zone() != "" {
			return nil, usage("%s: %q is not an address; give one such as 203.0.113.25 or 2001:db8::25", where, text)
		}
		addrs = append(addrs, addr.Unmap())
	}
	return addrs, nil
}

// addressesToAsk are the public addresses that a command asks the lists about: those typed, else those of the settings,
// each once. parse reads what was typed.
func (o *options) addressesToAsk(typed []string, command string, parse func([]string, string) ([]netip.Addr, error)) ([]netip.Addr, error) {
	ips := o.ips
	if len(typed) > 0 {
		var err error
		if ips, err = parse(typed, command); err != nil {
			return nil, err
		}
	}
	if len(ips) == 0 {
		return nil, usage("no address to %s; give the one that the server sends mail from: delist %[1]s 203.0.113.25", command)
	}
	var each []netip.Addr
	for _, ip := range ips {
		if ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
			return nil, usage("%s is not a public address, and no blocklist knows it; give the address that other servers see", ip)
		}
		if !slices.Contains(each, ip) {
			each = append(each, ip)
		}
	}
	return each, nil
}

// newResolver builds the client for DNS questions, with the servers given or those of this system.
func (o *options) newResolver() (*resolver.Client, error) {
	if o.resolver != "" {
		server, err := resolver.Parse(o.resolver)
		if err != nil {
			return nil, usage("%w", err)
		}
		return resolver.New([]resolver.Server{server}, resolver.Options{}), nil
	}
	servers, err := resolver.System()
	if err != nil {
		return nil, noAnswer("the DNS servers of this system cannot be found: %w; give one with --resolver", err)
	}
	return resolver.New(servers, resolver.Options{}), nil
}
