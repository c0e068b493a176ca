package chart

import (
	"cmp"
	"math"
	"slices"
)

// The lane lies between the legend and the plot, beside the captions of the axes. Labels stand in
// it in rows, each with a stem down to its moment.
const (
	laneRow  = 14.0
	laneBase = 6.0  // of the lowest row's texts above the plot
	laneLow  = 32.0 // the lane's height without extra rows: enough for two
)

// berth is a place in the lane.
type berth struct {
	note int
	at   box
	stem [2]point
}

// sides are the ways a label may stand to its stem: over it, beginning at it, ending at it.
var sides = [3]func(x, w float64) float64{
	func(x, w float64) float64 { return x - w/2 },
	func(x, _ float64) float64 { return x - 2 },
	func(x, w float64) float64 { return x - w + 2 },
}

// fillLane places notes above the plot and gives those that found no room. A row is filled well in
// one order and badly in another: that of rank, from the right and from the left are tried, and the
// first that places the most is taken.
func (l *layout) fillLane(s *scene, waiting []int) (left []int) {
	fromLeft := slices.Clone(waiting)
	slices.SortStableFunc(fromLeft, func(a, b int) int { return cmp.Compare(l.notes[a].at.x, l.notes[b].at.x) })
	fromRight := slices.Clone(fromLeft)
	slices.Reverse(fromRight)
	var best []berth
	for _, try := range []struct {
		order []int
		sides [3]int
	}{{waiting, [3]int{0, 1, 2}}, {fromRight, [3]int{1, 0, 2}}, {fromLeft, [3]int{2, 0, 1}}} {
		if got := l.berths(s.copy(), try.order, try.sides); l.weight(got) > l.weight(best) {
			best = got
		}
	}
	for _, b := range best {
		n := l.notes[b.note]
		l.settle(s, l.noteLabel(n), point{b.at.x, b.at.y})
		if b.stem[0].y > b.stem[1].y {
			p := n.pen
			if n.point {
				p = pen{1, n.ink, []float64{1, 2}}
			}
			l.lead(s, b.stem, p)
		}
	}
	return slices.DeleteFunc(waiting, func(i int) bool {
		return slices.ContainsFunc(best, func(b berth) bool { return b.note == i })
	})
}

func (l *layout) weight(of []berth) (sum int) {
	for _, b := range of {
		sum += rankEnd + 1 - l.notes[b.note].rank
	}
	return sum
}

// berths finds places in the lane in a given order.
func (l *layout) berths(s *scene, order []int, prefer [3]int) (out []berth) {
	for k, i := range order {
		if b, ok := l.berth(s, i, order[k+1:], prefer); ok {
			out = append(out, b)
			s.labels = append(s.labels, b.at)
			if b.stem[0].y > b.stem[1].y {
				s.leaders = append(s.leaders, b.stem)
			}
		}
	}
	return out
}

// berth finds the place of least cost for a note: in a low row, and not over the moments of notes
// that are still to come.
func (l *layout) berth(s *scene, i int, later []int, prefer [3]int) (found berth, ok bool) {
	n, t := l.notes[i], l.noteLabel(l.notes[i])
	left, right := l.plot.x-4, l.w-margin-t.width
	if len(l.axes) == 2 {
		right = l.plot.x + l.plot.w + 2 - t.width // the axis's topmost number is beside it
	}
	if right < left {
		return found, false
	}
	foot := l.plot.y
	if n.point {
		foot = n.at.y - dotSize - 2
	}
	best := math.Inf(1)
	for y, row := l.plot.y-laneBase-0.78*t.size, 0.0; y >= l.plot.y-laneLow-l.lane; y, row = y-laneRow, row+1 {
		for taste, side := range prefer {
			b := box{max(min(sides[side](n.at.x, t.width), right), left), y, t.width, t.size}
			cost := 10*row + float64(taste)
			for _, o := range later {
				if x := l.notes[o].at.x; x > b.x-4 && x < b.x+b.w+4 {
					cost += 30
				}
			}
			top := b.y + b.h + 1
			stem := [2]point{{n.at.x, max(foot, top)}, {n.at.x, top}}
			if cost < best && n.at.x >= b.x-2 && n.at.x <= b.x+b.w+2 && s.alone(b) && !s.blocked(stem[0], stem[1]) {
				best, found, ok = cost, berth{i, b, stem}, true
			}
		}
	}
	return found, ok
}

// alone reports whether a label in the lane meets no other label and no stem.
func (s *scene) alone(b box) bool {
	wide := box{b.x - 6, b.y + 0.5, b.w + 12, b.h - 1}
	for _, o := range s.labels {
		if overlap(wide, o) {
			return false
		}
	}
	for _, l := range s.leaders {
		if crosses(l[0], l[1], box{b.x - 3, b.y, b.w + 6, b.h}) {
			return false
		}
	}
	return true
}
