// Package pipeline is the line a post travels: records are matched and become envelopes in the
// log; envelopes are tagged and appended to the store.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"outcry/collectors"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/stream"
)

// Committer takes envelopes from the log, tags their posts and appends them to the store, in the
// order of the log. While the store is away it waits, and the envelopes wait in the log.
type Committer struct {
	// Names, where it is set before Run, is offered what was committed.
	Names *Namer

	log     *stream.Log
	store   *postgres.Store
	taggers *taggers
	logger  *slog.Logger
	meter   Meter
	telling telling
	away    atomic.Pointer[time.Time]
}

// Meter is told what was committed. Its methods are called from one goroutine.
type Meter interface {
	Committed(env *reaction.Envelope, did postgres.Appended, took time.Duration)
}

// NewCommitter makes a Committer; Run starts it. What it commits it announces to the log's live
// subjects.
func NewCommitter(log *stream.Log, store *postgres.Store, tagger NewTagger, meter Meter, logger *slog.Logger) *Committer {
	return &Committer{
		log: log, store: store, taggers: newTaggers(store, tagger), meter: meter, logger: logger,
		telling: telling{to: log.Notices(), logger: logger},
	}
}

// Away is the time since which the store has been out of reach; ok is false while it answers.
func (c *Committer) Away() (since time.Time, ok bool) {
	if t := c.away.Load(); t != nil {
		return *t, true
	}
	return time.Time{}, false
}

// ahead is how many envelopes may be tagged and waiting while one is appended.
const ahead = 2

// askTimeout bounds one question to the store, which may hang instead of refusing.
const askTimeout = 30 * time.Second

// tagged is an envelope whose posts are tagged.
type tagged struct {
	delivery *stream.Delivery
	tags     []reaction.Tags
}

// Run commits envelopes until ctx ends, when it returns nil. Any other end is a fault of our own:
// an envelope that cannot be read or stored stops the line rather than being lost.
func (c *Committer) Run(ctx context.Context) error {
	deliveries, err := c.log.Deliveries(ctx, stream.ConsumeOptions{})
	if err != nil {
		return fmt.Errorf("committer: %w", err)
	}
	defer deliveries.Close()
	g, ctx := errgroup.WithContext(ctx)
	queue := make(chan tagged, ahead)
	g.Go(func() error {
		defer close(queue)
		for {
			d, err := deliveries.Next(ctx)
			if err != nil {
				return err
			}
			tags, err := c.tag(ctx, d)
			if err != nil {
				return err
			}
			select {
			case queue <- tagged{d, tags}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	g.Go(func() error { return c.telling.run(ctx) })
	g.Go(func() error {
		for t := range queue {
			if err := c.commit(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	err = g.Wait()
	c.telling.last(context.WithoutCancel(ctx))
	if !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// tag tags an envelope's posts on every core, keeping their order.
func (c *Committer) tag(ctx context.Context, d *stream.Delivery) ([]reaction.Tags, error) {
	env, posts := d.Envelope, d.Envelope.Posts
	if len(posts) == 0 {
		return nil, nil
	}
	var tagger Tagger
	if err := c.patiently(ctx, func() (err error) {
		asking, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		tagger, err = c.taggers.of(asking, env)
		return err
	}); err != nil {
		return nil, fmt.Errorf("committer: tagger: %w", err)
	}
	out := make([]reaction.Tags, len(posts))
	const chunk = 128
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (len(posts)+chunk-1)/chunk) {
		wg.Go(func() {
			for {
				end := int(next.Add(chunk))
				if end-chunk >= len(posts) {
					return
				}
				for i := end - chunk; i < min(end, len(posts)); i++ {
					out[i] = c.tagOne(tagger, d, &posts[i].Post)
				}
			}
		})
	}
	wg.Wait()
	return out, nil
}

// tagOne tags a post. A post at which the tagger fails is a fault of ours, and loud; it is kept
// without tags, since otherwise it would stop the line each time it is started again, for every
// post behind it.
func (c *Committer) tagOne(t Tagger, d *stream.Delivery, p *reaction.Post) (tags reaction.Tags) {
	defer func() {
		if fault := recover(); fault != nil {
			tags = reaction.Tags{Lang: "und"}
			c.logger.Error("the tagger failed at a post, which is kept without tags: please report it",
				"source", p.Source, "feed", d.Envelope.Feed, "seq", d.Seq, "bytes", len(p.Text), "fault", collectors.Blame(fault), "stack", string(debug.Stack()))
		}
	}()
	return t.Tag(p)
}

// commit appends one envelope, tells of it and acknowledges it. Where the process dies before it
// has told, the envelope comes again and is told of then.
func (c *Committer) commit(ctx context.Context, t tagged) error {
	d := t.delivery
	start := time.Now()
	var did postgres.Appended
	if err := c.patiently(ctx, func() (err error) {
		did, err = c.store.Append(ctx, postgres.Commit{
			Epoch: d.Epoch, Seq: d.Seq, Prev: d.Prev, Envelope: d.Envelope, Tags: t.tags,
		})
		return err
	}); err != nil {
		return fmt.Errorf("committer: %w", err)
	}
	took := time.Since(start)
	c.meter.Committed(d.Envelope, did, took)
	if c.Names != nil {
		c.Names.Offer(d.Envelope, t.tags, did)
	}
	c.telling.tell(context.WithoutCancel(ctx), did.Changes) // also at the stop: what is acknowledged does not come again
	c.logger.Debug("committed", "feed", d.Envelope.Feed, "seq", d.Seq, "posts", len(d.Envelope.Posts), "took", took)
	return d.Ack()
}

// patiently tries again while the store is away.
func (c *Committer) patiently(ctx context.Context, try func() error) error {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := try()
		switch {
		case err == nil:
			c.back()
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.Is(err, reaction.ErrAway):
			return err
		}
		c.gone(err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (c *Committer) gone(err error) {
	now := time.Now()
	if c.away.CompareAndSwap(nil, &now) {
		c.logger.Warn("the database is away; posts wait in the log", "error", err)
	}
}

func (c *Committer) back() {
	if since := c.away.Swap(nil); since != nil {
		c.logger.Info("the database is back", "away", time.Since(*since).Round(time.Millisecond))
	}
}
