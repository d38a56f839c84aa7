package cli

import "github.com/spf13/cobra"

// yesCount is what the help shows as the value of --yes, and what pflag sets where none is given.
const yesCount = "COUNT"

// yesFlag is --yes, or --yes=COUNT. pflag writes "--yes[=COUNT]" for a value whose type has no name.
type yesFlag string

// String implements pflag.Value.
func (y *yesFlag) String() string { return string(*y) }

// Type implements pflag.Value.
func (*yesFlag) Type() string { return "" }

// Set implements pflag.Value.
func (y *yesFlag) Set(text string) error {
	if text == yesCount {
		text = "yes"
	}
	*y = yesFlag(text)
	return nil
}

// addYes adds --yes and --yes=COUNT; yes is "", "yes", or what was given as the count.
func addYes(cmd *cobra.Command, yes *string, about string) {
	cmd.Flags().Var((*yesFlag)(yes), "yes", about)
	cmd.Flags().Lookup("yes").NoOptDefVal = yesCount
}
