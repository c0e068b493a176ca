package trend

import (
	"cmp"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// blindAfter is how far a source may be behind the window's end before it counts as not heard.
const blindAfter = 30 * time.Second

// FeedHeard is how far one feed of a source was heard in an event.
type FeedHeard struct {
	Source reaction.Source
	Feed   reaction.Feed
	Last   time.Time // up to when anything was heard; zero for never
	Word   time.Time // up to when anything was said, and if only that nothing was heard
	State  reaction.CoverageState
	Reason string // with State, of what was said last
}

// Heard is how a source was heard.
type Heard struct {
	Source  reaction.Source
	Last    time.Time // up to when any of it was heard; zero for never
	Whole   time.Time // up to when all of it was; zero for never
	Covered float64   // share of the window during which any of it was heard, 0 to 1
	// Why is set where it is not heard as it should be now: gap, late or capped.
	Why    reaction.CoverageState
	Partly bool   // only some of its feeds are not heard
	Reason string // for people
}

// Hear tells of each source of an event how it is heard at the end of a window, from how far each of
// its feeds was, from what is known of the window, and from what the collectors of its feeds told
// last. now is the wall clock.
func Hear(feeds []FeedHeard, spans []reaction.CoverageSpan, reports []reaction.FeedReport, from, to, now time.Time) []Heard {
	var out []Heard
	for i := range feeds {
		if !slices.ContainsFunc(out, func(h Heard) bool { return h.Source == feeds[i].Source }) {
			out = append(out, hear(feeds, reports, feeds[i].Source, to, now))
		}
	}
	for i := range out {
		for _, h := range Hearings(spans, out[i].Source, from, to) {
			if h.State.Seen() || h.Partly {
				out[i].Covered += float64(h.To.Sub(h.From)) / float64(to.Sub(from))
			}
		}
		out[i].Covered = min(out[i].Covered, 1)
	}
	slices.SortFunc(out, func(a, b Heard) int { return cmp.Compare(a.Source, b.Source) })
	return out
}

func hear(feeds []FeedHeard, reports []reaction.FeedReport, source reaction.Source, to, now time.Time) Heard {
	h := Heard{Source: source}
	var fresh, other bool
	var lost *FeedHeard // the live feed that is missed most
	var last *FeedHeard // the one that said something last
	for i := range feeds {
		f := &feeds[i]
		if f.Source != source {
			continue
		}
		h.Last = later(h.Last, f.Last)
		if last == nil || f.Word.After(last.Word) {
			last = f
		}
		switch {
		case !f.Last.Before(to.Add(-blindAfter)):
			fresh, other = true, other || !f.Feed.Listens()
		case f.Feed.Listens() && f.Word.After(to.Add(-GoneAfter)):
			if lost == nil || moreMissed(f, lost) {
				lost = f
			}
		}
	}
	switch {
	case other || fresh && lost == nil:
		h.Whole = h.Last
		return h
	case lost == nil:
		lost = last
	}
	h.Whole, h.Why, h.Partly, h.Reason = lost.Last, lost.State, fresh, lost.Reason
	if h.Why.Seen() || h.Why == "" { // it fell silent
		h.Why, h.Reason = reaction.CoverageGap, ""
	}
	if i := slices.IndexFunc(reports, func(r reaction.FeedReport) bool { return r.Feed == lost.Feed }); i >= 0 {
		if r := StateAt(reports[i], now); r.Reason != "" {
			h.Reason = r.Reason
		}
	}
	return h
}

// moreMissed reports whether one feed is missed more than another: for a graver reason, or for longer.
func moreMissed(a, b *FeedHeard) bool {
	gravity := func(f *FeedHeard) int {
		if f.State.Seen() {
			return len(missing)
		}
		return slices.Index(missing, f.State)
	}
	return cmp.Or(cmp.Compare(gravity(a), gravity(b)), b.Last.Compare(a.Last), cmp.Compare(b.Feed, a.Feed)) > 0
}
