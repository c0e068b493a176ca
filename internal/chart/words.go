package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// Units of series, as package trend writes them.
const (
	unitPosts   = "posts"
	unitShare   = "share"
	unitPeople  = "people"
	unitMillis  = "ms"
	unitState   = "state"
	unitCounted = trend.UnitCounted
)

// namedState is the word for the state of one service, among the names of series.
const namedState trend.Name = "state"

// called is what a chart calls a series.
func (w *words) called(n trend.Name) string {
	kind, arg := n.Split()
	arg = clean(arg)
	switch {
	case kind == "tag":
		return "#" + arg
	case kind == "symptom":
		word, ok := w.symptoms[arg]
		if !ok {
			word = arg
		}
		return w.symptom(word)
	case kind == "counts":
		return w.counted(w.sourceName(reaction.Source(arg)))
	case arg != "" && trend.Name(kind) == trend.Health:
		return w.of(w.series[namedState], arg)
	}
	word, ok := w.series[trend.Name(kind)]
	switch {
	case !ok:
		return clean(string(n))
	case arg != "":
		return w.of(word, arg)
	}
	return word
}

// meansOf says what a series counts: in a few words, or in those that came with it.
func (w *words) meansOf(s trend.Series) string {
	kind, _ := s.Name.Split()
	if m, ok := w.means[trend.Name(kind)]; ok {
		return m
	}
	return strings.TrimSuffix(clean(s.Counts), ".")
}

// axisCaption says what the numbers on an axis are.
func (w *words) axisCaption(unit string, step time.Duration) string {
	if unit == unitPosts {
		return w.postsPer(w.per(stepUnits(step)))
	}
	if c, ok := w.captions[unit]; ok {
		return c
	}
	return clean(unit)
}

// stepUnits splits a step into the greatest unit it is a multiple of, and how many there are.
func stepUnits(d time.Duration) (n int, unit time.Duration) {
	for _, u := range []time.Duration{day, time.Hour, time.Minute} {
		if d >= u && d%u == 0 {
			return int(d / u), u
		}
	}
	return int(d / time.Second), time.Second
}

// sourceName is a source's name as people write it.
func (w *words) sourceName(s reaction.Source) string {
	if name, ok := w.sources[s]; ok {
		return name
	}
	return clean(string(s))
}

// valueText writes a value with its unit: "1,240", "12.5%", "340 ms".
func (w *words) valueText(v float64, unit string) string {
	if unit == unitShare {
		return number(v*100, 1) + "%"
	}
	return w.amount(number(v, 1), unit)
}

// number writes a value with thousands separators and at most so many decimals.
func number(v float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	whole, rest, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	if v < 0 && whole != "0" {
		whole = "-" + whole
	}
	return whole
}

// percent writes a share that is only called all or nothing where it is.
func (w *words) percent(share float64) string {
	switch p := share * 100; {
	case share <= 0:
		return "0%"
	case share >= 1:
		return "100%"
	case p < 0.1:
		return w.under("0.1%")
	case p > 99.9:
		return w.over("99.9%")
	case p < 1 || p > 99:
		return number(p, 1) + "%"
	default:
		return number(p, 0) + "%"
	}
}

// zoneName names the time zone of a window: "EDT (America/New_York)", both abbreviations where
// the clocks change inside it.
func (w *words) zoneName(from, to time.Time) string {
	name, short := clean(from.Location().String()), abbreviations(from, to)
	local := w.zones[name]
	if name == "Local" || name == short {
		name = ""
	}
	return w.zone(local, short, name)
}

// zoneShort names the time zone of a window in as few letters as can be: "EDT".
func (w *words) zoneShort(from, to time.Time) string {
	return w.zone(w.zones[clean(from.Location().String())], abbreviations(from, to), "")
}

func abbreviations(from, to time.Time) string {
	short := abbreviation(from)
	if last := abbreviation(to.Add(-time.Nanosecond)); last != short {
		short += "/" + last
	}
	return short
}

func abbreviation(t time.Time) string {
	name, offset := t.Zone()
	if name == "" || strings.ContainsAny(name[:1], "+-0123456789") {
		sign := '+'
		if offset < 0 {
			sign, offset = '-', -offset
		}
		name = fmt.Sprintf("UTC%c%02d:%02d", sign, offset/3600, offset%3600/60)
	}
	return clean(name)
}

// windowText writes a window and its zone for people.
func (w *words) windowText(from, to time.Time) string {
	clock := "15:04"
	if from.Second() != 0 || to.Second() != 0 {
		clock = "15:04:05"
	}
	zone, end := w.zoneName(from, to), to.Format(clock)
	first, last := from.Format(w.day), to.Format(w.day)
	if to.Format("15:04:05") == "00:00:00" && to.Add(-time.Nanosecond).Format(w.day) == first {
		end, last = "24:00", first
	}
	if first == last {
		return w.oneDay(first, from.Format(clock), end, zone)
	}
	return w.days(first, from.Format(clock), last, end, zone)
}

// when writes a moment of a window: its clock, and the day where the window has several.
func (w *words) when(t time.Time, days bool) string {
	clock := t.Format("15:04")
	if t.Second() != 0 {
		clock = t.Format("15:04:05")
	}
	if !days {
		return clock
	}
	return w.moment(t.Format(w.monthDay), clock)
}
