package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
	"outcry/internal/stream"
)

// Limits of what waits to become durable.
const (
	maxBatch   = 500         // samples in one envelope
	maxAge     = time.Second // of the oldest sample when its envelope is closed
	maxWaiting = 10_000      // samples in memory: half an hour of fifty services
	lastWait   = 3 * time.Second
)

// outlet gathers samples into envelopes, which it publishes one after another. Adding never waits:
// where publishing takes too long the oldest samples go first, since what is known of the present
// matters more, and their absence is drawn as unknown.
type outlet struct {
	publish func(context.Context, []reaction.ScopedSample) error
	meter   ProbeMeter
	logger  *slog.Logger
	some    chan struct{} // there is something
	enough  chan struct{} // there is a whole batch

	mu      sync.Mutex
	waiting []reaction.ScopedSample
	dropped int // since something was last published
}

func newOutlet(publish func(context.Context, []reaction.ScopedSample) error, meter ProbeMeter, logger *slog.Logger) *outlet {
	return &outlet{publish: publish, meter: meter, logger: logger, some: make(chan struct{}, 1), enough: make(chan struct{}, 1)}
}

// add takes a sample of a real service.
func (o *outlet) add(s health.Sample) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) >= maxWaiting {
		if o.dropped == 0 {
			o.logger.Warn("the log does not take health samples; the oldest that wait are dropped", "waiting", len(o.waiting))
		}
		o.dropped += maxBatch
		o.meter.SamplesDropped(maxBatch)
		o.waiting = o.waiting[:copy(o.waiting, o.waiting[maxBatch:])]
	}
	o.waiting = append(o.waiting, reaction.ScopedSample{Sample: s})
	o.signal()
}

// signal makes some and enough say what is so. The caller holds o.mu.
func (o *outlet) signal() {
	raise(o.some, len(o.waiting) > 0)
	raise(o.enough, len(o.waiting) >= maxBatch)
}

// raise makes a flag of a channel with room for one.
func raise(flag chan struct{}, up bool) {
	if up {
		select {
		case flag <- struct{}{}:
		default:
		}
		return
	}
	select {
	case <-flag:
	default:
	}
}

// take removes the next batch, nil where nothing waits.
func (o *outlet) take() []reaction.ScopedSample {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := min(len(o.waiting), maxBatch)
	if n == 0 {
		return nil
	}
	batch := append([]reaction.ScopedSample(nil), o.waiting[:n]...)
	o.waiting = o.waiting[:copy(o.waiting, o.waiting[n:])]
	o.signal()
	return batch
}

// run publishes until ctx ends, and then for a moment what still waits.
func (o *outlet) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return o.flush(ctx)
		case <-o.some:
		}
		t := time.NewTimer(maxAge)
		select {
		case <-t.C:
		case <-o.enough:
		case <-ctx.Done():
		}
		t.Stop()
		if ctx.Err() != nil {
			return o.flush(ctx)
		}
		if err := o.send(ctx, o.take()); err != nil {
			return err
		}
	}
}

// send publishes a batch. Where ctx ends before it is durable the batch waits again.
func (o *outlet) send(ctx context.Context, batch []reaction.ScopedSample) error {
	if len(batch) == 0 {
		return nil
	}
	if err := o.publish(ctx, batch); err != nil {
		if ctx.Err() == nil {
			return err
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.waiting = append(batch, o.waiting...)
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dropped > 0 {
		o.logger.Info("the log takes health samples again", "dropped", o.dropped)
		o.dropped = 0
	}
	return nil
}

// flush gives what still waits a moment to become durable; what does not is told.
func (o *outlet) flush(ctx context.Context) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWait)
	defer cancel()
	for last.Err() == nil {
		batch := o.take()
		if batch == nil {
			return nil
		}
		if err := o.send(last, batch); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.meter.SamplesDropped(len(o.waiting))
	o.logger.Warn("health samples were not taken by the log before the stop", "dropped", len(o.waiting))
	return nil
}

// publisher makes samples durable on a feed of this node.
type publisher struct {
	log  *stream.Log
	feed reaction.Feed
	open *stream.Feed
}

// publish waits while the log is away. Its errors are final, or ctx's.
func (p *publisher) publish(ctx context.Context, samples []reaction.ScopedSample) error {
	env := &reaction.Envelope{Feed: p.feed, Samples: samples, Made: time.Now().UTC()}
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := p.try(ctx, env)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, stream.ErrFenced):
			// Who else writes here is this node, started again. Samples have no cursor that could
			// disagree, and one that is stored twice is kept once.
		case !errors.Is(err, reaction.ErrAway):
			return err
		}
		if !pause(ctx, wait) {
			return ctx.Err()
		}
	}
}

func (p *publisher) try(ctx context.Context, env *reaction.Envelope) (err error) {
	if p.open == nil {
		if p.open, err = p.log.Feed(ctx, p.feed); err != nil {
			return err
		}
	}
	if _, err = p.open.Publish(ctx, env); err != nil {
		p.open = nil
	}
	return err
}
