package mastodon

import (
	"context"
	"slices"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// Dial opens the streams that the events ask for now.
func (s *Server) Dial(ctx context.Context, after collectors.Cursor) (collectors.Conn, error) {
	if s.token() == "" {
		return nil, &collectors.Fault{
			Kind: collectors.Refused, Err: noToken(s.base.Host),
			Mend: mendNoToken,
		}
	}
	now := time.Now()
	s.mu.Lock()
	if s.tags == tagsDeaf && now.Sub(s.tagsAt) > hearAgain {
		s.tags, s.software = tagsUnproven, software{}
	}
	s.mu.Unlock()
	about, err := s.about(ctx, now)
	if err != nil {
		return nil, err
	}
	changed := s.wanted.Changed()
	c := &conn{
		s: s, in: make(chan message, mostQueued), again: make(chan struct{}, 1),
		words: map[string]time.Time{}, streams: map[stream]time.Time{},
	}
	c.ctx, c.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	if err := c.begin(ctx, about, after); err != nil {
		c.Close()
		return nil, s.broken(err)
	}
	c.trust = s.policy(now).tags
	c.group.Go(func() { c.tend(changed) })
	return c, nil
}

// begin opens the line that the server takes, and the streams of the plan on it.
func (c *conn) begin(ctx context.Context, about software, after collectors.Cursor) error {
	s := c.s
	events := s.wanted.Events()
	s.listen(events)
	for {
		streams := plan(events, s.policy(time.Now()))
		if len(streams) == 0 {
			return &collectors.Fault{
				Kind: collectors.Refused, RetryAt: time.Now().Add(noAccess), Err: notServed(s.base.Host),
				Mend: "give the event hashtags, or another server",
			}
		}
		s.follow(streams, after)
		over := s.over()
		if over {
			c.line = &sseLine{c: c, place: about.streaming}
		} else {
			c.line = &wsLine{c: c, place: about.streaming}
		}
		err := c.openAll(ctx, streams)
		if !s.otherwise(err, over, streams) {
			return err
		}
		for st := range c.streams {
			c.drop(st)
		}
	}
}

func (c *conn) openAll(ctx context.Context, streams []stream) error {
	for _, st := range streams {
		if err := c.line.open(ctx, st); err != nil {
			return &streamError{st, err}
		}
		c.mu.Lock()
		c.streams[st] = time.Now()
		c.mu.Unlock()
	}
	return nil
}

func (c *conn) drop(st stream) {
	c.line.shut(st)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.streams, st)
}

// adjust opens and shuts streams as the events ask.
func (c *conn) adjust(events []reaction.Event) error {
	s := c.s
	s.listen(events)
	want := plan(events, s.policy(time.Now()))
	if len(want) == 0 {
		if len(events) > 0 { // nothing that can be had here: Dial says so
			return collectors.AsFault(notServed(s.base.Host))
		}
		c.tell(message{line: "", at: time.Now()}) // the Station sees that nobody asks any more
		return nil
	}
	held := c.held()
	s.follow(want, nil)
	ctx, cancel := context.WithTimeout(c.ctx, restTimeout)
	defer cancel()
	for _, st := range want {
		if !slices.Contains(held, st) {
			if err := c.openAll(ctx, []stream{st}); err != nil {
				if s.otherwise(err, s.over(), want) {
					signal(c.again)
					return nil
				}
				return err
			}
		}
	}
	for _, st := range held {
		if !slices.Contains(want, st) {
			c.drop(st)
		}
	}
	return nil
}
