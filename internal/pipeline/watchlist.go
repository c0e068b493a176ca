package pipeline

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"outcry/internal/match"
	"outcry/internal/reaction"
)

// Watchlist knows what is listened for now: it reads the stored events again and again, and
// compiles their terms. All sources of a node share one. It is safe for concurrent use.
type Watchlist struct {
	store  EventSource
	now    func() time.Time
	logger *slog.Logger

	looking sync.Mutex // one look at a time: an earlier one must not undo a later

	mu    sync.Mutex
	known *listening
	ready chan struct{} // closed once something is known
}

// EventSource is where a Watchlist reads what is stored.
type EventSource interface {
	Events(ctx context.Context) ([]reaction.Event, error)
	// AuthorKeys are the keys of author hashes of every real event whose key still lives.
	AuthorKeys(ctx context.Context) ([]reaction.AuthorKey, error)
}

// listening is what is listened for at one time. It does not change.
type listening struct {
	all     []reaction.Event     // listened to, by id
	keys    []reaction.AuthorKey // of every event, listened to or not
	sources map[reaction.Source]*wanted
	changed chan struct{} // closed when it is no longer so
}

// wanted is what is wanted of one source.
type wanted struct {
	events []reaction.Event
	set    *match.Set
}

// NewWatchlist makes a Watchlist; now is the wall clock.
func NewWatchlist(store EventSource, now func() time.Time, logger *slog.Logger) *Watchlist {
	return &Watchlist{store: store, now: now, logger: logger, ready: make(chan struct{}), known: &listening{changed: make(chan struct{})}}
}

// Run reads the events until ctx ends, when it returns nil. While the store is away what was known
// last stands.
func (w *Watchlist) Run(ctx context.Context) error {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	blind := false
	for {
		err := w.Look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			blind = false
		case !blind:
			blind = true
			w.logger.Warn("the events cannot be read; sources listen for what was last known", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Look reads the events now.
func (w *Watchlist) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	w.looking.Lock()
	defer w.looking.Unlock()
	events, err := w.store.Events(ctx)
	if err != nil {
		return err
	}
	keys, err := w.store.AuthorKeys(ctx)
	if err != nil {
		return err
	}
	now := w.now()
	events = slices.DeleteFunc(events, func(e reaction.Event) bool {
		return !e.Listening(now) || !slices.ContainsFunc(keys, func(k reaction.AuthorKey) bool { return k.Event == e.ID })
	})
	slices.SortFunc(events, func(a, b reaction.Event) int { return int(a.ID - b.ID) })
	w.take(events, keys)
	return nil
}

func (w *Watchlist) take(events []reaction.Event, keys []reaction.AuthorKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known.sources != nil && reflect.DeepEqual(events, w.known.all) && reflect.DeepEqual(keys, w.known.keys) {
		return
	}
	old := w.known
	w.known = &listening{all: events, keys: keys, sources: map[reaction.Source]*wanted{}, changed: make(chan struct{})}
	if old.sources == nil {
		close(w.ready)
	}
	close(old.changed)
}

// current is what is listened for.
func (w *Watchlist) current() *listening {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.known
}

// of is what is wanted of a source. Terms that cannot be compiled, which the API refuses, leave
// their event out.
func (w *Watchlist) of(l *listening, source reaction.Source) *wanted {
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := l.sources[source]; got != nil {
		return got
	}
	x := &wanted{}
	for _, e := range l.all {
		if !slices.Contains(e.Sources, source) {
			continue
		}
		if _, err := match.Compile([]reaction.Event{e}); err != nil {
			w.logger.Error("an event's terms cannot be listened for", "event", e.Slug, "error", err)
			continue
		}
		x.events = append(x.events, e)
	}
	x.set, _ = match.Compile(x.events)
	if l.sources != nil {
		l.sources[source] = x
	}
	return x
}

// Wants is what a source asks of the list: see collectors.Wanted.
func (w *Watchlist) Wants(source reaction.Source) *Wants { return &Wants{w, source} }

// Wants is what is listened for of one source.
type Wants struct {
	list   *Watchlist
	source reaction.Source
}

// Events are the events that name the source and are listened to, by id.
func (x *Wants) Events() []reaction.Event { return x.list.of(x.list.current(), x.source).events }

// Changed is closed when what is listened for has changed.
func (x *Wants) Changed() <-chan struct{} { return x.list.current().changed }
