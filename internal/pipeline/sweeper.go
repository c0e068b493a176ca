package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
)

// sweepEvery is how often the sweeper looks, and sweepTimeout how long one look may take.
const (
	sweepEvery   = 10 * time.Minute
	sweepTimeout = 5 * time.Minute
)

// Remembered is for how long what is not an event's own is kept. A deletion that comes before what
// it deletes wins for two days: sources tell of posts again after a reconnect, and other servers of
// posts that they heard of late, within hours. One whose post was here is remembered for longer, so
// that a recording of another event does not bring it back.
var Remembered = postgres.Memory{
	Deletions: 48 * time.Hour,
	Met:       400 * 24 * time.Hour,
	Counts:    90 * 24 * time.Hour,
	Audit:     2 * 365 * 24 * time.Hour,
}

// Sweeper removes posts whose retention has passed, with the keys that their authors were hashed with,
// and forgets what was remembered for long enough. Any number of nodes may run one.
type Sweeper struct {
	// Announce, where it is set, is told of every event whose posts were removed.
	Announce func(ctx context.Context, event int64)

	store  *postgres.Store
	now    func() time.Time
	logger *slog.Logger
	away   bool
}

// NewSweeper makes a Sweeper; now is the wall clock.
func NewSweeper(store *postgres.Store, now func() time.Time, logger *slog.Logger) *Sweeper {
	return &Sweeper{store: store, now: now, logger: logger}
}

// Run looks at once and every ten minutes until ctx ends, when it returns nil. While the store is away,
// or readers hold the posts, it waits for the next time.
func (s *Sweeper) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		err := s.Look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, reaction.ErrAway), errors.Is(err, context.DeadlineExceeded):
			if !s.away {
				s.logger.Warn("posts past their retention cannot be removed now", "error", err)
			}
			s.away = true
		case err != nil:
			return fmt.Errorf("sweeper: %w", err)
		default:
			s.away = false
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Look removes and forgets what is due now.
func (s *Sweeper) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	now := s.now()
	events, err := s.store.Keeping(ctx)
	if err != nil {
		return err
	}
	var waiting []error // one event whose posts are being read must not hold up the others
	for i := range events {
		removed, err := s.store.Sweep(ctx, events[i].ID, now)
		switch {
		case errors.Is(err, reaction.ErrAway):
			waiting = append(waiting, fmt.Errorf("event %q: %w", events[i].Slug, err))
			continue
		case err != nil:
			return fmt.Errorf("event %q: %w", events[i].Slug, err)
		case !removed:
			continue
		}
		s.logger.Info("posts past their retention were removed", "event", events[i].Slug, "retention", events[i].Retention.String())
		if s.Announce != nil {
			s.Announce(ctx, events[i].ID)
		}
	}
	return errors.Join(append(waiting, s.store.Prune(ctx, Remembered, now))...)
}
