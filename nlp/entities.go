package nlp

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"outcry/internal/reaction"
	"outcry/nlp/entity"
)

// maxEntities bounds the hashtags, mentions and addresses kept of one post, of each kind.
const maxEntities = 100

// entities appends what p holds, in order. Of hashtags, mentions and addresses the platform's own marks count
// where it made any of that kind; else, and for all others, the text is scanned by the platform's rules.
func entities(p *reaction.Post, dst []entity.Entity) []entity.Entity {
	var marked [entity.Emoji + 1]bool
	for i := range p.Facets {
		f := &p.Facets[i]
		e := entity.Entity{Start: f.Start, End: f.End, Value: f.Value}
		switch f.Kind {
		case reaction.FacetHashtag:
			e.Kind, e.Value = entity.Hashtag, strings.TrimLeft(f.Value, "#＃")
		case reaction.FacetMention:
			e.Kind, e.Value = entity.Mention, strings.TrimLeft(f.Value, "@＠")
		case reaction.FacetURL:
			e.Kind = entity.URL
		default:
			continue
		}
		marked[e.Kind] = true
		if e.Value == "" {
			continue
		}
		if f.Start < 0 || f.End < f.Start || f.End > len(p.Text) || !onRunes(p.Text, f.Start, f.End) {
			e.Start, e.End = 0, 0
		}
		dst = append(dst, e)
	}
	n := len(dst)
	dst = entity.Scan(p.Text, p.Source, dst)
	if n == 0 {
		return dst
	}
	dst = append(dst[:n], slices.DeleteFunc(dst[n:], func(e entity.Entity) bool { return marked[e.Kind] })...)
	slices.SortStableFunc(dst, func(a, b entity.Entity) int { return cmp.Compare(a.Start, b.Start) })
	return dst
}

func onRunes(s string, cuts ...int) bool {
	return !slices.ContainsFunc(cuts, func(i int) bool { return i < len(s) && !utf8.RuneStart(s[i]) })
}

// collect puts each distinct entity into tags once.
func (s *search) collect(tags *reaction.Tags) {
	for i := range s.entities {
		switch e := &s.entities[i]; e.Kind {
		case entity.Hashtag:
			addHashtag(tags, e.Value, s.key(e.Value))
		case entity.Mention:
			addMention(tags, e.Value)
		case entity.URL:
			tags.URLs = once(tags.URLs, e.Value)
		case entity.Cashtag:
			tags.Cashtags = once(tags.Cashtags, e.Value)
		case entity.Emoji:
			tags.Emoji = once(tags.Emoji, e.Value)
		}
	}
}

func addHashtag(tags *reaction.Tags, text, key string) {
	if key == "" || len(tags.Hashtags) >= maxEntities {
		return
	}
	for i := range tags.Hashtags {
		if tags.Hashtags[i].Key == key {
			return
		}
	}
	tags.Hashtags = append(tags.Hashtags, reaction.Hashtag{Text: text, Key: key})
}

func addMention(tags *reaction.Tags, handle string) {
	if len(tags.Mentions) >= maxEntities {
		return
	}
	for _, m := range tags.Mentions {
		if strings.EqualFold(m, handle) {
			return
		}
	}
	tags.Mentions = append(tags.Mentions, handle)
}

// maxKeys bounds the hashtags whose keys are remembered; an event uses few, over and over.
const maxKeys = 16384

// key is FoldTag of a hashtag, remembered.
func (s *search) key(text string) string {
	if k, ok := s.keys[text]; ok {
		return k
	}
	if len(s.keys) >= maxKeys {
		clear(s.keys)
	}
	text = strings.Clone(text)
	k := FoldTag(text)
	if len(text) <= reaction.MaxTagBytes {
		s.keys[text] = k
	}
	return k
}

// once appends v unless it is there or the list is full.
func once(list []string, v string) []string {
	if len(list) >= maxEntities || slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}
