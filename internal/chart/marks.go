package chart

import (
	"cmp"
	"image/color"
	"math"
	"slices"
	"strings"
	"time"

	"outcry/internal/trend"
)

// note is something a chart says of one place on its plot.
type note struct {
	text  string
	at    point // of a moment, only x counts
	point bool  // a place on a line; else a moment, ruled from the top of the plot to its bottom
	ink   color.NRGBA
	pen   pen     // of the rule
	rank  int     // the lowest is placed first
	share float64 // of a moment: of the window that is over
}

// Ranks of notes: what the figures show comes before what was planned.
const (
	rankPeak = iota
	rankBroke
	rankStart
	rankStatus
	rankEnd
)

// mostMoments is how many marked moments are drawn; of more, the foot says how many there are.
const mostMoments = 24

// gather lists the notes of a chart in the order in which they are placed.
func (l *layout) gather() {
	for _, f := range []func() (note, bool){l.peakNote, l.brokeNote} {
		if n, ok := f(); ok {
			l.notes = append(l.notes, n)
		}
	}
	moments := l.moments()
	slices.SortStableFunc(moments, func(a, b moment) int { return cmp.Compare(a.rank, b.rank) })
	if l.untold = len(moments) - mostMoments; l.untold > 0 {
		moments = moments[:mostMoments]
	}
	for _, m := range moments {
		l.notes = append(l.notes, note{
			text: m.text, at: point{l.plot.x + l.plot.w*m.share, l.plot.y}, ink: l.hue.ink,
			pen: pen{1, l.hue.axis, []float64{3, 2}}, rank: m.rank, share: m.share,
		})
	}
	slices.SortStableFunc(l.notes, func(a, b note) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.at.x, b.at.x))
	})
	l.notes = joined(l.notes, 2/l.w)
}

// joined makes one note of moments whose rules would lie on each other: those nearer than a share
// of the window.
func joined(notes []note, near float64) []note {
	var out []note
	for _, n := range notes {
		i := slices.IndexFunc(out, func(o note) bool { return !o.point && !n.point && math.Abs(o.share-n.share) < near })
		if i < 0 {
			out = append(out, n)
		} else {
			out[i].text += ", " + n.text
		}
	}
	return out
}

// inWindow lists the marks that lie in the window.
func (l *layout) inWindow() []trend.Mark {
	return slices.DeleteFunc(slices.Clone(l.marks), func(m trend.Mark) bool {
		return m.At.Before(l.frame.from) || m.At.After(l.frame.to)
	})
}

func rankOf(kind string) int {
	switch kind {
	case trend.MarkPlannedStart:
		return rankStart
	case trend.MarkPlannedEnd:
		return rankEnd
	}
	return rankStatus
}

// moment is one or several marks of one minute.
type moment struct {
	text  string
	share float64 // of the window that is over
	rank  int
}

// moments are the marks in the window, in order of time.
func (l *layout) moments() []moment {
	marks := l.inWindow()
	slices.SortStableFunc(marks, func(a, b trend.Mark) int { return a.At.Compare(b.At) })
	var out []moment
	var at time.Time
	var said []string
	for i, m := range marks {
		if text := l.markText(m); text != "" && !slices.Contains(said, text) {
			said = append(said, text)
		}
		at = m.At.In(l.frame.from.Location()).Truncate(time.Minute)
		if i+1 < len(marks) && marks[i+1].At.Truncate(time.Minute).Equal(at) || len(said) == 0 {
			continue
		}
		out = append(out, moment{
			text:  l.lang.marked(clipped(strings.Join(said, ", "), longestMark), l.lang.when(at, l.severalDays())),
			share: float64(m.At.Sub(l.frame.from)) / float64(l.frame.to.Sub(l.frame.from)),
			rank:  rankOf(m.Kind),
		})
		said = nil
	}
	return out
}

// markText says what a mark is, in the chart's language where it has the words.
func (l *layout) markText(m trend.Mark) string {
	text := clean(m.Text)
	switch word, known := l.lang.statuses[text]; {
	case m.Kind == trend.MarkPlannedStart:
		return l.lang.plannedStart
	case m.Kind == trend.MarkPlannedEnd:
		return l.lang.plannedEnd
	case known:
		return word
	}
	return text
}

// mostPeaks is how often a greatest value may be reached and still be called a peak.
const mostPeaks = 3

// peakNote names the greatest value of the line the chart is about, where it has one.
func (l *layout) peakNote() (note, bool) {
	if len(l.lines) == 0 {
		return note{}, false
	}
	t := l.lines[0]
	p := t.summit()
	if !p.ok || p.flat || p.value == 0 || p.peaks > mostPeaks {
		return note{}, false
	}
	for _, it := range l.items(t) {
		if it.first <= p.at && p.at <= it.last {
			series := ""
			if len(l.lines) > 1 {
				series = t.label
			}
			return note{
				text: l.lang.peak(series, p.kind, l.lang.valueText(p.value, t.unit), l.lang.when(l.frame.at(p.at), l.severalDays())),
				at:   point{(it.x0 + it.x1) / 2, it.high}, point: true, ink: t.pen.ink, rank: rankPeak,
			}, true
		}
	}
	return note{}, false
}

// brokeNote names the first moment at which a service is down, where its beginning can be seen. A
// chart of nothing but states shows it anyway.
func (l *layout) brokeNote() (note, bool) {
	t, at, seen := l.broke()
	if t == nil || len(l.lines) == 0 {
		return note{}, false
	}
	return note{
		text: l.brokeText(t, at, seen), at: point{l.x(at), l.plot.y}, ink: l.hue.trouble,
		pen: pen{1.2, l.hue.down, nil}, rank: rankBroke, share: float64(at) / float64(l.frame.n),
	}, true
}

func (l *layout) brokeText(t *track, at int, seen bool) string {
	_, service := t.name.Split()
	return l.lang.broke(clean(service), l.lang.when(l.frame.at(at), l.severalDays()), seen)
}

// broke finds the first bucket in which a service is down and was not in the one before; seen is
// set where nobody knows how it was before.
func (l *layout) broke() (first *track, at int, seen bool) {
	for _, t := range l.states {
		for i := 1; i < len(t.pts) && (first == nil || i < at); i++ {
			now, before := t.pts[i].Value, t.pts[i-1].Value
			if now != nil && *now >= 2 && (before == nil || *before < 2) {
				first, at, seen = t, i, before == nil
			}
		}
	}
	return first, at, seen
}

// severalDays reports whether the window has more than one day.
func (l *layout) severalDays() bool {
	return l.frame.from.Format(time.DateOnly) != l.frame.to.Add(-time.Nanosecond).Format(time.DateOnly)
}
