package incident

import "fmt"

// The states stand in the journal as words, so that a person can read it with Notepad.

// fromWord finds the value whose String is the word.
func fromWord[T interface {
	~uint8
	String() string
}](word []byte, last T) (T, error) {
	for v := T(0); v <= last; v++ {
		if v.String() == string(word) {
			return v, nil
		}
	}
	return 0, fmt.Errorf("unknown state %q", word)
}

// MarshalText implements encoding.TextMarshaler.
func (s Step) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Step) UnmarshalText(b []byte) (err error) { *s, err = fromWord(b, Close); return err }

// MarshalText implements encoding.TextMarshaler.
func (s StepState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *StepState) UnmarshalText(b []byte) (err error) { *s, err = fromWord(b, NotNeeded); return err }

// MarshalText implements encoding.TextMarshaler.
func (s ResetState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *ResetState) UnmarshalText(b []byte) (err error) {
	*s, err = fromWord(b, ResetDone)
	return err
}

// MarshalText implements encoding.TextMarshaler.
func (s ListingState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *ListingState) UnmarshalText(b []byte) (err error) {
	*s, err = fromWord(b, ListingCleared)
	return err
}

// String is the state in words.
func (s ForwardingState) String() string {
	return [...]string{"to be looked at", "to be removed", "removed", "kept"}[s]
}

// MarshalText implements encoding.TextMarshaler.
func (s ForwardingState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *ForwardingState) UnmarshalText(b []byte) (err error) {
	*s, err = fromWord(b, ForwardingKept)
	return err
}
