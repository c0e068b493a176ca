package postgres

import (
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
)

// storedPost is what the figures need to know of a post that is stored.
type storedPost struct {
	key      postKey
	at       time.Time
	lang     string
	labels   []string // without LabelPosts
	hashtags []string
	once     []string // what earlier versions were counted under: see oncePast
	late     bool
	author   reaction.Person
}

// maxOnce bounds what is remembered of the earlier versions of one post: gross figures forget the rest.
const maxOnce = 1000

// change moves the figures of a stored post by d, under all its labels and tags.
func (s *sums) change(p *storedPost, d rollup) {
	bucket := reaction.Bucket(p.at).Unix()
	s.count(rollupKey{p.key.event, reaction.LabelPosts, bucket, p.key.source, p.lang}, d)
	for _, l := range p.labels {
		s.count(rollupKey{p.key.event, l, bucket, p.key.source, p.lang}, d)
	}
	for _, t := range p.hashtags {
		s.countTag(tagCountKey{p.key.event, t, bucket, p.key.source}, d)
	}
}

// carry adds n times all that a post which is not deleted is counted under: net and gross what it
// carries, and gross alone what it carried once. The figures of an event are the sum of this over its
// posts, so that a post changes by carrying the old one away and the new one in.
func (s *sums) carry(p *storedPost, n int32) {
	d := rollup{gross: n, net: n}
	if p.late {
		d.late = n
	}
	s.change(p, d)
	d.net = 0
	bucket := reaction.Bucket(p.at).Unix()
	for _, o := range p.once {
		if tag, ok := strings.CutPrefix(o, "#"); ok {
			if !slices.Contains(p.hashtags, tag) {
				s.countTag(tagCountKey{p.key.event, tag, bucket, p.key.source}, d)
			}
			continue
		}
		if lang, label, ok := strings.Cut(o, " "); ok && !slices.Contains(p.labels, label) {
			s.count(rollupKey{p.key.event, label, bucket, p.key.source, lang}, d)
		}
	}
}

// oncePast is what a post will have been counted under once it is edited: labels with the language
// that they were last counted in, and hashtags.
func (p *storedPost) oncePast() []string {
	out := slices.Clone(p.once)
	for _, l := range p.labels {
		out = slices.DeleteFunc(out, func(o string) bool {
			_, label, ok := strings.Cut(o, " ")
			return ok && label == l && o[0] != '#'
		})
		out = append(out, p.lang+" "+l)
	}
	for _, t := range p.hashtags {
		if o := "#" + t; !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out[:min(len(out), maxOnce)]
}

// had reports whether an earlier version carried a label.
func (p *storedPost) had(label string) bool {
	return slices.ContainsFunc(p.once, func(o string) bool {
		_, l, ok := strings.Cut(o, " ")
		return ok && l == label && o[0] != '#'
	})
}

// edit moves the figures of a post from what it was to what it is. Gross figures go on counting it
// under every label and tag it ever carried, and so do the crowds.
func (s *sums) edit(old, now *storedPost, r *postRow) {
	s.carry(old, -1)
	s.carry(now, 1)
	for _, l := range now.labels {
		if !now.had(l) {
			s.meet(now.key, l, now.at, now.author)
		}
	}
	for _, t := range now.hashtags {
		if !slices.Contains(now.once, "#"+t) {
			s.meetTag(r, t, now.at, now.author)
		}
	}
}
