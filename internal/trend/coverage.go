package trend

import (
	"slices"
	"time"

	"outcry/internal/reaction"
)

// span is a half-open interval of time.
type span struct{ from, to time.Time }

// heard merges, for one source, every interval during which it was heard by any feed. Where one
// feed had a gap and another heard, the source was heard.
func heard(spans []reaction.CoverageSpan, source reaction.Source) []span {
	var out []span
	for _, s := range spans {
		if s.Source == source && s.State.Seen() && s.To.After(s.From) {
			out = append(out, span{s.From, s.To})
		}
	}
	return merge(out)
}

// HeardShare is the share of [from, to), 0 to 1, during which a source was heard.
func HeardShare(spans []reaction.CoverageSpan, source reaction.Source, from, to time.Time) float64 {
	return shares(heard(spans, source), from, to.Sub(from), 1)[0]
}

// merge sorts intervals and joins those that overlap or touch.
func merge(in []span) []span {
	slices.SortFunc(in, func(a, b span) int { return a.from.Compare(b.from) })
	out := in[:0]
	for _, s := range in {
		if n := len(out); n > 0 && !s.from.After(out[n-1].to) {
			out[n-1].to = later(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// intersect gives the moments that lie in both of two merged lists.
func intersect(a, b []span) []span {
	var out []span
	for i, j := 0, 0; i < len(a) && j < len(b); {
		from, to := later(a[i].from, b[j].from), earlier(a[i].to, b[j].to)
		if to.After(from) {
			out = append(out, span{from, to})
		}
		if a[i].to.Before(b[j].to) {
			i++
		} else {
			j++
		}
	}
	return out
}

// shares gives, for each of n buckets of width step from the given start, the share of the
// bucket that lies in the merged intervals.
func shares(spans []span, from time.Time, step time.Duration, n int) []float64 {
	out := make([]float64, n)
	end := from.Add(time.Duration(n) * step)
	for _, s := range spans {
		a, b := later(s.from, from), earlier(s.to, end)
		for a.Before(b) {
			i := int(a.Sub(from) / step)
			edge := earlier(from.Add(time.Duration(i+1)*step), b)
			out[i] += float64(edge.Sub(a)) / float64(step)
			a = edge
		}
	}
	for i, v := range out {
		if v > 1-1e-9 { // the sum of many parts of a whole bucket is a whole bucket
			out[i] = 1
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func mean(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// view is what could be heard, bucket by bucket, of the sources that take part in a query.
type view struct {
	sources []reaction.Source
	bySrc   map[reaction.Source][]float64 // share of each bucket heard
	all     []float64                     // share of each bucket in which every source was heard
}

// see works out the view of a query. Sources that were never heard in the whole event take no
// part, unless they were asked for by name or nothing was ever heard at all: then they are blind.
func see(q *Query, in *Inputs) view {
	v := view{bySrc: map[reaction.Source][]float64{}}
	v.sources = slices.Clone(q.Sources)
	if len(v.sources) == 0 {
		v.sources = slices.Clone(in.Listened)
	}
	if len(v.sources) == 0 {
		v.sources = slices.Clone(q.Event.Sources)
	}
	slices.Sort(v.sources)
	v.sources = slices.Compact(v.sources)
	n := q.Buckets()
	var every []span
	for i, s := range v.sources {
		h := heard(in.Coverage, s)
		v.bySrc[s] = shares(h, q.From, q.Step, n)
		if i == 0 {
			every = h
		} else {
			every = intersect(every, h)
		}
	}
	v.all = shares(every, q.From, q.Step, n)
	return v
}

// blind lists the sources not heard during some of bucket i, and tells whether any of them was
// not heard at all.
func (v *view) blind(i int) (some []reaction.Source, wholly bool) {
	for _, s := range v.sources {
		c := v.bySrc[s][i]
		if c < 1 {
			some = append(some, s)
		}
		if c == 0 {
			wholly = true
		}
	}
	return some, wholly
}
