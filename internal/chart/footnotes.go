package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// order lists the notes that are told in the foot, from left to right: so they are numbered.
func (l *layout) order() []int {
	var out []int
	for i := range l.notes {
		if l.footed[i] {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(l.notes[a].at.x, l.notes[b].at.x) })
	return out
}

// footnotes are the lines of the foot that tell the numbered notes, at most so many. What finds no
// room even there is counted.
func (l *layout) footnotes(texts []string, width float64, most int) []string {
	untold := max(l.untold, 0)
	for n := len(texts); most > 0 && n+untold > 0 && n >= 0; n-- {
		var b strings.Builder
		for i, t := range texts[:n] {
			fmt.Fprintf(&b, "(%d) %s  ", i+1, clipped(t, longestNote))
		}
		if left := len(texts) - n + untold; left > 0 {
			b.WriteString(l.lang.more(left))
		}
		if lines := l.ruler.wrap(strings.TrimSpace(b.String()), width, noteSize, false, most+1); len(lines) <= most {
			l.told = n
			return lines
		}
	}
	return nil
}

// Runes of the words of a mark, and of a note in the foot.
const (
	longestMark = 110
	longestNote = 170
)

func clipped(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimRight(string(r[:most]), " ") + "…"
	}
	return s
}

// numbers writes the numbers of the notes in the foot above the plot. Those that would lie on each
// other are joined.
func (l *layout) numbers(s *scene) {
	type group struct {
		first, last int
		sum         float64
		label       label
	}
	var groups []group
	set := func(g *group) {
		text := fmt.Sprint(g.first)
		if g.last > g.first {
			text += fmt.Sprintf("–%d", g.last)
		}
		t := label{text: text, size: noteSize, bold: true, anchor: middle, ink: l.hue.ink, y: l.plot.y - 6}
		t.width, t.exact = l.ruler.measure(t.text, t.size, t.bold)
		t.x = g.sum / float64(g.last-g.first+1)
		t.x = min(max(t.x, l.plot.x+t.width/2), l.plot.x+l.plot.w-t.width/2)
		g.label = t
	}
	for k, i := range l.order() {
		n := l.notes[i]
		if k >= l.told {
			break
		}
		if foot := n.at.y - dotSize - 2; n.point && foot > l.plot.y { // nothing else leads from a peak to its number
			l.lead(s, [2]point{{n.at.x, foot}, {n.at.x, l.plot.y - 3}}, pen{1, n.ink, []float64{1, 2}})
		}
		groups = append(groups, group{first: k + 1, last: k + 1, sum: n.at.x})
		set(&groups[len(groups)-1])
		for len(groups) > 1 {
			a, b := &groups[len(groups)-2], groups[len(groups)-1]
			if a.label.box().x+a.label.width+4 <= b.label.box().x {
				break
			}
			a.last, a.sum = b.last, a.sum+b.sum
			groups = groups[:len(groups)-1]
			set(&groups[len(groups)-1])
		}
	}
	for _, g := range groups {
		l.placed = append(l.placed, g.label)
		s.labels = append(s.labels, g.label.box())
		l.put(g.label)
	}
}
