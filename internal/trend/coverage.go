package trend

import (
	"slices"
	"time"

	"outcry/internal/reaction"
)

// span is a half-open interval of time.
type span struct{ from, to time.Time }

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
		if v > almost { // the sum of many parts of a whole bucket is a whole bucket
			out[i] = 1
		}
	}
	return out
}

// almost is a whole, as the sum of many parts.
const almost = 1 - 1e-9

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
	of      map[reaction.Source]*heardShares
	all     []float64 // share of each bucket in which every source was heard
	filled  []float64 // share of each bucket in which some source was heard only afterwards
}

// heardShares are shares of each bucket for one source. whole, gap, late and capped add up to one;
// filled is a part of whole.
type heardShares struct {
	whole, some, filled, gap, late, capped []float64
	all                                    SourceCoverage // over the whole window
}

func sharesOf(list []Hearing, from time.Time, step time.Duration, n int) (h *heardShares, whole, filled []span) {
	share := func(is func(*Hearing) bool) ([]float64, []span) {
		var in []span
		for i := range list {
			if is(&list[i]) {
				in = append(in, span{list[i].From, list[i].To})
			}
		}
		in = merge(in)
		return shares(in, from, step, n), in
	}
	h = &heardShares{}
	h.whole, whole = share(func(x *Hearing) bool { return x.State.Seen() })
	h.some, _ = share(func(x *Hearing) bool { return x.State.Seen() || x.Partly })
	h.filled, filled = share(func(x *Hearing) bool { return x.State == reaction.CoverageFilled })
	h.gap, _ = share(func(x *Hearing) bool { return x.State == reaction.CoverageGap })
	h.late, _ = share(func(x *Hearing) bool { return x.State == reaction.CoverageLate })
	h.capped, _ = share(func(x *Hearing) bool { return x.State == reaction.CoverageCapped })
	for i := range list {
		h.all.add(&list[i], time.Duration(n)*step)
	}
	return h, whole, filled
}

// add adds a part of a window.
func (c *SourceCoverage) add(h *Hearing, window time.Duration) {
	share := float64(h.To.Sub(h.From)) / float64(window)
	switch {
	case h.State == reaction.CoverageFilled:
		c.Coverage, c.Filled = c.Coverage+share, c.Filled+share
	case h.State.Seen():
		c.Coverage += share
	case h.Partly:
		c.Partly += share
	case h.State == reaction.CoverageLate:
		c.Late += share
	case h.State == reaction.CoverageCapped:
		c.Capped += share
	default:
		c.Gap += share
	}
}

// see works out the view of a query. Sources that were never heard in the whole event take no
// part, unless they were asked for by name or nothing was ever heard at all: then they are blind.
func see(q *Query, in *Inputs) view {
	v := view{of: map[reaction.Source]*heardShares{}}
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
	var every, filled []span
	for i, s := range v.sources {
		h, whole, later := sharesOf(Hearings(in.Coverage, s, q.From, q.To), q.From, q.Step, n)
		v.of[s] = h
		filled = append(filled, later...)
		if i == 0 {
			every = whole
		} else {
			every = intersect(every, whole)
		}
	}
	v.all, v.filled = shares(every, q.From, q.Step, n), shares(merge(filled), q.From, q.Step, n)
	return v
}

// blind says of a point which sources were not heard during some of its bucket, and why, and tells
// whether any of them was not heard at all.
func (v *view) blind(p *Point, i int) (wholly bool) {
	for _, s := range v.sources {
		h := v.of[s]
		if h.filled[i] > 0 {
			p.Filled = append(p.Filled, s)
		}
		if h.whole[i] >= 1 {
			continue
		}
		p.Blind = append(p.Blind, s)
		switch {
		case h.gap[i] > 0:
		case h.late[i] > 0:
			p.Late = append(p.Late, s)
		case h.capped[i] > 0:
			p.Capped = append(p.Capped, s)
		}
		wholly = wholly || h.some[i] == 0
	}
	return wholly
}
