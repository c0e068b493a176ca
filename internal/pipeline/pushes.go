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
	// pushStrange is of how many sources that no event names what is pushed is counted an hour: whoever
	// makes up names must not fill the store with counts.
	pushStrange = 100
	// pushStale is how far behind the present the feed's clock may be when posts come.
	pushStale = 5 * time.Second
)

// Pushes takes in posts that are pushed from outside. They are matched with the events that are
// listened to and name their source, as those of collectors are. What is pushed again counts once, by
// whatever node it comes. It is safe for concurrent use.
//
// Each source that an event names has a feed of its own on this node, and what is pushed of all others
// shares one, so that no clock holds back events that do not name its source. A feed's clock is the
// least of those that senders tell of its source. Each counts for as long as a live feed's silence may
// last after it was told, is taken to be no further behind than that however old it is, and not ahead
// of the present. Where no sender tells one the clock is the present, and holds no watermark back:
// posts that are older than that count, and are late.
type Pushes struct {
	log    *stream.Log
	list   *Watchlist
	recent *Recent
	tags   Hashtags
	node   string
	now    func() time.Time
	wait   time.Duration // for a full log to take a batch

	mu      sync.Mutex
	lanes   map[reaction.Source]*lane // by source; that of what no event names is ""
	looked  time.Time                 // when it was last found out what is listened for
	clocks  map[sender]senderClock
	spoken  map[reaction.Source]spoken // who last said of a source that it was heard
	strange map[reaction.Source]bool   // whose posts are counted though no event names them, since hour
	hour    time.Time
	seen    *collectors.Seen
	known   *listening // what was listened for when seen began
}

// lane is a feed, and what is remembered of it.
type lane struct {
	feed reaction.Feed
	open *stream.Feed // nil where the next envelope opens it
	told time.Time    // the clock of the last envelope
}

// sender is somebody who pushes posts of a source.
type sender struct {
	name   string
	source reaction.Source
}

type senderClock struct{ at, told time.Time }

type spoken struct {
	by string
	at time.Time
}

// NewPushes makes a Pushes for the node of that name, which no other running node may have. Posts
// that match nothing are remembered in recent, and their hashtags counted.
func NewPushes(log *stream.Log, list *Watchlist, recent *Recent, tags Hashtags, node string) (*Pushes, error) {
	p := &Pushes{
		log: log, list: list, recent: recent, tags: tags, node: node, now: time.Now, wait: pushWait,
		lanes: map[reaction.Source]*lane{}, clocks: map[sender]senderClock{}, spoken: map[reaction.Source]spoken{}, seen: collectors.NewSeen(pushSeen),
	}
	_, err := p.lane("")
	return p, err
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
	ctx, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	keep := func(source reaction.Source, env *reaction.Envelope) error {
		err := p.durable(ctx, source, env, now)
		if err != nil {
			p.forget()
		}
		return err
	}
	for i := range batch {
		took.Fates[i] = b.take(&batch[i])
		if source, env, full := b.full(); full {
			if err := keep(source, env); err != nil {
				return reaction.Took{}, err
			}
		}
	}
	for _, source := range b.rest() {
		if err := keep(source, b.close(source)); err != nil {
			return reaction.Took{}, err
		}
	}
	took.Unlisted = b.unlisted
	return took, nil
}

// lane is where what is pushed of a source goes.
func (p *Pushes) lane(s reaction.Source) (*lane, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.lanes[s]; l != nil {
		return l, nil
	}
	kind := "push/posts/"
	if s != "" {
		kind = "push/posts-" + string(s) + "/"
	}
	feed, err := nodeFeed(kind, p.node)
	if err != nil {
		return nil, err
	}
	l := &lane{feed: feed}
	p.lanes[s] = l
	return l, nil
}

// durable publishes an envelope with the feed's clock.
func (p *Pushes) durable(ctx context.Context, source reaction.Source, env *reaction.Envelope, now time.Time) error {
	l, err := p.lane(source)
	if err != nil {
		return err
	}
	clock, holds, stale := p.clock(l, source, now)
	if stale && len(env.Posts) > 0 {
		// Posts are late as the clock stood before them: the time that has passed since the last
		// envelope is told first.
		if err := p.publish(ctx, l, &reaction.Envelope{Feed: l.feed, Clock: clock, Done: true, Made: now}); err != nil {
			return err
		}
	}
	env.Feed, env.Clock, env.Done, env.Made = l.feed, clock, !holds, now
	return p.publish(ctx, l, env)
}

// clock is what the clock of a source's feed shows now, whether it holds watermarks back, and whether
// that is news.
func (p *Pushes) clock(l *lane, source reaction.Source, now time.Time) (at time.Time, holds, stale bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for who, c := range p.clocks {
		switch {
		case now.Sub(c.told) > trend.Freshness:
			delete(p.clocks, who)
		case who.source == source && (!holds || c.at.Before(at)):
			at, holds = c.at, true
		}
	}
	switch oldest := now.Add(-trend.Freshness); {
	case !holds:
		at, stale = now, now.Sub(l.told) > pushStale
	case at.Before(oldest):
		at = oldest
	case at.After(now):
		at = now
	}
	if at.After(l.told) {
		l.told = at
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

// speaks notes that a sender said of a source that it was heard.
func (p *Pushes) speaks(from string, s reaction.Source, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoken[s] = spoken{from, now}
}

// counts reports whether what is pushed of a source that no event names is counted.
func (p *Pushes) counts(s reaction.Source, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.hour) >= time.Hour {
		p.strange, p.hour = map[reaction.Source]bool{}, now
	}
	if len(p.strange) < pushStrange {
		p.strange[s] = true
	}
	return p.strange[s]
}

// others reports whether somebody else said of late that the source was heard: then it was.
func (p *Pushes) others(from string, s reaction.Source, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, ok := p.spoken[s]
	return ok && last.by != from && now.Sub(last.at) <= trend.Freshness
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
func (p *Pushes) publish(ctx context.Context, l *lane, env *reaction.Envelope) error {
	for {
		feed, err := p.opened(ctx, l)
		if err == nil {
			err = (&intake{}).durable(ctx, feed, env)
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			err = fmt.Errorf("pushed posts: the log is %w: %w", reaction.ErrAway, err)
		case errors.Is(err, stream.ErrFenced):
			p.reopen(l, feed)
			continue
		}
		p.reopen(l, feed)
		return err
	}
}

func (p *Pushes) opened(ctx context.Context, l *lane) (*stream.Feed, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.open == nil {
		feed, err := p.log.Feed(ctx, l.feed)
		if err != nil {
			return nil, err
		}
		l.open = feed
	}
	return l.open, nil
}

// reopen has the next envelope open the feed again, unless somebody did.
func (p *Pushes) reopen(l *lane, feed *stream.Feed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.open == feed {
		l.open = nil
	}
}
