package blend

import (
	"fmt"
	"strings"
)

// blend turns a split into what is told of it.
func (s *search) blend(c candidate) Blend {
	e, w := s.f.ef[c.entity], s.f.forms[c.word]
	word := s.f.words[w.of]
	b := Blend{Kind: c.kind, Entity: s.f.entities[e.of].Name, Word: word.Text, Says: word.Says}
	if word.Of != "" {
		b.Word = word.Of
	}
	switch {
	case c.to > 0:
		s.compound(&b, c, e, word)
	case c.kind == Substituted:
		s.substituted(&b, c, e, word)
	default:
		s.joined(&b, c, e, word)
	}
	if c.kind != Compound {
		b.Reasons = append(b.Reasons, s.asPlain())
	}
	return b
}

// part is the letters from i to j of what of says.
func (s *search) part(i, j int, of string) Part {
	p := Part{Text: s.tag.bytes(i, j), Of: of}
	if i < j {
		p.Start, p.End = int(s.tag.start[i]), int(s.tag.end[j-1])
	}
	return p
}

func (s *search) joined(b *Blend, c candidate, e form, word Word) {
	n := s.tag.n
	first, second := e.text, word.Text
	lf, ls := len(e.letters), len(s.f.forms[c.word].letters)
	if !c.first {
		first, second, lf, ls = second, first, ls, lf
	}
	b.Parts = []Part{s.part(0, c.a, first), s.part(c.b, n, second)}
	t := &s.tag
	how := "side by side"
	split := strings.ToLower(t.bytes(0, c.a)) + "-" + strings.ToLower(t.bytes(c.a, n))
	switch {
	case c.b < c.a:
		b.Overlap = strings.ToLower(t.bytes(c.b, c.a))
		split = join(strings.ToLower(t.bytes(0, c.b)), strings.ToUpper(t.bytes(c.b, c.a)), strings.ToLower(t.bytes(c.a, n)))
		how = "sharing " + quote(b.Overlap)
	case c.b > c.a:
		split = join(strings.ToLower(t.bytes(0, c.a)), "("+strings.ToLower(t.bytes(c.a, c.b))+")", strings.ToLower(t.bytes(c.b, n)))
		how = quote(strings.ToLower(t.bytes(c.a, c.b))) + " between them"
	case c.kind != Compound:
		how = "sharing no letter"
	}
	b.Reasons = append(b.Reasons, fmt.Sprintf("%s: %s + %s, %s", split, first, second, how))
	if word.Of != "" {
		b.Reasons = append(b.Reasons, fmt.Sprintf("%s is %s in Hangul", word.Text, quote(word.Of)))
	}
	if c.kind != Compound {
		unit := "letters"
		if hangul(t.letter[0]) {
			unit = "letters (jamo)"
		}
		b.Reasons = append(b.Reasons, fmt.Sprintf("%s is %d of the %d %s of %s, %s %d of the %d of %s",
			quote(b.Parts[0].Text), min(c.a, lf), lf, unit, first, quote(b.Parts[1].Text), min(n-c.b, ls), ls, second))
	}
	if played := second; c.sound > 0 {
		if n-c.b == ls {
			played = first
		}
		alike := "sounds like"
		if c.sound == 1 {
			alike = "sounds, but for its vowels, like"
		}
		b.Reasons = append(b.Reasons, fmt.Sprintf("the whole %s %s", alike, quote(played)))
	}
}

func (s *search) substituted(b *Blend, c candidate, e form, word Word) {
	n := s.tag.n
	b.Parts = []Part{s.part(0, c.b, e.text), s.part(c.b, c.a2, word.Text), s.part(c.a2, n, e.text)}
	b.Reasons = append(b.Reasons, fmt.Sprintf("%s: %s with %s in it", join(strings.ToLower(b.Parts[0].Text),
		strings.ToUpper(b.Parts[1].Text), strings.ToLower(b.Parts[2].Text)), e.text, quote(word.Text)))
}

func (s *search) compound(b *Blend, c candidate, e form, word Word) {
	text := s.tag.text
	of := func(i int, name string) Part {
		w := s.words[i]
		return Part{Text: text[w.Start:w.End], Start: w.Start, End: w.End, Of: name}
	}
	b.Parts = []Part{of(c.a, e.text), of(c.b, word.Text)}
	if !c.first {
		b.Parts[0], b.Parts[1] = b.Parts[1], b.Parts[0]
	}
	var words []string
	for _, w := range s.words {
		words = append(words, text[w.Start:w.End])
	}
	b.Reasons = append(b.Reasons, fmt.Sprintf("%s: %s and %s, whole words of it", strings.Join(words, " "), quote(b.Parts[0].Text), quote(b.Parts[1].Text)))
}

// asPlain says what the tag would be without the blend.
func (s *search) asPlain() string {
	if !latin(s.tag.letters()) {
		return "no dictionary of plain words is held against it in this script"
	}
	var words []string
	known := true
	for _, w := range s.spans {
		words = append(words, s.tag.text[w.Start:w.End])
		known = known && w.Known
	}
	if known {
		return fmt.Sprintf("as plain words it would be %s", quote(strings.Join(words, " ")))
	}
	return "it is no plain words"
}

func join(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "-")
}

func quote(s string) string { return "'" + s + "'" }
