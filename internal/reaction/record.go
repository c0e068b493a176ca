package reaction

import (
	"errors"
	"time"

	"outcry/internal/health"
)

// Record is one thing that a recording or a drill brings: exactly one of Post, Delete and Sample
// is set.
type Record struct {
	At     time.Time      `json:"at"` // event time, by which records are ordered
	Post   *Post          `json:"post,omitempty"`
	Edit   bool           `json:"edit,omitempty"` // Post replaces the text of a post already seen
	Delete *Delete        `json:"delete,omitempty"`
	Sample *health.Sample `json:"sample,omitempty"`
}

// Run describes a replay of records into one event: a recording or a drill.
type Run struct {
	// Name tells runs of one event apart and stays the same when the same records are sent again
	// after an interruption: lower-case letters, digits and '-', at most 64.
	Name string `json:"name"`
	// Coverage is what the whole run covers. It is recorded as the run's clock passes it.
	Coverage []Coverage `json:"coverage"`
	// Rejected counts the rows that were refused before the run began.
	Rejected []RejectCount `json:"rejected,omitempty"`
	// Records is how many records the run has.
	Records int64 `json:"records"`
	// Resume says that the sender goes on with a run that it has begun: one that turns out to be
	// finished is not begun anew.
	Resume bool `json:"resume,omitempty"`
	// Simulated must agree with the event's own flag.
	Simulated bool `json:"simulated,omitempty"`
}

// RunCursor is the cursor of a run's envelopes.
type RunCursor struct {
	Sent     int64 `json:"sent"`     // records of the run that are in the log up to here
	Revision int64 `json:"revision"` // of the event's definition that they were matched by
}

// RunProgress is how far a run has come. Counts are of what is committed.
type RunProgress struct {
	Name       string    `json:"name"`
	Sent       int64     `json:"sent"`       // records that are durable in the log
	Committed  int64     `json:"committed"`  // records whose figures are stored
	Stored     int64     `json:"stored"`     // posts that were new
	Duplicates int64     `json:"duplicates"` // posts already stored
	Unmatched  int64     `json:"unmatched"`  // posts that the event's terms do not match
	Edits      int64     `json:"edits"`
	Deletes    int64     `json:"deletes"` // posts deleted
	Samples    int64     `json:"samples"`
	Clock      time.Time `json:"clock,omitzero"`
	Done       bool      `json:"done"`
}

// StoredPost is a post of an event as it is kept, with why it was tagged.
type StoredPost struct {
	Post
	Tags      Tags       `json:"tags"`
	DeletedAt *time.Time `json:"deleted_at,omitempty"` // gone at its source: the text is not kept
}

// PostQuery filters the posts of an event. Zero fields do not filter.
type PostQuery struct {
	Event    *Event
	Label    string // one of the labels: complaints, first_hand, recovery, reposts
	Symptom  string
	Tag      string // folded
	Text     string // every word must occur, without regard to case
	Source   Source
	Lang     string
	From, To time.Time
	Limit    int
	// After is the position of the last post of the previous page: newest first.
	After *PostPosition
}

// SampleQuery asks for some of the posts of an event in [From, To), spread over it. Zero fields do not
// filter.
type SampleQuery struct {
	Event    *Event
	Label    string // one of the labels
	Sources  []Source
	Langs    []string
	From, To time.Time
	Limit    int
}

// PostPosition is a place in the list of an event's posts, newest first.
type PostPosition struct {
	At     time.Time `json:"at"`
	Source Source    `json:"source"`
	ID     string    `json:"id"`
}

// CoverageSpan is an interval of coverage and the feed that recorded it.
type CoverageSpan struct {
	Coverage
	Feed Feed `json:"feed"`
}

// What a store answers where it cannot do as asked. Compare with errors.Is.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("exists already")
	// ErrConflict means that what was asked for contradicts what is stored.
	ErrConflict = errors.New("conflict")
	// ErrBusy means that as much of this is being done as may be done at once: the same call goes
	// through when some of it has ended.
	ErrBusy = errors.New("busy")
	// ErrFull means that there is no room to keep what was sent.
	ErrFull = errors.New("full")
	// ErrUnusable means that nothing can be done with what was sent, whenever it is sent.
	ErrUnusable = errors.New("unusable")
	// ErrAway means that a store or log cannot be reached now; the same call may go through later.
	ErrAway = errors.New("away")
)
