package blend

import "slices"

// inside tries a whole word within a name, and a whole name within a word.
func (s *search) inside() {
	t := s.tag.letters()
	for i := range s.f.ef {
		e := s.f.ef[i].letters
		p, q := s.head(t, e), s.tail(t, e)
		if p == 0 || q == 0 || p+q < 3 || 2*(p+q) < len(e) || slices.Equal(t, e) {
			continue
		}
		s.middle(i, p, q)
	}
}

// middle looks for a word that covers what is between the first p and the last q letters.
func (s *search) middle(entity, p, q int) {
	t, n := s.tag.letters(), s.tag.n
	e := s.f.ef[entity].letters
	for a := max(1, p-3); a <= p; a++ {
		for b := n - q; b <= min(n-1, n-q+3); b++ {
			if b-a < 3 || a+n-b < 3 {
				continue
			}
			word, ok := s.f.whole[string(t[a:b])]
			if !ok || contains(e, t[a:b]) {
				continue
			}
			kept := min(p+q, len(e)) // what of the name can still be read
			cost := s.f.which + s.f.price[word] + insideCost + perMissing*float32(max(len(e)-kept, 0))/float32(len(e))
			cost -= perShared * float32(min(p-a+b-(n-q), 3))
			c := candidate{kind: Substituted, entity: entity, word: word, first: true, a: a, b: a, a2: b}
			if n == len(e) {
				cost -= sameLength
			}
			c.gain = s.plainCost() - cost + anySplit
			s.add(c)
		}
	}
}

func contains(l, part []rune) bool {
	for i := 0; i+len(part) <= len(l); i++ {
		if slices.Equal(l[i:i+len(part)], part) {
			return true
		}
	}
	return false
}
