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
		}{{1, l.hue.degradedBand}, {2, l.hue.downBand}} {
			for _, s := range l.joinClose(l.inState(level.from)) {
				l.put(rectShape{l.column(s, p.y, p.h), level.fill})
			}
		}
		for _, s := range l.joinClose(l.partly) {
			l.hatchPartly(l.column(s, p.y, p.h))
		}
		for _, s := range l.joinClose(l.late) {
			l.hatchLate(l.column(s, p.y, p.h))
		}
		for _, s := range l.joinClose(l.capped) {
			l.hatchCapped(l.column(s, p.y, p.h))
		}
		for _, s := range l.joinClose(l.gaps) {
			l.hatchUnknown(l.column(s, p.y, p.h))
		}
		for _, s := range l.joinClose(l.filled) {
			l.barFilled(l.column(s, p.y, p.h))
		}
	}
	l.ground()
	l.rules()
	if len(l.lines) > 0 && len(l.unheard) == 1 && l.unheard[0] == (span{0, l.frame.n}) {
		l.nothing()
	}
}

// ground draws the line at zero where strips part it from the time axis, and the word across a
// simulated chart.
func (l *layout) ground() {
	p := l.plot
	if y := math.Round(p.y+p.h) + 0.5; len(l.lines) > 0 {
		l.put(strokeShape{[][]point{{{p.x, y}, {p.x + p.w, y}}}, pen{width: 1, ink: l.hue.axis}})
	}
	if l.passport.Simulated && len(l.lines) > 0 {
		word := l.lang.simulated
		size := math.Floor(min(p.h*0.42, 0.8*p.w/l.width(word, 1, true)))
		l.say(label{x: p.x + p.w/2, y: p.y + p.h/2 + 0.36*size, text: word, size: size, bold: true,
			anchor: middle, ink: l.hue.across, behind: true})
	}
}

// inState lists the stretches in which the worst state of all services is this one.
func (l *layout) inState(level float64) []span {
	return spans(l.ahead, func(i int) bool {
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
		caption := label{x: margin, y: p.y - 12 - l.lane, text: l.lang.axisCaption(a.unit, l.frame.step), size: tickSize, ink: l.hue.muted}
		if i == 1 {
			caption.x, caption.anchor = l.w-margin, end
		}
		caption.width = l.width(caption.text, caption.size, false)
		l.captions = append(l.captions, caption.box())
		l.say(caption)
		for k := 0; k <= a.n; k++ {
			y := math.Round(p.y+p.h*(1-float64(k)/float64(a.n))) + 0.5
			if i == 0 && k > 0 {
				l.put(strokeShape{[][]point{{{p.x, y}, {p.x + p.w, y}}}, pen{width: 1, ink: l.hue.grid}})
			}
			t := label{x: p.x - 8, y: y + 4, text: a.tick(k), size: tickSize, anchor: end, ink: l.hue.ink}
			if i == 1 {
				t.x, t.anchor = p.x+p.w+8, start
			}
			l.say(t)
		}
	}
}

// nothing says across the plot that there is nothing to see, which an empty chart does not.
func (l *layout) nothing() {
	text := l.lang.nothingHeard
	if !l.ofPosts() {
		text = l.lang.nothingMeasured
	}
	text = l.ruler.shorten(text, l.plot.w-40, 15, true)
	w := l.width(text, 15, true)
	y := l.plot.y + l.plot.h*0.5
	if l.passport.Simulated {
		y = l.plot.y + l.plot.h*0.16
	}
	mid := l.plot.x + l.plot.w/2
	l.put(rectShape{box{mid - w/2 - 14, y - 16, w + 28, 32}, l.hue.paper})
	l.say(label{x: mid, y: y + 5, text: text, size: 15, bold: true, anchor: middle, ink: l.hue.ink})
}

// strips draws one strip a service under the plot: the higher, the worse; hatched where nobody
// knows.
func (l *layout) strips() {
	for i, t := range l.states {
		lane := l.lanes[i]
		l.say(label{x: lane.x, y: lane.y - 4, text: l.ruler.shorten(t.label, lane.w, noteSize, false), size: noteSize, ink: l.hue.muted})
		for _, state := range []int{3, 0, 1, 2} {
			in := spans(l.ahead, func(i int) bool { return stateOf(t.pts[i]) == state })
			if state == 3 || state == 0 {
				in = l.joinClose(in)
			}
			for _, s := range in {
				l.stateGlyph(l.column(s, lane.y, lane.h), state)
			}
		}
	}
}

// stateGlyph draws a state in a box: a line at the bottom for up, half the height for degraded, the
// whole for down, so that it can be read without colours.
func (l *layout) stateGlyph(b box, state int) {
	switch state {
	case 0:
		l.put(rectShape{box{b.x, b.y + b.h - 1.5, b.w, 1.5}, l.hue.axis})
	case 1:
		l.put(rectShape{box{b.x, b.y + b.h/2, b.w, b.h / 2}, l.hue.degraded})
	case 2:
		l.put(rectShape{b, l.hue.down})
	default:
		l.hatchUnknown(b)
	}
}

// timeAxis draws the ticks under the plot, the date where it changes, and the zone.
func (l *layout) timeAxis() {
	base := math.Round(l.base()) + 0.5
	left, right := l.plot.x, l.plot.x+l.plot.w
	l.put(strokeShape{[][]point{{{left, base}, {right, base}}}, pen{width: 1, ink: l.hue.axis}})
	measure := func(s string) float64 { return l.width(s, tickSize, false) }
	window := float64(l.frame.to.Sub(l.frame.from))
	var under []label
	for _, m := range l.lang.ticks(l.frame.from, l.frame.to, l.plot.w, 26, measure) {
		x := left + l.plot.w*float64(m.at.Sub(l.frame.from))/window
		l.put(strokeShape{[][]point{{{x, base}, {x, base + 5}}}, pen{width: 1, ink: l.hue.axis}})
		l.say(label{x: x, y: base + 18, text: m.text, size: tickSize, anchor: middle, ink: l.hue.ink})
		if m.change && len(l.lines) > 0 {
			l.put(strokeShape{[][]point{{{x, l.plot.y}, {x, base}}}, pen{width: 1, ink: l.hue.faint, dash: []float64{1, 3}}})
			l.midnights = append(l.midnights, x)
		}
		if m.under == "" {
			continue
		}
		t := label{x: x, y: base + 33, text: m.under, size: tickSize, bold: true, anchor: middle, ink: l.hue.ink}
		t.width = l.width(t.text, t.size, true)
		t.x = min(max(t.x, margin+t.width/2), l.w-margin-t.width/2)
		// A change is worth more than where the window happened to begin.
		if n := len(under); n > 0 && under[n-1].box().x+under[n-1].width+8 > t.box().x {
			under = under[:n-1]
		}
		under = append(under, t)
	}
	zone := label{x: l.w - margin, y: base + 33, text: l.lang.timesIn(l.lang.zoneShort(l.frame.from, l.frame.to)), size: noteSize, anchor: end, ink: l.hue.muted}
	zone.width = l.width(zone.text, zone.size, false)
	if n := len(under); n == 0 || under[n-1].box().x+under[n-1].width+12 < zone.box().x {
		under = append(under, zone)
	}
	for _, t := range under {
		l.say(t)
	}
}
