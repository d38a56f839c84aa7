package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"delist/spool/message"
	"delist/steps"
	"delist/steps/drill"
)

// drillHands are the commands that do on the practice server what somebody does on a real one outside of delist.
func (p *program) drillHands() []*cobra.Command {
	accountOnly := orSay(cobra.ExactArgs(1), "name one account")
	stop := p.drillHand("stop-mail", "Stop the practice server's mail service by hand", noWords,
		func(ctx context.Context, hands drill.Hands, _ []string) (string, error) {
			return "The practice mail service has stopped.", hands.StopMail(ctx)
		})
	start := p.drillHand("start-mail", "Start the practice server's mail service by hand", noWords,
		func(ctx context.Context, hands drill.Hands, _ []string) (string, error) {
			return "The practice mail service runs.", hands.StartMail(ctx)
		})
	set := p.drillHand("set-password ACCOUNT", "Set a password on the practice server, as in SmarterMail's web interface; it is asked for", accountOnly,
		func(ctx context.Context, hands drill.Hands, words []string) (string, error) {
			password, err := p.practicePassword()
			if err != nil {
				return "", err
			}
			return "The password was set.", hands.SetPassword(ctx, words[0], password)
		})
	end := p.drillHand("end-sessions ACCOUNT", "End an account's connections on the practice server, as in SmarterMail's web interface", accountOnly,
		func(ctx context.Context, hands drill.Hands, words []string) (string, error) {
			return "Nobody is connected as " + message.Printable(words[0]) + " any more.", hands.EndSessions(ctx, words[0])
		})
	kill := p.drillHand("end-program", "End the program on the practice server that sends past its mail service", noWords,
		func(ctx context.Context, hands drill.Hands, _ []string) (string, error) {
			return "The program has ended.", hands.EndProgram(ctx)
		})
	return []*cobra.Command{stop, start, set, end, kill}
}

// drillHand is one of these commands: what it does, and what it says when that was done.
func (p *program) drillHand(use, short string, words cobra.PositionalArgs, do func(context.Context, drill.Hands, []string) (string, error)) *cobra.Command {
	var keep string
	cmd := command(use, short, short+". The drill has to be open in another window.", "it was not done", words)
	cmd.Flags().StringVar(&keep, "keep", "", "the `FOLDER` of the drill")
	cmd.RunE = func(cmd *cobra.Command, words []string) error {
		if keep == "" {
			return usage("name the drill's folder with --keep")
		}
		done, err := do(cmd.Context(), drill.HandsOn(keep), words)
		var end *ending
		switch {
		case errors.As(err, &end):
			return err
		case err != nil:
			return stoppedOr(cmd.Context(), noAnswer("%w", err))
		}
		fmt.Fprintln(p.env.Stdout, done)
		return nil
	}
	return cmd
}

// practicePassword asks for the new password, or reads it as one line of standard input: an argument would stand in the
// list of processes.
func (p *program) practicePassword() (steps.Secret, error) {
	var text string
	var err error
	if p.env.Terminal {
		fmt.Fprint(p.env.Stderr, "The new password (not shown): ")
		text, err = p.env.ReadSecret()
		p.note("")
	} else {
		lines := bufio.NewScanner(p.env.Stdin)
		lines.Scan()
		text, err = lines.Text(), lines.Err()
	}
	if err != nil {
		return steps.Secret{}, noAnswer("the password could not be read: %w", err)
	}
	if text = strings.TrimSpace(text); text == "" {
		return steps.Secret{}, usage("no password was given; type it, or give it as a line of standard input")
	}
	return steps.NewSecret(text), nil
}
