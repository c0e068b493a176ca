package trend

import (
	"slices"
	"time"

	"outcry/internal/reaction"
)

// GoneAfter is how long after its last word a live feed still counts as one that ought to speak. A
// server that was taken out of the settings a day ago is missed no more.
const GoneAfter = 24 * time.Hour

// Hearing is how one source was heard over a stretch of time, by all its feeds together.
type Hearing struct {
	From, To time.Time
	// State is live, recorded or filled where the source was heard as it should be, and else why it
	// was not: a gap counts before late, and that before capped.
	State reaction.CoverageState
	// Partly is set where it was not, and some of its feeds were heard all the same.
	Partly bool
	Reason string // for people, of a gap, late or capped
}

// Hearings says how a source was heard in [from, to), without leaving a moment out.
//
// Each live feed of a source (Mastodon has one a server) hears a part of it: the source was heard
// where every live feed was that ought to have been, which is each from its first word on until
// GoneAfter its last one. Recordings and pushes bring the source itself: it was heard where any of
// them says so. What nobody said anything of was not heard.
func Hearings(spans []reaction.CoverageSpan, source reaction.Source, from, to time.Time) []Hearing {
	if !from.Before(to) {
		return nil
	}
	list := saidOf(spans, source)
	edges := []time.Time{from, to}
	for _, s := range list {
		for _, t := range []time.Time{s.from, s.to} {
			if t.After(from) && t.Before(to) {
				edges = append(edges, t)
			}
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	slices.SortFunc(list, func(a, b said) int { return a.from.Compare(b.from) })
	var out []Hearing
	var now []said
	next := 0
	for i := 1; i < len(edges); i++ {
		a, b := edges[i-1], edges[i]
		if !a.Before(b) {
			continue
		}
		now = slices.DeleteFunc(now, func(s said) bool { return !s.to.After(a) })
		for ; next < len(list) && !list[next].from.After(a); next++ {
			if list[next].to.After(a) {
				now = append(now, list[next])
			}
		}
		h := together(now)
		h.From, h.To = a, b
		if n := len(out); n > 0 && out[n-1].State == h.State && out[n-1].Partly == h.Partly && out[n-1].Reason == h.Reason {
			out[n-1].To = b
			continue
		}
		out = append(out, h)
	}
	return out
}

// said is what one feed says of a stretch of time; a live feed's silence says that nothing was heard.
type said struct {
	span
	feed   reaction.Feed
	state  reaction.CoverageState
	reason string
}

func saidOf(spans []reaction.CoverageSpan, source reaction.Source) []said {
	var out []said
	feeds := map[reaction.Feed][]span{}
	for i := range spans {
		c := &spans[i]
		if c.Source != source || !c.From.Before(c.To) {
			continue
		}
		s := span{c.From, c.To}
		out = append(out, said{s, c.Feed, c.State, c.Reason})
		if c.Feed.Listens() {
			feeds[c.Feed] = append(feeds[c.Feed], s)
		}
	}
	for feed, words := range feeds {
		words = merge(words)
		for i, w := range words {
			silence := span{w.to, w.to.Add(GoneAfter)}
			if i+1 < len(words) {
				silence.to = earlier(silence.to, words[i+1].from)
			}
			out = append(out, said{span: silence, feed: feed, state: reaction.CoverageGap})
		}
	}
	return out
}

// missing orders the reasons for which a source is not heard, the gravest last.
var missing = []reaction.CoverageState{reaction.CoverageCapped, reaction.CoverageLate, reaction.CoverageGap}

// together is how a source is heard where its feeds say this.
func together(now []said) Hearing {
	heard := func(f reaction.Feed) bool {
		return slices.ContainsFunc(now, func(s said) bool { return s.feed == f && s.state.Seen() })
	}
	var h, not Hearing // as far as it was heard, and was not
	live, other, lacking := false, false, false
	for _, s := range now {
		switch {
		case s.state.Seen():
			live, other = live || s.feed.Listens(), other || !s.feed.Listens()
			if h.State != reaction.CoverageFilled && h.State != reaction.CoverageLive || s.state == reaction.CoverageFilled {
				h.State = s.state
			}
		case heard(s.feed):
		default:
			lacking = lacking || s.feed.Listens()
			if a, b := slices.Index(missing, s.state), slices.Index(missing, not.State); a > b || a == b && (not.Reason == "" || s.reason != "" && s.reason < not.Reason) {
				not.State, not.Reason = s.state, s.reason
			}
		}
	}
	switch {
	case other, live && !lacking:
		return h
	case not.State == "":
		return Hearing{State: reaction.CoverageGap}
	}
	not.Partly = live
	return not
}
