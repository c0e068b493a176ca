package blend

import (
	"slices"
	"strings"

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

// try prices the first p letters of one and the last q of the other.
func (s *search) try(first bool, entity, word, p, q int) {
	t, n := s.tag.letters(), s.tag.n
	e, w := s.f.ef[entity].letters, s.f.forms[word].letters
	head, tail := e, w
	if !first {
		head, tail = w, e
	}
	link := p+q == n-1 && t[p] == 'o' && p >= 3 && q == len(tail)
	if p+q < n && !link {
		return
	}
	// What is a word or name as it stands is not made of two, nor is what is a name misspelt, unless a borrowed
	// word is written to sound like the name.
	if s.known && !s.f.words[s.f.forms[word].of].Hangul {
		return
	}
	part, named, overlap := q, p, p+q-n
	if !first {
		part, named = p, q
	}
	if named < leastNamed && named < len(e) && latin(e) {
		return
	}
	if part < len(w) && (2*part <= len(w) || part-overlap < 3) && s.slip {
		return
	}
	if first && p == len(e) && endings[string(t[p:])] || !said(t, w, p, q, first) {
		return
	}
	c := candidate{kind: Joined, entity: entity, word: word, first: first, a: p, b: n - q}
	cost := s.f.which + s.f.price[word] + partPrice(p, len(head), echo(t[p:], head[p:])) + partPrice(q, len(tail), echo(t[:n-q], tail[:len(tail)-q]))
	switch {
	case overlap > 0:
		cost -= perShared * float32(min(overlap, 3))
	case overlap == 0 && p == len(head) && q == len(tail):
		c.kind = Compound
	case link:
		cost += linked
	case overlap == 0:
		cost += unshared
	}
	if q < len(tail) {
		c.sound = sameSound(t[:n-q], tail[:len(tail)-q])
	} else if p < len(head) {
		c.sound = sameSound(t[p:], head[p:])
	}
	switch c.sound {
	case 2:
		cost -= soundsSame
	case 1:
		cost -= soundsNear
	}
	if n == len(tail) || n == len(head) {
		cost -= sameLength
	}
	c.gain = s.plainCost() - cost + anySplit
	s.add(c)
}

// readPlain takes the tag, but for a number at its end, as plain words, once with the names and once without.
func (s *search) readPlain(text string) {
	if s.tag.n > 0 {
		text = text[:s.tag.end[s.tag.n-1]]
	}
	named, cost := s.f.model.Append(s.room[:0], text, s.f.names)
	s.spans, s.plain = s.f.model.Append(named[:0], text, nil)
	s.plain = min(s.plain, cost)
	if len(s.spans) == 1 && s.spans[0].Known {
		s.plain -= oneWord
	}
}

// plainCost is what the tag costs as plain words, or by its letters where no dictionary knows its script.
func (s *search) plainCost() float32 {
	if !latin(s.tag.letters()) {
		return 6 + 1.6*float32(s.tag.n)
	}
	return s.plain
}

// misspelt says whether t is a name but for one letter. A new letter to begin with is no slip, unless it sounds the same.
func misspelt(t, name []rune) bool {
	n := max(len(t), len(name))
	if len(name) < 4 || n-min(len(t), len(name)) > 1 || n-echo(t, name) > 1 {
		return false
	}
	return t[0] == name[0] || sameSound(t[:1], name[:1]) == 2
}

// endings behind a whole name make a form of it, not a blend.
var endings = func() map[string]bool {
	m := map[string]bool{}
	for _, e := range strings.Fields("s es er ers an ans ian ians ish ese ist ists ista istas ism ie ies y ing ed i n fan fans army nation town vs v") {
		m[e] = true
	}
	return m
}()

// said says whether the word's part can be said: a letter of it is a vowel.
func said(t, w []rune, p, q int, first bool) bool {
	part := t[:p]
	if first {
		part = t[len(t)-q:]
	}
	return !latin(w) || slices.ContainsFunc(part, vowel)
}

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
