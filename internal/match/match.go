package match

import (
	"bytes"
	"math/bits"
	"sync"
	"unicode/utf8"

	"outcry/internal/reaction"
)

// Match appends to dst the IDs of the events that p belongs to, ascending, and returns it: those
// of which a term of match.any or match.accounts is found, and none of match.none.
func (s *Set) Match(p *reaction.Post, dst []int64) []int64 {
	if len(s.patterns) == 0 {
		return dst
	}
	w := walks.Get().(*walk)
	defer walks.Put(w)
	return s.match(w, p, dst)
}

func (s *Set) match(w *walk, p *reaction.Post, dst []int64) []int64 {
	w.reset(len(s.events))
	s.walk(w, p, w.mark)
	for i := range w.any {
		for set := w.any[i] &^ w.none[i]; set != 0; set &= set - 1 {
			dst = append(dst, s.events[i*64+bits.TrailingZeros64(set)])
		}
	}
	return dst
}

// walk is what one look at a post needs, kept for the next.
type walk struct {
	text, extra Folded
	spans       []span
	tag         []byte
	any, none   []uint64 // by event index: a term was found
	mark        visitor
}

var walks = sync.Pool{New: func() any { return newWalk() }}

func newWalk() *walk {
	w := new(walk)
	w.mark = func(p *pattern, _ *Folded, _, _ int, _ *reaction.Facet) {
		for _, u := range p.uses {
			if u.none {
				w.none[u.event/64] |= 1 << (u.event % 64)
			} else {
				w.any[u.event/64] |= 1 << (u.event % 64)
			}
		}
	}
	return w
}

func (w *walk) reset(events int) {
	n := (events + 63) / 64
	if len(w.any) < n {
		w.any, w.none = make([]uint64, n), make([]uint64, n)
	}
	clear(w.any)
	clear(w.none)
}

// visitor is told of each term found: in the post's own text at f.Text()[start:end], in a facet,
// or, where f and ft are nil, as the author.
type visitor func(p *pattern, f *Folded, start, end int, ft *reaction.Facet)

func (s *Set) walk(w *walk, p *reaction.Post, visit visitor) {
	w.text.Set(p.Text)
	w.spans = w.text.addressFacets(p, addresses(w.text.text, w.spans[:0]))
	s.scan(&w.text, w.spans, p.Source, nil, visit)
	if p.Author.Handle != "" && len(s.accounts) > 0 {
		w.extra.Set(p.Author.Handle)
		if i, ok := s.accounts[string(bytes.TrimPrefix(w.extra.text, at))]; ok {
			visit(&s.patterns[i], nil, 0, 0, nil)
		}
	}
	for i := range p.Facets {
		s.facet(w, p, &p.Facets[i], visit)
	}
}

var at = []byte{'@'}

// facet looks at a hashtag or mention that the platform marked and whose text does not show it.
func (s *Set) facet(w *walk, p *reaction.Post, ft *reaction.Facet, visit visitor) {
	sign := byte('#')
	switch ft.Kind {
	case reaction.FacetMention:
		sign = '@'
	case reaction.FacetURL:
		return
	}
	if shows(p.Text, ft, sign) {
		return
	}
	w.extra.Set(ft.Value)
	if ft.Kind == reaction.FacetMention {
		if i, ok := s.accounts[string(bytes.TrimPrefix(w.extra.text, at))]; ok {
			visit(&s.patterns[i], nil, 0, 0, ft)
		}
		return
	}
	if len(w.extra.text) == 0 || w.extra.text[0] != '#' {
		w.tag = append(append(w.tag[:0], '#'), w.extra.text...)
		w.extra.text = append(w.extra.text[:0], w.tag...)
	}
	s.scan(&w.extra, nil, p.Source, ft, visit)
}

// shows reports whether the facet's place in text reads sign and value.
func shows(text string, ft *reaction.Facet, sign byte) bool {
	if ft.Start < 0 || ft.End > len(text) || ft.End-ft.Start != len(ft.Value)+1 {
		return false
	}
	return text[ft.Start] == sign && text[ft.Start+1:ft.End] == ft.Value
}

// scan finds the terms of a folded text.
func (s *Set) scan(f *Folded, spans []span, source reaction.Source, ft *reaction.Facet, visit visitor) {
	text := f.text
	s.words.Find(text, func(word, start, end int) {
		p := &s.patterns[word]
		switch p.kind {
		case phrase:
			if !WholeWord(text, start, end) || touches(spans, start, end) {
				return
			}
		case hashtag:
			if !wholeTag(text, start, end) || touches(spans, start, end) {
				return
			}
		case account:
			if !wholeHandle(text, start, end, source) || touches(spans, start, end) {
				return
			}
		case address:
			if !WholeWord(text, start, end) {
				return
			}
		}
		visit(p, f, start, end, ft)
	})
}

// wholeTag reports whether the hashtag text[start:end] is one by the platforms' rules and does
// not go on.
func wholeTag(text []byte, start, end int) bool {
	before := last(text[:start])
	return !TagRune(before) && before != '&' && !TagRune(first(text[end:])) && !bytes.HasPrefix(text[end:], []byte("://"))
}

// wholeHandle reports whether the mention text[start:end] begins and ends there. Only on X does a
// dot or hyphen end a handle before a letter.
func wholeHandle(text []byte, start, end int, source reaction.Source) bool {
	before := last(text[:start])
	if WordRune(before) || before < utf8.RuneSelf && bytes.IndexByte([]byte("!#$%&*@/"), byte(before)) >= 0 {
		return false
	}
	rest := text[end:]
	if WordRune(first(rest)) {
		return false
	}
	if len(rest) < 2 || !handleByte(rest[1]) {
		return true
	}
	return rest[0] != '@' && (source == reaction.X || rest[0] != '.' && rest[0] != '-')
}
