package drill

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"delist/steps/drill/smartermail"
)

// Child is the practice mail service, in a process of its own: what the hidden command runs. args are those that Start
// added to Options.Exe. It ends when stdin says so or ends, or when the process is asked to terminate. Ctrl+C is for the
// parent, which shares the terminal.
func Child(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	var c smartermail.Config
	flags := flag.NewFlagSet("practice mail service", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.Dir, "dir", "", "the practice server's folder")
	flags.StringVar(&c.Addr, "addr", "", "where the API listens")
	flags.StringVar(&c.Sink, "sink", "", "where mail for the world outside goes")
	straight := flags.Bool("straight", false, "send straight to the world outside, past the mail service")
	flags.Float64Var(&c.Pace, "pace", 1, "multiplies every wait")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("practice mail service: %w", err)
	}
	if c.Dir == "" && !*straight {
		return errors.New("practice mail service: it is started by delist drill, not by hand")
	}
	signal.Ignore(os.Interrupt)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	if *straight {
		return sendStraight(ctx, c.Sink, c.Pace, stdin, stdout)
	}
	return smartermail.Process(ctx, c, stdin, stdout)
}

// childArgs are the arguments that Child understands.
func childArgs(dir, addr, sink string, pace float64) []string {
	return []string{"-dir", dir, "-addr", addr, "-sink", sink, "-pace", strconv.FormatFloat(pace, 'g', -1, 64)}
}
