package bluesky

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"outcry/collectors"
	"outcry/collectors/wire"
)

const (
	// pingEvery is how often a host is asked whether it is there: it pings only every 30 s.
	pingEvery = 15 * time.Second
	silence   = 45 * time.Second
	// ahead is how many messages may be read before they are asked for. What waits longer waits in
	// the network, and in the end with the host, which hangs up on who is too slow: nothing is lost,
	// since the cursor has not moved.
	ahead = 256
	// settled is how long a connection must have held for its host to be dialled again first.
	settled = 30 * time.Second
)

// conn is a connection to a host. One goroutine reads and decodes, so that this goes on beside the
// line; another pings. Close ends both.
type conn struct {
	s      *Source
	h      *host
	quoted string // the host's name as JSON
	sock   *socket
	begin  int64 // where it goes on, in microseconds; 0 for the present
	dialed time.Time

	ctx    context.Context
	cancel context.CancelFunc
	heard  chan message
	done   chan struct{} // closed when reading has ended, with err
	err    error
	ended  sync.Once

	given   [4]string    // the message that was handed on last; used by Next alone
	strange int          // messages in a row whose time cannot be
	pinned  atomic.Int64 // the cursor goes no further than this, in microseconds; 0 for freely
	passage passage
}

// message is what a message brought, and its name, by which it is known when it comes again.
type message struct {
	collectors.Heard
	name [4]string
}

func newConn(s *Source, h *host, sock *socket, begin int64) *conn {
	ctx, cancel := context.WithCancel(context.Background())
	c := &conn{
		s: s, h: h, quoted: strconv.Quote(h.name), sock: sock, begin: begin, dialed: s.o.Now(),
		ctx: ctx, cancel: cancel, heard: make(chan message, ahead), done: make(chan struct{}),
	}
	c.pinned.Store(begin)
	go c.listen()
	go c.ping()
	return c
}

// Next waits for the next message.
func (c *conn) Next(ctx context.Context) (collectors.Heard, error) {
	if c.given[0] != "" {
		c.s.seen.Add(c.given[:]...)
		c.given[0] = ""
	}
	if err := ctx.Err(); err != nil {
		return collectors.Heard{}, err
	}
	select {
	case m := <-c.heard:
		return c.take(m), nil
	default:
	}
	select {
	case m := <-c.heard:
		return c.take(m), nil
	case <-c.sock.beat:
		return collectors.Heard{Beat: true}, nil
	case <-ctx.Done():
		return collectors.Heard{}, ctx.Err()
	case <-c.done:
	}
	select { // what was read before the end
	case m := <-c.heard:
		return c.take(m), nil
	default:
		return collectors.Heard{}, c.err
	}
}

// take is the message as it is handed on: without what it brought where that has come before. It
// counts as seen when the next is asked for: what was read and never asked for, and what a Station
// could not hand on before it ended the connection, comes again.
func (c *conn) take(m message) collectors.Heard {
	if m.name[0] == "" {
		return m.Heard
	}
	if c.s.seen.Has(m.name[:]...) {
		m.Items = nil
	}
	c.given = m.name
	return m.Heard
}

// Close ends the connection. Where nothing else has ended it, the Station has had enough of it, and
// another host is tried.
func (c *conn) Close() {
	c.ended.Do(func() { c.s.avoid(c.h) })
	c.cancel()
}

// listen reads until the connection ends.
func (c *conn) listen() {
	defer close(c.done)
	defer func() { _ = c.sock.ws.CloseNow() }()
	defer c.cancel()
	c.err = c.readAll()
	c.ended.Do(func() {
		if c.s.o.Now().Sub(c.dialed) < settled {
			c.s.avoid(c.h)
		}
	})
}

func (c *conn) readAll() error {
	for {
		data, err := c.sock.read(c.ctx)
		var m message
		switch {
		case errors.Is(err, errTooLarge):
			m.Beat, m.Items = true, []collectors.Item{{Refused: wire.ReasonTooLarge}}
		case errors.Is(err, errPacked):
			// Most likely the dictionary is another one now. The message is asked for again, plain: the
			// cursor has not moved past it.
			c.s.unpackable()
			c.ended.Do(func() {}) // the host is as good as any
			return &collectors.Fault{Kind: collectors.Network, Err: fmt.Errorf("%s: %w", c.h.name, err)}
		case err != nil:
			return c.ending(err)
		default:
			if m, err = c.read(data, c.s.o.Now()); err != nil {
				return err
			}
		}
		if !c.hand(m) {
			return c.ctx.Err()
		}
	}
}

// ending is why the connection ended. Words of the other side stay out of it.
func (c *conn) ending(err error) error {
	if status := websocket.CloseStatus(err); status != -1 {
		return &collectors.Fault{Kind: collectors.Network, Err: fmt.Errorf("%s closed the connection (%d)", c.h.name, int(status))}
	}
	return fmt.Errorf("%s: %w", c.h.name, err)
}

// hand puts a message where Next finds it; false where the connection has ended.
func (c *conn) hand(m message) bool {
	select {
	case c.heard <- m:
		return true
	case <-c.ctx.Done():
		return false
	}
}

// ping asks whether the other side is there. That an answer is missing is for the watchdog to see:
// while the line is full none is read.
func (c *conn) ping() {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-tick.C:
			ctx, cancel := context.WithTimeout(c.ctx, pingEvery)
			_ = c.sock.ws.Ping(ctx)
			cancel()
		}
	}
}
