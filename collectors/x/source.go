package x

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"outcry/collectors"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

// SourceOptions set a Source up.
type SourceOptions struct {
	Client *Client
	Wanted collectors.Wanted // the events that name X
	Purse  collectors.Purse  // what may be spent on them: without it nothing is read
	Log    *slog.Logger      // nil: nothing is logged
}

// Source is X as a Station hears it: by the filtered stream, whose rules follow the events, and by
// search where that was not heard. One serves one Station.
type Source struct {
	client *Client
	wanted collectors.Wanted
	purse  collectors.Purse
	rules  *rulebook
	log    *slog.Logger

	foreign sync.Once // tells of posts that other programs' rules bring

	mu      sync.Mutex
	seen    *collectors.Seen
	broke   bool            // there is no connection, for want of money
	crowded int             // how often in a row X believed that the app is connected already
	cleared time.Time       // when connections were last ended by force
	short   <-chan struct{} // closed once the purse knows what it could not pay for
	skips   time.Time       // when it was last asked what is skipped
	filling []filling
}

// names is how many posts are remembered, so that one which comes again is known.
const names = 100_000

// NewSource makes a Source.
func NewSource(o SourceOptions) *Source {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Source{
		client: o.Client, wanted: o.Wanted, purse: o.Purse, log: o.Log,
		rules: newRulebook(o.Client, o.Log), seen: collectors.NewSeen(names),
	}
}

// Traits implements collectors.Source. A sign of life comes every 20 seconds, and there may be
// nothing else to say for long.
func (s *Source) Traits() collectors.Traits {
	return collectors.Traits{
		Silence: 20*time.Second + 8*time.Second, Expect: 45 * time.Second, Late: 30 * time.Second,
		OnDemand: true, Backoff: collectors.DefaultBackoff, DialTimeout: time.Minute,
	}
}

// Troubles are the terms that X is not asked for, and why.
func (s *Source) Troubles() []Trouble { return s.rules.troubles() }

// Listens implements collectors.Selective: X has the event's rules. While nothing is read for want
// of money, that is said of every event that was given some.
func (s *Source) Listens(event int64) bool {
	s.mu.Lock()
	broke := s.broke
	s.mu.Unlock()
	if !broke {
		return s.rules.listens(event)
	}
	return slices.ContainsFunc(s.wanted.Events(), func(e reaction.Event) bool {
		return e.ID == event && e.CapOf(reaction.X) >= collectors.PostRead
	})
}

// Dial implements collectors.Source: it puts the rules in place and opens the stream, unless there
// is nothing that may be read.
func (s *Source) Dial(ctx context.Context, _ collectors.Cursor) (collectors.Conn, error) {
	if short := s.spent(nil); short != nil && !pause(ctx, short, paying) {
		return nil, ctx.Err()
	}
	changed := s.purse.Changed()
	events := s.purse.Events()
	unruly := s.rules.reconcile(ctx, events)
	if len(events) == 0 {
		return nil, s.poor(changed)
	}
	s.setBroke(false)
	switch {
	case s.rules.any(): // and what is still missing comes later
	case unruly != nil:
		return nil, unruly
	default:
		return nil, &collectors.Fault{
			Kind: collectors.Server, Err: errors.New("X takes none of the terms that the events name"),
			Mend: "see the log for why, term by term", Again: changed,
		}
	}
	if err := s.unstick(ctx); err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	body, err := s.connect(ctx, running, stop)
	if err != nil {
		stop()
		if errors.Is(err, errCrowded) {
			return nil, s.crowd()
		}
		return nil, err
	}
	c := &conn{from: s, lines: newLines(body), body: body, stop: stop}
	wait := lookAgain
	if unruly != nil {
		wait = tryRules
	}
	go c.keep(running, changed, wait)
	return c, nil
}

// connect opens the stream, which runs on in a context of its own; ctx bounds the opening.
func (s *Source) connect(ctx, running context.Context, stop context.CancelFunc) (io.ReadCloser, error) {
	opening := context.AfterFunc(ctx, stop)
	body, err := s.client.open(running)
	if !opening() {
		if err == nil {
			_ = body.Close()
		}
		return nil, ctx.Err()
	}
	return body, err
}

// paying is how long the purse may take to say for which events there is still money.
const paying = 10 * time.Second

// spent takes note that money ran out, and of what is closed once the purse has drawn its
// conclusions; it gives what was noted before.
func (s *Source) spent(changed <-chan struct{}) (before <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, s.short = s.short, changed
	return before
}

func (s *Source) setBroke(broke bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broke = broke
}

// poor is why there is no connection where there is no event to pay for.
func (s *Source) poor(changed <-chan struct{}) error {
	s.setBroke(true)
	return &collectors.Fault{
		Kind: collectors.Limited, Err: errors.New("no event has money for reading posts of X now"),
		Coverage: reaction.CoverageCapped, Again: changed,
	}
}

const (
	settling  = time.Second      // changes that come together are made together
	lookAgain = 10 * time.Minute // at the rules, which others might change
	tryRules  = 20 * time.Second // after they could not be put in place
)

// keep has the rules follow what may be read, until the connection ends. It ends that where there
// is nothing any more. changed is of when the rules were last looked at.
func (c *conn) keep(ctx context.Context, changed <-chan struct{}, wait time.Duration) {
	s := c.from
	for pause(ctx, changed, wait) && pause(ctx, nil, settling) {
		changed, wait = s.purse.Changed(), lookAgain
		events := s.purse.Events()
		if len(events) == 0 { // reading costs: first the stream, then the rules
			c.fail(s.poor(changed))
			return
		}
		if err := s.rules.reconcile(ctx, events); err != nil && ctx.Err() == nil {
			f := collectors.AsFault(err)
			s.log.Warn("the rules of X's stream could not be brought up to date", "error", f)
			wait = max(time.Until(f.RetryAt), tryRules)
		}
	}
}

// pause waits for a time, or less where a channel is closed. It reports whether ctx goes on.
func pause(ctx context.Context, until <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-until:
	case <-t.C:
	}
	return ctx.Err() == nil
}

// items are what was found in a message, without posts that came before. Each edit of a post comes
// once too.
func (s *Source) items(found []wire.Found) []collectors.Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := make([]collectors.Item, 0, len(found))
	for _, f := range found {
		if p := f.Record.Post; p != nil && s.seen.Add(p.ID, f.Record.At.String(), strconv.FormatBool(f.Record.Edit)) {
			continue
		}
		items = append(items, collectors.Item{Record: f.Record, Refused: f.Refused})
	}
	return items
}

// tellSkips is how often it is told what is left out.
const tellSkips = 5 * time.Second

// skipped is what was left out on purpose of some events, where the purse says so.
func (s *Source) skipped(now time.Time) []collectors.Item {
	skipper, ok := s.purse.(interface {
		Skipped(now time.Time) []reaction.Coverage
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ok || now.Sub(s.skips) < tellSkips {
		return nil
	}
	s.skips = now
	spans := skipper.Skipped(now)
	if len(spans) == 0 {
		return nil
	}
	return []collectors.Item{{Coverage: spans}}
}
