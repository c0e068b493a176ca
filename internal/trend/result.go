package trend

import (
	"time"

	"outcry/internal/reaction"
)

// Result is the answer to a query: one Series for each name asked for, in that order, and the
// passport that belongs to all of them.
type Result struct {
	Series   []Series `json:"series"`
	Marks    []Mark   `json:"marks,omitempty"` // moments in the window, in order of time
	Passport Passport `json:"passport"`
}

// Mark is a moment that whoever reads the series should know of.
type Mark struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"` // MarkPlannedStart, MarkPlannedEnd or MarkStatus
	Text string    `json:"text"` // in English, without the time: "planned start", "postponed"
}

// Kinds of marks.
const (
	MarkPlannedStart = "planned_start"
	MarkPlannedEnd   = "planned_end"
	MarkStatus       = "status" // the event became scheduled, live, postponed, cancelled or ended
)

// Series is one measured quantity over the buckets of a window.
type Series struct {
	Name   Name    `json:"name"`
	Unit   string  `json:"unit"`   // "posts", "share", "people", "ms", "state"
	Counts string  `json:"counts"` // a sentence: what exactly is counted
	Points []Point `json:"points"` // one a bucket, in order of time
}

// Point is a series at one bucket. Value is nil where it is not known, which is never the same
// as zero.
type Point struct {
	Bucket time.Time `json:"bucket"` // start of the bucket, UTC
	Value  *float64  `json:"value"`
	// AtLeast is the part of an unknown count that was heard from the sources that could see.
	AtLeast *float64 `json:"at_least,omitempty"`
	// Of is, for a share, how many posts it is a share of: one complaint in one post is no wave.
	Of *float64 `json:"of,omitempty"`
	// Covered is the share of the bucket (0 to 1) during which every source was heard.
	Covered float64 `json:"covered"`
	// Blind are the sources not heard, or not by all their feeds, during some of the bucket.
	Blind []reaction.Source `json:"blind,omitempty"`
	// Late and Capped are those of Blind that are only behind, and that were left out on purpose.
	Late   []reaction.Source `json:"late,omitempty"`
	Capped []reaction.Source `json:"capped,omitempty"`
	// Filled are sources that some of the bucket was fetched from afterwards.
	Filled []reaction.Source `json:"filled,omitempty"`
	// Open is set while the bucket still fills: the watermark has not passed it.
	Open bool `json:"open,omitempty"`
}

// Passport is what a figure must carry to be cited.
type Passport struct {
	Event     string            `json:"event"`
	Title     string            `json:"title"`
	Simulated bool              `json:"simulated"` // nothing in it happened: made by a drill
	Recorded  bool              `json:"recorded"`  // at least part comes from replayed archives
	From      time.Time         `json:"from"`
	To        time.Time         `json:"to"`
	Step      string            `json:"step"`
	TimeZone  string            `json:"time_zone"`
	Sources   []SourceCoverage  `json:"sources"`
	Filter    map[string]string `json:"filter,omitempty"`
	// Coverage is the share of the window during which every source was heard, 0 to 1.
	Coverage float64 `json:"coverage"`
	// Filled is the share of the window that some source was not heard in at first and fetched from
	// afterwards: figures of it are other than they were at the time.
	Filled        float64    `json:"filled"`
	Deduplication string     `json:"deduplication"`
	DeletedSince  int64      `json:"deleted_since"` // posts in the window deleted at their source since
	Late          int64      `json:"late"`          // posts in the window that came after their feed's clock had passed their bucket by the grace period
	Watermark     *time.Time `json:"watermark,omitempty"`
	Method        string     `json:"method"`
	// Retagged is the latest time that the event's posts were tagged again; absent where posts have the
	// tags that they came with.
	Retagged    *reaction.Retag `json:"retagged,omitempty"`
	Represents  string          `json:"represents"` // whom these sources do not stand for
	Notes       []string        `json:"notes,omitempty"`
	GeneratedAt time.Time       `json:"generated_at"`
	Permalink   string          `json:"permalink"`
}

// SourceCoverage is how well one source was heard over the window.
type SourceCoverage struct {
	Source   reaction.Source `json:"source"`
	Coverage float64         `json:"coverage"` // share of the window, 0 to 1, in which it was heard by all its feeds
	// Filled is the part of Coverage that was fetched afterwards. What is missing from Coverage is
	// Partly, in which some of the source's feeds were heard, Gap, Late and Capped: not heard, behind,
	// and left out on purpose by a spending limit.
	Filled float64 `json:"filled,omitempty"`
	Gap    float64 `json:"gap,omitempty"`
	Late   float64 `json:"late,omitempty"`
	Capped float64 `json:"capped,omitempty"`
	Partly float64 `json:"partly,omitempty"`
	// Listened is false where the event names the source and nothing was ever heard from it:
	// it then takes no part in the figures.
	Listened bool `json:"listened"`
}
