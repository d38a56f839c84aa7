package drill

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"delist/checks/dnsbl"
	"delist/spool/message"
	"delist/steps"
	"delist/steps/drill/smartermail"
	"delist/steps/mailbox"
)

// What the practice incident is about.
const (
	ServerName    = smartermail.ServerName
	StolenAccount = smartermail.StolenAccount

	// Bounce is what the help article shows: Cox refuses the server because invaluement lists it.
	Bounce = "554 fed1rmimpi309 cox " + smartermail.ServerIP + " blocked. Error Code: IPBL0100"
)

// BounceText is the whole report that came back to a customer of the practice server, as SmarterMail words it.
const BounceText = "Could not deliver message to the following recipient(s):\r\n\r\n" +
	"Failed Recipient: r.hale@cox.test\r\n" +
	"Reason: Remote host said: " + Bounce + "\r\n"

// Options say which drill, where, and how fast.
type Options struct {
	Dir      string   // where the drill is kept, and resumed from; empty: a temporary folder, removed by Close
	Keep     bool     // do not remove the temporary folder
	Seed     uint64   // the same seed makes the same incident
	Messages int      // complete pairs in the spool; 0: the usual 3,912
	Pace     float64  // multiplies every wait: 1 is usual, 0.1 ten times as fast; 0: 1, or what the kept drill had
	Direct   bool     // no mailbox was stolen: a program on the server sends past the mail service
	ByHand   bool     // the operator stops and starts the mail service himself, and changes the password by hand
	Exe      []string // the command that runs Child, to which Child's arguments are added
}

// Practice is a drill under way.
type Practice struct {
	Dir          string // all of it lies here
	SpoolDir     string
	LogsDir      string
	IncidentsDir string // for the journal; made when it is written to
	BounceFile   string // BounceText, to be read by the bounce command

	IP       netip.Addr     // the listed address of the practice server
	Resolver netip.AddrPort // where its DNS server answers, by UDP and TCP
	APIURL   string         // SmarterMail's API, while the service runs
	MailPort netip.AddrPort // answers a connection while the service runs, and only then

	AdminUser     string
	AdminPassword steps.Secret

	Pace    float64
	Direct  bool              // a program sends past the mail service
	ByHand  bool              // neither the service nor the API is delist's to use: hands do it
	Resumed bool              // the folder held a drill already
	World   smartermail.World // what was laid out

	record  *record
	service *mailService
	program *mailService // that sends past it; nil where none does
	lists   *blocklists
	answers *nameServer
	outside *sink
	hands   *control
	lock    *flock.Flock
	temp    bool
	close   func() error
}

// Start lays out a practice server, or takes up the one that Dir holds, and starts its DNS server and its mail service.
// A service that was stopped when the drill was left stays stopped. ctx bounds the start; the drill runs until Close.
func Start(ctx context.Context, o Options) (*Practice, error) {
	if len(o.Exe) == 0 {
		return nil, errors.New("start drill: no command to run the practice service with")
	}
	p := &Practice{
		IP:            netip.MustParseAddr(smartermail.ServerIP),
		AdminUser:     smartermail.AdminUser,
		AdminPassword: steps.NewSecret(smartermail.AdminPassword),
	}
	p.close = sync.OnceValue(p.end)
	if err := p.begin(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("start drill: %w", err), p.Close())
	}
	return p, nil
}

// begin does the work of Start. What it has begun when it fails, Close ends.
func (p *Practice) begin(ctx context.Context, o Options) error {
	if err := p.choosePlace(o); err != nil {
		return err
	}
	if err := p.checkPlace(); err != nil {
		return err
	}
	var err error
	if p.lock, err = hold(p.Dir); err != nil {
		return err
	}
	_ = os.Remove(doorplateOf(p.Dir)) // of a process that was killed; there is mostly none
	if err := p.layOut(o); err != nil {
		return err
	}
	if err := os.WriteFile(p.BounceFile, []byte(BounceText), 0o600); err != nil {
		return fmt.Errorf("write the bounce: %w", err)
	}
	catalogue, err := dnsbl.Default()
	if err != nil {
		return err
	}
	p.lists = newBlocklists(catalogue, listings(p.IP, p.Direct), p.IP, p.Pace, p.record)
	if p.answers, err = serveNames(ctx, p.IP, p.lists); err != nil {
		return err
	}
	p.Resolver = p.answers.addr
	if p.outside, err = openSink(ctx, p.Dir); err != nil {
		return err
	}
	if err := p.setUpService(ctx, o.Exe); err != nil {
		return err
	}
	if err := p.setUpProgram(ctx, o.Exe); err != nil {
		return err
	}
	if !p.record.Stopped {
		if err := p.service.Start(ctx, func(string) {}); err != nil {
			return err
		}
	}
	p.hands, err = listenForHands(ctx, p.Dir, p.obey)
	return err
}

// setUpService makes the mail service ready to be started, at the port it had before if possible.
func (p *Practice) setUpService(ctx context.Context, exe []string) error {
	door, err := freePort(ctx, p.record.API)
	if err != nil {
		return err
	}
	p.APIURL = "http://" + door
	if p.MailPort, err = netip.ParseAddrPort(door); err != nil {
		return fmt.Errorf("find a free port: %w", err)
	}
	p.service = &mailService{
		command: append(append([]string{}, exe...), childArgs(p.serverDir(), door, p.outside.addr, p.Pace)...),
		ready:   p.lists.serviceRuns,
		spam:    p.lists.spamSeen,
		wanted:  func(on bool) error { return p.record.change(func(r *record) { r.Stopped = !on }) },
	}
	return p.record.change(func(r *record) { r.API = door })
}

// choosePlace finds the drill's folder and names what lies in it.
func (p *Practice) choosePlace(o Options) error {
	dir := o.Dir
	if dir == "" {
		made, err := os.MkdirTemp("", TempPattern)
		if err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
		dir, p.temp = made, !o.Keep
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("find the drill's folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the drill's folder: %w", err)
	}
	p.Dir = dir
	p.SpoolDir = filepath.Join(p.serverDir(), "Spool")
	p.LogsDir = filepath.Join(p.serverDir(), "Logs")
	p.IncidentsDir = filepath.Join(dir, "incidents")
	p.BounceFile = filepath.Join(dir, "bounce.txt")
	return nil
}

// serverDir is where the practice server keeps its spool, logs and accounts.
func (p *Practice) serverDir() string { return ServerIn(p.Dir) }

// ServerIn is where the drill kept in dir has its practice server, with the spool right below.
func ServerIn(dir string) string { return filepath.Join(dir, "SmarterMail") }

// checkPlace refuses a folder in which something else lies.
func (p *Practice) checkPlace() error {
	names, err := os.ReadDir(p.Dir)
	if err != nil {
		return fmt.Errorf("look into the drill's folder: %w", err)
	}
	for _, name := range names {
		if name.Name() == recordName {
			return nil
		}
	}
	if len(names) > 0 && (len(names) > 1 || names[0].Name() != lockName) {
		return fmt.Errorf("%s is not empty and holds no drill; give an empty or a new folder", p.Dir)
	}
	return nil
}

// layOut reads the record of a kept drill, or makes a new server and writes its record last: without it, a folder that
// is not empty is somebody else's.
func (p *Practice) layOut(o Options) error {
	kept, err := readRecord(p.Dir)
	if err != nil {
		return err
	}
	if p.Resumed = kept != nil; !p.Resumed {
		world, err := smartermail.Seed(p.serverDir(), smartermail.Options{Seed: o.Seed, Messages: o.Messages, Quiet: o.Direct})
		if err != nil {
			return err
		}
		kept = newRecord(p.Dir, o.Seed, world)
		kept.Direct = o.Direct
	}
	p.record, p.World, p.Direct = kept, kept.World, kept.Direct
	return kept.change(func(r *record) {
		r.Open = true
		r.ByHand = r.ByHand || o.ByHand
		p.ByHand = r.ByHand
		switch {
		case o.Pace > 0:
			r.Pace = o.Pace
		case r.Pace <= 0:
			r.Pace = 1
		}
		p.Pace = r.Pace
	})
}

// Service is the practice server's mail service. Stopping it ends its process. In a drill by hand it is for the hands,
// not for the runbook.
func (p *Practice) Service() steps.Service { return p.service }

// Requested marks that a list (its name, id or zone) was asked to let the server go: it does, a little later, unless
// new spam comes. Lists that wait by themselves, or that list the network around the server, do not care.
func (p *Practice) Requested(list string) error { return p.lists.requested(list) }

// Settings are the runbook's times for a drill: as much shorter than a real server's as the drill's own consequences are.
func (p *Practice) Settings() steps.Settings {
	s := steps.DefaultSettings()
	s.HELO = ServerName
	s.RescanEvery = p.wait(time.Second)
	s.LookEvery = p.wait(500 * time.Millisecond)
	s.LogsEvery = p.wait(time.Second)
	s.OutboundEvery = p.wait(500 * time.Millisecond)
	s.ListsEvery = p.wait(4 * time.Second)
	s.WatchRestart = smartermail.HeadStart + time.Second + p.wait(10*time.Second) // long enough to see the thief come back
	s.VerifyWait = p.wait(15 * time.Second)
	return s
}

// wait scales a wait; nothing is done oftener than ten times a second.
func (p *Practice) wait(d time.Duration) time.Duration {
	return max(100*time.Millisecond, time.Duration(float64(d)*p.Pace))
}

// obey does what hands do on the server, outside of delist.
func (p *Practice) obey(ctx context.Context, o order) error {
	switch o.Do {
	case stopMail:
		return p.service.Stop(ctx, func(string) {})
	case startMail:
		return p.service.Start(ctx, func(string) {})
	case endProgram:
		return p.EndProgram(ctx)
	case setPassword, endSessions:
	default:
		return fmt.Errorf("the practice server cannot do %q", o.Do)
	}
	if seen, err := p.service.Look(ctx); err != nil || seen.State != steps.ServiceRunning {
		return errors.Join(errors.New("SmarterMail's web interface opens only while mail runs; start mail first"), err)
	}
	web, err := mailbox.NewREST(mailbox.Options{URL: p.APIURL, Admin: p.AdminUser, Password: p.AdminPassword})
	if err != nil {
		return err
	}
	if o.Do == endSessions { // for which SmarterMail takes any name
		box, err := web.Read(ctx, o.Account)
		if err == nil && !box.Exists {
			err = fmt.Errorf("there is no account %s on the practice server", message.Printable(o.Account))
		}
		if err != nil {
			return err
		}
		return web.EndSessions(ctx, o.Account)
	}
	return web.SetPassword(ctx, o.Account, steps.NewSecret(o.Password))
}

// Close stops the mail service and all that answers beside it, waits for them, and removes a temporary folder. A second call gives
// the first one's answer.
func (p *Practice) Close() error { return p.close() }

func (p *Practice) end() error {
	var errs []error
	if p.hands != nil {
		errs = append(errs, p.hands.close())
	}
	for _, s := range []*mailService{p.program, p.service} {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	if p.program != nil { // it is large, and made again where the drill goes on
		_ = os.RemoveAll(filepath.Join(p.Dir, culpritDir))
	}
	if p.answers != nil {
		errs = append(errs, p.answers.close())
	}
	if p.outside != nil {
		errs = append(errs, p.outside.close())
	}
	if p.record != nil {
		errs = append(errs, p.record.change(func(r *record) { r.Open = false }))
	}
	if p.lock != nil {
		errs = append(errs, p.lock.Unlock())
	}
	if p.temp {
		errs = append(errs, os.RemoveAll(p.Dir))
	}
	return errors.Join(errs...)
}

// freePort is an address on loopback at which nobody listens: the one wished for, if possible.
func freePort(ctx context.Context, wish string) (string, error) {
	var lc net.ListenConfig
	var failed error
	for _, addr := range []string{wish, "127.0.0.1:0"} {
		if addr == "" {
			continue
		}
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			failed = err
			continue
		}
		addr = l.Addr().String()
		return addr, l.Close()
	}
	return "", fmt.Errorf("find a free port: %w", failed)
}
