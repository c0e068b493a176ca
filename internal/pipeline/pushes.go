package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
	"outcry/internal/stream"
	"outcry/internal/trend"
)

// Bounds of what is pushed.
const (
	pushWait   = 20 * time.Second // for a full log to take a batch
	lookWait   = 2 * time.Second  // for the store to say what is listened for, where that is known from before
	pushSeen   = 1 << 19          // names of posts that are remembered, at least
	pushClocks = 1000             // senders whose clocks are remembered
	// pushStale is how far behind the present the feed's clock may be when posts come.
	pushStale = 5 * time.Second
)

// Pushes takes in posts that are pushed from outside, on a feed of this node. They are matched with
// the events that are listened to and name their source, as those of collectors are. What is pushed
// again counts once, by whatever node it comes. It is safe for concurrent use.
//
// The feed's clock is the least of its senders' clocks, of which each counts as long as a live feed's
// silence may last. Where no sender tells one it is the present, and holds no watermark back: posts
// that are older than that count, and are late.
type Pushes struct {
	log    *stream.Log
	list   *Watchlist
	recent *Recent
	tags   Hashtags
	feed   reaction.Feed
	now    func() time.Time
	wait   time.Duration // for a full log to take a batch

	mu     sync.Mutex
	open   *stream.Feed
	looked time.Time // when it was last found out what is listened for
	told   time.Time // the clock of the last envelope
	clocks map[sender]senderClock
	seen   *collectors.Seen
	known  *listening // what was listened for when seen began
}

// sender is somebody who pushes posts of a source.
type sender struct {
	name   string
	source reaction.Source
}

type senderClock struct{ at, told time.Time }

// NewPushes makes a Pushes for the node of that name, which no other running node may have. Posts
// that match nothing are remembered in recent, and their hashtags counted.
func NewPushes(log *stream.Log, list *Watchlist, recent *Recent, tags Hashtags, node string) (*Pushes, error) {
	feed, err := nodeFeed("push/posts/", node)
	if err != nil {
		return nil, err
	}
	return &Pushes{
		log: log, list: list, recent: recent, tags: tags, feed: feed, now: time.Now, wait: pushWait,
		clocks: map[sender]senderClock{}, seen: collectors.NewSeen(pushSeen),
	}, nil
}

// Look finds out what is listened for now, so that an event that was made a moment ago is known.
// While the store is away what was known last stands; where nothing ever was, it fails with
// reaction.ErrAway.
func (p *Pushes) Look(ctx context.Context) error {
	asking := ctx
	if p.list.current().sources != nil {
		var cancel context.CancelFunc
		asking, cancel = context.WithTimeout(ctx, lookWait)
		defer cancel()
	}
	p.mu.Lock()
	p.looked = p.now()
	p.mu.Unlock()
	err := p.list.Look(asking)
	if err != nil && ctx.Err() == nil && p.list.current().sources != nil {
		return nil
	}
	return err
}

// stale reports whether what is listened for may have changed since it was looked at.
func (p *Pushes) stale(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Sub(p.looked) > followEvery
}

// Push makes a batch of one sender durable, all of it or nothing. It fails with reaction.ErrAway
// where the log does not take it in time; the same batch sent again does no harm, whatever became of
// the first.
func (p *Pushes) Push(ctx context.Context, from string, batch []reaction.Pushed) (reaction.Took, error) {
	now := p.now().UTC()
	if p.stale(now) { // it has been a long request
		if err := p.Look(ctx); err != nil {
			return reaction.Took{}, err
		}
	}
	b := newPushBuilder(p, from, now)
	took := reaction.Took{Fates: make([]reaction.Fate, len(batch))}
	for i := range batch {
		took.Fates[i] = b.take(&batch[i])
	}
	took.Unlisted = b.unlisted
	if b.empty {
		return took, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	if err := p.durable(ctx, b.close(now), now); err != nil {
		p.forget()
		return reaction.Took{}, err
	}
	return took, nil
}

// durable publishes an envelope with the feed's clock.
func (p *Pushes) durable(ctx context.Context, env *reaction.Envelope, now time.Time) error {
	clock, holds, stale := p.clock(now)
	if stale && len(env.Posts) > 0 {
		// Posts are late as the clock stood before them: the time that has passed since the last
		// envelope is told first.
		if err := p.publish(ctx, &reaction.Envelope{Feed: p.feed, Clock: clock, Done: true, Made: now}); err != nil {
			return err
		}
	}
	env.Feed, env.Clock, env.Done, env.Made = p.feed, clock, !holds, now
	return p.publish(ctx, env)
}

// clock is what the feed's clock shows now, whether it holds watermarks back, and whether that is
// news.
func (p *Pushes) clock(now time.Time) (at time.Time, holds, stale bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for who, c := range p.clocks {
		switch {
		case now.Sub(c.told) > trend.Freshness:
			delete(p.clocks, who)
		case !holds || c.at.Before(at):
			at, holds = c.at, true
		}
	}
	if !holds {
		at, stale = now, now.Sub(p.told) > pushStale
	}
	if at.After(p.told) {
		p.told = at
	}
	return at, holds, stale
}

// tell notes a sender's clock.
func (p *Pushes) tell(from string, c *reaction.SourceClock, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	who := sender{from, c.Source}
	if _, ok := p.clocks[who]; !ok && len(p.clocks) >= pushClocks {
		clear(p.clocks)
	}
	p.clocks[who] = senderClock{c.At.UTC(), now}
}

// again remembers a version of a post, and reports whether it was pushed before. What was pushed
// before other events were listened for may be news to them.
func (p *Pushes) again(known *listening, r *reaction.Record) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known != p.known {
		p.known, p.seen = known, collectors.NewSeen(pushSeen)
	}
	version := ""
	if r.Edit {
		version = r.At.UTC().Format(time.RFC3339Nano)
	}
	return p.seen.Add(string(r.Post.Source), r.Post.ID, version)
}

// forget forgets what was pushed: some of it is not durable.
func (p *Pushes) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = collectors.NewSeen(pushSeen)
}

// publish makes an envelope durable. A node that was started again under the same name fences this
// one off, as does an envelope whose fate is not known: nothing here hangs on what came before, so
// it follows all the same.
func (p *Pushes) publish(ctx context.Context, env *reaction.Envelope) error {
	for {
		feed, err := p.opened(ctx)
		if err == nil {
			err = (&intake{}).durable(ctx, feed, env)
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			err = fmt.Errorf("pushed posts: the log is %w: %w", reaction.ErrAway, err)
		case errors.Is(err, stream.ErrFenced):
			p.reopen(feed)
			continue
		}
		p.reopen(feed)
		return err
	}
}

func (p *Pushes) opened(ctx context.Context) (*stream.Feed, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		feed, err := p.log.Feed(ctx, p.feed)
		if err != nil {
			return nil, err
		}
		p.open = feed
	}
	return p.open, nil
}

// reopen has the next envelope open the feed again, unless somebody did.
func (p *Pushes) reopen(feed *stream.Feed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == feed {
		p.open = nil
	}
}
