package collectors

import (
	"slices"
	"time"

	"outcry/internal/reaction"
)

// maxGaps bounds the gaps that wait to be filled. Of more, the oldest stay unfilled.
const maxGaps = 100

// owe takes note of a gap that may yet be filled.
func (l *ledger) owe(g Gap) {
	l.Gaps = append(l.Gaps, g)
	l.Gaps = l.Gaps[max(0, len(l.Gaps)-maxGaps):]
}

// turn is the gap whose turn it is to be filled, or else when there is one again: zero where there
// is none. Of those that were not tried yet the newest comes first, since it is what people look at;
// but every other time it is the one that has waited longest, so that neither a gap which keeps
// failing nor ever new ones hold others back.
func (l *ledger) turn(now time.Time) (*Gap, time.Time) {
	var fresh, oldest *Gap
	var at time.Time
	for i := range l.Gaps {
		x := &l.Gaps[i]
		switch {
		case x.again.After(now):
			if at.IsZero() || x.again.Before(at) {
				at = x.again
			}
			continue
		case x.tried.IsZero():
			fresh = x
		}
		if oldest == nil || latest(x.tried, x.To).Before(latest(oldest.tried, oldest.To)) {
			oldest = x
		}
	}
	if oldest == nil {
		return nil, at
	}
	g := *oldest
	if l.fair = !l.fair; l.fair && fresh != nil {
		g = *fresh
	}
	return &g, time.Time{}
}

// find is where a gap that was handed out is now, -1 where it is no longer there.
func (l *ledger) find(g Gap) int {
	return slices.IndexFunc(l.Gaps, func(x Gap) bool { return x.From.Equal(g.From) && x.To.Equal(g.To) })
}

// filled takes how far a gap was filled, which is still to be told. Of one that was not filled at
// all there is nothing to be had.
func (l *ledger) filled(g Gap, upto, now time.Time) []reaction.Coverage {
	i := l.find(g)
	if i < 0 {
		return nil
	}
	upto = earliest(upto, g.To)
	if !upto.After(g.From) || !upto.Before(g.To) {
		l.Gaps = slices.Delete(l.Gaps, i, i+1)
	} else {
		l.Gaps[i].From, l.Gaps[i].tried = upto, now
	}
	return l.span(g.From, upto, reaction.CoverageFilled, g.Reason)
}

// unfilled takes that a gap was filled to here and no further, and is to be tried again, or never:
// then what is left of it is told once more as not heard, and why it was not fetched either.
func (l *ledger) unfilled(g Gap, upto, now, again time.Time, never bool, reason string) []reaction.Coverage {
	i := l.find(g)
	if i < 0 {
		return nil
	}
	upto = latest(g.From, earliest(upto, g.To))
	out := l.span(g.From, upto, reaction.CoverageFilled, g.Reason)
	if never || !upto.Before(g.To) {
		l.Gaps = slices.Delete(l.Gaps, i, i+1)
		return append(out, l.span(upto, g.To, reaction.CoverageGap, g.Reason+", and it was not fetched afterwards: "+reason)...)
	}
	x := &l.Gaps[i]
	x.From, x.tried, x.again = upto, now, again
	x.Tries++
	return out
}
