// Package collectors is what every source of posts shares: the contract by which a source hands
// what it hears to the line, and the kit that keeps a connection alive, knows what it missed and
// says so. A source says only how to dial, to decode and to fill a gap; a Station does the rest.
package collectors

import (
	"context"
	"encoding/json"
	"time"

	"outcry/internal/reaction"
)

// Cursor is where a source resumes. Its form belongs to whoever made it; nil is the present.
type Cursor = json.RawMessage

// Collector reads one source from a cursor on and emits what it hears until its context ends, when
// it returns nil. It emits coverage and its clock too, also while it hears nothing: what it missed
// is said as surely as what it heard. Any other end is a *Fault that trying again does not mend.
type Collector interface {
	Collect(ctx context.Context, after Cursor, emit Emit) error
}

// Selective is a Collector that at times listens for some of the events only, since a platform
// must first be told what is wanted. Coverage concerns just those it listens for.
type Selective interface {
	Listens(event int64) bool
}

// Emit hands items to the line, in order: they belong to the line from then on. It waits while the
// line is full. It is safe for concurrent use, and the items of one call stay together. Its errors
// are final: ctx has ended, or another process has taken the source over; the collector returns
// them as they are.
type Emit func(ctx context.Context, items ...Item) error

// Item is one thing that a source says or that is known of listening to it. Any of its parts may
// be absent.
type Item struct {
	// Record is a post, an edit, a deletion or a health sample; its At orders nothing here.
	Record reaction.Record
	// Refused is why something that the source sent was not taken, of the closed list in
	// collectors/wire; "" where nothing was refused.
	Refused string
	// Broken is at what the program failed, where Refused is RefusedFault; a Station logs it and does
	// not hand it on.
	Broken *Broken
	// Counts are what the source itself says it counted.
	Counts []reaction.PlatformCount
	// Coverage says how well the source was listened to.
	Coverage []reaction.Coverage
	// State is how the connection is; nil where that has not changed.
	State *reaction.FeedState
	// Clock is event time: nothing older is expected. Zero leaves it as it was.
	Clock time.Time
	// Cursor is where to resume after this item and all before it; nil leaves it as it was.
	Cursor Cursor
}

// Wanted tells a source what is listened for. It is safe for concurrent use.
type Wanted interface {
	// Events are the events that are listened to now and name the source, ordered by id. They are
	// shared, and not to be changed.
	Events() []reaction.Event
	// Changed is closed when Events is no longer what it was at the time of this call.
	Changed() <-chan struct{}
}
