package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
	"outcry/internal/stream"
)

// intake is where a collector's items become envelopes, and these durable.
type intake struct {
	feed reaction.Feed
	out  chan *reaction.Envelope

	mu      sync.Mutex
	builder *liveBuilder
	// What was closed and is not durable when ctx ends, beside what is in out: the first, which is
	// publish's alone until that has ended, came before all of that, the last after it. torn is set where a part of an envelope is missing, so that
	// nothing may follow it.
	first, last *reaction.Envelope
	torn        bool

	stands collectors.Cursor // of what is durable; used by publish alone
}

// emit is the collector's collectors.Emit.
func (in *intake) emit(ctx context.Context, items ...collectors.Item) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := ctx.Err(); err != nil { // what comes now would not be published any more
		return err
	}
	for i := range items {
		if in.builder.full() || in.builder.stale() {
			if err := in.send(ctx); err != nil {
				return err
			}
		}
		in.builder.add(&items[i])
	}
	return nil
}

// send closes the envelope and hands it over, waiting while the log is full. The caller holds
// in.mu.
func (in *intake) send(ctx context.Context) error {
	if in.builder.since.IsZero() {
		in.builder.open()
		return nil
	}
	env := in.builder.close(in.feed)
	select {
	case in.out <- env:
		return nil
	case <-ctx.Done():
		in.last = env
		return ctx.Err()
	}
}

// age closes envelopes that are due, until ctx ends.
func (in *intake) age(ctx context.Context) error {
	tick := time.NewTicker(liveTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-tick.C:
			if err := in.old(ctx, now); err != nil {
				return err
			}
		}
	}
}

func (in *intake) old(ctx context.Context, now time.Time) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.builder.due(now) {
		return nil
	}
	return in.send(ctx)
}

// publish makes envelopes durable one after another until ctx ends.
func (in *intake) publish(ctx context.Context, feed *stream.Feed) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case env := <-in.out:
			if err := in.durable(ctx, feed, env); err != nil {
				in.first = env // without in.mu, which whoever waits for room holds until this has returned
				return err
			}
			in.stands = env.Cursor
		}
	}
}

// durable publishes one envelope, however long the log does not take it. One that is too large for
// the log whatever is done is halved.
func (in *intake) durable(ctx context.Context, feed *stream.Feed, env *reaction.Envelope) error {
	_, err := feed.Publish(ctx, env)
	if !errors.Is(err, stream.ErrTooLarge) || len(env.Posts)+len(env.Deletes) < 2 {
		return err
	}
	in.torn = true // until both halves are there
	// Clock, coverage and cursor follow the second half, as they did the whole; the first goes no further
	// than what came before.
	p, d := len(env.Posts)/2, len(env.Deletes)/2
	second, first := *env, reaction.Envelope{Feed: env.Feed, Listening: env.Listening, Posts: env.Posts[:p], Deletes: env.Deletes[:d], Made: env.Made, Cursor: in.stands}
	second.Posts, second.Deletes = env.Posts[p:], env.Deletes[d:]
	if err := in.durable(ctx, feed, &first); err != nil {
		return err
	}
	if err := in.durable(ctx, feed, &second); err != nil {
		return err
	}
	in.torn = false
	return nil
}

// flush gives what still waits a moment to become durable, when the collector has ended. What does
// not is read again from the cursor that is durable.
func (in *intake) flush(ctx context.Context, feed *stream.Feed, why error) {
	if errors.Is(why, stream.ErrFenced) || in.torn {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lastWait)
	defer cancel()
	in.mu.Lock()
	defer in.mu.Unlock()
	close(in.out)
	waiting := []*reaction.Envelope{in.first}
	for env := range in.out {
		waiting = append(waiting, env)
	}
	waiting = append(waiting, in.last)
	if !in.builder.since.IsZero() {
		waiting = append(waiting, in.builder.close(in.feed))
	}
	for _, env := range waiting {
		if env == nil {
			continue
		}
		if _, err := feed.Publish(ctx, env); err != nil {
			return
		}
	}
}
