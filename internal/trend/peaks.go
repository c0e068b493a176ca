package trend

import (
	"slices"
	"time"
)

// valley is how low, as a share of its own height, a series must fall between a peak and any higher
// one: what is higher than that lies on the other's slope.
const valley = 0.75

// Peaks picks the highest points of a series, at most that many, the highest first: of one height the
// earlier. A count that is known in part stands for what was heard.
func Peaks(points []Point, most int) []Point {
	order := make([]int, 0, len(points))
	for i := range points {
		if height(&points[i]) > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := height(&points[a]), height(&points[b]); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	var taken []int
	for _, i := range order {
		if len(taken) == most {
			break
		}
		if !slices.ContainsFunc(taken, func(j int) bool { return slope(points, i, j) }) {
			taken = append(taken, i)
		}
	}
	out := make([]Point, len(taken))
	for n, i := range taken {
		out[n] = points[i]
	}
	return out
}

// slope reports whether a point lies on the slope of a higher one.
func slope(points []Point, at, higher int) bool {
	for k := min(at, higher); k <= max(at, higher); k++ {
		if height(&points[k]) <= valley*height(&points[at]) {
			return false
		}
	}
	return true
}

func height(p *Point) float64 {
	switch {
	case p.Value != nil:
		return *p.Value
	case p.AtLeast != nil:
		return *p.AtLeast
	}
	return 0
}

// Before is how long before a peak of that step posts are compared with: fifteen times as long, and a
// quarter of an hour at least.
func Before(step time.Duration) time.Duration { return max(15*step, 15*time.Minute) }
