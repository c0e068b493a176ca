package match

import (
	"cmp"
	"slices"

	"outcry/internal/reaction"
)

// Hit is one place where a term of an event was found.
type Hit struct {
	Event    int64  `json:"event"`
	Term     string `json:"term"` // as the event's definition writes it
	Excludes bool   `json:"excludes"`
	// Start and End are the bytes of the post's text. Both are 0 where the term was found outside
	// it: as the author, or in a tag or mention that the platform marked and the text does not show.
	Start int `json:"start"`
	End   int `json:"end"`
}

// Explain lists which term of which event was found where, by place and then by event: also of
// events that the post does not belong to because of an exclusion.
func (s *Set) Explain(p *reaction.Post) []Hit {
	if len(s.patterns) == 0 {
		return nil
	}
	w := walks.Get().(*walk)
	defer walks.Put(w)
	var hits []Hit
	s.walk(w, p, func(pt *pattern, f *Folded, start, end int, ft *reaction.Facet) {
		switch {
		case ft != nil && (ft.Start < 0 || ft.End < ft.Start || ft.End > len(p.Text)), ft == nil && f == nil:
			start, end = 0, 0
		case ft != nil:
			start, end = ft.Start, ft.End
		default:
			start, end = f.Source(start, end)
		}
		for _, u := range pt.uses {
			hits = append(hits, Hit{s.events[u.event], u.term, u.none, start, end})
		}
	})
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Term, b.Term))
	})
	return slices.Compact(hits)
}
