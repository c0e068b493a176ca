package chart

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// foot writes the notes from the bottom up and gives the y above them. The sources are always
// told in full; what is counted, and whom it does not stand for, as far as the height allows.
func (l *layout) foot() float64 {
	w := l.w - 2*margin
	room := int((l.h - 240) / 40) // lines: a low chart is for its lines, not for its notes
	sources := l.ruler.wrap(l.sourceLine(), w, noteSize, false, 4)
	room -= len(sources)
	meaning := l.ruler.wrap(l.meaning(), w, noteSize, false, min(max(room-1, 0), 3))
	room -= len(meaning)
	caveats := l.ruler.wrap(l.caveats(), w, noteSize, false, min(max(room, 0), 2))
	lines := slices.Concat(meaning, caveats, sources)
	top := l.h - 16 - noteLine*float64(len(lines)-1)
	for i, t := range lines {
		l.say(label{x: margin, y: top + noteLine*float64(i), text: t, size: noteSize, ink: muted})
	}
	return top - noteLine
}

// sourceLine says where the figures come from and how they were made.
func (l *layout) sourceLine() string {
	p := l.passport
	var heard []string
	for _, s := range p.Sources {
		name := sourceName(s.Source)
		if s.Listened {
			name += " " + percent(s.Coverage)
		} else {
			name += " not heard"
		}
		heard = append(heard, name)
	}
	var parts []string
	if len(heard) > 0 {
		parts = append(parts, "Sources, and how much of the window each was heard: "+strings.Join(heard, ", ")+
			"; all at once "+percent(p.Coverage))
	}
	for _, k := range sortedKeys(p.Filter) {
		parts = append(parts, "only "+clean(k)+" "+clean(p.Filter[k]))
	}
	if l.ofPosts() {
		parts = append(parts, number(float64(p.DeletedSince), 0)+" posts deleted since")
	}
	if p.Recorded {
		parts = append(parts, "at least in part from recordings")
	}
	if p.Method != "" {
		parts = append(parts, "method "+clean(p.Method))
	}
	if !p.GeneratedAt.IsZero() {
		parts = append(parts, "made on "+p.GeneratedAt.In(l.frame.from.Location()).Format("2 January 2006"))
	}
	return strings.Join(parts, " · ") + "."
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// sourceName is a source's name as people write it.
func sourceName(s reaction.Source) string {
	switch s {
	case reaction.X, reaction.Bluesky, reaction.Mastodon:
		return strings.ToUpper(string(s)[:1]) + string(s)[1:]
	}
	return clean(string(s))
}

// meaning says what each series counts, and how crowded pixels are drawn.
func (l *layout) meaning() string {
	var out []string
	for _, s := range l.series {
		counts := clean(s.Counts)
		if s.Unit == unitState {
			counts, _, _ = strings.Cut(counts, ":") // the numbers of the states are not on the chart
		}
		if counts != "" {
			out = append(out, called(s.Name)+": "+counts+".")
		}
	}
	if len(l.lines) > 0 && l.dense() {
		out = append(out, "Several buckets share a pixel: the line is their highest, the tint reaches down to their lowest.")
	}
	return strings.Join(out, " ")
}

// caveats says whom the figures do not stand for, and what else must be known.
func (l *layout) caveats() string {
	var out []string
	if l.ofPosts() || l.passport.Simulated {
		out = append(out, clean(l.passport.Represents))
	}
	for _, n := range l.passport.Notes {
		// The sources have their own line.
		if !strings.HasPrefix(n, "not listened to") {
			out = append(out, strings.TrimSuffix(clean(n), ".")+".")
		}
	}
	return strings.TrimSpace(strings.Join(out, " "))
}

// alt says the chart in words.
func (l *layout) alt() string {
	days := l.frame.from.Format(time.DateOnly) != l.frame.to.Add(-time.Nanosecond).Format(time.DateOnly)
	var b strings.Builder
	if l.passport.Simulated {
		b.WriteString("Simulated: nothing here happened. ")
	}
	fmt.Fprintf(&b, "%s. %s, %s.", l.title, l.subtitle, windowText(l.frame.from, l.frame.to))
	for _, t := range l.lines {
		i, v, ok := t.peak()
		if !ok {
			fmt.Fprintf(&b, " %s: no value known.", t.label)
			continue
		}
		fmt.Fprintf(&b, " %s: highest %s at %s.", t.label, amount(v, t.unit), clockText(l.frame.at(i), days))
	}
	for _, t := range l.states {
		fmt.Fprintf(&b, " %s: %s.", t.label, stateShares(t.pts))
	}
	if len(l.lines) > 0 {
		unknown := 0
		for _, s := range l.unheard {
			unknown += s.b - s.a
		}
		fmt.Fprintf(&b, " Unknown for %s of the buckets.", percent(float64(unknown)/float64(l.frame.n)))
	}
	if l.passport.Recorded {
		b.WriteString(" At least in part from recordings.")
	}
	return b.String()
}

// stateShares says how much of the window a service was in each state.
func stateShares(pts []trend.Point) string {
	var n [4]int
	for _, p := range pts {
		if p.Value == nil {
			n[3]++
			continue
		}
		n[min(int(*p.Value), 2)]++
	}
	var out []string
	for i, name := range []string{"up", "degraded", "down", "unknown"} {
		if n[i] > 0 {
			out = append(out, name+" "+percent(float64(n[i])/float64(len(pts))))
		}
	}
	return strings.Join(out, ", ")
}
