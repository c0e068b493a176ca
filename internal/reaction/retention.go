package reaction

import "time"

// Kept is what is kept of an event's posts.
type Kept struct {
	From      time.Time // posts from before were removed; zero where none were
	Emptied   bool      // all of them were, and nothing more is taken in
	RemovedAt time.Time // when posts were removed last; zero for never
	Until     time.Time // when all of them will be, if none come until then; zero where that is not known yet
}

// PostsUntil is when all posts of the event are removed, where last was the last change in its life
// and arrived the time at which posts came last: once its retention has passed since the event's end
// or the last arrival, whichever is later. It is zero while the event goes on, and for one that
// has no end: posts of such go day by day, see PostsFrom.
func (e *Event) PostsUntil(last Turn, arrived time.Time) time.Time {
	end := later(e.EndsAt, arrived)
	switch {
	case e.Status == Live:
		return time.Time{}
	case e.Status == Ended, e.Status == Cancelled:
		end = later(end, last.At)
	case e.Endless():
		return time.Time{}
	}
	return end.UTC().Add(e.Retention.Duration())
}

// PostsFrom is the day from which on posts of an endless event are kept at now, counted from the
// post's own day.
func (e *Event) PostsFrom(now time.Time) time.Time {
	return now.UTC().Add(-e.Retention.Duration()).Truncate(24 * time.Hour)
}

// RecheckWithin is how soon a stored post is asked for again, of a source that does not tell what is
// deleted.
const RecheckWithin = 24 * time.Hour

// Rechecks is how asking again for a source's stored posts stands.
type Rechecks struct {
	Source  Source
	Posts   int64     // that are asked for again
	Overdue int64     // of these, those not seen to be there within RecheckWithin: mostly for want of money
	Oldest  time.Time // when the one seen longest ago was
}
