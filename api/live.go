package api

import (
	"context"
	"log/slog"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// Live tells what changes of events, as it does. Positions are texts without blanks; they are the
// ids of what streams send.
type Live interface {
	// Watch calls tell for each change of an event from now on, with the position after it, and
	// for changes with Event 0, which may concern it. tell returns at once and calls nothing of
	// Live. After stop has returned tell is not called any more.
	Watch(event int64, tell func(position string, c reaction.Change)) (stop func())

	// Since tells what changed of an event after a position, and the position it has come to. ""
	// is a little before now. known is false where that is no longer remembered, or the position
	// means nothing: then everything is to be read again.
	Since(ctx context.Context, event int64, after string) (changes []reaction.Change, position string, known bool, err error)
}

// Changes is told what was changed by the API, for all who follow.
type Changes interface {
	Announce(ctx context.Context, changes ...reaction.Change) error
}

// Summaries reads what summaries are made of.
type Summaries interface {
	// Glance reads the last minutes of an event, as of the wall clock now. Its cost does not depend
	// on how long the event has been going on.
	Glance(ctx context.Context, e *reaction.Event, now time.Time) (*trend.Glance, error)

	// Hours reads the hours of an event that overlap the spans, in order of time; those in which
	// nothing was counted are left out.
	Hours(ctx context.Context, e *reaction.Event, spans reaction.Spans) ([]trend.Hour, error)
}

// announce tells followers that an event is not what it was. What was done is done: an
// announcement that fails is made up for by those who follow, who look again now and then.
func (s *server) announce(ctx context.Context, c reaction.Change) {
	if s.Changes == nil {
		return
	}
	if err := s.Changes.Announce(context.WithoutCancel(ctx), c); err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "a change was not announced", slog.String("request_id", requestID(ctx)), slog.Any("error", err))
	}
}

// announceLife tells followers that an event's definition or status changed, or that it is gone.
// What that means for its figures they find out themselves.
func (s *server) announceLife(ctx context.Context, e *reaction.Event) {
	s.announce(ctx, reaction.Change{Event: e.ID, Kinds: reaction.ChangedLife})
}
