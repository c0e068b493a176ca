package pipeline

import (
	"context"
	"errors"
	"sync"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
)

// Tagger says what a post's text is about. It is pure, never panics, and is safe for concurrent
// use.
type Tagger interface {
	Tag(p *reaction.Post) reaction.Tags
}

// NewTagger makes a tagger that knows what events are about: their services and entities.
type NewTagger func(events []reaction.Event) Tagger

// taggers keeps a tagger for each replay's event, and one for all live feeds. A replay is tagged
// with nothing but its own event in mind, so that the same archive gives the same figures
// whatever other events there are.
type taggers struct {
	store *postgres.Store
	build NewTagger

	mu   sync.Mutex
	kept map[int64]keptTagger // by event; 0 for live feeds
}

type keptTagger struct {
	revision int64
	tagger   Tagger
}

// maxTaggers bounds how many are kept; building one again costs some milliseconds.
const maxTaggers = 32

func newTaggers(store *postgres.Store, build NewTagger) *taggers {
	return &taggers{store: store, build: build, kept: map[int64]keptTagger{}}
}

// of is the tagger for an envelope, by the definitions that are stored now.
func (t *taggers) of(ctx context.Context, env *reaction.Envelope) (Tagger, error) {
	events, err := t.events(ctx, env.Event)
	if err != nil {
		return nil, err
	}
	var revision int64
	for i := range events {
		revision += events[i].Revision<<16 + events[i].ID
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if k, ok := t.kept[env.Event]; ok && k.revision == revision {
		return k.tagger, nil
	}
	if len(t.kept) >= maxTaggers {
		clear(t.kept)
	}
	k := keptTagger{revision, t.build(events)}
	t.kept[env.Event] = k
	return k.tagger, nil
}

// events are those that posts of a feed may be about. A replay whose event is gone is about none.
func (t *taggers) events(ctx context.Context, id int64) ([]reaction.Event, error) {
	if id == 0 {
		return t.store.Events(ctx)
	}
	e, err := t.store.EventByID(ctx, id)
	if errors.Is(err, reaction.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []reaction.Event{*e}, nil
}
