package chart

import (
	"io"
	"strings"

	"outcry/internal/trend"
)

// Describe writes the alternative text of a result's chart, without drawing it: it may have series
// that no chart has room for. Only Title, Subtitle, Location and Locale of the options count.
func Describe(w io.Writer, r trend.Result, o Options) error {
	l, err := read(r, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, l.alt()+"\n")
	return err
}

// alt says the chart in words: what it is of, how each line runs, how the services were, what was
// marked and how much is unknown.
func (l *layout) alt() string {
	w := l.lang
	var out []string
	add := func(s string) { out = append(out, s) }
	if l.passport.Simulated {
		add(w.altSimulated)
	}
	add(w.altHead(l.title, l.subtitle, w.windowText(l.frame.from, l.frame.to)))
	for _, t := range l.lines {
		add(l.altLine(t))
	}
	for _, t := range l.states {
		add(l.altState(t))
	}
	if marks := l.altMarks(); len(marks) > 0 {
		add(w.altMarks(marks))
	}
	if unknown := l.unknownShare(); unknown > 0 {
		add(w.altUnknown(w.percent(unknown)))
	}
	if l.passport.Recorded {
		add(w.altRecorded)
	}
	if s := l.heard(); s != "" && l.ofPosts() {
		add(w.altSources(s))
	}
	if n := l.passport.DeletedSince; n > 0 && l.ofPosts() {
		add(w.altDeleted(number(float64(n), 0)))
	}
	return strings.Join(out, " ")
}

func (l *layout) altLine(t *track) string {
	s := t.summit()
	value := func(v float64) string { return l.lang.valueText(v, t.unit) }
	switch {
	case !s.ok:
		return l.lang.altNothing(t.label)
	case s.flat:
		return l.lang.altFlat(t.label, value(s.value))
	}
	return l.lang.altLine(t.label, value(s.first), s.kind, value(s.value), l.lang.when(l.frame.at(s.at), l.severalDays()), value(s.last))
}

// altState says how much of the window a service was in each state, and when it first broke.
func (l *layout) altState(t *track) string {
	var n [4]int
	for _, p := range t.pts[:l.ahead] {
		n[stateOf(p)]++
	}
	var shares []string
	for i, name := range l.lang.states {
		if n[i] > 0 {
			shares = append(shares, l.lang.altShare(name, l.lang.percent(float64(n[i])/float64(l.ahead))))
		}
	}
	broke := ""
	if first, at, seen := l.broke(); first == t {
		broke = l.lang.broke("", l.lang.when(l.frame.at(at), l.severalDays()), seen)
	}
	return l.lang.altState(t.label, shares, broke)
}

// mostMarks bounds how many marks the alternative text tells one by one.
const mostMarks = 20

func (l *layout) altMarks() []string {
	var out []string
	for _, m := range l.moments() {
		out = append(out, m.text)
	}
	if n := len(out) - mostMarks; n > 0 {
		out = append(out[:mostMarks], l.lang.more(n))
	}
	return out
}

// unknownShare is the share of the window in which some line that depends on sources, or every
// measured one, is not known.
func (l *layout) unknownShare() float64 {
	unknown := 0
	for _, s := range l.unheard {
		unknown += s.b - s.a
	}
	return float64(unknown) / float64(l.ahead)
}
