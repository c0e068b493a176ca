package play

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"outcry/collectors/archive"
)

const (
	topTags   = 20
	maxTags   = 50_000 // different hashtags counted at once
	maxTagLen = 140    // bytes of one that is shown
)

type tagCount struct {
	display string
	posts   int64
	first   int // order in which it was met
}

// hashtags counts the posts that carry each hashtag and lists the most used. Where there are more
// different ones than are counted at once, the rarest so far are forgotten now and then: none of
// them can be among the first unless all are rare.
func (s *Shelf) hashtags(ctx context.Context, a *archive.Archive) ([]TagUse, error) {
	counts := map[string]*tagCount{}
	met, rows := 0, 0
	for r, err := range a.Records(0) {
		if err != nil {
			return nil, err
		}
		if rows++; rows%1000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if r.Post == nil || r.Edit {
			continue
		}
		for _, h := range s.o.Hashtags(r.Post) {
			c := counts[h.Key]
			if c == nil {
				met++
				c = &tagCount{display: strings.Clone(h.Text), first: met} // not the whole post with it
				counts[strings.Clone(h.Key)] = c
			}
			c.posts++
		}
		for least := int64(1); len(counts) > maxTags; least *= 2 {
			for key, c := range counts {
				if c.posts <= least {
					delete(counts, key)
				}
			}
		}
	}
	list := make([]*tagCount, 0, len(counts))
	for _, c := range counts {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *tagCount) int { return cmp.Or(cmp.Compare(b.posts, a.posts), cmp.Compare(a.first, b.first)) })
	var out []TagUse
	for _, c := range list[:min(len(list), topTags)] {
		out = append(out, TagUse{short(plain(c.display), maxTagLen), c.posts})
	}
	return out, nil
}
