package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"
)

// program is one run of the command line.
type program struct {
	env   Environment
	given given
	asker *asker
	asked <-chan struct{} // closed once delist is asked to end
	// releaseSignals gives the signals to end to somebody else: two who hear them would each leave them to the other.
	releaseSignals func()
}

// Main runs delist and returns its exit status.
func Main(env Environment) int {
	p := &program{env: env}
	if env.Terminal && p.otherLetters() != "" {
		env.Stdout, env.Stderr = &asciiWriter{to: env.Stdout}, &asciiWriter{to: env.Stderr}
		p.env = env
	}
	root := p.rootCommand()
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	cobra.MousetrapHelpText = "" // a double click on delist.exe is a good way to start the wizard

	ctx, stop := p.untilAsked()
	defer stop()
	p.asked = ctx.Done()
	err := root.ExecuteContext(ctx)
	if err != nil && p.questions().stopped {
		err = unfinished("stopped at a question; the same command asks it again")
	}
	var end *ending
	if err != nil && !(errors.As(err, &end) && end.reason == nil) {
		fmt.Fprintln(env.Stderr, "delist: "+sentence(err))
	}
	return int(statusOf(err))
}

// untilAsked is a context that ends with the first signal to end; a second one finds the usual effect.
func (p *program) untilAsked() (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	if p.env.Notify == nil {
		p.releaseSignals = func() {}
		return ctx, cancel
	}
	signals := make(chan os.Signal, 1)
	p.releaseSignals = sync.OnceFunc(p.env.Notify(signals))
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-signals:
			p.releaseSignals()
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-done
		p.releaseSignals()
	}
}

// questions is the asker of this run: questions go where people read.
func (p *program) questions() *asker {
	if p.asker == nil {
		p.asker = newAsker(p.env.Stdin, p.env.Stderr, p.asked)
	}
	return p.asker
}

// besideExample is the blank before the word of what an example is for, and that.
var besideExample = regexp.MustCompile(`(?m)(\S {2,})(\S.*)$`)

// rootCommand is the wizard, with all commands below it.
func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "delist",
		Short: "Get a mail server off blocklists: stop the spam, clean the spool, lock the thief out, ask for removal",
		Long: `delist leads you through the hour after a stolen mailbox sent spam through your SmarterMail server: it finds the
account, stops mail, moves the spam out of the spool, changes the password, starts mail again, watches, and shows how
to get off each list. It keeps a record, and every move can be undone. Without a command the wizard starts.`,
		Args: func(root *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(root, args[0])
			}
			return nil
		},
		Annotations:                map[string]string{cobra.CommandDisplayNameAnnotation: strings.Join(p.calledAs(), " ")},
		Example:                    examplesOf("delist"),
		SilenceUsage:               true,
		SilenceErrors:              true,
		Version:                    version(),
		SuggestionsMinimumDistance: nearness,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(flagRefusal)
	p.given.register(root.PersistentFlags())
	root.AddCommand(p.commands()...)
	p.wizardCommand(root)
	for _, cmd := range append(root.Commands(), root) { // as it was called now, so that they run as they are printed
		called := strings.ReplaceAll("\n"+cmd.Example, "\n  delist", "\n  "+strings.Join(p.calledAs(), " "))[1:]
		cmd.Example = besideExample.ReplaceAllString(called, "$1# $2") // which no shell takes for words of the command
	}
	root.SetHelpTemplate(root.HelpTemplate() + fmt.Sprintf(statusHelp, "listed, no match, refused by a rule"))
	return root
}

// command makes a command whose wrong use ends with Usage and whose help ends with the exit statuses.
func command(use, short, long, badNews string, args cobra.PositionalArgs) *cobra.Command {
	name, _, _ := strings.Cut(use, " ")
	cmd := &cobra.Command{
		Use: use, Short: short, Long: strings.TrimSpace(long), Example: examplesOf(name),
		Args: func(cmd *cobra.Command, got []string) error {
			if err := args(cmd, got); err != nil {
				return usage("%w; `%s --help` tells how to call it", err, cmd.CommandPath())
			}
			return nil
		},
	}
	cmd.SetHelpTemplate(cmd.HelpTemplate() + fmt.Sprintf(statusHelp, badNews))
	return cmd
}
