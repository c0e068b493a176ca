package distinct

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Term is a word, or a hashtag with its sign, and in how many posts of each set it is.
type Term struct {
	Text   string
	Now    int
	Before int
	// Z is the log-odds ratio of the term between the sets in its standard deviations: above 1.96 it
	// is used more in the first than chance explains once in forty terms; most terms are near 0.
	Z float64
}

// Hashtag reports whether the term is a hashtag.
func (t *Term) Hashtag() bool { return strings.HasPrefix(t.Text, "#") }

const (
	// prior is the weight of the prior, in terms and in posts: a term needs some uses before it tells.
	priorTerms = 500
	priorPosts = 50
	// least is in how many posts a term must be, and enough its least Z.
	least  = 3
	enough = 2.5
)

// Terms finds the terms that distinguish posts now from posts before, the most telling first, at most
// that many. It is the log-odds ratio with an informative Dirichlet prior of Monroe, Colaresi and Quinn,
// "Fightin' Words" (2008), equations 16, 19 and 22, with both sets together as the prior: what is common
// in both is known to be, and tells nothing. It is taken twice, of a term among all terms, as the paper
// has it, and among all posts, which hold it or do not; the lower Z counts. Where posts grow shorter a
// hashtag that is in every one makes a larger part of the terms, and where they grow longer every common
// word is in more of the posts; neither says anything.
func Terms(now, before []Post, most int) []Term {
	var r reader
	a, b := count(&r, now), count(&r, before)
	return strongest(score(a, b), most)
}

// tally is in how many posts of a set each term is.
type tally struct {
	of    map[string]int
	terms int // the sum of these
	posts int
	floor int // terms this rare were forgotten
}

func count(r *reader, posts []Post) *tally {
	t := &tally{of: map[string]int{}, posts: len(posts)}
	for i := range posts {
		for _, term := range r.terms(&posts[i]) {
			t.of[term]++
			t.terms++
		}
		for len(t.of) > maxTerms { // lossy counting (Manku and Motwani, 2002)
			t.floor++
			for term, n := range t.of {
				if n <= t.floor {
					delete(t.of, term)
				}
			}
		}
	}
	return t
}

func score(a, b *tally) []Term {
	var out []Term
	for text, n := range a.of {
		if n < least {
			continue
		}
		m := b.of[text]
		z := min(logOdds(n, a.terms, m, b.terms, priorTerms), logOdds(n, a.posts, m, b.posts, priorPosts))
		if z >= enough {
			out = append(out, Term{text, n, m, z})
		}
	}
	slices.SortFunc(out, func(a, b Term) int {
		return cmp.Or(cmp.Compare(b.Z, a.Z), cmp.Compare(len(b.Text), len(a.Text)), cmp.Compare(a.Text, b.Text))
	})
	return out
}

// logOdds is the log-odds ratio of n in na against m in nb, in its standard deviations, with a prior of
// that weight. The variance is that of all four cells: equation 20 leaves out those that are large.
func logOdds(n, na, m, nb int, prior float64) float64 {
	share := float64(n+m) / float64(max(na+nb, 1))
	with, without := prior*share, prior*(1-share)+0.5 // where all hold it, nothing would be left
	ya, xa := float64(n)+with, float64(na-n)+without
	yb, xb := float64(m)+with, float64(nb-m)+without
	return (math.Log(ya/xa) - math.Log(yb/xb)) / math.Sqrt(1/ya+1/xa+1/yb+1/xb)
}

// strongest takes the first terms, and of stretches of one run the longest that is nearly as common
// as its parts.
func strongest(terms []Term, most int) []Term {
	const looked = 400 // a run has up to fifty stretches
	terms = terms[:min(len(terms), looked)]
	var out []Term
	for i := range terms {
		if len(out) == most {
			break
		}
		t := terms[i]
		if !written(t.Text) {
			out = append(out, t)
			continue
		}
		for j := range terms {
			if l := terms[j]; len(l.Text) > len(t.Text) && written(l.Text) && strings.Contains(l.Text, t.Text) && 10*l.Now >= 8*t.Now {
				t = l
			}
		}
		if !slices.ContainsFunc(out, func(o Term) bool { return written(o.Text) && overlaps(o.Text, t.Text) }) {
			out = append(out, t)
		}
	}
	return out
}

// written reports whether a term is a run, or a stretch of one.
func written(text string) bool {
	for _, c := range text {
		return inRun(c) != none
	}
	return false
}

// overlaps reports whether two stretches may be parts of one run: one holds the other, or they share
// two letters at their edges.
func overlaps(a, b string) bool {
	if strings.Contains(a, b) || strings.Contains(b, a) {
		return true
	}
	x, y := []rune(a), []rune(b)
	for n := 2; n < min(len(x), len(y)); n++ {
		if slices.Equal(x[len(x)-n:], y[:n]) || slices.Equal(y[len(y)-n:], x[:n]) {
			return true
		}
	}
	return false
}
