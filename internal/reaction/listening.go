package reaction

import (
	"strings"
	"time"
)

// Listens reports whether the feed is a connection to a source that a collector keeps. Such a feed
// says at every moment how well it hears; runs and pushes say only what they brought.
func (f Feed) Listens() bool { return strings.HasPrefix(string(f), "live/") }

// FeedReport is how a live feed is: what its collector told last, and when it was last heard of.
type FeedReport struct {
	Feed Feed
	FeedState
	ToldAt    time.Time // when that was told, wall clock
	Clock     time.Time // the feed's event time
	Committed time.Time // wall clock of the last commit of anything of the feed
	Done      bool      // it has ended
}

// FeedTurn is one change of a live feed's state. Turn counts those of the feed from 1.
type FeedTurn struct {
	Feed Feed
	Turn int64
	FeedState
}

// FeedTurnQuery asks for changes of the states of feeds. Zero fields do not filter.
type FeedTurnQuery struct {
	Source Source
	Feed   Feed
	// From and To bound when feeds became so; To is exclusive.
	From, To time.Time
	Limit    int // at most so many, the newest first
}

// ListeningStates are the states of a live feed, the best first.
var ListeningStates = []ListeningState{FeedLive, FeedIdle, FeedConnecting, FeedLate, FeedBlind, FeedStopped}
