package chart

import "math"

// hatch fills a box with lines that rise to the right, on one grid for the whole canvas, so that
// neighbouring boxes join. The lines are cut to the box here: neither surface needs a pattern.
func hatch(b box, every float64) [][]point {
	var out [][]point
	// A line is x + y = k x every.
	first := int((b.x+b.y)/every) + 1
	for k := first; ; k++ {
		c := float64(k) * every
		if c >= b.x+b.w+b.y+b.h {
			return out
		}
		p := point{b.x, c - b.x}
		if p.y > b.y+b.h {
			p = point{c - b.y - b.h, b.y + b.h}
		}
		q := point{c - b.y, b.y}
		if q.x > b.x+b.w {
			q = point{b.x + b.w, c - b.x - b.w}
		}
		out = append(out, []point{p, q})
	}
}

// hatchUnknown marks a box of which nothing is known.
func (l *layout) hatchUnknown(b box) { l.hatched(b, hatch(b, hatchEvery)) }

// hatchCapped marks one that was left out on purpose: the lines fall.
func (l *layout) hatchCapped(b box) {
	lines := hatch(box{-b.x - b.w, b.y, b.w, b.h}, hatchEvery)
	for _, line := range lines {
		for i := range line {
			line[i].x = -line[i].x
		}
	}
	l.hatched(b, lines)
}

// hatchLate marks one that is still to be heard: the lines lie.
func (l *layout) hatchLate(b box) {
	var lines [][]point
	for y := math.Floor(b.y/hatchEvery)*hatchEvery + hatchEvery/2; y < b.y+b.h; y += hatchEvery {
		if y > b.y {
			lines = append(lines, []point{{b.x, y}, {b.x + b.w, y}})
		}
	}
	l.hatched(b, lines)
}

func (l *layout) hatched(b box, lines [][]point) {
	l.put(rectShape{b, l.hue.unseen})
	l.put(strokeShape{lines, pen{width: 1, ink: l.hue.hatch}})
}

// filledHigh is the height of the bar under what was fetched afterwards.
const filledHigh = 3.0

// barFilled marks at the foot of a box that what is in it was fetched afterwards.
func (l *layout) barFilled(b box) {
	l.put(rectShape{box{b.x, b.y + b.h - filledHigh, b.w, filledHigh}, l.hue.hatch})
}

// hatchPartly marks a box of which part is known.
func (l *layout) hatchPartly(b box) {
	l.put(strokeShape{hatch(b, hatchEvery*1.5), pen{width: 0.8, ink: l.hue.faint}})
}

// column is the box of a stretch of buckets between y and y+h. However many buckets a pixel has,
// a stretch is never narrower than one, so that nothing unknown goes unseen.
func (l *layout) column(s span, y, h float64) box {
	x0, x1 := l.x(s.a), l.x(s.b)
	if x1-x0 < 1 {
		mid := (x0 + x1) / 2
		x0 = min(max(mid-0.5, l.plot.x), l.plot.x+l.plot.w-1)
		x1 = x0 + 1
	}
	return box{x0, y, x1 - x0, h}
}

// joinClose joins stretches that are less than a pixel apart.
func (l *layout) joinClose(in []span) []span {
	var out []span
	near := float64(l.frame.n) / l.plot.w
	for _, s := range in {
		if n := len(out); n > 0 && float64(s.a-out[n-1].b) < near {
			out[n-1].b = s.b
			continue
		}
		out = append(out, s)
	}
	return out
}
