package nlp

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"outcry/internal/reaction"
)

// maxEntities bounds the hashtags, mentions and addresses kept of one post, of each kind.
const maxEntities = 100

// entity is a hashtag, mention or address of a post: text[start:end], with its sign.
type entity struct {
	kind       reaction.FacetKind
	start, end int
	value      string // without the sign
}

// entities appends what p holds, in order. Of each kind the platform's own marks count where
// there are any; else the text is scanned by the platform's rules.
func entities(p *reaction.Post, dst []entity) []entity {
	var marked [3]bool
	for i := range p.Facets {
		f := &p.Facets[i]
		e := entity{f.Kind, f.Start, f.End, f.Value}
		switch f.Kind {
		case reaction.FacetHashtag:
			marked[0], e.value = true, strings.TrimLeft(f.Value, "#＃")
		case reaction.FacetMention:
			marked[1], e.value = true, strings.TrimLeft(f.Value, "@＠")
		case reaction.FacetURL:
			marked[2] = true
		default:
			continue
		}
		if e.value == "" {
			continue
		}
		if f.Start < 0 || f.End < f.Start || f.End > len(p.Text) || !onRunes(p.Text, f.Start, f.End) {
			e.start, e.end = 0, 0
		}
		dst = append(dst, e)
	}
	n := len(dst)
	dst = scan(p.Text, p.Source, dst)
	dst = append(dst[:n], slices.DeleteFunc(dst[n:], func(e entity) bool {
		return marked[0] && e.kind == reaction.FacetHashtag || marked[1] && e.kind == reaction.FacetMention ||
			marked[2] && e.kind == reaction.FacetURL
	})...)
	slices.SortStableFunc(dst, func(a, b entity) int { return cmp.Compare(a.start, b.start) })
	return dst
}

func onRunes(s string, cuts ...int) bool {
	return !slices.ContainsFunc(cuts, func(i int) bool { return i < len(s) && !utf8.RuneStart(s[i]) })
}

// collect puts each distinct entity into tags once.
func collect(list []entity, tags *reaction.Tags) {
	tags.Hashtags, tags.Mentions, tags.URLs = []reaction.Hashtag{}, []string{}, []string{}
	for _, e := range list {
		switch e.kind {
		case reaction.FacetHashtag:
			h := reaction.Hashtag{Text: e.value, Key: FoldTag(e.value)}
			same := func(o reaction.Hashtag) bool { return o.Key == h.Key }
			if len(tags.Hashtags) < maxEntities && h.Key != "" && !slices.ContainsFunc(tags.Hashtags, same) {
				tags.Hashtags = append(tags.Hashtags, h)
			}
		case reaction.FacetMention:
			same := func(o string) bool { return strings.EqualFold(o, e.value) }
			if len(tags.Mentions) < maxEntities && !slices.ContainsFunc(tags.Mentions, same) {
				tags.Mentions = append(tags.Mentions, e.value)
			}
		case reaction.FacetURL:
			if len(tags.URLs) < maxEntities && !slices.Contains(tags.URLs, e.value) {
				tags.URLs = append(tags.URLs, e.value)
			}
		}
	}
}
