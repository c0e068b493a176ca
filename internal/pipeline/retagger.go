package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"outcry/collectors"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
)

// retagEvery is how often the retagger looks whether one was asked for.
const retagEvery = time.Second

// Retagger tags stored posts again where somebody asked for it, and goes on with what another node or
// an earlier life of this one began. Any number of nodes may run one: of two that do the same step, the
// second finds it done.
type Retagger struct {
	// Announce, where it is set, is told of figures that changed.
	Announce func(ctx context.Context, c reaction.Change)

	store   *postgres.Store
	taggers *taggers
	version int
	logger  *slog.Logger
	away    bool
}

// NewRetagger makes a Retagger; version is that of the tagger.
func NewRetagger(store *postgres.Store, tagger NewTagger, version int, logger *slog.Logger) *Retagger {
	return &Retagger{store: store, taggers: newTaggers(store, tagger), version: version, logger: logger}
}

// Run looks at once and every second until ctx ends, when it returns nil. While the store is away it
// waits.
func (t *Retagger) Run(ctx context.Context) error {
	tick := time.NewTicker(retagEvery)
	defer tick.Stop()
	for {
		err := t.Look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, reaction.ErrAway):
			if !t.away {
				t.logger.Warn("posts cannot be tagged again now", "error", err)
			}
			t.away = true
		case err != nil:
			return fmt.Errorf("retagger: %w", err)
		default:
			t.away = false
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Look does every retag that was asked for, one after the other, to its end.
func (t *Retagger) Look(ctx context.Context) error {
	list, err := t.store.Retags(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		r := &list[i]
		switch {
		case r.Tagger > t.version: // a newer program runs beside this one, which knows better
			continue
		case r.Tagger < t.version:
			if err := t.store.RenewRetag(ctx, r, t.version); err != nil {
				return err
			}
			continue // and looks again
		}
		if err := t.do(ctx, r); err != nil {
			return fmt.Errorf("event %d: %w", r.Event, err)
		}
	}
	return nil
}

// do goes on with one retag until it is done.
func (t *Retagger) do(ctx context.Context, r *postgres.Retagging) error {
	began := time.Now()
	for number := r.Number; !r.Done() && r.Number == number && r.Tagger == t.version; {
		var err error
		switch r.Stage {
		case reaction.RetagPosts:
			err = t.posts(ctx, r)
		case reaction.RetagPeople:
			err = t.store.RetagPeople(ctx, r)
		case reaction.RetagTags:
			err = t.store.RetagTags(ctx, r)
		default:
			err = fmt.Errorf("stage %q is not known", r.Stage)
		}
		if err != nil {
			return err
		}
	}
	t.announce(ctx, reaction.Change{Event: r.Event, Kinds: reaction.ChangedPosts | reaction.ChangedTags | reaction.ChangedLife, Spans: reaction.Whole()})
	t.logger.Info("posts were tagged again", "event", r.Event, "posts", r.Posts, "changed", r.Changed, "failed", r.Failed,
		"tagger", r.Tagger, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// posts tags the next posts. Nothing of the store is held while they are tagged.
func (t *Retagger) posts(ctx context.Context, r *postgres.Retagging) error {
	posts, err := t.store.RetagPosts(ctx, r)
	if err != nil {
		return err
	}
	if len(posts) == 0 {
		return t.store.EndRetagPosts(ctx, r)
	}
	tags := make([]*reaction.Tags, len(posts))
	of := map[bool]Tagger{} // what recordings brought is tagged with nothing else in mind
	for i := range posts {
		alone := posts[i].Alone
		if of[alone] == nil {
			env := reaction.Envelope{}
			if alone {
				env.Event = r.Event
			}
			if of[alone], err = t.taggers.of(ctx, &env); err != nil {
				return err
			}
		}
		tags[i] = t.tagOne(of[alone], &posts[i].Post)
	}
	c, err := t.store.RetagWrite(ctx, r, posts, tags)
	if err == nil && c.Kinds != 0 {
		t.announce(ctx, c)
	}
	return err
}

// tagOne tags a post, nil where the tagger fails at it: it then keeps the tags that it has.
func (t *Retagger) tagOne(tagger Tagger, p *reaction.Post) (tags *reaction.Tags) {
	defer func() {
		if fault := recover(); fault != nil {
			tags = nil
			t.logger.Error("the tagger failed at a stored post, which keeps its tags: please report it",
				"source", p.Source, "bytes", len(p.Text), "fault", collectors.Blame(fault), "stack", string(debug.Stack()))
		}
	}()
	got := tagger.Tag(p)
	return &got
}

func (t *Retagger) announce(ctx context.Context, c reaction.Change) {
	if t.Announce != nil {
		t.Announce(ctx, c)
	}
}
