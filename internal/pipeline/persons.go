package pipeline

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"strings"

	"outcry/internal/reaction"
)

// persons makes the keyed hashes of authors in one event: HMAC-SHA-256 under the event's own key,
// cut to 128 bits. Without the key, which dies with the event, nobody can go back from a hash to
// an account, or tell that two events have an author in common. It is not safe for concurrent use.
type persons struct{ mac hash.Hash }

func newPersons(key []byte) *persons { return &persons{hmac.New(sha256.New, key)} }

// of is the hash of an author; the zero Person where the author is unknown.
func (p *persons) of(s reaction.Source, a reaction.Author) (out reaction.Person) {
	name := a.ID
	if name == "" {
		if a.Handle == "" {
			return out
		}
		name = "@" + strings.ToLower(a.Handle)
	}
	p.mac.Reset()
	p.mac.Write([]byte(s))
	p.mac.Write([]byte{0})
	p.mac.Write([]byte(name))
	var sum [sha256.Size]byte
	copy(out[:], p.mac.Sum(sum[:0]))
	return out
}
