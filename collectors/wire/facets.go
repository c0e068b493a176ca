package wire

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"outcry/internal/reaction"
)

const (
	maxOutside  = 8   // tags beside the text
	maxTagBytes = 640 // Bluesky's own limit
)

// skyFacet is a stretch of a Bluesky post's text, by byte offsets, and what it stands for.
type skyFacet struct {
	Index struct {
		Start int `json:"byteStart"`
		End   int `json:"byteEnd"`
	} `json:"index"`
	Features []struct {
		Type string `json:"$type"`
		Tag  string `json:"tag"`
		URI  string `json:"uri"`
	} `json:"features"`
}

// facets are those of the record that fit its text, in order and without overlaps, and then the
// tags beside the text as facets of no length at its end.
func (r *skyRecord) facets() []reaction.Facet {
	var out []reaction.Facet
	for i := range r.Facets {
		if f, ok := r.Facets[i].read(r.Text); ok && len(out) < MaxFacets {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b reaction.Facet) int { return cmp.Compare(a.Start, b.Start) })
	end := 0
	out = slices.DeleteFunc(out, func(f reaction.Facet) bool {
		if f.Start < end {
			return true
		}
		end = f.End
		return false
	})
	for i, tag := range r.Tags {
		if tag = trimSign(tag); i < maxOutside && tag != "" && len(tag) <= maxTagBytes {
			out = append(out, reaction.Facet{Kind: reaction.FacetHashtag, Start: len(r.Text), End: len(r.Text), Value: tag})
		}
	}
	return out
}

// read checks a facet's bounds and takes its first feature that is known.
func (f *skyFacet) read(text string) (reaction.Facet, bool) {
	start, end := f.Index.Start, f.Index.End
	if start < 0 || start >= end || end > len(text) || !utf8.RuneStart(text[start]) || end < len(text) && !utf8.RuneStart(text[end]) {
		return reaction.Facet{}, false
	}
	for _, feature := range f.Features {
		out := reaction.Facet{Start: start, End: end}
		switch strings.TrimPrefix(feature.Type, "app.bsky.richtext.facet#") {
		case "tag":
			out.Kind, out.Value = reaction.FacetHashtag, Clean(trimSign(feature.Tag))
		case "mention":
			out.Kind, out.Value = reaction.FacetMention, trimSign(text[start:end])
		case "link":
			out.Kind, out.Value = reaction.FacetURL, Link(feature.URI)
		}
		if out.Value != "" && len(out.Value) <= MaxURL {
			return out, true
		}
	}
	return reaction.Facet{}, false
}

// trimSign is a tag or handle without its sign.
func trimSign(s string) string { return strings.Trim(s, "#＃@＠ \n\t") }
