package collectors

import (
	"context"
	"time"
)

// Source is one connection to a platform, as a Station uses it. Its methods are called from one
// goroutine, but for Fill.
type Source interface {
	// Traits says what the Station may expect. It does not change.
	Traits() Traits
	// Dial opens a connection that goes on after the cursor as well as the platform can; nil is the
	// present. Its context bounds the dialling alone. Errors are *Fault; others are taken for faults
	// of the network.
	Dial(ctx context.Context, after Cursor) (Conn, error)
}

// Conn is an open connection.
type Conn interface {
	// Next waits for the next message and says what it brought. It returns within moments of its
	// context's end. Errors end the connection: *Fault, or any error of the network; io.EOF where
	// the other side closed it. A message that cannot be read is no error but an Item with Refused.
	Next(ctx context.Context) (Heard, error)
	// Close frees the connection at once, without waiting for the other side. It ends a Next that
	// waits, and may be called more than once and from any goroutine.
	Close()
}

// Heard is what one message brought.
type Heard struct {
	// Items are without clock, cursor and state, which are the Station's; and without coverage, but
	// for what concerns some of the events alone (Coverage.Events).
	Items []Item
	// Upto is the source's own time of the message: everything before it was heard. Zero takes the
	// time of its arrival.
	Upto time.Time
	// Cursor is where to go on after this message; nil leaves it as it was.
	Cursor Cursor
	// Beat is set for a sign that the connection lives which says nothing of posts: it keeps the
	// watchdog quiet, and moves neither clock nor coverage where Traits.Words is set.
	Beat bool
	// Topic names which part of the source spoke ("app.bsky.feed.post", a hashtag), for canaries;
	// "" for none.
	Topic string
}

// Filler is a Source that can fetch what was missed while there was no connection.
type Filler interface {
	// Fill fetches what was posted in the gap and emits it, as records without Received. It returns up to
	// where the gap is filled now: gap.To where nothing is missing any more, gap.From where nothing
	// could be had. An error says why it could not go on; a *Fault of kind Refused that nobody can
	// mend (see Fault.Mend) that it never will. It runs beside Next, for one gap at a time; gaps take
	// turns, so that it may be asked for another one before this one is filled.
	Fill(ctx context.Context, gap Gap, emit Emit) (upto time.Time, err error)
}

// Gap is a stretch of time in which a source was not heard.
type Gap struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`          // for people
	After  Cursor    `json:"after,omitempty"` // the source's cursor where it begins
	Tries  int       `json:"tries,omitempty"` // how often filling it has failed

	// Of this process alone, by the wall clock: when it was tried last, and not before when it is to be
	// tried again.
	tried, again time.Time
}

// Traits are what a Station may expect of a source.
type Traits struct {
	// Replays is set where Dial goes on from a cursor and nothing is missed: what comes after a
	// reconnect fills the gap by itself.
	Replays bool
	// Words is set where only messages with words of the source move clock and coverage, and not
	// beats: the platform always has something to say.
	Words bool
	// Silence is how long no byte may come before the connection counts as dead (the watchdog).
	Silence time.Duration
	// Expect is how old the last word may be before the source counts as blind.
	Expect time.Duration
	// Jump is how long after the cursor the first message of a new connection may be before what
	// lies between them counts as missed: the platform did not have it any more. 0 is for ever.
	Jump time.Duration
	// OnDemand is set where there is nothing to connect for while no event asks for the source.
	OnDemand bool
	// Late is how far behind the present what is heard may be to count as heard live.
	Late time.Duration
	// Canaries are topics each of which must be heard from within this long while connected.
	Canaries map[string]time.Duration
	// Backoff is how long to wait before dialling again; the zero Backoff is DefaultBackoff.
	Backoff Backoff
	// DialTimeout bounds Dial; 0 is 30 s.
	DialTimeout time.Duration
}
