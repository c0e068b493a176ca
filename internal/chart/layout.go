package chart

import (
	"fmt"

	"outcry/internal/trend"
)

// layout places everything on the canvas, from the outside in: the head from the top, the notes
// from the bottom, and the plot in what is left.
type layout struct {
	ruler    ruler
	hue      *palette
	lang     *words
	w, h     float64
	frame    frame
	lines    []*track
	states   []*track
	axes     []*scale
	passport *trend.Passport
	series   []trend.Series
	thinned  map[trend.Name]bool
	marks    []trend.Mark
	title    string
	subtitle string

	unheard []span // buckets of which nothing is known, and by why:
	gaps    []span
	late    []span
	capped  []span
	filled  []span // buckets of which some was fetched afterwards
	partly  []span // buckets of which part was not heard
	filling []span // buckets that are still open
	ahead   int    // the first bucket of those that are still to come: they are not unknown

	shapes    []shape
	plot      box
	lanes     []box      // the strips of states, one a track of states
	pieces    []piece    // the lines, laid out
	tints     [][]point  // paths through the envelopes of crowded lines
	midnights []float64  // x where a day or a year begins
	notes     []note     // in the order in which they are placed
	placed    []label    // the labels of notes, and their numbers
	leaders   [][2]point // from points to their labels

	footed   map[int]bool // notes that are numbered and told in the foot
	homeless []int        // notes that found no place
	noteRows int          // lines of the foot that notes may take
	told     int          // how many of the footed are told there
	untold   int          // how many moments are not even notes
	lane     float64      // height above the plot kept for more rows of notes, and for numbers
	captions []box        // of the value axes
}

// least height of the plot, in CSS pixels: less cannot be read.
const leastPlot = 70.0

func (l *layout) put(s ...shape) { l.shapes = append(l.shapes, s...) }

// say places a text and gives its width.
func (l *layout) say(t label) float64 {
	if t.text == "" {
		return 0
	}
	t.width, t.exact = l.ruler.measure(t.text, t.size, t.bold)
	l.put(t)
	return t.width
}

func (l *layout) width(text string, size float64, bold bool) float64 {
	w, _ := l.ruler.measure(text, size, bold)
	return w
}

// look finds out which buckets are unknown, partly heard and open.
func (l *layout) look() {
	l.ahead = l.toCome()
	n := l.ahead
	anyLine := func(is func(trend.Point) bool) []span {
		return spans(n, func(i int) bool {
			for _, t := range l.lines {
				if t.hold == 0 && is(t.pts[i]) {
					return true
				}
			}
			return false
		})
	}
	l.unheard, l.partly = anyLine(unheard), anyLine(partly)
	l.filled = anyLine(func(p trend.Point) bool { return len(p.Filled) > 0 })
	l.filling = anyLine(func(p trend.Point) bool { return p.Open })
	if !l.ofPosts() && len(l.lines) > 0 {
		l.unheard = l.unmeasured()
	}
	l.whyUnheard()
}

// whyUnheard parts what is unknown by the reason. Lines of one chart have the same sources: where
// they do not agree all the same, the gravest counts.
func (l *layout) whyUnheard() {
	lacks := make([]int, l.frame.n)
	for i := range lacks {
		lacks[i] = -1
	}
	for _, s := range l.unheard {
		for i := s.a; i < s.b; i++ {
			lacks[i] = int(lackCapped)
			known := true
			for _, t := range l.lines {
				if t.hold == 0 && unheard(t.pts[i]) {
					lacks[i], known = min(lacks[i], int(lackOf(t.pts[i]))), false
				}
			}
			if known { // nothing was measured
				lacks[i] = int(lackGap)
			}
		}
	}
	of := func(k lack) []span { return spans(l.frame.n, func(i int) bool { return lacks[i] == int(k) }) }
	l.gaps, l.late, l.capped = of(lackGap), of(lackLate), of(lackCapped)
}

// toCome is the first of the last buckets that are open and of which nothing was heard yet: an event
// under way is asked for to its planned end, and what has not happened is not unknown. It is the
// number of buckets where there are none.
func (l *layout) toCome() int {
	n := l.frame.n
	if !l.ofPosts() {
		return n
	}
	for ; n > 0; n-- {
		for _, t := range l.lines {
			if p := t.pts[n-1]; t.hold == 0 && !(p.Open && unheard(p)) {
				return n
			}
		}
	}
	return l.frame.n // nothing was heard at all, and that is worth saying
}

// ofPosts reports whether any line depends on sources that were listened to.
func (l *layout) ofPosts() bool {
	for _, t := range l.lines {
		if t.hold == 0 {
			return true
		}
	}
	return false
}

// unmeasured lists the buckets for which no measurement is in force.
func (l *layout) unmeasured() []span {
	known := make([]bool, l.frame.n)
	for _, t := range l.lines {
		until := -1
		for i, p := range t.pts {
			if p.Value != nil {
				until = i + int(t.hold/l.frame.step)
			}
			known[i] = known[i] || p.Value != nil || i < until
		}
	}
	return spans(l.frame.n, func(i int) bool { return !known[i] })
}

// divide gives the plot and the strips their places between top and bottom.
func (l *layout) divide(top, bottom float64) error {
	const timeTexts = 40.0
	l.plot.y = top + laneLow + l.lane
	bottom -= timeTexts
	if len(l.lines) == 0 && len(l.moments()) == 0 {
		l.plot.y = top + 4
	}
	each := laneLabel + laneStrip + 5
	if len(l.lines) == 0 {
		each = min(max(each, (bottom-l.plot.y)/float64(len(l.states))), 160)
	}
	l.plot.h = bottom - l.plot.y - each*float64(len(l.states))
	if len(l.lines) == 0 {
		bottom = l.plot.y + each*float64(len(l.states))
		l.plot.h = 0
	}
	if l.plot.h < leastPlot && len(l.lines) > 0 || len(l.lines) == 0 && bottom > l.h {
		return fmt.Errorf("%d series do not fit a chart %.0f pixels high: ask for fewer, or for a higher chart", len(l.series), l.h)
	}
	divide(l.axes, l.plot.h)
	l.plot.x, l.plot.w = margin, l.w-2*margin
	for i, a := range l.axes {
		gutter := 0.0
		for k := 0; k <= a.n; k++ {
			gutter = max(gutter, l.width(a.tick(k), tickSize, false)+8)
		}
		l.plot.w -= gutter
		if i == 0 {
			l.plot.x += gutter
		}
	}
	// The first and last times stand under the ends of the axis and need room beside them.
	const overhang = 8.0
	if len(l.axes) < 2 {
		l.plot.w -= overhang
	}
	if len(l.axes) == 0 {
		l.plot.x, l.plot.w = l.plot.x+overhang, l.plot.w-overhang
	}
	for i := range l.states {
		y := l.plot.y + l.plot.h + each*float64(i) + laneLabel
		l.lanes = append(l.lanes, box{l.plot.x, y, l.plot.w, each - laneLabel - 5})
	}
	return nil
}

// base is the y of the time axis: under the plot and the strips.
func (l *layout) base() float64 {
	if n := len(l.lanes); n > 0 {
		return l.lanes[n-1].y + l.lanes[n-1].h + 4
	}
	return l.plot.y + l.plot.h
}

// x is the place of a bucket's beginning.
func (l *layout) x(bucket int) float64 {
	return l.plot.x + l.plot.w*float64(bucket)/float64(l.frame.n)
}

// y is the place of a value of a track.
func (l *layout) y(t *track, v float64) float64 {
	return l.plot.y + l.plot.h*(1-v*t.axis.factor()/t.axis.top())
}
