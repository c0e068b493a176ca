package reaction

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"outcry/internal/health"
)

// Feed names one connection to a source, or one replay of files: "live/bluesky/0",
// "replay/wc2022-opening/5c1f…", "push/samples/host". A feed is what has a cursor, an order of
// its own and a clock; the log keeps one subject a feed.
type Feed string

var feedPattern = regexp.MustCompile(`^(live|replay|push)/[a-z0-9_-]{1,64}/[a-z0-9_-]{1,64}$`)

// ParseFeed checks a feed's name.
func ParseFeed(s string) (Feed, error) {
	if !feedPattern.MatchString(s) {
		return "", fmt.Errorf("feed %q is not live|replay|push/name/name", s)
	}
	return Feed(s), nil
}

// Live reports whether the feed follows the present. Replays have clocks of their own and never
// move the watermark of live feeds.
func (f Feed) Live() bool { return !strings.HasPrefix(string(f), "replay/") }

// CoverageState is how well a source was listened to over an interval.
type CoverageState string

// The states of coverage.
const (
	CoverageLive     CoverageState = "live"     // heard as it happened
	CoverageRecorded CoverageState = "recorded" // from an archive that spans the interval
	CoverageFilled   CoverageState = "filled"   // a gap that was fetched afterwards
	CoverageLate     CoverageState = "late"     // connected, but behind its freshness limit
	CoverageCapped   CoverageState = "capped"   // left out on purpose: a spending limit
	CoverageGap      CoverageState = "gap"      // not heard
)

// Seen reports whether posts of the interval were heard, so that a count of zero means zero.
func (s CoverageState) Seen() bool {
	return s == CoverageLive || s == CoverageRecorded || s == CoverageFilled
}

// Coverage says how well one source was listened to in [From, To).
type Coverage struct {
	Source Source        `json:"source"`
	From   time.Time     `json:"from"`
	To     time.Time     `json:"to"`
	State  CoverageState `json:"state"`
	Reason string        `json:"reason,omitempty"` // for people: why there is a gap
	// Events are those that the span is about, in an envelope: all that the envelope concerns where
	// it is empty. It is not stored with the span.
	Events []int64 `json:"events,omitempty"`
	// Own is set where the source named Events itself: what it says of them in particular is not
	// changed by what it says of all that it listens for.
	Own bool `json:"own,omitempty"`
}

// PlatformCount is how many posts a source says there were in [From, To) of what an event's terms
// ask for, counted by the source itself. Such counts are a series of their own and never mixed into
// those of posts.
type PlatformCount struct {
	Event  int64     `json:"e"`
	Source Source    `json:"source"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Posts  int64     `json:"posts"`
}

// ListeningState is how a live feed is.
type ListeningState string

// The states of a live feed.
const (
	FeedConnecting ListeningState = "connecting" // no connection yet, or again
	FeedLive       ListeningState = "live"       // heard as it happens
	FeedLate       ListeningState = "late"       // heard, and behind the present
	FeedBlind      ListeningState = "blind"      // the last word is older than it may be, or a part of the source is dead
	FeedStopped    ListeningState = "stopped"    // it will not have us: a person must mend it
	FeedIdle       ListeningState = "idle"       // no event asks for it
)

// FeedState is how a live feed is since when, as its collector told last.
type FeedState struct {
	Source   Source         `json:"source"`
	State    ListeningState `json:"state"`
	Since    time.Time      `json:"since"`              // when it became so, wall clock
	LastWord time.Time      `json:"last_word,omitzero"` // of the source, wall clock; zero for never
	Reason   string         `json:"reason,omitempty"`   // for people: why it is not live
	Mend     string         `json:"mend,omitempty"`     // what a person can do
	Host     string         `json:"host,omitempty"`     // which server is listened to
}

// ScopedSample is a health sample and the event whose replay or drill brought it; Event is 0 for
// samples of the real service, which every event that names it shares.
type ScopedSample struct {
	Event int64 `json:"e,omitempty"`
	health.Sample
}

// UnmatchedCount is how many posts of a source and minute belonged to no event.
type UnmatchedCount struct {
	Source Source    `json:"source"`
	Minute time.Time `json:"minute"`
	Posts  int       `json:"posts"`
}

// BaselineCount is how often an hour's unmatched posts used a hashtag, whoever wrote them: what
// "never seen before" is held against.
type BaselineCount struct {
	Source Source    `json:"source"`
	Hour   time.Time `json:"hour"`
	Tag    string    `json:"tag"` // folded
	Uses   int       `json:"uses"`
}

// RejectCount is how many rows of a source were refused for one reason of the closed list.
type RejectCount struct {
	Source Source `json:"source"`
	Reason string `json:"reason"`
	Posts  int    `json:"posts"`
}

// RejectExpired is the reason of posts from a time of which their event keeps none any more.
const RejectExpired = "past_retention"

// Envelope is what the log carries: a batch from one feed, with the feed's clock and its cursor
// after the batch, so that data and cursor cannot disagree. It is published even when nothing
// matched, so that clock and cursor always move.
type Envelope struct {
	Feed Feed `json:"feed"`
	// Event is the event a replay is for; 0 for live feeds, which serve every live event.
	Event int64 `json:"event,omitempty"`
	// Listening are the events a live feed listened for: those its clock and coverage concern.
	Listening []int64 `json:"listening,omitempty"`
	// Restart begins a replay anew: what earlier passes of this feed counted besides posts (rows
	// refused, posts unmatched) is forgotten. Posts themselves are never doubled.
	Restart   bool             `json:"restart,omitempty"`
	Posts     []Matched        `json:"posts,omitempty"`
	Deletes   []Delete         `json:"deletes,omitempty"`
	Samples   []ScopedSample   `json:"samples,omitempty"`
	Coverage  []Coverage       `json:"coverage,omitempty"`
	Unmatched []UnmatchedCount `json:"unmatched,omitempty"`
	Baseline  []BaselineCount  `json:"baseline,omitempty"`
	Rejected  []RejectCount    `json:"rejected,omitempty"`
	Counts    []PlatformCount  `json:"counts,omitempty"`
	// State is how the feed is; nil where that has not changed since the envelope before.
	State *FeedState `json:"state,omitempty"`
	// Clock is the feed's event time: nothing older is expected of it. Zero leaves it unchanged.
	Clock time.Time `json:"clock,omitzero"`
	// Cursor is where the collector resumes. Its form belongs to the collector.
	Cursor json.RawMessage `json:"cursor,omitempty"`
	// Done says that the feed has ended: it no longer holds a watermark back.
	Done bool `json:"done,omitempty"`
	// Made is the wall clock at which the envelope was closed.
	Made time.Time `json:"made"`
}

// Concerns lists the events that the envelope's clock and coverage are about.
func (e *Envelope) Concerns() []int64 {
	if e.Event != 0 {
		return []int64{e.Event}
	}
	return e.Listening
}

// BucketWidth is the width of the buckets that rollups are kept in.
const BucketWidth = 10 * time.Second

// Bucket is the start of the ten-second bucket that t falls in, UTC.
func Bucket(t time.Time) time.Time { return t.UTC().Truncate(BucketWidth) }
