package blend

import (
	"slices"

	"outcry/nlp/segment"
)

// search looks at one tag. It lives on the stack.
type search struct {
	f     *Finder
	tag   tag
	room  [32]segment.Span
	spans []segment.Span
	plain float32 // what the tag costs as words
	found [3 * MaxBlends]candidate
	n     int
	known bool           // the tag is a word of the list
	slip  bool           // the tag is a name misspelt
	words []segment.Span // with the names
}

// candidate is one split.
type candidate struct {
	kind         string
	entity, word int  // forms
	first        bool // the entity's part comes first
	a, b         int  // letters of the first part, and where the second begins
	a2           int  // substitution: where the outer part goes on
	gain         float32
	sound        int
	from, to     int // compound: bytes of the tag from the first of both to the last
}

// add keeps the best, in order.
func (s *search) add(c candidate) {
	i := s.n
	for i > 0 && s.found[i-1].gain < c.gain {
		i--
	}
	if i == len(s.found) {
		return
	}
	if s.n < len(s.found) {
		s.n++
	}
	copy(s.found[i+1:s.n], s.found[i:])
	s.found[i] = c
}

// look tries the first to bytes of text.
func (s *search) look(text string, to int) {
	s.tag.read(text, 0, to)
	s.readPlain(text)
	if s.tag.n >= leastLetters && !s.tag.broken {
		s.splits()
		s.inside()
	}
}

// splits tries the beginning of a name with the end of a word, and the other way round.
func (s *search) splits() {
	t := s.tag.letters()
	_, s.known = s.f.whole[string(t)]
	if _, ok := s.f.called[string(t)]; ok {
		return
	}
	s.slip = slices.ContainsFunc(s.f.ef, func(e form) bool { return misspelt(t, e.letters) })
	var heads, tails [maxShares]share
	nh, nt := s.shares(t, &heads, &tails)
	for i := range s.f.ef {
		e := s.f.ef[i].letters
		if p := s.head(t, e); p > 0 {
			for _, w := range tails[:nt] {
				s.try(true, i, int(w.form), p, int(w.n))
			}
		}
		if p := s.tail(t, e); p > 0 {
			for _, w := range heads[:nh] {
				s.try(false, i, int(w.form), int(w.n), p)
			}
		}
	}
}

// share is how many letters of a word's form begin or end the tag.
type share struct{ form, n int16 }

const maxShares = 1024

func (s *search) shares(t []rune, heads, tails *[maxShares]share) (nh, nt int) {
	for i := range s.f.forms {
		w := s.f.forms[i].letters
		if w[0] == t[0] && nh < maxShares {
			if n := s.head(t, w); n >= 2 {
				heads[nh] = share{int16(i), int16(n)}
				nh++
			}
		}
		if w[len(w)-1] == t[len(t)-1] && nt < maxShares {
			if n := s.tail(t, w); n >= 2 {
				tails[nt] = share{int16(i), int16(n)}
				nt++
			}
		}
	}
	return nh, nt
}

// head is how many letters t and w have in common at their beginning, up to a whole syllable.
func (s *search) head(t, w []rune) int {
	n := 0
	for n < len(t) && n < len(w) && t[n] == w[n] {
		n++
	}
	for !s.tag.whole(n) {
		n--
	}
	return n
}

func (s *search) tail(t, w []rune) int {
	n := 0
	for n < len(t) && n < len(w) && t[len(t)-1-n] == w[len(w)-1-n] {
		n++
	}
	for !s.tag.whole(len(t) - n) {
		n--
	}
	return n
}

// cut is a tag's first p letters as the beginning of head, and its last q as the end of tail.
type cut struct {
	name, word, head, tail []rune
	p, q                   int
	named, worded          int  // how many letters are the name's and the word's
	overlap                int  // letters of both; -1 if one is left over
	link                   bool // it is an o that joins them
}

// try prices the first p letters of one and the last q of the other.
func (s *search) try(first bool, entity, word, p, q int) {
	t, n := s.tag.letters(), s.tag.n
	if p+q < n-1 {
		return
	}
	k := cut{name: s.f.ef[entity].letters, word: s.f.forms[word].letters, p: p, q: q, named: p, worded: q, overlap: p + q - n}
	k.head, k.tail = k.name, k.word
	if !first {
		k.head, k.tail, k.named, k.worded = k.word, k.name, q, p
	}
	k.link = k.overlap < 0 && t[p] == 'o' && p >= leastLinked && q == len(k.tail)
	if k.overlap < 0 && !k.link || s.plainer(&k, first, s.f.words[s.f.forms[word].of].Hangul) {
		return
	}
	// Most splits cannot come among the best, whatever is echoed: these need no closer look.
	most := s.plainCost() - s.f.which - s.f.price[word] + anySplit
	if s.n == len(s.found) && most-k.least() <= s.found[s.n-1].gain {
		return
	}
	c := candidate{kind: Joined, entity: entity, word: word, first: first, a: p, b: n - q}
	if k.overlap == 0 && p == len(k.head) && q == len(k.tail) {
		c.kind = Compound
	}
	// What took the place of the missing letters may sound like them.
	if q < len(k.tail) {
		c.sound = sameSound(t[:n-q], k.tail[:len(k.tail)-q])
	} else if p < len(k.head) {
		c.sound = sameSound(t[p:], k.head[p:])
	}
	c.gain = most - k.price(t, c.kind, c.sound)
	s.add(c)
}

// least is below what any cut of so many letters costs.
func (k *cut) least() float32 {
	return partPrice(k.p, len(k.head), len(k.head)-k.p) + partPrice(k.q, len(k.tail), len(k.tail)-k.q) -
		perShared*float32(min(max(k.overlap, 0), 3)) - soundsSame - sameLength
}

// price is what the cut costs beside which name and which word.
func (k *cut) price(t []rune, kind string, sound int) float32 {
	cost := partPrice(k.p, len(k.head), echo(t[k.p:], k.head[k.p:])) +
		partPrice(k.q, len(k.tail), echo(t[:len(t)-k.q], k.tail[:len(k.tail)-k.q]))
	switch {
	case k.overlap > 0:
		cost -= perShared * float32(min(k.overlap, 3))
	case k.link:
		cost += linked
	case kind != Compound:
		cost += unshared
	}
	switch sound {
	case 2:
		cost -= soundsSame
	case 1:
		cost -= soundsNear
	}
	if len(t) == len(k.tail) || len(t) == len(k.head) {
		cost -= sameLength
	}
	return cost
}
