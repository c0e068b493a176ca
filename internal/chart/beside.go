package chart

import "math"

// besideRule finds a place for a label on either side of a rule, best at the top and to the right.
func (s *scene) besideRule(at point, size box, cost float64) (place point, _ *[2]point, ok bool) {
	best, deepest := cost, min(cost, s.within.h)
	for row := 0.0; row <= deepest && row < best; row += 3 {
		for side, x := range [2]float64{at.x + beside, at.x - beside - size.w} {
			b := box{x, s.within.y + 4 + row, size.w, size.h}
			if cost := row + 14*float64(side) + 20*s.gridLines(b); cost < best && s.free(b) {
				best, place, ok = cost, point{b.x, b.y}, true
			}
		}
	}
	return place, nil, ok
}

// aroundPoint finds a place for a label near a point of a line, best above it. Farther away it
// gets a leader.
func (s *scene) aroundPoint(at point, size box, most float64) (place point, leader *[2]point, ok bool) {
	const ways = 16
	best := most
	for gap := 6.0; gap <= farthest && gap < best; gap += 3 {
		for k := range ways {
			// From straight up, in turn to the right and to the left.
			turn := float64((k+1)/2) * 2 * math.Pi / ways
			if k%2 == 0 {
				turn = -turn
			}
			b := around(at, size, gap+dotSize, turn)
			cost := gap + 3*math.Abs(turn) + 12*s.gridLines(b)
			if cost >= best || !s.free(b) {
				continue
			}
			line := s.towards(at, b)
			if s.blocked(line[0], line[1]) {
				continue
			}
			if cost += 20 * s.crossings(line[0], line[1]); cost < best {
				best, place, leader, ok = cost, point{b.x, b.y}, nil, true
				if gap >= 11 {
					leader = &line
				}
			}
		}
	}
	return place, leader, ok
}

// around is a box of the given size whose nearest point to at is so far away, in the direction of
// the turn from straight up.
func around(at point, size box, gap, turn float64) box {
	sin, cos := math.Sincos(turn)
	edge := point{at.x + gap*sin, at.y - gap*cos}
	return box{edge.x - size.w*(1-sin)/2, edge.y - size.h*(1+cos)/2, size.w, size.h}
}

// towards is the line from beside a point to beside a label.
func (s *scene) towards(at point, b box) [2]point {
	end := nearest(b, at)
	d := math.Hypot(end.x-at.x, end.y-at.y)
	ux, uy := (end.x-at.x)/d, (end.y-at.y)/d
	const dot = dotSize + 2.5
	return [2]point{{at.x + ux*dot, at.y + uy*dot}, {end.x - ux*2, end.y - uy*2}}
}

func circle(c point, r float64) []point {
	const corners = 20
	out := make([]point, corners)
	for i := range out {
		sin, cos := math.Sincos(float64(i) * 2 * math.Pi / corners)
		out[i] = point{c.x + r*cos, c.y + r*sin}
	}
	return out
}
