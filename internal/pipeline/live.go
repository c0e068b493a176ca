package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"outcry/collectors"
	"outcry/internal/reaction"
	"outcry/internal/stream"
)

// How old an envelope of a live feed becomes before it is closed: with posts in it, and with
// nothing but clock and coverage.
const (
	liveAge  = 250 * time.Millisecond
	quietAge = 2 * time.Second
	liveTick = 50 * time.Millisecond
	// liveAhead is how many closed envelopes may wait to become durable.
	liveAhead = 2
)

// Live brings what collectors hear into the log: it matches it with the events of the watchlist
// and makes it durable, in order, together with the cursor that follows it.
type Live struct {
	log    *stream.Log
	list   *Watchlist
	recent *Recent
	tags   Hashtags
	logger *slog.Logger
	holder string
}

// NewLive makes a Live. Posts that match nothing are remembered in recent, and their hashtags
// counted. holder names this process in leases.
func NewLive(log *stream.Log, list *Watchlist, recent *Recent, tags Hashtags, holder string, logger *slog.Logger) *Live {
	return &Live{log: log, list: list, recent: recent, tags: tags, logger: logger, holder: holder}
}

// Collect runs collectors of a feed until ctx ends, when it returns nil: one at a time, and none
// while another process holds the feed. open makes a collector, which is used once. It fails where
// a collector has met a fault of ours, or the log is lost for good.
func (l *Live) Collect(ctx context.Context, source reaction.Source, feed reaction.Feed, open func() collectors.Collector) error {
	for {
		err := l.hold(ctx, source, feed, open)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // whatever it came to, the collecting was ended
		case errors.Is(err, stream.ErrFenced), errors.Is(err, errLease):
			l.logger.Info("a feed is taken over by another process", "feed", feed)
		case errors.Is(err, reaction.ErrAway):
			l.logger.Warn("a feed cannot be opened now", "feed", feed, "error", err)
		case err == nil:
			err = errors.New("the collector ended by itself")
			fallthrough
		default:
			return fmt.Errorf("collect %s: %w", feed, err)
		}
		if !pause(ctx, time.Second) {
			return nil
		}
	}
}

var errLease = errors.New("the lease was lost")

// hold takes the feed's lease and collects for as long as that holds.
func (l *Live) hold(ctx context.Context, source reaction.Source, name reaction.Feed, open func() collectors.Collector) error {
	lease, err := l.log.Lease(ctx, name, l.holder)
	if err != nil {
		return err
	}
	defer lease.Release()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-lease.Lost():
			cancel(errLease)
		case <-ctx.Done():
		}
	}()
	select { // nothing is listened for before it is known what
	case <-l.list.ready:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	feed, err := l.log.Feed(ctx, name)
	if err != nil {
		return err
	}
	err = l.collect(ctx, source, feed, name, open())
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, stream.ErrFenced) {
		return cause
	}
	return err
}

// collect runs one collector into an open feed.
func (l *Live) collect(ctx context.Context, source reaction.Source, feed *stream.Feed, name reaction.Feed, c collectors.Collector) error {
	var after collectors.Cursor
	if last := feed.Last(); last != nil {
		after = last.Cursor
	}
	var listens func(int64) bool
	if s, ok := c.(collectors.Selective); ok {
		listens = s.Listens
	}
	in := &intake{
		feed: name, out: make(chan *reaction.Envelope, liveAhead), stands: after,
		builder: newLiveBuilder(source, l.list, listens, l.recent, l.tags, time.Now),
	}
	in.builder.resume(name, after)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return in.publish(ctx, feed) })
	g.Go(func() error { return in.age(ctx) })
	g.Go(func() error {
		// Items wait for room for as long as the line stands, not for as long as a collector's own
		// patience: half of what was emitted would be in the log, and the rest after what comes next.
		emit := func(own context.Context, items ...collectors.Item) error {
			if err := own.Err(); err != nil {
				return err
			}
			return in.emit(ctx, items...)
		}
		if err := c.Collect(ctx, after, emit); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errors.New("the collector ended by itself")
	})
	err := g.Wait()
	in.flush(context.WithoutCancel(ctx), feed, err)
	return err
}
