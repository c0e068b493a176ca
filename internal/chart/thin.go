package chart

import (
	"slices"

	"outcry/internal/trend"
)

// minShareOf is how many posts a share must be of to be drawn: one complaint in one post is
// 100 %, and would tower over the night.
const minShareOf = 10

func thin(p trend.Point) bool { return p.Value != nil && p.Of != nil && *p.Of < minShareOf }

// withoutThin leaves shares of very few posts out of what is drawn, and tells of which series.
func withoutThin(series []trend.Series) (out []trend.Series, thinned map[trend.Name]bool) {
	out, thinned = slices.Clone(series), map[trend.Name]bool{}
	for i, s := range out {
		if !slices.ContainsFunc(s.Points, thin) {
			continue
		}
		thinned[s.Name] = true
		out[i].Points = slices.Clone(s.Points)
		for j, p := range s.Points {
			if thin(p) {
				out[i].Points[j].Value = nil
			}
		}
	}
	return out, thinned
}
