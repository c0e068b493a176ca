package chart

import "slices"

// Notes are placed one after the other, the most important first, each at the free place of least
// cost: no search over all of them, so that the same figures give the same picture and a new note
// of low rank moves none above it. One that finds no place on the plot goes to the lane above it, and
// one that finds none there is numbered and told in the foot. (The placement of points of interest as in Christensen, Marks and Shieber, "An
// empirical study of algorithms for point-feature label placement", 1995, section 4.1, with free
// candidates only.)

const (
	noteText = 12.0
	beside   = 5.0   // between a rule and its label
	dotSize  = 3.5   // radius, on a peak
	farthest = 150.0 // between a point and its label

	// Costs, roughly in pixels away from the best place: up to good, a place on the plot is better
	// than one in the lane above it; up to fair, better than a number.
	good = 48.0
	fair = 180.0
)

// rules draws the moments behind the lines: through the plot, or where there is none through the
// strips of states, but not through their names.
func (l *layout) rules() {
	through := l.lanes
	if len(l.lines) > 0 {
		through = []box{l.plot}
	}
	for i, n := range l.notes {
		if n.point {
			continue
		}
		var lines [][]point
		for k, b := range through {
			top := b.y
			if len(l.lines) == 0 && n.at.x > b.x+l.width(l.states[k].label, noteSize, false)+6 {
				top -= laneLabel
			}
			lines = append(lines, []point{{n.at.x, top}, {n.at.x, b.y + b.h}})
		}
		if l.footed[i] {
			lines = append(lines, []point{{n.at.x, l.plot.y - 3}, {n.at.x, l.plot.y}})
		}
		l.put(strokeShape{lines, n.pen})
	}
}

// annotate places the notes, and lists those that find no place.
func (l *layout) annotate() {
	s := l.scene()
	l.numbers(s)
	var waiting []int
	for i, n := range l.notes {
		if l.footed[i] || l.onPlot(s, n, good) {
			continue
		}
		waiting = append(waiting, i)
		if n.point {
			s.walls = append(s.walls, n.at.x) // its stem goes first
		}
	}
	for _, i := range l.fillLane(s, waiting) {
		if !l.onPlot(s, l.notes[i], fair) {
			l.homeless = append(l.homeless, i)
		}
	}
	for _, n := range l.notes {
		if n.point {
			l.put(areaShape{circle(n.at, dotSize+1.5), l.hue.paper})
			l.put(areaShape{circle(n.at, dotSize), n.ink})
		}
	}
}

// noteLabel is the text of a note, without its place.
func (l *layout) noteLabel(n note) label {
	t := label{text: n.text, size: noteText, bold: n.point, ink: n.ink}
	t.width, t.exact = l.ruler.measure(t.text, t.size, t.bold)
	return t
}

// onPlot places a note among the lines, at no more than a cost.
func (l *layout) onPlot(s *scene, n note, cost float64) bool {
	t := l.noteLabel(n)
	place := s.besideRule
	if n.point {
		place = s.aroundPoint
	}
	at, leader, ok := place(n.at, box{w: t.width, h: t.size}, cost)
	if t.width > l.plot.w*0.6 || !ok {
		return false
	}
	l.settle(s, t, at)
	if leader != nil {
		l.lead(s, *leader, pen{width: 1, ink: n.ink})
	}
	return true
}

// settle puts a label where its box's corner is given.
func (l *layout) settle(s *scene, t label, at point) {
	t.x, t.y = at.x, at.y+0.78*t.size
	l.placed = append(l.placed, t)
	s.labels = append(s.labels, t.box())
	l.put(t)
}

func (l *layout) lead(s *scene, leader [2]point, p pen) {
	l.leaders = append(l.leaders, leader)
	s.leaders = append(s.leaders, leader)
	l.put(strokeShape{[][]point{leader[:]}, p})
}

// scene gathers what the notes must keep clear of.
func (l *layout) scene() *scene {
	p := l.plot
	s := &scene{within: p, labels: slices.Clone(l.captions)}
	for _, x := range l.pieces {
		s.lines = append(s.lines, x.path)
		if x.track == l.lines[0] {
			s.main = append(s.main, x.path)
		}
	}
	s.lines = append(s.lines, l.tints...)
	for _, a := range l.joinClose(l.unheard) {
		b := l.column(a, p.y, p.h)
		s.shut, s.walls = append(s.shut, b), append(s.walls, b.x, b.x+b.w)
	}
	for _, in := range [][]span{l.joinClose(l.partly), l.joinClose(l.inState(1)), l.joinClose(l.inState(2))} {
		for _, a := range in {
			b := l.column(a, p.y, p.h)
			s.walls = append(s.walls, b.x, b.x+b.w)
		}
	}
	s.walls = append(s.walls, l.midnights...)
	for _, n := range l.notes {
		if n.point {
			s.labels = append(s.labels, dotBox(n.at))
		} else {
			s.walls = append(s.walls, n.at.x)
		}
	}
	if len(l.axes) > 0 {
		for k, n := 1, l.axes[0].n; k < n; k++ {
			s.grid = append(s.grid, p.y+p.h*(1-float64(k)/float64(n)))
		}
	}
	return s
}

func dotBox(p point) box { return box{p.x - dotSize, p.y - dotSize, 2 * dotSize, 2 * dotSize} }
