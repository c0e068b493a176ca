package mastodon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// When hashtag streams are held against timelines.
const (
	firstCheck   = 30 * time.Second
	checkDoubted = time.Minute      // while a stream is doubted, or none has delivered yet
	checkEvery   = 5 * time.Minute  // and afterwards, since streams can die singly
	mostChecks   = 10               // hashtags looked at each time
	checkPages   = 3                // of each
	settled      = 20 * time.Second // how long a post may take from timeline to stream
	hearAgain    = 6 * time.Hour    // when hashtag streams that delivered nothing are tried again
)

// tend follows the events for as long as the connection lasts, and looks whether hashtag streams
// deliver what timelines show.
func (c *conn) tend(changed <-chan struct{}) {
	check := time.NewTimer(firstCheck)
	defer check.Stop()
	p := proof{missed: map[string]miss{}, base: map[stream]string{}}
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-changed:
		case <-c.again:
		case <-check.C:
			check.Reset(c.check(&p))
		}
		changed = c.s.wanted.Changed()
		if err := c.adjust(c.s.wanted.Events()); err != nil {
			c.tell(message{err: err})
			return
		}
	}
}

// proof is what is known of hashtag streams that should have brought more.
type proof struct {
	missed map[string]miss // posts of a timeline, by id, since which their stream may have brought nothing
	// base is the highest id of each timeline when it was last looked at: by ids it is told what came
	// afterwards, since clocks differ.
	base map[stream]string
	next int // the hashtag to begin with
}

type miss struct {
	stream stream
	found  time.Time
}

// check compares hashtag streams with timelines, and says when to do so again. What a stream did
// not bring is handed on, whatever the reason.
func (c *conn) check(p *proof) time.Duration {
	s := c.s
	tags := slices.DeleteFunc(c.held(), func(st stream) bool { return st.tag() == "" })
	if len(tags) == 0 {
		clear(p.missed)
		return checkEvery
	}
	if deaf := c.deaf(p, time.Now()); deaf != "" {
		c.turnDeaf(deaf)
		clear(p.missed)
		return checkEvery
	}
	for range min(len(tags), mostChecks) {
		st := tags[p.next%len(tags)]
		p.next++
		if err := c.look(p, st); err != nil {
			if c.ctx.Err() == nil {
				s.log.Info("hashtag streams cannot be held against timelines now", "server", s.base.Host, "error", err)
			}
			return checkEvery
		}
	}
	if s.policy(time.Now()).tags != tagsDeliver || len(p.missed) > 0 {
		return checkDoubted
	}
	return checkEvery
}

// look reads what a timeline shows since it was last looked at. Of one that shows too much to be
// read the newest is looked at anew next time.
func (c *conn) look(p *proof, st stream) error {
	base, judged := p.base[st]
	for range checkPages {
		pg := gomastodon.Pagination{MinID: gomastodon.ID(base), Limit: pageSize}
		posts, err := c.s.page(c.ctx, st, pg)
		if err != nil {
			return err
		}
		c.compare(p, st, posts, judged)
		for i := range posts {
			if higher(posts[i].local, base) {
				base = posts[i].local
			}
		}
		if p.base[st] = base; !judged || len(posts) < pageSize {
			return nil
		}
	}
	delete(p.base, st)
	return nil
}

// compare takes note of posts that a timeline shows and the stream should have brought. Those that
// were there when it was first looked at, or were made long ago and fetched by the server since, it
// need not have.
func (c *conn) compare(p *proof, st stream, posts []status, judged bool) {
	c.mu.Lock()
	opened := c.streams[st]
	c.mu.Unlock()
	now := time.Now()
	for i := len(posts) - 1; i >= 0; i-- {
		post := &posts[i]
		if post.at.Before(opened) || now.Sub(post.at) > 3*checkEvery {
			continue
		}
		if judged && len(p.missed) < 1000 {
			p.missed[post.local] = miss{st, now}
		}
		if items := c.s.fetched(post, st, now); len(items) > 0 {
			c.tell(message{at: now, items: items})
		}
	}
}

// deaf is a hashtag whose stream brought nothing since a post that it should have brought, "" where
// there is none. A stream that brings later ones is not deaf: the token's account may filter some.
func (c *conn) deaf(p *proof, now time.Time) stream {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	found := stream("")
	for local, m := range p.missed {
		switch mark := c.s.marks[m.stream]; {
		case mark == nil, !higher(local, mark.brought):
			delete(p.missed, local)
		case now.Sub(m.found) >= settled:
			found = m.stream
		}
	}
	return found
}

// turnDeaf gives hashtag streams up for the public one, and reads from the timelines what they did
// not bring since they were opened.
func (c *conn) turnDeaf(st stream) {
	s := c.s
	s.log.Warn("hashtag streams of a Mastodon server deliver nothing: its public stream is heard instead",
		"server", s.base.Host, "hashtag", st.tag())
	c.mu.Lock()
	from := time.Now()
	for st, at := range c.streams {
		if st.tag() != "" && at.Before(from) {
			from = at
		}
	}
	c.mu.Unlock()
	s.mu.Lock()
	s.tags, s.tagsAt = tagsDeaf, time.Now()
	s.mu.Unlock()
	events := s.wanted.Events()
	if err := c.adjust(events); err != nil { // the public stream first, so that nothing falls between
		c.tell(message{err: err})
		return
	}
	gap := collectors.Gap{From: from, To: time.Now()}
	span := reaction.Coverage{
		Source: reaction.Mastodon, From: gap.From.UTC(), To: gap.To.UTC(), State: reaction.CoverageFilled,
		Reason: fmt.Sprintf("hashtag streams of %s deliver nothing; read from its timelines", s.base.Host), Events: tagEvents(events),
	}
	tags, _ := asked(events)
	legs := make([]*leg, 0, len(tags))
	for _, st := range tags[:min(len(tags), s.policy(gap.To).most)] {
		legs = append(legs, &leg{stream: st, at: gap.From})
	}
	upto, err := s.walk(c.ctx, gap, legs, func(_ context.Context, items ...collectors.Item) error {
		c.tell(message{at: time.Now(), items: items})
		return c.ctx.Err()
	})
	if errors.Is(err, context.Canceled) {
		return
	}
	if err != nil || upto.Before(gap.To) {
		span.State = reaction.CoverageGap
		span.Reason = fmt.Sprintf("hashtag streams of %s deliver nothing, and its timelines could not be read", s.base.Host)
	}
	if len(span.Events) > 0 {
		c.tell(message{at: time.Now(), items: []collectors.Item{{Coverage: []reaction.Coverage{span}}}})
	}
}
