package cli

import (
	"encoding/json"
	"fmt"
	"io"
)

// view is a command's answer in its two forms.
type view interface {
	// people writes it as text.
	people(w io.Writer)
	// machine is the value that JSON is made of. Its field names are a contract: added to, never renamed.
	machine() any
}

// show writes an answer to standard output, as JSON alone or as text.
func (p *program) show(v view, asJSON bool) error {
	if !asJSON {
		v.people(p.env.Stdout)
		return nil
	}
	enc := json.NewEncoder(p.env.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v.machine()); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// note writes a line for people that is not the answer.
func (p *program) note(format string, args ...any) {
	fmt.Fprintf(p.env.Stderr, format+"\n", args...)
}
