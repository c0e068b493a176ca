package collectors

import "hash/maphash"

// Seen remembers the names of the messages that came last, so that one that comes again after a
// reconnect is known. It holds two generations of names, of which the older one is forgotten when
// the younger is full: at least so many names as New was told are remembered, at most twice as
// many. Of a name 64 bits are kept: of a million names, one is taken for another with a chance of
// one in tens of thousands. It is not safe for concurrent use.
type Seen struct {
	size     int
	seed     maphash.Seed
	now, old map[uint64]struct{}
}

// NewSeen makes a Seen that remembers at least size names.
func NewSeen(size int) *Seen {
	return &Seen{size: max(size, 1), seed: maphash.MakeSeed(), now: map[uint64]struct{}{}}
}

// Has reports whether a name, given in parts, is remembered.
func (s *Seen) Has(parts ...string) bool {
	sum := s.sum(parts)
	_, now := s.now[sum]
	_, old := s.old[sum]
	return now || old
}

// Add remembers a name, given in parts, and reports whether it was there already.
func (s *Seen) Add(parts ...string) (known bool) {
	sum := s.sum(parts)
	if _, ok := s.now[sum]; ok {
		return true
	}
	_, known = s.old[sum]
	if len(s.now) >= s.size {
		s.old, s.now = s.now, s.old
		if s.now == nil {
			s.now = make(map[uint64]struct{}, s.size)
		}
		clear(s.now)
	}
	s.now[sum] = struct{}{}
	return known
}

func (s *Seen) sum(parts []string) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for _, p := range parts {
		_, _ = h.WriteString(p)
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}
