package mastodon

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"outcry/collectors"
)

// Bounds of what waits between the readers and the line.
const (
	mostQueued = 32  // messages, of maxEvent bytes each at most
	mostBatch  = 100 // messages told at once
)

// message is what a reader hands to Next.
type message struct {
	line  string // by which connection it came; "" for none
	from  stream
	at    time.Time
	event string
	data  []byte
	large bool
	items []collectors.Item // made already
	err   error             // ends the connection
}

// line is how streams are carried: by one WebSocket, or by a connection each.
type line interface {
	// open begins a stream; its context bounds the opening.
	open(ctx context.Context, st stream) error
	// shut ends a stream.
	shut(st stream)
}

// conn is a connection to a server: all the streams that are held at a time.
type conn struct {
	s    *Server
	line line

	ctx    context.Context
	cancel context.CancelCauseFunc
	group  sync.WaitGroup
	in     chan message
	again  chan struct{} // the plan may have changed

	mu      sync.Mutex
	words   map[string]time.Time // when each connection was last heard from
	streams map[stream]time.Time // since when each is held

	last  error // ends Next
	trust tagTrust
}

// Next waits for what the streams bring.
func (c *conn) Next(ctx context.Context) (collectors.Heard, error) {
	var h collectors.Heard
	if c.last != nil {
		return h, c.last
	}
	select {
	case <-ctx.Done():
		return h, ctx.Err()
	case <-c.ctx.Done():
		return h, io.EOF
	case m := <-c.in:
		c.hear(&h, &m)
	}
	for range mostBatch {
		select {
		case m := <-c.in:
			c.hear(&h, &m)
			if c.last == nil {
				continue
			}
		default:
		}
		break
	}
	if c.last != nil && len(h.Items) == 0 {
		return h, c.last
	}
	h.Upto = c.upto()
	c.s.mu.Lock()
	h.Cursor = c.s.cursor()
	if c.trust != c.s.tags {
		c.trust = c.s.tags
		signal(c.again)
	}
	c.s.mu.Unlock()
	return h, nil
}

func (c *conn) hear(h *collectors.Heard, m *message) {
	h.Items = append(h.Items, m.items...)
	switch {
	case m.err != nil:
		c.last = c.s.broken(m.err)
		return
	case m.large:
		h.Items = append(h.Items, collectors.Item{Refused: tooLarge})
	case m.data != nil:
		h.Items = append(h.Items, c.s.take(m.event, m.data, m.from, m.at)...)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, open := c.words[m.line]; open {
		c.words[m.line] = m.at
	}
}

// upto is when the connection that has been quiet for longest was heard: all before it was.
func (c *conn) upto() (oldest time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, at := range c.words {
		if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// Close ends the streams and their readers.
func (c *conn) Close() {
	c.cancel(io.EOF)
	c.group.Wait() // they end with the context
}

// tell hands a message to Next, unless the connection has ended.
func (c *conn) tell(m message) {
	select {
	case c.in <- m:
	case <-c.ctx.Done():
	}
}

// word begins to count how long a connection has been quiet; "forget" ends that.
func (c *conn) word(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.words[line] = time.Now()
}

func (c *conn) forget(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.words, line)
}

// held are the streams that are held, in order.
func (c *conn) held() []stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]stream, 0, len(c.streams))
	for st := range c.streams {
		out = append(out, st)
	}
	slices.Sort(out)
	return out
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
