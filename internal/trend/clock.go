package trend

import "time"

// Standing is where an event stands in its own time.
type Standing struct {
	// Clock is the event's watermark, or, where nothing holds one, how far its feeds had come. Zero
	// where no feed ever told.
	Clock time.Time
	// Moving is set while a feed holds the watermark, so that the clock may move at any time.
	Moving bool
	// Silent is set where live feeds were listened to and none of them is heard any more.
	Silent bool
}

// Stand works out where an event stands at the wall clock now, from all its feeds.
func Stand(feeds []FeedClock, now time.Time) (s Standing) {
	if w, ok := Watermark(feeds, now); ok {
		return Standing{Clock: w.UTC(), Moving: true}
	}
	for _, f := range feeds {
		if f.Clock.After(s.Clock) {
			s.Clock = f.Clock.UTC()
		}
		s.Silent = s.Silent || f.Feed.Live() && !f.Done
	}
	return s
}
