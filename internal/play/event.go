package play

import (
	"context"
	"errors"
	"fmt"
	"time"

	"outcry/internal/reaction"
)

// Events is where events are found, and where those of drills are made.
type Events interface {
	// Event finds one by its slug. reaction.ErrNotFound when there is none.
	Event(ctx context.Context, slug string) (*reaction.Event, error)
	// CreateEvent stores an event. reaction.ErrExists when the slug is taken.
	CreateEvent(ctx context.Context, e *reaction.Event) error
}

// ErrReal means that a drill was to be played into an event that is real.
var ErrReal = errors.New("a drill needs an event of its own")

// DrillEvent makes a drill's event, or finds it. It never touches an event that is real: then it
// fails with ErrReal.
func DrillEvent(ctx context.Context, events Events, e reaction.Event) (*reaction.Event, error) {
	old, err := events.Event(ctx, e.Slug)
	if errors.Is(err, reaction.ErrNotFound) {
		// Somebody else may be making the same one: then theirs is found.
		if err := events.CreateEvent(ctx, &e); err != nil && !errors.Is(err, reaction.ErrExists) {
			return nil, err
		}
		old, err = events.Event(ctx, e.Slug)
	}
	switch {
	case err != nil:
		return nil, err
	case !old.Simulated:
		return nil, fmt.Errorf("event %q is real: %w", e.Slug, ErrReal)
	}
	return old, nil
}

// following is a line into an event that may be changed or deleted while a run is on its way:
// every call is about the event as it is now. A run that was begun with another definition is not
// known any more, so that its sender begins it again. It serves one run.
type following struct {
	Line
	events Events
	slug   string
	begun  *reaction.Event // as it was when the run was begun last
}

func (f *following) Begin(ctx context.Context, _ *reaction.Event, run reaction.Run) (p reaction.RunProgress, err error) {
	e, err := f.events.Event(ctx, f.slug)
	if err != nil {
		return p, err
	}
	if p, err = f.Line.Begin(ctx, e, run); err == nil {
		f.begun = e
	}
	return p, err
}

func (f *following) Send(ctx context.Context, _ *reaction.Event, run string, after int64, records []reaction.Record) (reaction.RunProgress, error) {
	e, err := f.now(ctx)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	return f.Line.Send(ctx, e, run, after, records)
}

func (f *following) Finish(ctx context.Context, _ *reaction.Event, run string) (reaction.RunProgress, error) {
	e, err := f.now(ctx)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	return f.Line.Finish(ctx, e, run)
}

func (f *following) Progress(ctx context.Context, _ *reaction.Event, run string) (reaction.RunProgress, error) {
	e, err := f.now(ctx)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	return f.Line.Progress(ctx, e, run)
}

// Advance is no more than Progress where the line does not listen to the time.
func (f *following) Advance(ctx context.Context, _ *reaction.Event, run string, clock time.Time) (reaction.RunProgress, error) {
	e, err := f.now(ctx)
	if err != nil {
		return reaction.RunProgress{}, err
	}
	if to, ok := f.Line.(advancer); ok {
		return to.Advance(ctx, e, run, clock)
	}
	return f.Line.Progress(ctx, e, run)
}

// now is the event of the run. While events are out of reach the log may still take records.
func (f *following) now(ctx context.Context) (*reaction.Event, error) {
	e, err := f.events.Event(ctx, f.slug)
	switch {
	case errors.Is(err, reaction.ErrAway):
		return f.begun, nil
	case err != nil:
		return nil, err
	case e.ID != f.begun.ID || e.Revision != f.begun.Revision:
		return nil, fmt.Errorf("event %q has changed since the run was begun: %w", f.slug, reaction.ErrNotFound)
	}
	return e, nil
}
