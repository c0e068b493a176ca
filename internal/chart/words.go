package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"outcry/internal/trend"
)

// Units of series, as package trend writes them.
const (
	unitPosts  = "posts"
	unitShare  = "share"
	unitPeople = "people"
	unitMillis = "ms"
	unitState  = "state"
)

// called is what a chart calls a series.
func called(n trend.Name) string {
	kind, arg := n.Split()
	arg = clean(arg)
	of := func(s string) string {
		if arg == "" {
			return s
		}
		return s + " of " + arg
	}
	switch {
	case kind == "tag":
		return "#" + arg
	case kind == "symptom":
		return "Complaints of " + symptomWords(arg)
	}
	switch trend.Name(kind) {
	case trend.Posts:
		return "Posts"
	case trend.Complaints:
		return "Complaints"
	case trend.ComplaintShare:
		return "Share of complaints"
	case trend.FirstHand:
		return "First-hand complaints"
	case trend.Recovery:
		return "Posts that it works again"
	case trend.Reposts:
		return "Reposts"
	case trend.Authors:
		return "People posting"
	case trend.Health:
		if arg == "" {
			return "State of the services"
		}
		return of("State")
	case trend.Latency:
		return of("Response time")
	case trend.Audience:
		return of("Audience")
	}
	return clean(string(n))
}

func symptomWords(s string) string {
	switch s {
	case "join":
		return "not getting in"
	case "audio":
		return "no sound"
	case "video":
		return "no picture"
	case "delay":
		return "delays"
	case "crash":
		return "crashes"
	}
	return s
}

// axisCaption says what the numbers on an axis are. named is set where the step belongs to it.
func axisCaption(unit, per string) string {
	switch unit {
	case unitPosts:
		return "posts " + per
	case unitShare:
		return "% of posts"
	case unitMillis:
		return "milliseconds"
	}
	return clean(unit)
}

// perStep is a step in words: "per minute", "per 10 seconds".
func perStep(d time.Duration) string {
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / u.d; n > 0 && d%u.d == 0 {
			if n == 1 {
				return "per " + u.name
			}
			return fmt.Sprintf("per %d %ss", n, u.name)
		}
	}
	return "per " + d.String()
}

// listed joins words with commas and a final "and".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// amount writes a value with its unit: "1,240", "12.5%", "340 ms".
func amount(v float64, unit string) string {
	switch unit {
	case unitShare:
		return number(v*100, 1) + "%"
	case unitMillis:
		return number(v, 1) + " ms"
	}
	return number(v, 1)
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
func percent(share float64) string {
	switch p := share * 100; {
	case share <= 0:
		return "0%"
	case share >= 1:
		return "100%"
	case p < 0.1:
		return "under 0.1%"
	case p > 99.9:
		return "over 99.9%"
	case p < 1 || p > 99:
		return number(p, 1) + "%"
	default:
		return number(p, 0) + "%"
	}
}

// zoneName names the time zone of a window: "EDT (America/New_York)", both abbreviations where
// the clocks change inside it.
func zoneName(from, to time.Time) string {
	short := abbreviation(from)
	if last := abbreviation(to.Add(-time.Nanosecond)); last != short {
		short += "/" + last
	}
	name := clean(from.Location().String())
	if name == "Local" || name == "" || name == short {
		return short
	}
	return short + " (" + name + ")"
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
func windowText(from, to time.Time) string {
	clock := "15:04"
	if from.Second() != 0 || to.Second() != 0 {
		clock = "15:04:05"
	}
	const day = "2 January 2006"
	if last := to.Add(-time.Nanosecond); from.Format(day) == last.Format(day) && to.Format("15:04:05") == "00:00:00" {
		return fmt.Sprintf("%s, %s–24:00 %s", from.Format(day), from.Format(clock), zoneName(from, to))
	}
	if from.Format(day) == to.Format(day) {
		return fmt.Sprintf("%s, %s–%s %s", from.Format(day), from.Format(clock), to.Format(clock), zoneName(from, to))
	}
	return fmt.Sprintf("%s, %s to %s, %s %s", from.Format(day), from.Format(clock), to.Format(day), to.Format(clock), zoneName(from, to))
}
