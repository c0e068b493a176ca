package trend

import (
	"time"

	"outcry/internal/reaction"
)

// Freshness is how long a feed may be silent before it no longer holds the watermark of its events
// back; a live feed's silence is a gap from then on.
const Freshness = 5 * time.Minute

// RunFreshness is the same for a run of a recording or a drill. Whoever plays one tells its clock each
// second, so that one that was stopped or cut off is soon known to stand.
const RunFreshness = time.Minute

// FreshnessOf is how long this feed may be silent.
func FreshnessOf(f reaction.Feed) time.Duration {
	if f.Live() {
		return Freshness
	}
	return RunFreshness
}

// FeedClock is how far one feed has come, by its contiguous committed envelopes.
type FeedClock struct {
	Feed      reaction.Feed
	Clock     time.Time // event time
	Committed time.Time // wall clock of the last commit
	Done      bool
}

// Watermark is the event time up to which every feed of an event has spoken: the least clock of
// its live feeds, leaving out those that have ended or have been silent past their freshness.
// Where no live feed speaks, it is the least clock of the replays that still run. ok is false
// where nothing holds the watermark: then nothing more is expected, and every bucket is closed.
//
// now is the wall clock; it decides only whether a feed still counts. A replay that was broken off
// and never taken up again must not keep buckets open for ever.
func Watermark(feeds []FeedClock, now time.Time) (w time.Time, ok bool) {
	least := func(take func(FeedClock) bool) {
		for _, f := range feeds {
			if f.Done || f.Clock.IsZero() || now.Sub(f.Committed) > FreshnessOf(f.Feed) || !take(f) {
				continue
			}
			if !ok || f.Clock.Before(w) {
				w, ok = f.Clock, true
			}
		}
	}
	least(func(f FeedClock) bool { return f.Feed.Live() })
	if !ok {
		least(func(f FeedClock) bool { return !f.Feed.Live() })
	}
	return w, ok
}

// Closed reports whether a bucket that ends at end is closed at watermark w: the watermark has
// passed it by the grace period that late posts are given.
func Closed(end, w time.Time, grace time.Duration) bool { return !end.Add(grace).After(w) }
