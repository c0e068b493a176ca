package app

import (
	"fmt"
	"log/slog"
)

// Secret is a value that never prints: formatted, logged or marshalled it says only whether it is
// set. Call Reveal where it is used.
type Secret struct{ value string }

// NewSecret makes a secret of s; an empty s is a secret that is not set.
func NewSecret(s string) Secret { return Secret{s} }

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return s.value }

// Set reports whether there is a secret.
func (s Secret) Set() bool { return s.value != "" }

func (s Secret) String() string {
	if s.Set() {
		return "(set)"
	}
	return "(not set)"
}

// GoString is String: %#v shows no secret either.
func (s Secret) GoString() string { return s.String() }

// Format writes String for every verb, so that %d and the like do not reach into the struct.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue keeps secrets out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps secrets out of files and answers. What it writes cannot be read back.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the secret as it is.
func (s *Secret) UnmarshalText(b []byte) error {
	s.value = string(b)
	return nil
}
