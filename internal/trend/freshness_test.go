package trend_test

import (
	"testing"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// A play that was stopped is soon known to stand; a live source is given longer.
func TestAStoppedPlayStands(t *testing.T) {
	clock := time.Date(2023, 5, 24, 18, 14, 0, 0, time.UTC)
	wall := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		feed   string
		silent time.Duration
		moving bool
	}{
		{"replay/1/drill", 50 * time.Second, true},
		{"replay/1/drill", 70 * time.Second, false},
		{"live/bluesky/0", 4 * time.Minute, true},
		{"live/bluesky/0", 6 * time.Minute, false},
	} {
		feeds := []trend.FeedClock{{Feed: feed(t, c.feed), Clock: clock, Committed: wall.Add(-c.silent)}}
		s := trend.Stand(feeds, wall)
		if s.Moving != c.moving || !s.Clock.Equal(clock) {
			t.Errorf("%s, silent for %s: %+v", c.feed, c.silent, s)
		}
	}
}

func feed(t *testing.T, name string) reaction.Feed {
	t.Helper()
	f, err := reaction.ParseFeed(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
