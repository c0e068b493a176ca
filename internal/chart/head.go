package chart

import (
	"image/color"
	"strings"
	"unicode/utf8"
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
		plate("SIMULATED", alarm, alarm, white)
	}
	if l.passport.Recorded {
		plate("recorded", white, muted, muted)
	}
	y := 12.0
	for _, line := range l.ruler.wrap(l.title, right-margin, titleSize, true, 2) {
		y += 24
		l.say(label{x: margin, y: y - 2, text: line, size: titleSize, bold: true, ink: ink})
	}
	y = max(y, 14+plateH)
	for _, line := range l.ruler.wrap(l.subtitle, l.w-2*margin, textSize, false, 2) {
		y += 18
		l.say(label{x: margin, y: y + 2, text: line, size: textSize, ink: ink})
	}
	y += 18
	window := windowText(l.frame.from, l.frame.to)
	l.say(label{x: margin, y: y + 2, text: l.ruler.shorten(window, l.w-2*margin, textSize, false), size: textSize, ink: muted})
	return y + 8
}

// counted is the subtitle: what is counted, and per which step.
func (l *layout) counted() string {
	per := perStep(l.frame.step)
	var counts, rest []string
	for _, t := range l.lines {
		if t.unit == unitShare {
			rest = append(rest, t.label)
		} else {
			counts = append(counts, t.label)
		}
	}
	for _, t := range l.states {
		rest = append(rest, t.label)
	}
	lower := func(words []string) {
		for i, w := range words {
			_, n := utf8.DecodeRuneInString(w)
			words[i] = strings.ToLower(w[:n]) + w[n:]
		}
	}
	if len(counts) == 0 {
		lower(rest[1:])
		return listed(rest) + " " + per
	}
	lower(counts[1:])
	lower(rest)
	text := listed(counts) + " " + per
	if len(rest) > 0 {
		text += ", with the " + listed(rest)
	}
	return text
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
	const picture, gap, row = 30.0, 22.0, 20.0
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
			text += map[bool]string{true: " (left)", false: " (right)"}[t.axis == l.axes[0]]
		}
		if _, _, ok := t.peak(); !ok {
			text += ": no value known"
		}
		out = append(out, key{text, func(b box) {
			y := b.y + b.h/2
			l.put(strokeShape{[][]point{{{b.x, y}, {b.x + b.w, y}}}, t.pen})
		}, true, t.pen.ink})
	}
	add := func(on bool, text string, draw func(box)) {
		if on {
			out = append(out, key{text, draw, false, muted})
		}
	}
	degraded, down, unknown := l.seen()
	add(degraded, "service degraded", func(b box) { l.put(rectShape{b, amber}) })
	add(down, "service down", func(b box) { l.put(rectShape{b, red}) })
	unheard := len(l.unheard) > 0 && l.ofPosts()
	word := "unknown: not measured"
	switch unmeasured := unknown || len(l.unheard) > 0 && !l.ofPosts(); {
	case unheard && unmeasured:
		word = "unknown: not heard, or not measured"
	case unheard:
		word = "unknown: not heard"
	}
	add(len(l.unheard) > 0 || unknown, word, l.hatchUnknown)
	add(len(l.partly) > 0, "partly heard", l.hatchPartly)
	add(len(l.filling) > 0, "still filling", func(b box) {
		y := b.y + b.h/2
		l.put(strokeShape{[][]point{{{b.x, y}, {b.x + b.w, y}}}, filling(pen{ink: muted})})
	})
	return out
}

// seen reports which states of services occur.
func (l *layout) seen() (degraded, down, unknown bool) {
	for _, t := range l.states {
		for _, p := range t.pts {
			switch {
			case p.Value == nil:
				unknown = true
			case *p.Value >= 2:
				down = true
			case *p.Value >= 1:
				degraded = true
			}
		}
	}
	return degraded, down, unknown
}
