package chart

import (
	"image/color"
	"math"
)

// backdrop paints what lies behind the lines: states, and what is unknown.
func (l *layout) backdrop() {
	p := l.plot
	if len(l.lines) > 0 {
		for _, level := range []struct {
			from float64
			fill color.NRGBA
		}{{1, amberBand}, {2, redBand}} {
			for _, s := range l.joinClose(l.inState(level.from)) {
				l.put(rectShape{l.column(s, p.y, p.h), level.fill})
			}
		}
		for _, s := range l.joinClose(l.partly) {
			l.hatchPartly(l.column(s, p.y, p.h))
		}
		for _, s := range l.joinClose(l.unheard) {
			l.hatchUnknown(l.column(s, p.y, p.h))
		}
	}
	l.ground()
	if len(l.lines) > 0 && len(l.unheard) == 1 && l.unheard[0] == (span{0, l.frame.n}) {
		l.nothing()
	}
}

// ground draws the line at zero where strips part it from the time axis, and the word across a
// simulated chart.
func (l *layout) ground() {
	p := l.plot
	if y := math.Round(p.y+p.h) + 0.5; len(l.lines) > 0 {
		l.put(strokeShape{[][]point{{{p.x, y}, {p.x + p.w, y}}}, pen{width: 1, ink: axisC}})
	}
	if l.passport.Simulated && len(l.lines) > 0 {
		const word = "SIMULATED"
		size := math.Floor(min(p.h*0.6, 0.8*p.w/l.width(word, 1, true)))
		l.say(label{x: p.x + p.w/2, y: p.y + p.h/2 + 0.36*size, text: word, size: size, bold: true,
			anchor: middle, ink: across, behind: true})
	}
}

// inState lists the stretches in which the worst state of all services is this one.
func (l *layout) inState(level float64) []span {
	return spans(l.frame.n, func(i int) bool {
		worst := 0.0
		for _, t := range l.states {
			if v := t.pts[i].Value; v != nil {
				worst = max(worst, *v)
			}
		}
		return worst == level
	})
}

// grid draws the value axes: shared lines, the numbers on either side, and what they are.
func (l *layout) grid() {
	p := l.plot
	for i, a := range l.axes {
		caption := label{x: margin, y: p.y - 12, text: axisCaption(a.unit, perStep(l.frame.step)), size: tickSize, ink: muted}
		if i == 1 {
			caption.x, caption.anchor = l.w-margin, end
		}
		l.say(caption)
		for k := 0; k <= a.n; k++ {
			y := math.Round(p.y+p.h*(1-float64(k)/float64(a.n))) + 0.5
			if i == 0 && k > 0 {
				l.put(strokeShape{[][]point{{{p.x, y}, {p.x + p.w, y}}}, pen{width: 1, ink: gridC}})
			}
			t := label{x: p.x - 8, y: y + 4, text: a.tick(k), size: tickSize, anchor: end, ink: ink}
			if i == 1 {
				t.x, t.anchor = p.x+p.w+8, start
			}
			l.say(t)
		}
	}
}

// nothing says across the plot that there is nothing to see, which an empty chart does not.
func (l *layout) nothing() {
	text := "Nothing is known of this window: at no time was every source heard."
	if !l.ofPosts() {
		text = "Nothing is known of this window: nothing was measured."
	}
	text = l.ruler.shorten(text, l.plot.w-40, 15, true)
	w := l.width(text, 15, true)
	y := l.plot.y + l.plot.h*0.5
	if l.passport.Simulated {
		y = l.plot.y + l.plot.h*0.16
	}
	mid := l.plot.x + l.plot.w/2
	l.put(rectShape{box{mid - w/2 - 14, y - 16, w + 28, 32}, white})
	l.say(label{x: mid, y: y + 5, text: text, size: 15, bold: true, anchor: middle, ink: ink})
}

// strips draws one strip a service under the plot: nothing where it was up, amber and red where
// it was not, hatched where nobody knows.
func (l *layout) strips() {
	for i, t := range l.states {
		lane := l.lanes[i]
		l.say(label{x: lane.x, y: lane.y - 4, text: l.ruler.shorten(t.label, lane.w, noteSize, false), size: noteSize, ink: muted})
		unknown := spans(l.frame.n, func(i int) bool { return t.pts[i].Value == nil })
		for _, s := range l.joinClose(unknown) {
			l.hatchUnknown(l.column(s, lane.y, lane.h))
		}
		for _, level := range []struct {
			from float64
			fill color.NRGBA
		}{{1, amber}, {2, red}} {
			is := func(i int) bool { return t.pts[i].Value != nil && math.Round(*t.pts[i].Value) == level.from }
			for _, s := range spans(l.frame.n, is) {
				l.put(rectShape{l.column(s, lane.y, lane.h), level.fill})
			}
		}
		x0, y0, x1, y1 := lane.x, math.Round(lane.y)+0.5, lane.x+lane.w, math.Round(lane.y+lane.h)+0.5
		l.put(strokeShape{[][]point{{{x0, y0}, {x1, y0}}, {{x0, y1}, {x1, y1}}}, pen{width: 1, ink: gridC}})
	}
}

// timeAxis draws the ticks under the plot, the date where it changes, and the zone.
func (l *layout) timeAxis() {
	base := math.Round(l.base()) + 0.5
	left, right := l.plot.x, l.plot.x+l.plot.w
	l.put(strokeShape{[][]point{{{left, base}, {right, base}}}, pen{width: 1, ink: axisC}})
	measure := func(s string) float64 { return l.width(s, tickSize, false) }
	window := float64(l.frame.to.Sub(l.frame.from))
	var under []label
	for _, m := range marks(l.frame.from, l.frame.to, l.plot.w, 26, measure) {
		x := left + l.plot.w*float64(m.at.Sub(l.frame.from))/window
		l.put(strokeShape{[][]point{{{x, base}, {x, base + 5}}}, pen{width: 1, ink: axisC}})
		l.say(label{x: x, y: base + 18, text: m.text, size: tickSize, anchor: middle, ink: ink})
		if m.change && len(l.lines) > 0 {
			l.put(strokeShape{[][]point{{{x, l.plot.y}, {x, base}}}, pen{width: 1, ink: faint, dash: []float64{1, 3}}})
		}
		if m.under == "" {
			continue
		}
		t := label{x: x, y: base + 33, text: m.under, size: tickSize, bold: true, anchor: middle, ink: ink}
		t.width = l.width(t.text, t.size, true)
		t.x = min(max(t.x, margin+t.width/2), l.w-margin-t.width/2)
		// A change is worth more than where the window happened to begin.
		if n := len(under); n > 0 && under[n-1].box().x+under[n-1].width+8 > t.box().x {
			under = under[:n-1]
		}
		under = append(under, t)
	}
	zone := label{x: l.w - margin, y: base + 33, text: "times in " + zoneName(l.frame.from, l.frame.to), size: noteSize, anchor: end, ink: muted}
	zone.width = l.width(zone.text, zone.size, false)
	if n := len(under); n == 0 || under[n-1].box().x+under[n-1].width+12 < zone.box().x {
		under = append(under, zone)
	}
	for _, t := range under {
		l.say(t)
	}
}
