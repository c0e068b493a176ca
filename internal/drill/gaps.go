package drill

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// Gap is an interval in which one source was not heard.
type Gap struct {
	Source reaction.Source `json:"source"`
	From   time.Time       `json:"from"`
	To     time.Time       `json:"to"`
	Missed int             `json:"missed"` // posts that were written and not heard
}

// holds reports whether t lies in [From, To).
func (g *Gap) holds(t time.Time) bool { return !t.Before(g.From) && t.Before(g.To) }

// makeGaps places n gaps of one to six minutes, whole seconds, at least a minute apart within a
// source and away from both ends of the drill. They are sorted by time.
func makeGaps(r *rand.Rand, sc *script, n int, from, to time.Time) ([]Gap, error) {
	const edge, apart = 5 * time.Minute, time.Minute
	room := int64(to.Sub(from)-2*edge) / int64(time.Second)
	var gaps []Gap
	for range n {
		placed := false
		for try := 0; try < 1000 && !placed; try++ {
			g := Gap{Source: one(r, sc.sources).source, From: from.Add(edge + time.Duration(r.Int64N(room))*time.Second)}
			g.To = g.From.Add(time.Duration(60+r.Int64N(301)) * time.Second)
			if g.To.After(to.Add(-edge)) || slices.ContainsFunc(gaps, func(h Gap) bool {
				return h.Source == g.Source && g.From.Before(h.To.Add(apart)) && h.From.Before(g.To.Add(apart))
			}) {
				continue
			}
			gaps = append(gaps, g)
			placed = true
		}
		if !placed {
			return nil, fmt.Errorf("gaps: %d do not fit into %s", n, to.Sub(from))
		}
	}
	slices.SortFunc(gaps, func(a, b Gap) int { return a.From.Compare(b.From) })
	return gaps, nil
}

// gapAt is the index of the gap that source was in at t, -1 for none.
func (p *plan) gapAt(source reaction.Source, t time.Time) int {
	return slices.IndexFunc(p.gaps, func(g Gap) bool { return g.Source == source && g.holds(t) })
}
