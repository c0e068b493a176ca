package collectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"outcry/internal/reaction"
)

// GovernorOptions set a Governor up.
type GovernorOptions struct {
	Source   reaction.Source
	Ledger   Ledger
	Wanted   Wanted          // what is listened to now
	MonthCap reaction.Micros // hard limit of all events together in a calendar month, UTC
	// CountCost is what counting an event's posts once costs; nil: one request.
	CountCost func(e *reaction.Event) reaction.Micros
	Log       *slog.Logger // nil: nothing is logged
	Now       func() time.Time
}

const (
	lookEvery    = 5 * time.Second
	readEvery    = 30 * time.Second // the books, which others write in too
	keepHolds    = 30 * time.Second // after an event is no longer streamed: posts may be on their way
	renewHolds   = 20 * time.Minute // holds are settled at least so often
	restStream   = time.Minute      // between two times that an event is streamed: rules may be written 100 times in 15 minutes
	settleWithin = 5 * time.Second  // at the end
	countsFresh  = 5 * time.Minute  // counts older than this say nothing of the present
	begin        = time.Minute      // of the pace that there is at the beginning
	burst        = 5 * time.Minute  // of the pace that may be saved up
	floatAhead   = 90 * time.Second // of posts, for which money is held while an event is streamed
	floatLeast   = 10               // posts
	floatMost    = 1000
	dayNames     = 200_000 // things read in a day that are remembered, so that they are not charged again
)

// Governor spends money on a source for the events that are listened to, and never more than their
// limits and that of the month: what is read is first set aside in the ledger. It decides whether an
// event's posts are streamed, sampled or skipped, and keeps the pace. It is safe for concurrent use.
type Governor struct {
	o    GovernorOptions
	wake chan struct{}

	mu      sync.Mutex
	purses  map[int64]*purse
	open    []reaction.Event // streamed now, by id
	changed chan struct{}    // closed when open is no longer so
	skipped []reaction.Coverage
	day     string // UTC, that read is of
	read    *Seen
	paid    map[string]bool // what is charged once a day and was
	stray   reaction.Micros // read for events that nobody listens to any more
	blind   bool            // the ledger cannot be read
}

// NewGovernor makes a Governor; Run makes it work.
func NewGovernor(o GovernorOptions) *Governor {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Governor{o: o, wake: make(chan struct{}, 1), purses: map[int64]*purse{}, changed: make(chan struct{})}
}

// Run keeps the books until ctx ends, when it settles what is set aside and returns nil. A ledger
// that is away stops the spending, as soon as what is held is spent, and nothing else.
func (g *Governor) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		changed := g.o.Wanted.Changed()
		g.look(ctx)
		select {
		case <-ctx.Done():
			g.finish(context.WithoutCancel(ctx))
			return nil
		case <-tick.C:
		case <-changed:
		case <-g.wake:
		}
	}
}

// Events are the events whose posts may be streamed now: see Purse.
func (g *Governor) Events() []reaction.Event {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

// Changed is closed when Events has changed.
func (g *Governor) Changed() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changed
}

// Pace is how the money of an event is being spent; the zero Pace where none is.
func (g *Governor) Pace(event int64) Pace {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p := g.purses[event]; p != nil {
		return p.pace
	}
	return Pace{}
}

// Counted tells the governor what the platform counted: the pace follows it.
func (g *Governor) Counted(counts []reaction.PlatformCount) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range counts {
		if p := g.purses[c.Event]; p != nil {
			p.minutes = p.minutes.add([]reaction.PlatformCount{c})
		}
	}
	g.nudge()
}

// Skipped takes the spans in which posts were left out until now, since it was last called.
func (g *Governor) Skipped(now time.Time) []reaction.Coverage {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(g.purses)) {
		g.tellSkipped(g.purses[id], now)
	}
	out := g.skipped
	g.skipped = nil
	return out
}

// tellSkipped adds what was left out of an event until now. The caller holds g.mu.
func (g *Governor) tellSkipped(p *purse, now time.Time) {
	if p.skips.IsZero() || !p.skips.Before(now) {
		return
	}
	g.skipped = append(g.skipped, reaction.Coverage{Source: g.o.Source, From: p.skips.UTC(), To: now.UTC(),
		State: reaction.CoverageCapped, Reason: p.reason, Events: []int64{p.event.ID}})
	p.skips = now
}

// nudge has the governor look again at once.
func (g *Governor) nudge() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// look brings every purse up to date.
func (g *Governor) look(ctx context.Context) {
	now := g.o.Now()
	wanted := map[int64]bool{}
	var events []reaction.Event
	for _, e := range g.o.Wanted.Events() {
		if e.CapOf(g.o.Source) >= PostRead && g.o.MonthCap >= PostRead { // nobody agreed to pay for others
			wanted[e.ID], events = true, append(events, e)
		}
	}
	g.mu.Lock()
	for i := range events {
		p := g.purses[events[i].ID]
		if p == nil {
			p = &purse{skips: now, reason: "not begun yet"}
			g.purses[events[i].ID] = p
		}
		p.event, p.gone = events[i], false
	}
	for id, p := range g.purses {
		p.gone = !wanted[id]
	}
	list := slices.SortedFunc(maps.Values(g.purses), func(a, b *purse) int { return int(a.event.ID - b.event.ID) })
	g.mu.Unlock()
	if err := g.readBooks(ctx, list, now); err != nil {
		g.trouble(err)
	}
	for _, p := range list {
		if err := g.attend(ctx, p, len(events), now); err != nil && ctx.Err() == nil {
			g.trouble(err)
		}
	}
	g.settleStray(ctx)
	g.publish(now)
}

// readBooks reads the accounts that are due.
func (g *Governor) readBooks(ctx context.Context, list []*purse, now time.Time) error {
	for _, p := range list {
		g.mu.Lock()
		due := !p.gone && now.Sub(p.readAt) >= readEvery
		event := p.event.ID
		g.mu.Unlock()
		if !due {
			continue
		}
		a, err := g.o.Ledger.Account(ctx, reaction.Ask{Source: g.o.Source, Event: event, Month: reaction.Month(now)})
		if err != nil {
			return err
		}
		g.mu.Lock()
		p.account, p.readAt, g.blind = a, now, false
		g.mu.Unlock()
	}
	return nil
}

// publish brings the list of streamed events up to date, and forgets purses that are empty.
func (g *Governor) publish(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var open []reaction.Event
	for id, p := range g.purses {
		if p.gone && len(p.holds) == 0 {
			g.tellSkipped(p, now)
			delete(g.purses, id)
		} else if p.streaming {
			open = append(open, p.event)
		}
	}
	slices.SortFunc(open, func(a, b reaction.Event) int { return int(a.ID - b.ID) })
	same := slices.EqualFunc(open, g.open, func(a, b reaction.Event) bool {
		return a.ID == b.ID && a.Revision == b.Revision && a.Status == b.Status
	})
	if g.open = open; !same {
		close(g.changed)
		g.changed = make(chan struct{})
	}
}

func (g *Governor) trouble(err error) {
	if _, capped := reaction.IsCapReached(err); capped || errors.Is(err, reaction.ErrNotFound) || errors.Is(err, context.Canceled) {
		return
	}
	g.mu.Lock()
	first := !g.blind
	g.blind = true
	g.mu.Unlock()
	if first {
		g.o.Log.Warn("the books of what is spent cannot be read; no money is spent until they can", "source", g.o.Source, "error", err)
	}
}

// finish settles everything.
func (g *Governor) finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	g.mu.Lock()
	list := slices.Collect(maps.Values(g.purses))
	for _, p := range list {
		p.streaming, p.gone = false, true
	}
	g.mu.Unlock()
	for _, p := range list {
		if err := g.settle(ctx, p); err != nil {
			g.o.Log.Warn("money that was set aside could not be given back: it counts as spent", "source", g.o.Source, "event", p.event.Slug, "error", err)
		}
	}
	g.settleStray(ctx)
	g.publish(g.o.Now())
}

// settleStray writes down what was read for nobody's event any more.
func (g *Governor) settleStray(ctx context.Context) {
	g.mu.Lock()
	stray := g.stray
	g.stray = 0
	g.mu.Unlock()
	if stray == 0 {
		return
	}
	if err := g.owe(ctx, 0, stray); err != nil {
		g.trouble(fmt.Errorf("posts that no event pays for: %w", err))
		g.mu.Lock()
		g.stray += stray
		g.mu.Unlock()
	}
}

// owe writes a debt down: it was charged, whatever the limits say.
func (g *Governor) owe(ctx context.Context, event int64, debt reaction.Micros) error {
	h, err := g.o.Ledger.Reserve(ctx, reaction.Ask{Source: g.o.Source, Event: event, Month: reaction.Month(g.o.Now())})
	if err != nil {
		return err
	}
	return g.o.Ledger.Settle(ctx, h, debt)
}
