package distinct

import (
	"cmp"
	"math"
	"slices"
)

// aLink is what a link takes from how near a post is: whoever passes an address on says less than who
// was there.
const aLink = 0.15

// alike reports whether two posts share seven tenths of the terms that either holds (Jaccard): short
// copies with a word more have fingerprints far apart.
func alike(a, b []string) bool {
	both := 0
	for _, t := range a {
		if slices.Contains(b, t) {
			both++
		}
	}
	return 10*both >= 7*(len(a)+len(b)-both)
}

// Near finds the posts that stand for a set: those nearest to its centre in the space of its telling
// terms, each weighed by its Z, with few links, and none a near-copy of one before it. It gives their
// places in posts, the nearest first, at most that many.
func Near(posts []Post, terms []Term, most int) []int {
	weights := map[string]float64{}
	for i := range terms {
		weights[terms[i].Text] = terms[i].Z
	}
	var r reader
	held := make([][]string, len(posts)) // the telling terms of each post
	centre := map[string]float64{}
	for i := range posts {
		for _, t := range r.terms(&posts[i]) {
			if w := weights[t]; w > 0 {
				held[i] = append(held[i], t)
				centre[t] += w
			}
		}
	}
	length := 0.0
	for _, t := range terms { // in their order: sums of floats depend on it
		length += centre[t.Text] * centre[t.Text]
	}
	type near struct {
		post int
		by   float64
	}
	var order []near
	for i := range posts {
		dot, own := 0.0, 0.0
		for _, t := range held[i] {
			dot += weights[t] * centre[t]
			own += weights[t] * weights[t]
		}
		if own == 0 {
			continue
		}
		order = append(order, near{i, dot/math.Sqrt(own*length) - aLink*float64(posts[i].Links)})
	}
	slices.SortStableFunc(order, func(a, b near) int {
		return cmp.Or(cmp.Compare(b.by, a.by), cmp.Compare(len(posts[b.post].Text), len(posts[a.post].Text)))
	})
	var out []int
	copies := NewCopies()
	var told [][]string
	for _, n := range order {
		p := &posts[n.post]
		if len(out) == most {
			break
		}
		if _, again := copies.Add(p.Fingerprint); again {
			continue
		}
		terms := slices.Clone(r.terms(p))
		if slices.ContainsFunc(told, func(o []string) bool { return alike(o, terms) }) {
			continue
		}
		told = append(told, terms)
		out = append(out, n.post)
	}
	return out
}
