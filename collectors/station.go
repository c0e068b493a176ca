package collectors

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"outcry/internal/reaction"
)

// StationOptions set a Station up.
type StationOptions struct {
	Wanted Wanted        // what is listened for; only asked where Traits.OnDemand is set
	Host   func() string // which server is listened to, for people; nil for none
	// Mended gives what is closed when a source that would not have us may be tried again, since a
	// credential is no longer what it was at the time of the call. nil: never.
	Mended func() <-chan struct{}
	Meter  Meter // nil for none
	Log    *slog.Logger
}

// Meter is told what a station does. It is safe for concurrent use.
type Meter interface {
	// Heard is told of every message: how far behind the present it is.
	Heard(s reaction.Source, behind time.Duration)
	// Failed is told of every connection that failed or ended.
	Failed(s reaction.Source, k Kind)
}

// Station makes a Collector of a Source: it dials and dials again, notices when nothing comes any
// more, and says at every moment how well the source is heard.
type Station struct {
	source reaction.Source
	from   Source
	traits Traits
	o      StationOptions

	// turn is a lock that orders what is emitted: a cursor is never ahead of what it follows. It is
	// held while emitting, which may take as long as the line is full.
	turn      chan struct{}
	ledger    ledger
	emit      Emit
	end       context.CancelCauseFunc // ends the connection there is
	connected bool
	fault     *Fault    // why there is no connection
	stopped   bool      // it will not have us
	idle      bool      // nobody asks for it
	made      time.Time // when there was a connection last; zero where the last try made none
	failures  failures
	told      reaction.FeedState
	canaries  map[string]canary
	muted     time.Time     // when a canary was last found dead
	gaps      chan struct{} // there is a gap to fill
}

// canary is when a topic was last heard, and where to go back to when it was the last time.
type canary struct {
	word   time.Time // wall clock
	heard  time.Time
	cursor Cursor
}

// NewStation makes a Station of a source.
func NewStation(source reaction.Source, from Source, o StationOptions) *Station {
	t := from.Traits()
	t.DialTimeout = cmp.Or(t.DialTimeout, 30*time.Second)
	t.Expect = cmp.Or(t.Expect, time.Minute)
	t.Late = cmp.Or(t.Late, 30*time.Second)
	t.Silence = cmp.Or(t.Silence, time.Minute)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Station{
		source: source, from: from, traits: t, o: o,
		ledger: ledger{source: source, traits: t},
		turn:   make(chan struct{}, 1), canaries: map[string]canary{}, gaps: make(chan struct{}, 1),
	}
}

func (s *Station) lock()   { s.turn <- struct{}{} }
func (s *Station) unlock() { <-s.turn }

// Listens reports whether the source listens for an event: see Selective.
func (s *Station) Listens(event int64) bool {
	if c, ok := s.from.(Selective); ok {
		return c.Listens(event)
	}
	return true
}

// Collect reads the source until ctx ends, when it returns nil. A Station collects once.
func (s *Station) Collect(ctx context.Context, after Cursor, emit Emit) error {
	if err := s.ledger.resume(after); err != nil {
		return &Fault{Kind: Ours, Err: errors.New("the cursor in the log cannot be read")}
	}
	s.emit = emit
	s.ledger.word = time.Now()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.listen(ctx) })
	g.Go(func() error { return s.watch(ctx) })
	if f, ok := s.from.(Filler); ok {
		g.Go(func() error { return s.fill(ctx, f) })
	}
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// tell emits items with the coverage, clock, cursor and state that follow them. The caller holds
// s.turn.
func (s *Station) tell(ctx context.Context, items []Item, coverage []reaction.Coverage, cursor bool) error {
	last := Item{Coverage: coverage, Clock: s.ledger.clock(), State: s.news(time.Now())}
	if cursor {
		last.Cursor = s.ledger.cursor()
	}
	return s.send(ctx, append(items, last)...)
}

// restate is how often a state that has not changed is told all the same, since the last word has.
const restate = 30 * time.Second

// news is the feed's state where it is worth telling. The caller holds s.turn.
func (s *Station) news(now time.Time) *reaction.FeedState {
	n := reaction.FeedState{Source: s.source, State: s.ledger.state(now, s.connected), Since: s.told.Since, LastWord: s.ledger.word.UTC()}
	switch {
	case s.stopped:
		n.State = reaction.FeedStopped
	case s.idle, s.excuse() == reaction.CoverageCapped: // as somebody wants it
		n.State = reaction.FeedIdle
	}
	if s.o.Host != nil {
		n.Host = s.o.Host()
	}
	if n.State != reaction.FeedLive {
		n.Reason, n.Mend = s.reason()
	}
	same := n.State == s.told.State && n.Reason == s.told.Reason && n.Mend == s.told.Mend && n.Host == s.told.Host
	if same && n.LastWord.Sub(s.told.LastWord) < restate {
		return nil
	}
	if n.State != s.told.State {
		n.Since = now.UTC()
		s.log(&n)
	}
	s.told = n
	return &n
}

// log tells the operator of a new state.
func (s *Station) log(n *reaction.FeedState) {
	args := []any{"source", s.source, "state", n.State, "host", n.Host, "reason", n.Reason}
	switch n.State {
	case reaction.FeedBlind:
		s.o.Log.Warn("a source is not heard", args...)
	case reaction.FeedStopped:
		s.o.Log.Error("a source will not have us", append(args, "mend", n.Mend)...)
	default:
		s.o.Log.Info("a source is "+string(n.State), args...)
	}
}

// reason says why the source is not heard as it should be. The caller holds s.turn.
func (s *Station) reason() (reason, mend string) {
	switch {
	case s.idle:
		return "no event asks for it", ""
	case s.ledger.deaf != "":
		return s.ledger.deaf, ""
	case s.connected:
		return "nothing comes", ""
	case s.fault != nil:
		return s.fault.Err.Error(), s.fault.Mend
	}
	return "not connected yet", ""
}

// excuse is what time without a word counts as. The caller holds s.turn.
func (s *Station) excuse() reaction.CoverageState {
	if s.fault != nil && !s.connected {
		return s.fault.Coverage
	}
	return ""
}
