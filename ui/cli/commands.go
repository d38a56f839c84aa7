package cli

import "github.com/spf13/cobra"

// commands are all commands, one file each.
func (p *program) commands() []*cobra.Command {
	return []*cobra.Command{
		p.drillCommand(), p.drillChildCommand(), p.checkCommand(), p.watchCommand(), p.bounceCommand(), p.sendersCommand(), p.searchCommand(), p.logsCommand(), p.quarantineCommand(),
		p.restoreCommand(), p.reportCommand(), p.doctorCommand(),
	}
}
