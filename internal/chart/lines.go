package chart

import "slices"

// Widths of a bucket, in CSS pixels, from which the first line is drawn as steps, the others are
// (in a pattern, narrow steps cannot be read), and all as straight segments. Below the last,
// several buckets share a pixel and are drawn as an envelope.
const (
	stepFrom     = 4.0
	stepAllFrom  = 12.0
	straightFrom = 1.0
)

// groundTint is how much the ground under the first line takes of its colour.
const groundTint = 22

// item is one place along a line: a bucket, or the buckets that share a pixel.
type item struct {
	x0, x1      float64
	low, high   float64 // y of the least and the greatest value: high is above low
	first, last int     // buckets with a known value
	open        bool
}

// piece is a stretch of a line that is drawn in one way.
type piece struct {
	track *track
	path  []point
	open  bool
}

// dense reports whether several buckets share a pixel. It is asked before the width of the plot is
// known, and so goes by the width between the margins, less what axes usually take.
func (l *layout) dense() bool { return (l.w-2*margin-80)/float64(l.frame.n) < straightFrom }

// draw draws every line. The first series is the one the chart is about: it lies on top, on a
// tinted ground.
func (l *layout) draw() {
	for i, t := range slices.Backward(l.lines) {
		for _, run := range l.runs(t) {
			path := l.path(t, run, true, true)
			switch {
			case l.dense():
				l.put(areaShape{envelope(run), faded(t.pen.ink, 56)})
				l.tints = append(l.tints, spread(run))
			case i == 0 && t.hold == 0:
				bottom := l.plot.y + l.plot.h
				ground := append([]point{{path[0].x, bottom}}, path...)
				l.put(areaShape{append(ground, point{path[len(path)-1].x, bottom}), faded(t.pen.ink, groundTint)})
			}
			l.stretches(t, run)
		}
	}
	for _, p := range l.pieces {
		style := p.track.pen
		if p.open {
			style = filling(style)
		}
		l.put(strokeShape{[][]point{p.path}, style})
	}
}

// runs cuts a line where it is not known, and gives what is left.
func (l *layout) runs(t *track) [][]item {
	var out [][]item
	reach := 1
	if t.hold > 0 {
		reach = max(int(t.hold/l.frame.step), 1)
	}
	items := l.items(t)
	for i, it := range items {
		joined := i > 0 && it.first-items[i-1].last <= reach
		// Of buckets that share a pixel, a missing one cannot be shown as a break in the line; it
		// is hatched. Whole pixels without a value always break it.
		if i > 0 && t.hold == 0 && l.dense() {
			joined = it.x0-items[i-1].x1 < 0.5
		}
		if joined {
			out[len(out)-1] = append(out[len(out)-1], it)
		} else {
			out = append(out, []item{it})
		}
	}
	return out
}

// items are the known buckets of a track, or the pixels that have known buckets.
func (l *layout) items(t *track) []item {
	var out []item
	columns := min(int(l.plot.w), l.frame.n)
	place := func(i int) (x0, x1 float64) { return l.x(i), l.x(i + 1) }
	if l.dense() {
		place = func(i int) (x0, x1 float64) {
			c := float64(i * columns / l.frame.n)
			wide := l.plot.w / float64(columns)
			return l.plot.x + c*wide, l.plot.x + (c+1)*wide
		}
	}
	for i, p := range t.pts {
		if p.Value == nil {
			continue
		}
		x0, x1 := place(i)
		y := l.y(t, *p.Value)
		if n := len(out); n > 0 && out[n-1].x0 == x0 {
			it := &out[n-1]
			it.low, it.high, it.last, it.open = max(it.low, y), min(it.high, y), i, it.open || p.Open
			continue
		}
		out = append(out, item{x0, x1, y, y, i, i, p.Open})
	}
	return out
}

// path is the line of a stretch of a run: steps as wide as the buckets where there is room, else
// straight from middle to middle, and level to the run's ends where the stretch has them.
func (l *layout) path(t *track, run []item, head, tail bool) []point {
	var out []point
	wide := l.plot.w / float64(l.frame.n)
	steps := t.hold == 0 && (wide >= stepAllFrom || wide >= stepFrom && t == l.lines[0])
	for i, it := range run {
		if last := len(out) - 1; steps && last >= 0 && out[last].y == it.high {
			out[last].x = it.x1
			continue
		}
		if steps {
			out = append(out, point{it.x0, it.high}, point{it.x1, it.high})
			continue
		}
		if i == 0 && head {
			out = append(out, point{it.x0, it.high})
		}
		out = append(out, point{(it.x0 + it.x1) / 2, it.high})
		if i == len(run)-1 && tail {
			out = append(out, point{it.x1, it.high})
		}
	}
	// A lone narrow bucket would be a speck: it is given a width that can be seen.
	if last := len(out) - 1; len(run) == 1 && head && tail && out[last].x-out[0].x < 3 {
		mid := (run[0].x0 + run[0].x1) / 2
		left := min(max(mid-1.5, l.plot.x), l.plot.x+l.plot.w-3)
		return []point{{left, out[0].y}, {left + 3, out[0].y}}
	}
	return out
}

// stretches lays out a run as pieces that are closed or open.
func (l *layout) stretches(t *track, run []item) {
	for a := 0; a < len(run); {
		b := a + 1
		for b < len(run) && run[b].open == run[a].open {
			b++
		}
		path := l.path(t, run[a:b], a == 0, b == len(run))
		if n := len(l.pieces); a > 0 {
			before := l.pieces[n-1].path
			path = append([]point{before[len(before)-1]}, path...)
		}
		l.pieces = append(l.pieces, piece{t, path, run[a].open})
		a = b
	}
}

// envelope is the outline between the greatest and the least value of each pixel.
func envelope(run []item) []point {
	out := make([]point, 0, 2*len(run)+4)
	first, last := run[0], run[len(run)-1]
	out = append(out, point{first.x0, first.high})
	for _, it := range run {
		out = append(out, point{(it.x0 + it.x1) / 2, it.high})
	}
	out = append(out, point{last.x1, last.high}, point{last.x1, last.low})
	for _, r := range slices.Backward(run) {
		out = append(out, point{(r.x0 + r.x1) / 2, r.low})
	}
	return append(out, point{first.x0, first.low})
}

// spread is a path through the whole of an envelope, for labels to keep clear of.
func spread(run []item) []point {
	out := make([]point, 0, 2*len(run))
	for _, it := range run {
		x := (it.x0 + it.x1) / 2
		out = append(out, point{x, it.high}, point{x, it.low})
	}
	return out
}
