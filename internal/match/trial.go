package match

import (
	"fmt"
	"slices"

	"outcry/internal/reaction"
)

// Check lists the terms that can match nothing or everything, each at its path in an event:
// "match.any[2]". It is what Compile refuses.
func Check(m reaction.Match) []reaction.Problem {
	var out []reaction.Problem
	eachTerm(m, func(list, term string, i int) {
		if _, _, err := parse(term, list == "accounts"); err != nil {
			out = append(out, reaction.Problem{Path: fmt.Sprintf("match.%s[%d]", list, i), Text: err.Error()})
		}
	})
	return out
}

// Validate lists every mistake in a normalised event: those that the event itself finds, and terms
// that only show to be useless when they are prepared for matching.
func Validate(e *reaction.Event) []reaction.Problem {
	list := e.Validate()
	for _, p := range Check(e.Match) {
		if !slices.ContainsFunc(list, func(q reaction.Problem) bool { return q.Path == p.Path }) {
			list = append(list, p)
		}
	}
	return list
}

func eachTerm(m reaction.Match, do func(list, term string, i int)) {
	for _, l := range []struct {
		name  string
		terms []string
	}{{"any", m.Any}, {"none", m.None}, {"accounts", m.Accounts}} {
		for i, term := range l.terms {
			do(l.name, term, i)
		}
	}
}

// TermCount is how many posts of a trial one term was found in, by itself.
type TermCount struct {
	Term  string `json:"term"` // as it was written
	List  string `json:"list"` // any, none or accounts
	Posts int    `json:"matched"`
}

// Trial tries the terms of an event on posts, one after the other. It is not safe for concurrent
// use.
type Trial struct {
	set   *Set
	terms []TermCount
	at    map[trialTerm][]int // places in terms
	hits  []int               // by term: the post it was counted for last
	posts int
}

type trialTerm struct {
	term string
	none bool
}

// NewTrial compiles terms for a trial. It fails where Check finds anything.
func NewTrial(m reaction.Match) (*Trial, error) {
	set, err := Compile([]reaction.Event{{ID: 1, Slug: "trial", Match: m}})
	if err != nil {
		return nil, err
	}
	t := &Trial{set: set, at: map[trialTerm][]int{}}
	eachTerm(m, func(list, term string, _ int) {
		k := trialTerm{term, list == "none"}
		t.at[k] = append(t.at[k], len(t.terms))
		t.terms = append(t.terms, TermCount{Term: term, List: list})
	})
	t.hits = make([]int, len(t.terms))
	return t, nil
}

// Look counts a post under each term found in it, and reports whether the terms together match it.
func (t *Trial) Look(p *reaction.Post) bool {
	t.posts++
	any, none := false, false
	for _, h := range t.set.Explain(p) {
		any, none = any || !h.Excludes, none || h.Excludes
		for _, i := range t.at[trialTerm{h.Term, h.Excludes}] {
			if t.hits[i] != t.posts {
				t.hits[i] = t.posts
				t.terms[i].Posts++
			}
		}
	}
	return any && !none
}

// Terms is how many posts each term was found in, in the order of the terms: any, none, accounts.
func (t *Trial) Terms() []TermCount { return t.terms }

// Shown is a stored post as its terms can be tried on it: the hashtags and mentions that its
// platform marked, and its author is not known any more.
func Shown(p *reaction.StoredPost) reaction.Post {
	out := p.Post
	out.Author = reaction.Author{}
	mark := func(kind reaction.FacetKind, value string) {
		out.Facets = append(out.Facets, reaction.Facet{Kind: kind, Start: -1, End: -1, Value: value})
	}
	out.Facets = nil
	for _, h := range p.Tags.Hashtags {
		mark(reaction.FacetHashtag, h.Text)
	}
	for _, name := range p.Tags.Mentions {
		mark(reaction.FacetMention, name)
	}
	return out
}
