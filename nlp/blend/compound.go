package blend

import "outcry/nlp/segment"

// compounds looks for a name and a word of the list among the words that the tag is read as.
func (s *search) compounds(text string) {
	var room [32]segment.Span
	spans, _ := s.f.model.Append(room[:0], text, s.f.names)
	var t tag
	for i, e := range spans {
		t.read(text, e.Start, e.End)
		entity, ok := s.f.called[string(t.letters())]
		if !ok {
			continue
		}
		for j, w := range spans {
			if i == j {
				continue
			}
			t.read(text, w.Start, w.End)
			word, ok := s.f.whole[string(t.letters())]
			if !ok || s.f.words[s.f.forms[word].of].Says == negative && t.n < 4 {
				continue
			}
			gain := float32(ownGain)
			if s.f.words[s.f.forms[word].of].Says == negative {
				gain = negativeGain
			}
			if s.f.ef[entity].common {
				gain -= commonLoss
			}
			if len(spans) == 2 && s.n > 0 {
				gain = max(gain, s.found[0].gain+wholeWords)
			}
			gain -= perFiller * float32(max(i-j, j-i)-1)
			c := candidate{kind: Compound, entity: entity, word: word, first: i < j, gain: gain, from: min(e.Start, w.Start), to: max(e.End, w.End)}
			c.a, c.b = i, j
			s.add(c)
		}
	}
	s.words = append(s.words[:0], spans...)
}
