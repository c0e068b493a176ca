package match

import (
	"bytes"
	"slices"
	"strings"

	"outcry/internal/reaction"
)

// span is a stretch of folded text.
type span struct{ start, end int }

// addresses appends the web addresses of a folded text, in order.
func addresses(text []byte, dst []span) []span {
	scheme, www := find(text, "://", 0), find(text, "www.", 0)
	for min(scheme, www) < len(text) {
		start, from := www, www+len("www.")
		if scheme < www {
			start, from = scheme-schemeLen(text[:scheme]), scheme+len("://")
		}
		// "://" without a scheme and "awww." are no addresses.
		if start != scheme && (start != www || !WordRune(last(text[:start]))) {
			from = start + addressLen(text[start:])
			dst = append(dst, span{start, from})
		}
		if scheme < from {
			scheme = find(text, "://", from)
		}
		if www < from {
			www = find(text, "www.", from)
		}
	}
	return dst
}

// find is the first place of s in text at from or later, or the text's length.
func find(text []byte, s string, from int) int {
	if i := bytes.Index(text[min(from, len(text)):], []byte(s)); i >= 0 {
		return from + i
	}
	return len(text)
}

func schemeLen(head []byte) int {
	switch {
	case bytes.HasSuffix(head, []byte("https")):
		return len("https")
	case bytes.HasSuffix(head, []byte("http")):
		return len("http")
	}
	return 0
}

// addressLen is how far the address at the head of text reaches: to white space, a quote or an
// angle bracket. A t.co link is as long as its key, because text often follows it directly.
func addressLen(text []byte) int {
	for _, head := range []string{"https://t.co/", "http://t.co/"} {
		if bytes.HasPrefix(text, []byte(head)) {
			n := len(head)
			for n < len(text) && (text[n] >= 'a' && text[n] <= 'z' || text[n] >= '0' && text[n] <= '9') {
				n++
			}
			return n
		}
	}
	if n := bytes.IndexAny(text, " <>\"“”「」『』"); n >= 0 {
		return n
	}
	return len(text)
}

// addressFacets adds what the platform marked as an address, where the marked text looks like one
// and not like words that a link was put under.
func (f *Folded) addressFacets(p *reaction.Post, spans []span) []span {
	n := len(spans)
	for i := range p.Facets {
		ft := &p.Facets[i]
		if ft.Kind != reaction.FacetURL || ft.Start < 0 || ft.Start >= ft.End || ft.End > len(p.Text) {
			continue
		}
		shown := p.Text[ft.Start:ft.End]
		if strings.ContainsAny(shown, " \t\n") || !strings.ContainsAny(shown, "./") {
			continue
		}
		spans = append(spans, span{f.At(ft.Start), f.At(ft.End)})
	}
	if len(spans) > n {
		slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
		spans = merge(spans)
	}
	return spans
}

// merge joins spans that overlap, in place.
func merge(spans []span) []span {
	out := spans[:1]
	for _, s := range spans[1:] {
		if l := &out[len(out)-1]; s.start <= l.end {
			l.end = max(l.end, s.end)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// touches reports whether any of the spans, which are in order and apart, overlaps [start, end).
func touches(spans []span, start, end int) bool {
	if len(spans) == 0 {
		return false
	}
	i, _ := slices.BinarySearchFunc(spans, start+1, func(s span, at int) int { return s.end - at })
	return i < len(spans) && spans[i].start < end
}
