package chart

import (
	"image/color"
	"math"
	"slices"

	"outcry/internal/trend"
)

// head writes the title with its marks, what is counted, and the window; it gives the y beneath.
func (l *layout) head() float64 {
	right := l.w - margin
	const plateH = 24.0
	plate := func(text string, fill, border, letters color.NRGBA) {
		w := l.width(text, textSize, true) + 20
		right -= w
		l.put(rectShape{box{right, 14, w, plateH}, border})
		l.put(rectShape{box{right + 1.5, 15.5, w - 3, plateH - 3}, fill})
		l.say(label{x: right + 10, y: 14 + 16.5, text: text, size: textSize, bold: true, ink: letters})
		right -= 10
	}
	if l.passport.Simulated {
		plate(l.lang.simulated, l.hue.alarm, l.hue.alarm, l.hue.onAlarm)
	}
	if l.passport.Recorded {
		plate(l.lang.recorded, l.hue.paper, l.hue.muted, l.hue.muted)
	}
	size, y := titleSize, 12.0
	if l.w < narrow {
		size = narrowTitle
	}
	for _, line := range l.ruler.wrap(l.title, right-margin, size, true, 2) {
		y += size + 2
		l.say(label{x: margin, y: y - 2, text: line, size: size, bold: true, ink: l.hue.ink})
	}
	y = max(y, 14+plateH)
	for _, line := range l.ruler.wrap(l.subtitle, l.w-2*margin, textSize, false, 2) {
		y += 18
		l.say(label{x: margin, y: y + 2, text: line, size: textSize, ink: l.hue.ink})
	}
	y += 18
	window := l.lang.windowText(l.frame.from, l.frame.to)
	l.say(label{x: margin, y: y + 2, text: l.ruler.shorten(window, l.w-2*margin, textSize, false), size: textSize, ink: l.hue.muted})
	return y + 8
}

// counted is the subtitle: what is counted in each step, and what is shown with it.
func (l *layout) counted() string {
	var counts, rest []string
	for _, t := range slices.Concat(l.lines, l.states) {
		if t.axis != nil && t.hold == 0 && t.unit != unitShare {
			counts = append(counts, t.label)
		} else {
			rest = append(rest, t.label)
		}
	}
	n, unit := stepUnits(l.frame.step)
	return l.lang.subtitle(counts, rest, l.lang.per(n, unit), l.lang.steps(n, unit))
}

// key is an entry of the legend: a picture and a text.
type key struct {
	text string
	draw func(at box)
	bold bool
	ink  color.NRGBA
}

// legend lays its entries in rows from y and gives the y beneath.
func (l *layout) legend(y float64) float64 {
	const picture, gap, row = 26.0, 20.0, 20.0
	x := margin
	y += row
	for _, k := range l.keys() {
		text := l.ruler.shorten(k.text, l.w-2*margin-picture-6, tickSize, k.bold)
		w := picture + 6 + l.width(text, tickSize, k.bold)
		if x > margin && x+w > l.w-margin {
			x, y = margin, y+row
		}
		k.draw(box{x, y - 10, picture, 12})
		l.say(label{x: x + picture + 6, y: y, text: text, size: tickSize, bold: k.bold, ink: k.ink})
		x += w + gap
	}
	return y + 6
}

// keys lists what the legend must explain: only what is on the chart.
func (l *layout) keys() []key {
	var out []key
	for _, t := range l.lines {
		text := t.label
		if len(l.axes) == 2 {
			text += " " + map[bool]string{true: l.lang.left, false: l.lang.right}[t.axis == l.axes[0]]
		}
		if !t.summit().ok {
			text += ": " + l.lang.noValue
		}
		out = append(out, key{text, func(b box) {
			y := b.y + b.h/2
			l.put(strokeShape{[][]point{{{b.x, y}, {b.x + b.w, y}}}, t.pen})
		}, true, t.pen.ink})
	}
	add := func(on bool, text string, draw func(box)) {
		if on {
			out = append(out, key{text, draw, false, l.hue.muted})
		}
	}
	seen := l.seen()
	add(seen[0] && l.w >= narrow, l.lang.up, func(b box) { l.stateGlyph(box{b.x, b.y + 1, b.w, 10}, 0) })
	add(seen[1], l.lang.degraded, func(b box) { l.stateGlyph(box{b.x, b.y + 1, b.w, 10}, 1) })
	add(seen[2], l.lang.down, func(b box) { l.stateGlyph(box{b.x, b.y + 1, b.w, 10}, 2) })
	unheard := len(l.gaps) > 0 && l.ofPosts()
	word := l.lang.unmeasured
	switch unmeasured := seen[3] || len(l.gaps) > 0 && !l.ofPosts(); {
	case unheard && unmeasured:
		word = l.lang.unheardOrMeasured
	case unheard:
		word = l.lang.unheard
	}
	add(len(l.gaps) > 0 || seen[3], word, l.hatchUnknown)
	add(len(l.late) > 0, l.lang.late, l.hatchLate)
	add(len(l.capped) > 0, l.lang.capped, l.hatchCapped)
	add(len(l.partly) > 0, l.lang.partly, l.hatchPartly)
	add(len(l.filled) > 0, l.lang.filled, l.barFilled)
	add(len(l.filling) > 0, l.lang.open, func(b box) {
		y := b.y + b.h/2
		l.put(strokeShape{[][]point{{{b.x, y}, {b.x + b.w, y}}}, filling(pen{ink: l.hue.muted})})
	})
	return out
}

// seen reports which states of services occur: up, degraded, down, unknown.
func (l *layout) seen() (seen [4]bool) {
	for _, t := range l.states {
		for _, p := range t.pts[:l.ahead] {
			seen[stateOf(p)] = true
		}
	}
	return seen
}

// stateOf is a point's state as a number: 3 is unknown.
func stateOf(p trend.Point) int {
	if p.Value == nil {
		return 3
	}
	return min(int(math.Round(*p.Value)), 2)
}
