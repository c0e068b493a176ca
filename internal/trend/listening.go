package trend

import (
	"cmp"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// SourceStanding is how a source is listened to now, by all its live feeds.
type SourceStanding struct {
	Source reaction.Source
	// State is that of the worst of its feeds; FeedOff where none of them is there any more.
	State reaction.ListeningState
	Since time.Time // since when one of its feeds has been so
	Feeds []reaction.FeedReport
}

// FeedOff is the state of a feed that has ended, or has not been heard of for GoneAfter: nobody
// expects it to speak.
const FeedOff reaction.ListeningState = "off"

// Listening says how each source is listened to at the wall clock now, from what the collectors of
// its feeds told last. A collector that died tells nothing, so that a feed of which nothing was
// committed within its freshness is blind whatever its last word was.
func Listening(reports []reaction.FeedReport, now time.Time) []SourceStanding {
	var out []SourceStanding
	for _, r := range reports {
		r = StateAt(r, now)
		i := slices.IndexFunc(out, func(s SourceStanding) bool { return s.Source == r.Source })
		if i < 0 {
			out = append(out, SourceStanding{Source: r.Source, State: r.State, Since: r.Since})
			i = len(out) - 1
		}
		s := &out[i]
		s.Feeds = append(s.Feeds, r)
		switch a, b := gravity(r.State), gravity(s.State); {
		case a > b:
			s.State, s.Since = r.State, r.Since
		case a == b && r.Since.Before(s.Since):
			s.Since = r.Since
		}
	}
	slices.SortFunc(out, func(a, b SourceStanding) int { return cmp.Compare(a.Source, b.Source) })
	return out
}

// gravity orders states: off says less than any other.
func gravity(s reaction.ListeningState) int { return slices.Index(reaction.ListeningStates, s) }

// StateAt is a report as it is to be read at the wall clock now.
func StateAt(r reaction.FeedReport, now time.Time) reaction.FeedReport {
	heardOf := later(r.Committed, r.ToldAt)
	silent := now.Sub(heardOf)
	switch {
	case r.Done, silent > GoneAfter:
		r.State, r.Since, r.Reason, r.Mend = FeedOff, heardOf, "", ""
	case r.State == reaction.FeedIdle: // it says nothing, and nobody asks it to
	case silent > FreshnessOf(r.Feed) && r.State != reaction.FeedBlind:
		r.State, r.Since = reaction.FeedBlind, heardOf
		r.Reason, r.Mend = "nothing has come from its collector", "see whether the process that collects it still runs"
	}
	return r
}
