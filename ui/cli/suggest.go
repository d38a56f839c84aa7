package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"delist/spool/message"
)

// nearness is how many letters a word may be off to be taken for a slip.
const nearness = 2

// noCommand refuses a word that is no command, and names the one that was probably meant.
func noCommand(root *cobra.Command, word string) error {
	return usage("there is no command %q%s; `%s --help` lists them", message.Printable(word), didYouMean(root.SuggestionsFor(word)), root.CommandPath())
}

// flagRefusal refuses a flag that is not known or not filled in, and names the one that was probably meant.
func flagRefusal(cmd *cobra.Command, err error) error {
	meant := ""
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		meant = didYouMean(nearFlags(cmd.Flags(), cmp.Or(unknown.GetSpecifiedShortnames(), unknown.GetSpecifiedName())))
	}
	if takesQuery := strings.Contains(cmd.Use, "QUERY"); takesQuery && meant == "" && unknown != nil && unknown.GetSpecifiedShortnames() != "" {
		return usage("%w; a search that begins with - stands behind --: `%s -- -%s`", err, cmd.CommandPath(), unknown.GetSpecifiedShortnames())
	}
	return usage("%w%s; `%s --help` tells what there is", err, meant, cmd.CommandPath())
}

// nearFlags are the flags that a word comes near to, as they are typed. Cobra knows what is near to a command, so the
// flags are shown to it as such.
func nearFlags(flags *pflag.FlagSet, word string) []string {
	named := &cobra.Command{SuggestionsMinimumDistance: nearness}
	flags.VisitAll(func(f *pflag.Flag) {
		named.AddCommand(&cobra.Command{Use: f.Name, Hidden: f.Hidden, Run: func(*cobra.Command, []string) {}})
	})
	near := named.SuggestionsFor(word)
	for i := range near {
		near[i] = "--" + near[i]
	}
	return near
}

// didYouMean asks for the words that are near; many are none.
func didYouMean(near []string) string {
	const few = 3
	if len(near) == 0 || len(near) > few {
		return ""
	}
	return fmt.Sprintf(", did you mean %s?", strings.Join(near, " or "))
}
