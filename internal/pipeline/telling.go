package pipeline

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"outcry/internal/reaction"
)

// Announcer tells followers of changes.
type Announcer interface {
	Announce(ctx context.Context, changes ...reaction.Change) error
}

const (
	announceTimeout = time.Second
	firstRetry      = 500 * time.Millisecond
	longestRetry    = 10 * time.Second
)

// telling announces what was committed. What cannot be told now is owed, and told with the next
// change or a little later: the line never waits for it, and nobody stays without it for ever.
type telling struct {
	to     Announcer
	logger *slog.Logger

	mu    sync.Mutex
	owed  map[int64]reaction.Change // by event
	pause time.Duration
	next  time.Time // when it is tried again
}

// tell announces changes, together with what is owed.
func (t *telling) tell(ctx context.Context, changes []reaction.Change) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.owed) == 0 && t.pause == 0 {
		t.announce(ctx, changes)
		return
	}
	t.owe(changes)
	if !time.Now().Before(t.next) {
		t.settle(ctx)
	}
}

func (t *telling) settle(ctx context.Context) {
	if len(t.owed) == 0 {
		return
	}
	list := make([]reaction.Change, 0, len(t.owed))
	for _, event := range slices.Sorted(maps.Keys(t.owed)) {
		list = append(list, t.owed[event])
	}
	t.owed = nil
	t.announce(ctx, list)
}

func (t *telling) announce(ctx context.Context, changes []reaction.Change) {
	if len(changes) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	err := t.to.Announce(ctx, changes...)
	if err == nil {
		t.pause = 0
		return
	}
	if t.pause == 0 {
		t.logger.Warn("changes cannot be announced; live figures are late", slog.Any("error", err))
	}
	t.owe(changes)
	t.pause = min(max(2*t.pause, firstRetry), longestRetry)
	t.next = time.Now().Add(t.pause)
}

func (t *telling) owe(changes []reaction.Change) {
	if t.owed == nil {
		t.owed = map[int64]reaction.Change{}
	}
	for _, c := range changes {
		if old, ok := t.owed[c.Event]; ok {
			c = old.Join(c)
		}
		t.owed[c.Event] = c
	}
}

// last tries once more to tell what is owed, before the process ends and with it all memory of it.
func (t *telling) last(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle(ctx)
}

// run settles what is owed until ctx ends.
func (t *telling) run(ctx context.Context) error {
	tick := time.NewTicker(firstRetry)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			t.mu.Lock()
			if !time.Now().Before(t.next) {
				t.settle(ctx)
			}
			t.mu.Unlock()
		}
	}
}
