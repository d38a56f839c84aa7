package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"delist/checks/outbound"
	"delist/steps"
	"delist/steps/drill/smartermail"
)

// What the program says that sends past the mail service, and how often, at pace 1.
const (
	straightHELO  = "DESKTOP-7F3A"
	straightEvery = 2 * time.Second
	straightLimit = 5 * time.Second // for one message: the other side is on this machine
	perConnection = 10              // messages
)

// sendStraight is a program that sends spam straight to the world outside, as malware does: the mail service, its spool
// and its logs know nothing of it. It says on out when it works and for each message, and ends with control.
func sendStraight(ctx context.Context, sink string, pace float64, control io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with the parent, or with the process
		defer cancel()
		_, _ = io.Copy(io.Discard, control)
	}()
	says := json.NewEncoder(out)
	if err := says.Encode(smartermail.Said{Ready: &smartermail.Ready{}}); err != nil {
		return fmt.Errorf("send past the mail service: %w", err)
	}
	for n := 0; ctx.Err() == nil; {
		sent, err := straightConnection(ctx, sink, pace, n, says)
		if n += sent; err != nil && ctx.Err() == nil {
			wait(ctx, straightEvery, pace) // the world outside is not there yet, or not any more
		}
	}
	return nil
}

// straightConnection sends some messages over one connection.
func straightConnection(ctx context.Context, sink string, pace float64, n int, says *json.Encoder) (sent int, err error) {
	conn, err := (&net.Dialer{Timeout: straightLimit}).DialContext(ctx, "tcp", sink)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if err := conn.SetDeadline(time.Now().Add(straightLimit)); err != nil {
		return 0, err
	}
	client, err := smtp.NewClient(conn, "outside.test")
	if err != nil {
		return 0, err
	}
	if err := client.Hello(straightHELO); err != nil {
		return 0, err
	}
	for ; sent < perConnection; sent++ {
		if err := conn.SetDeadline(time.Now().Add(straightLimit)); err != nil {
			return sent, err
		}
		if err := straightMessage(client, n+sent); err != nil {
			return sent, err
		}
		if err := says.Encode(smartermail.Said{Spam: true}); err != nil {
			return sent, err
		}
		if !wait(ctx, straightEvery, pace) {
			return sent, ctx.Err()
		}
	}
	return sent, client.Quit()
}

// straightMessage sends one message.
func straightMessage(client *smtp.Client, n int) error {
	if err := client.Mail("parcel@post.test"); err != nil {
		return err
	}
	if err := client.Rcpt(fmt.Sprintf("reader%d@elsewhere.test", n)); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s: straight-%d\n%s: %s\nMessage-ID: <straight-%d@post.test>\nFrom: Parcels <parcel@post.test>\nSubject: Your parcel %d waits\n\nPay the fee.\n",
		smartermail.HeaderID, n, smartermail.HeaderKind, smartermail.KindSpam, n, n)
	if _, err := io.WriteString(w, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		return errors.Join(err, w.Close())
	}
	return w.Close()
}

// wait is a paced pause; it says whether ctx still goes on.
func wait(ctx context.Context, d time.Duration, pace float64) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(max(10*time.Millisecond, time.Duration(float64(d)*pace))):
		return true
	}
}

// setUpProgram starts the program that sends past the mail service, unless somebody has ended it.
func (p *Practice) setUpProgram(ctx context.Context, exe []string) error {
	if !p.Direct {
		return nil
	}
	culprit := filepath.Join(p.Dir, culpritDir, culpritName)
	if runtime.GOOS == "windows" {
		culprit += ".exe"
	}
	named := disguise(exe[0], culprit) == nil
	command := slices.Concat(exe, []string{"-straight", "-sink", p.outside.addr, "-pace", strconv.FormatFloat(p.Pace, 'g', -1, 64)})
	if named {
		command[0] = culprit
	}
	p.program = &mailService{
		command: command,
		ready:   func(bool) {},
		spam:    p.lists.spamSeen,
		wanted:  func(on bool) error { return p.record.change(func(r *record) { r.Silent = !on }) },
	}
	if p.record.Silent {
		return nil
	}
	err := p.program.Start(ctx, func(string) {})
	if err != nil && named { // such as on a disk that runs no programs
		p.program.command[0] = exe[0]
		err = p.program.Start(ctx, func(string) {})
	}
	return err
}

// The file of the program that sends past the mail service: whoever finds it under delist's own name would think that
// delist sends.
const culpritDir, culpritName = "Temp", "parcel-update"

// disguise gives a program another name as well. Windows names a process as its file was first opened, whichever link it
// is run by: there it has to be a copy.
func disguise(exe, name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if runtime.GOOS != "windows" && os.Link(exe, name) == nil {
		return nil
	}
	from, err := os.Open(exe)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// EndProgram ends the program that sends past the mail service, as somebody does who has found it.
func (p *Practice) EndProgram(ctx context.Context) error {
	if p.program == nil {
		return errors.New("on this practice server no program sends past the mail service")
	}
	return p.program.Stop(ctx, func(string) {})
}

// Outbound looks who speaks to the drill's world outside.
func (p *Practice) Outbound() (steps.Outbound, error) {
	_, port, err := net.SplitHostPort(p.outside.addr)
	if err != nil {
		return nil, fmt.Errorf("find the port of the world outside: %w", err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("find the port of the world outside: %w", err)
	}
	return &practiceOutbound{practice: p, sampler: outbound.At(uint16(n))}, nil
}

// practiceOutbound leaves out the practice mail service, whose file is delist's own and not SmarterMail's.
type practiceOutbound struct {
	practice *Practice
	sampler  *outbound.Sampler
}

// Sample implements steps.Outbound.
func (o *practiceOutbound) Sample(ctx context.Context) (outbound.Sample, error) {
	before, _ := o.practice.service.Look(ctx) // cannot fail
	sample, err := o.sampler.Sample(ctx)
	after, _ := o.practice.service.Look(ctx)
	sample.Programs = slices.DeleteFunc(sample.Programs, func(p outbound.Program) bool {
		return p.Known() && (p.PID == before.PID || p.PID == after.PID)
	})
	if !slices.ContainsFunc(sample.Programs, func(p outbound.Program) bool { return !p.Known() }) {
		sample.Unseen = nil // all of a drill runs as one user, and in no container
	}
	return sample, err
}
