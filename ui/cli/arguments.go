package cli

import (
	"errors"

	"github.com/spf13/cobra"
)

// orSay is a rule for the words after a command that says in words what it wants, where cobra counts "arg(s)".
func orSay(args cobra.PositionalArgs, wanted string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, got []string) error {
		if args(cmd, got) != nil {
			return errors.New(wanted)
		}
		return nil
	}
}

// noWords is the rule of a command that takes flags only.
var noWords = orSay(cobra.NoArgs, "this command takes flags only, no other words")
