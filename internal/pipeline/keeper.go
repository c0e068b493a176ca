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

// keepEvery is how often the keeper looks, and keepTimeout how long one look may take.
const (
	keepEvery   = 5 * time.Second
	keepTimeout = time.Minute
)

// Keeper moves real events by their plan: live at the planned start, ended after the planned end
// once nothing is open. It is where the wall clock and the plan meet; what to do is decided by
// reaction.Event.Due. Any number of nodes may run one.
type Keeper struct {
	// Announce, where it is set, is told of every event that was moved, after the move is stored.
	Announce func(ctx context.Context, event int64)

	store  *postgres.Store
	now    func() time.Time
	logger *slog.Logger
	away   bool
}

// NewKeeper makes a Keeper; now is the wall clock.
func NewKeeper(store *postgres.Store, now func() time.Time, logger *slog.Logger) *Keeper {
	return &Keeper{store: store, now: now, logger: logger}
}

// Run looks every few seconds until ctx ends, when it returns nil. While the store is away it
// waits: what became due meanwhile is set down afterwards, with the time at which it was due.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		err := k.Look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, reaction.ErrAway), errors.Is(err, context.DeadlineExceeded):
			if !k.away {
				k.logger.Warn("events cannot be kept to their plan now", "error", err)
			}
			k.away = true
		case err != nil:
			return fmt.Errorf("keeper: %w", err)
		default:
			k.away = false
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Look moves every event that the plan says is due now.
func (k *Keeper) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	events, err := k.store.Planned(ctx)
	if err != nil {
		return err
	}
	for i := range events {
		if err := k.keep(ctx, &events[i]); err != nil {
			return fmt.Errorf("event %q: %w", events[i].Slug, err)
		}
	}
	return nil
}

// keep moves one event. An event that is both past its start and past its end, since nothing ran
// in between, takes both steps.
func (k *Keeper) keep(ctx context.Context, e *reaction.Event) error {
	for range 2 {
		now := k.now()
		var open reaction.Open
		var err error
		if e.Overdue(now) {
			if open, err = k.store.Open(ctx, e, now); err != nil {
				return err
			}
		}
		changed, err := k.store.Due(ctx, e.ID, open, now)
		if err != nil || !changed {
			return err
		}
		k.logger.Info("an event moves by its plan", "event", e.Slug)
		if k.Announce != nil {
			k.Announce(ctx, e.ID)
		}
		e.Status = reaction.Live
	}
	return nil
}
