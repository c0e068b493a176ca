package chart

import (
	"math"
	"slices"
	"sort"
)

// scene is what a label on the plot must keep clear of.
type scene struct {
	within  box
	lines   [][]point  // data: each goes from left to right
	main    [][]point  // those of the line the chart is about
	walls   []float64  // x of rules, of the edges of bands, and of where days begin
	shut    []box      // where nothing can be read
	labels  []box      // placed already
	leaders [][2]point // of these
	grid    []float64  // y; a label may cross one, but better not
}

// copy is a scene whose labels can be added to without a trace on this one.
func (s *scene) copy() *scene {
	c := *s
	c.labels, c.leaders = slices.Clone(s.labels), slices.Clone(s.leaders)
	return &c
}

// air is the least space between a label and what it must not touch, in CSS pixels.
const air = 3.0

// free reports whether a label of this extent touches nothing.
func (s *scene) free(b box) bool {
	wide := box{b.x - air, b.y - air, b.w + 2*air, b.h + 2*air}
	if b.x < s.within.x+1 || b.y < s.within.y+1 || b.x+b.w > s.within.x+s.within.w-1 || b.y+b.h > s.within.y+s.within.h-1 {
		return false
	}
	for _, x := range s.walls {
		if x > b.x-1 && x < b.x+b.w+1 {
			return false
		}
	}
	for _, o := range s.shut {
		if overlap(wide, o) {
			return false
		}
	}
	for _, o := range s.labels {
		if overlap(wide, o) {
			return false
		}
	}
	for _, l := range s.leaders {
		if crosses(l[0], l[1], wide) {
			return false
		}
	}
	for _, path := range s.lines {
		if touches(path, wide) {
			return false
		}
	}
	return true
}

// blocked reports whether a leader would meet a label or another leader. It begins beside its
// anchor and ends beside its label.
func (s *scene) blocked(a, b point) bool {
	for _, o := range s.labels {
		if crosses(a, b, o) {
			return true
		}
	}
	for _, l := range s.leaders {
		if meet(a, b, l[0], l[1]) {
			return true
		}
	}
	return false
}

// crossings counts what a leader had better not cross: data, rules, edges, and what is unknown.
func (s *scene) crossings(a, b point) float64 {
	n := 0.0
	for _, x := range s.walls {
		if (a.x < x) != (b.x < x) {
			n++
		}
	}
	for _, o := range s.shut {
		if crosses(a, b, o) {
			n += 3
		}
	}
	for _, path := range s.lines {
		if severs(a, b, path) {
			n++
		}
	}
	// Beside its own line a leader would be taken for a part of it.
	const near = 2.5
	around := box{min(a.x, b.x) - near, min(a.y, b.y) - near, math.Abs(a.x-b.x) + 2*near, math.Abs(a.y-b.y) + 2*near}
	for _, path := range s.main {
		if touches(path, around) {
			n++
		}
	}
	return n
}

// severs reports whether a segment meets a path that goes from left to right.
func severs(a, b point, path []point) bool {
	right := max(a.x, b.x)
	for i := from(path, min(a.x, b.x)); i < len(path) && path[i-1].x <= right; i++ {
		if meet(a, b, path[i-1], path[i]) {
			return true
		}
	}
	return false
}

// gridLines counts the lines of the grid behind a label.
func (s *scene) gridLines(b box) float64 {
	n := 0.0
	for _, y := range s.grid {
		if y > b.y && y < b.y+b.h {
			n++
		}
	}
	return n
}

// from is the number of the first segment of a path that reaches x; segment i ends at point i.
func from(path []point, x float64) int {
	return max(1, sort.Search(len(path), func(i int) bool { return path[i].x >= x }))
}

// touches reports whether a path that goes from left to right meets a box.
func touches(path []point, b box) bool {
	for i := from(path, b.x); i < len(path) && path[i-1].x <= b.x+b.w; i++ {
		if crosses(path[i-1], path[i], b) {
			return true
		}
	}
	return false
}

func overlap(a, b box) bool {
	return a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h
}

// crosses reports whether the segment from p to q has a point in a box, by the method of Liang and
// Barsky ("A new concept and method for line clipping", 1984).
func crosses(p, q point, b box) bool {
	t0, t1 := 0.0, 1.0
	dx, dy := q.x-p.x, q.y-p.y
	for _, e := range [4][2]float64{
		{-dx, p.x - b.x}, {dx, b.x + b.w - p.x}, {-dy, p.y - b.y}, {dy, b.y + b.h - p.y},
	} {
		switch t := e[1] / e[0]; {
		case e[0] == 0 && e[1] < 0:
			return false
		case e[0] < 0:
			t0 = max(t0, t)
		case e[0] > 0:
			t1 = min(t1, t)
		}
	}
	return t0 <= t1
}

// meet reports whether two segments have a point in common.
func meet(a, b, c, d point) bool {
	side := func(p, q, r point) float64 { return (q.x-p.x)*(r.y-p.y) - (q.y-p.y)*(r.x-p.x) }
	d1, d2, d3, d4 := side(c, d, a), side(c, d, b), side(a, b, c), side(a, b, d)
	if (d1 > 0) != (d2 > 0) && (d3 > 0) != (d4 > 0) {
		return true
	}
	on := func(p, q, r point, s float64) bool {
		return s == 0 && r.x >= min(p.x, q.x) && r.x <= max(p.x, q.x) && r.y >= min(p.y, q.y) && r.y <= max(p.y, q.y)
	}
	return on(c, d, a, d1) || on(c, d, b, d2) || on(a, b, c, d3) || on(a, b, d, d4)
}

// nearest is the point of a box that is nearest to p.
func nearest(b box, p point) point {
	return point{min(max(p.x, b.x), b.x+b.w), min(max(p.y, b.y), b.y+b.h)}
}
