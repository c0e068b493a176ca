package x

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// GovernedOptions set a Governed up.
type GovernedOptions struct {
	Client   *Client
	Governor *collectors.Governor // which is the stream's Purse as well
	Wanted   collectors.Wanted    // the events that name X and are listened to
	// Stream collects what is streamed, as far as the governor allows. nil: nothing is streamed.
	Stream collectors.Collector
	// Events lists every event: those that are to come are counted beforehand, for a forecast. nil:
	// there are no forecasts.
	Events func(ctx context.Context) ([]reaction.Event, error)
	Node   string // who measures, in samples of Spaces
	// Forget removes what a probe has measured of a service's audience: X's terms ask for it where a
	// Space is gone. nil: nothing is removed.
	Forget func(ctx context.Context, service, probe string) error
	Log    *slog.Logger // nil: nothing is logged
}

// Governed collects X within what may be spent: counts first, all posts where that can be paid for,
// a sample of them where it cannot, and the audiences of Spaces. What is left out it says. It is one
// Collector together with the stream, since one governor must know of both.
type Governed struct {
	o                          GovernedOptions
	countsWindow, spacesWindow *collectors.Window
	countedTo                  map[int64]time.Time // the counting loop's own
	sampledTo                  map[int64]time.Time // the sampling loop's own
	sampledBy                  map[int64]int
	spaces                     map[string]*spaceSeen // by id; the Spaces loop's own
}

// NewGoverned makes a Governed, which collects once.
func NewGoverned(o GovernedOptions) *Governed {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Governed{o: o, countedTo: map[int64]time.Time{}, sampledTo: map[int64]time.Time{}, sampledBy: map[int64]int{}, spaces: map[string]*spaceSeen{},
		countsWindow: collectors.NewWindow(300, window, nil), spacesWindow: collectors.NewWindow(300, window, nil)}
}

// Listens implements collectors.Selective: coverage is of what is streamed.
func (g *Governed) Listens(event int64) bool {
	s, ok := g.o.Stream.(collectors.Selective)
	return !ok || s.Listens(event)
}

const (
	stepEvery    = time.Second
	skippedEvery = 10 * time.Second
	retryFirst   = 15 * time.Second // after a request failed
	retryMost    = 15 * time.Minute
)

// Collect implements collectors.Collector.
func (g *Governed) Collect(ctx context.Context, after collectors.Cursor, emit collectors.Emit) error {
	eg, ctx := errgroup.WithContext(ctx)
	eg.Go(func() error { return g.o.Governor.Run(ctx) })
	if g.o.Stream != nil {
		eg.Go(func() error { return g.o.Stream.Collect(ctx, after, emit) })
	}
	eg.Go(func() error { return g.every(ctx, "counts", emit, g.countDue) })
	eg.Go(func() error { return g.every(ctx, "samples", emit, g.sampleDue) })
	eg.Go(func() error { return g.every(ctx, "spaces", emit, g.spacesDue) })
	if g.o.Events != nil {
		eg.Go(func() error { return g.every(ctx, "forecasts", emit, g.forecastDue) })
	}
	eg.Go(func() error { return g.tellSkipped(ctx, emit) })
	if err := eg.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// lineError is an error of the line, which ends the collector.
type lineError struct{ error }

func (e lineError) Unwrap() error { return e.error }

func ofLine(err error) bool {
	_, ok := errors.AsType[lineError](err)
	return ok
}

// schedule is when something is due for an event, and how often it failed in a row.
type schedule struct {
	next  map[int64]time.Time
	tries map[int64]int
}

// due reports whether it is time.
func (s *schedule) due(event int64, now time.Time) bool { return !now.Before(s.next[event]) }

// did takes note of how it went, and gives the error that is worth telling: the first of several.
func (s *schedule) did(event int64, now time.Time, again time.Duration, err error) error {
	if err == nil {
		s.next[event] = now.Add(again)
		delete(s.tries, event)
		return nil
	}
	wait := min(retryFirst<<min(s.tries[event], 10), retryMost)
	s.tries[event]++
	s.next[event] = later(now.Add(max(wait, min(again, retryMost))), collectors.AsFault(err).RetryAt)
	if _, capped := reaction.IsCapReached(err); capped || s.tries[event] > 1 {
		return nil
	}
	return err
}

// every takes a step each second until ctx ends. It stays quiet while nobody asks for X.
func (g *Governed) every(ctx context.Context, what string, emit collectors.Emit, step func(context.Context, *schedule, collectors.Emit, time.Time) error) error {
	tick := time.NewTicker(stepEvery)
	defer tick.Stop()
	s := &schedule{next: map[int64]time.Time{}, tries: map[int64]int{}}
	telling := func(ctx context.Context, items ...collectors.Item) error {
		if err := emit(ctx, items...); err != nil {
			return lineError{err}
		}
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		err := step(ctx, s, telling, time.Now())
		line, lost := errors.AsType[lineError](err)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case lost:
			return line.error
		case err != nil:
			g.o.Log.Warn("X could not be asked", "for", what, "error", err)
		}
	}
}

// countDue counts the events that are due, at the pace that their money allows.
func (g *Governed) countDue(ctx context.Context, s *schedule, emit collectors.Emit, now time.Time) (first error) {
	for _, e := range g.o.Wanted.Events() {
		pace := g.o.Governor.Pace(e.ID)
		if pace.CountEvery == 0 || !s.due(e.ID, now) {
			continue
		}
		err := g.countMinutes(ctx, &e, emit, now)
		if ofLine(err) {
			return err
		}
		if err := s.did(e.ID, now, pace.CountEvery, err); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// tellSkipped says again and again what was left out.
func (g *Governed) tellSkipped(ctx context.Context, emit collectors.Emit) error {
	tick := time.NewTicker(skippedEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if spans := g.o.Governor.Skipped(time.Now()); len(spans) > 0 {
			if err := emit(ctx, collectors.Item{Coverage: spans}); err != nil {
				return err
			}
		}
	}
}

const (
	forecastEvery  = 12 * time.Hour
	forecastBefore = 7 * 24 * time.Hour
)

// forecastDue counts the week before events that begin soon.
func (g *Governed) forecastDue(ctx context.Context, s *schedule, emit collectors.Emit, now time.Time) error {
	const list = 0
	if !s.due(list, now) {
		return nil
	}
	events, err := g.o.Events(ctx)
	if err := s.did(list, now, time.Minute, err); err != nil || events == nil {
		return err
	}
	for _, e := range events {
		if !comes(&e, now) || !s.due(e.ID, now) {
			continue
		}
		err := g.countHours(ctx, &e, emit, now)
		if ofLine(err) {
			return err
		}
		if err := s.did(e.ID, now, forecastEvery, err); err != nil {
			return err
		}
	}
	return nil
}

// comes reports whether an event that somebody pays for begins soon.
func comes(e *reaction.Event, now time.Time) bool {
	if e.Simulated || e.Status != reaction.Scheduled || e.CapOf(reaction.X) < collectors.CountsRequest {
		return false
	}
	return slices.Contains(e.Sources, reaction.X) && e.ListenFrom.After(now) && e.ListenFrom.Sub(now) < forecastBefore
}
