package chart

import (
	"regexp"
	"slices"
	"strings"

	"outcry/internal/trend"
)

// foot writes the notes from the bottom up and gives the y above them. Numbered notes come first,
// and the sources are always told in full; what is counted, and whom it does not stand for, as far
// as the height allows: a low chart is for its lines, not for its notes.
func (l *layout) foot() float64 {
	w := l.w - 2*margin
	var texts []string
	for _, i := range l.order() {
		texts = append(texts, l.notes[i].text)
	}
	numbered := l.footnotes(texts, w, l.noteRows)
	if len(numbered) > 0 {
		l.lane += laneRow
	}
	room := int((l.h-300)/40) - len(numbered)
	sources := l.ruler.wrap(l.sourceLine(), w, noteSize, false, 4)
	room -= len(sources)
	caveats := l.ruler.wrap(l.caveats(), w, noteSize, false, min(max(room, 0), 2))
	room -= len(caveats)
	meaning := l.ruler.wrap(l.meaning(), w, noteSize, false, min(max(room, 0), 2))
	lines := slices.Concat(numbered, meaning, caveats, sources)
	top := l.h - 16 - noteLine*float64(len(lines)-1)
	for i, t := range lines {
		hue := l.hue.muted
		if i < len(numbered) {
			hue = l.hue.ink
		}
		l.say(label{x: margin, y: top + noteLine*float64(i), text: t, size: noteSize, ink: hue})
	}
	return top - noteLine
}

// sourceLine says where the figures come from and how they were made.
func (l *layout) sourceLine() string {
	p, w := l.passport, l.lang
	var parts []string
	if s := l.heard(); s != "" {
		parts = append(parts, s)
	}
	if s := p.Filter["source"]; s != "" {
		var names []string
		for _, c := range p.Sources {
			names = append(names, w.sourceName(c.Source))
		}
		parts = append(parts, w.onlySources(names))
	}
	if s := p.Filter["lang"]; s != "" {
		parts = append(parts, w.onlyLangs(clean(s)))
	}
	if l.ofPosts() && p.DeletedSince > 0 {
		parts = append(parts, w.deleted(number(float64(p.DeletedSince), 0)))
	}
	if l.ofPosts() && p.Late > 0 {
		parts = append(parts, w.revised(number(float64(p.Late), 0)))
	}
	if p.Recorded {
		parts = append(parts, w.recordings)
	}
	if p.Method != "" {
		parts = append(parts, w.method(clean(p.Method)))
	}
	if !p.GeneratedAt.IsZero() {
		parts = append(parts, w.made(p.GeneratedAt.In(l.frame.from.Location()).Format(w.day)))
	}
	return strings.Join(parts, " · ") + "."
}

// heard names the sources, and how much of the window each was heard.
func (l *layout) heard() string {
	p, w := l.passport, l.lang
	if len(p.Sources) == 0 {
		return ""
	}
	all := true
	var names, shares []string
	for _, s := range p.Sources {
		name := w.sourceName(s.Source)
		names = append(names, name)
		if s.Listened {
			shares = append(shares, w.heardFor(name, w.percent(s.Coverage), w.besides(&s)))
		} else {
			shares = append(shares, w.neverHeard(name))
		}
		all = all && s.Listened && s.Coverage >= 1 && s.Filled == 0
	}
	if all && p.Coverage >= 1 {
		return w.allHeard(names)
	}
	return w.heard(shares, w.percent(p.Coverage))
}

// besides says what else is to be known of how a source was heard. What is not said of the rest of
// the time is that it was not heard.
func (w *words) besides(s *trend.SourceCoverage) (out []string) {
	for _, x := range []struct {
		share float64
		say   func(string) string
	}{{s.Filled, w.filledFor}, {s.Late, w.lateFor}, {s.Capped, w.cappedFor}, {s.Partly, w.partlyFor}} {
		if x.share > 0 {
			out = append(out, x.say(w.percent(x.share)))
		}
	}
	return out
}

// meaning says what each series counts, and how crowded pixels are drawn.
func (l *layout) meaning() string {
	var out []string
	for _, s := range l.series {
		if counts := l.lang.meansOf(s); counts != "" {
			if l.thinned[s.Name] {
				counts += "; " + l.lang.drawnOf
			}
			out = append(out, l.lang.meaning(l.lang.called(s.Name), counts))
		}
	}
	if len(l.lines) > 0 && l.dense() {
		out = append(out, l.lang.envelope)
	}
	return strings.Join(out, " ")
}

// authorless is the note of package trend on posts whose authors nobody knows.
var authorless = regexp.MustCompile(`^(\d+) posts in the window came without an author`)

// caveats says whom the figures do not stand for, and what else must be known. A note that there
// are no words for in the chart's language is told in its own.
func (l *layout) caveats() string {
	var out []string
	switch {
	case l.passport.Simulated:
		out = append(out, l.lang.imagined)
	case l.ofPosts():
		var names []string
		for _, s := range l.passport.Sources {
			if s.Listened {
				names = append(names, l.lang.sourceName(s.Source))
			}
		}
		if len(names) > 0 {
			out = append(out, l.lang.represents(names))
		}
	}
	for _, n := range l.passport.Notes {
		switch m := authorless.FindStringSubmatch(n); {
		case m != nil:
			out = append(out, l.lang.authorless(m[1]))
		case strings.HasPrefix(n, "not listened to"): // the sources have their own line
		default:
			out = append(out, strings.TrimSuffix(clean(n), ".")+".")
		}
	}
	return strings.TrimSpace(strings.Join(out, " "))
}
