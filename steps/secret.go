package steps

import "fmt"

// Secret is a password or key. It hides itself from every printer and encoder,
// so that no log, error, journal or report can show it by accident.
type Secret struct{ value string }

// NewSecret wraps a password.
func NewSecret(value string) Secret { return Secret{value} }

// hidden stands wherever a secret would be printed.
const hidden = "[hidden]"

// Reveal gives the password itself: for the call that sets it, and for the operator who asks to see it.
func (s Secret) Reveal() string { return s.value }

// Empty says that there is no password.
func (s Secret) Empty() bool { return s.value == "" }

// Format implements fmt.Formatter for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// String implements fmt.Stringer.
func (Secret) String() string { return hidden }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return hidden }

// MarshalText implements encoding.TextMarshaler, which encoding/json and TOML writers use.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
