package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"delist/checks/watch"
)

// onChangeLimit is how long the operator's command may take; the watch waits for it.
const onChangeLimit = time.Minute

// runOnChange runs the operator's command for a change, in the system's shell. What happened stands in variables, whose
// values are our own words and the catalogue's: a shell of Windows puts them into the command before it reads it, so
// nothing that a list wrote may be among them. What the command prints goes to out.
func runOnChange(ctx context.Context, command string, out io.Writer, c watch.Change) error {
	ctx, cancel := context.WithTimeoutCause(ctx, onChangeLimit, fmt.Errorf("it took longer than %s and was ended", onChangeLimit))
	defer cancel()
	cmd := shellCommand(ctx, command)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = 2 * time.Second // for children that keep its output open
	for _, variable := range cmd.Environ() {
		if name, _, _ := strings.Cut(variable, "="); !strings.EqualFold(name, "DELIST_ADMIN_PASSWORD") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "DELIST_IP="+c.IP.String(), "DELIST_LIST="+c.List.Name, "DELIST_WAS="+c.Was.String(), "DELIST_IS="+c.Is.String(),
		"DELIST_TIME="+c.At.UTC().Format(time.RFC3339))
	err := cmd.Run()
	if err != nil && ctx.Err() != nil {
		return errors.Join(context.Cause(ctx), err)
	}
	return err
}
