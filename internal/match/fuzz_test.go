package match

import (
	"testing"

	"outcry/internal/reaction"
)

func FuzzMatch(f *testing.F) {
	f.Add("디샌티스", "what a ＃DeSaster https://t.co/a", "ron", 0, 4)
	f.Add("#a", "a\u0301\u200b\xff\u3000#A", "", -1, 3)
	f.Add("@a@b.c", "@a@b.c www.x", "a@b.c", 5, 2)
	f.Fuzz(func(t *testing.T, term, text, value string, start, end int) {
		e := reaction.Event{ID: 1, Slug: "e", Match: reaction.Match{Any: []string{term}}}
		s, err := Compile([]reaction.Event{e})
		if err != nil {
			return
		}
		p := &reaction.Post{Text: text, Author: reaction.Author{Handle: value}}
		for _, k := range []reaction.FacetKind{reaction.FacetHashtag, reaction.FacetMention, reaction.FacetURL} {
			p.Facets = append(p.Facets, reaction.Facet{Kind: k, Start: start, End: end, Value: value})
		}
		hits := s.Explain(p)
		if matched := len(s.Match(p, nil)) > 0; matched != (len(hits) > 0) {
			t.Fatalf("matched %v, explained %v", matched, hits)
		}
		for _, h := range hits {
			if h.Start < 0 || h.End < h.Start || h.End > len(text) {
				t.Fatalf("%+v is outside the text", h)
			}
		}
		var fold Folded
		fold.Set(text)
		checkSource(t, &fold, text)
		if once := Fold(text); Fold(once) != once {
			t.Fatalf("folding %q is not stable: %q", text, once)
		}
	})
}
