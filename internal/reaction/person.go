package reaction

import (
	"encoding/base64"
	"fmt"
)

// MarshalText writes the person as 22 characters of unpadded URL-safe base64, and an unknown
// author as nothing.
func (p Person) MarshalText() ([]byte, error) {
	if !p.Known() {
		return nil, nil
	}
	return base64.RawURLEncoding.AppendEncode(make([]byte, 0, 22), p[:]), nil
}

// UnmarshalText reads what MarshalText writes.
func (p *Person) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*p = Person{}
		return nil
	}
	if len(b) != base64.RawURLEncoding.EncodedLen(len(p)) {
		return fmt.Errorf("a person is 22 characters of base64, not %d", len(b))
	}
	if _, err := base64.RawURLEncoding.Decode(p[:], b); err != nil {
		return fmt.Errorf("a person is 22 characters of base64: %w", err)
	}
	return nil
}
