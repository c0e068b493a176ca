package blend

import (
	"slices"
	"strings"
)

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

// plainer says whether the tag is something plainer than the cut: a word or name as it stands or as it begins or ends,
// a name misspelt or with an ending. Only a borrowed word may be written whole, to sound like a name in its own script.
func (s *search) plainer(k *cut, first, borrowed bool) bool {
	t := s.tag.letters()
	switch punned := borrowed && len(k.word) == len(t); {
	case s.known && !punned, (k.p == len(t) || k.q == len(t)) && !punned:
		return true
	case k.named < leastJamo && k.named < len(k.name) && !latin(k.name) && !punned:
		return true
	case k.named < leastNamed && k.named < len(k.name) && latin(k.name):
		return true
	case s.slip && k.worded < len(k.word) && (2*k.worded <= len(k.word) || k.worded-k.overlap < leastOwn):
		return true
	case first && k.p == len(k.name) && endings[string(t[k.p:])]:
		return true
	}
	// A part of a word that cannot be said is none.
	part := t[:k.p]
	if first {
		part = t[len(t)-k.q:]
	}
	return latin(k.word) && !slices.ContainsFunc(part, vowel)
}

// endings behind a whole name make a form of it, not a blend.
var endings = func() map[string]bool {
	m := map[string]bool{}
	for e := range strings.FieldsSeq("s es er ers an ans ian ians ish ese ist ists ista istas ism ie ies y ing ed i n fan fans army nation town vs v") {
		m[e] = true
	}
	return m
}()
