package nlp

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"outcry/internal/match"
	"outcry/nlp/entity"
	"outcry/nlp/feature"
)

// search is what looking at one post needs, kept for the next.
type search struct {
	rules    *rules
	text     match.Folded
	entities []entity.Entity
	seen     [][2]place // by step of all rules: where it was found last, and before that
	round    uint32
	hits     []hit
	order    []int
	lang     string // of the strongest complaint

	models     *Models
	features   feature.Extractor
	grams      []uint32 // the features of text
	evidence   evidence
	complaints []hit // the strongest first
	context    int   // the place of the context among the hits, -1 for none
	said       []said
	keys       map[string]string // keys of hashtags, by how they were written
}

// place is text[start:end], found in the search of that round: from the rule's first step on.
type place struct {
	round      uint32
	start, end int32
}

// hit is a rule found in text[start:end].
type hit struct {
	rule       int
	start, end int
}

func (t *Tagger) newSearch() *search {
	return &search{rules: t.rules, models: t.models, seen: make([][2]place, t.rules.steps), keys: map[string]string{}}
}

const (
	maxHits = 500 // of one post
	maxGap  = 80  // bytes between two steps

	maxParticle = 9 // bytes: three Hangul letters
)

// find fills s.hits with the rules found in s.text, which is source folded.
func (s *search) find(source string) {
	s.hits, s.lang = s.hits[:0], ""
	if s.round++; s.round == 0 {
		clear(s.seen)
		s.round = 1
	}
	text := s.text.Text()
	s.rules.words.Find(text, func(word, start, end int) {
		for i := range s.rules.uses[word] {
			s.step(&s.rules.uses[word][i], text, source, start, end)
		}
	})
}

func (s *search) step(u *use, text []byte, source string, start, end int) {
	r := &s.rules.all[u.rule]
	at := s.rules.base[u.rule] + u.step
	var from place
	if u.step > 0 {
		ok := false
		for _, from = range s.seen[at-1] {
			if ok = from.round == s.round && s.near(text, source, int(from.end), start, r.steps[u.step].gap); ok {
				break
			}
		}
		if !ok {
			return
		}
	}
	particle := u.step > 0 && start-int(from.end) <= maxParticle && bytes.IndexByte(text[from.end:start], ' ') < 0
	if u.begin && !particle && !begins(text, start) || !edges(u, text, start, &end) {
		return
	}
	if u.step == 0 {
		from.start = int32(start)
	}
	if u.step < len(r.steps)-1 {
		// The place before stays too: the last may overlap what the next step needs.
		s.seen[at] = [2]place{{s.round, from.start, int32(end)}, s.seen[at][0]}
	} else if len(s.hits) < maxHits {
		s.hits = append(s.hits, hit{u.rule, int(from.start), end})
	}
}

// begins reports whether a word of any script begins at text[start].
func begins(text []byte, start int) bool {
	r, _ := utf8.DecodeLastRune(text[:start])
	return start == 0 || !match.TagRune(r)
}

// edges reports whether a literal may stand at text[start:end], and lets an open word run out.
func edges(u *use, text []byte, start int, end *int) bool {
	if u.open {
		if !match.WholeWord(text[:*end], start, *end) {
			return false
		}
		for *end < len(text) {
			r, n := utf8.DecodeRune(text[*end:])
			if !match.WordRune(r) {
				break
			}
			*end += n
		}
		return true
	}
	if u.end {
		if r, _ := utf8.DecodeRune(text[*end:]); *end < len(text) && match.TagRune(r) {
			return false
		}
	}
	return match.WholeWord(text, start, *end)
}

// near reports whether at most gap words of the same sentence are between two places.
func (s *search) near(text []byte, source string, end, start, gap int) bool {
	if start < end || start-end > maxGap {
		return false
	}
	between := text[end:start]
	if bytes.Count(between, []byte{' '}) > gap+1 {
		return false
	}
	for i, c := range between {
		if (c == '.' || c == '!' || c == '?' || c == ';') && i+1 < len(between) && between[i+1] == ' ' {
			return false
		}
	}
	if len(between) == 0 {
		return true
	}
	a, b := s.text.Source(end, start)
	return strings.IndexByte(source[a:b], '\n') < 0
}
