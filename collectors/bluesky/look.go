package bluesky

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// A Jetstream that has replayed what it has goes over to what happens now while messages are still
// on their way to it, and lets some of them drop: whatever was said before the newest message that
// it sent. (pkg/server at d17bd81a945e: Emit sends to subscribers that are less than a second
// behind, and emitToSubscriber skips what is older than the last that it sent.) So the moments
// around that passage are read a second time, when they are past, over a connection beside. Until
// that is done the cursor stays where the passage was: whoever goes on from it reads them again.
const (
	near      = 2 * time.Second // behind the present is at the present
	nearClock = 30 * time.Second
	lookAfter = 6 * time.Second // the passage is over long before
	lookQuiet = 3 * time.Second
	lookMost  = time.Minute
	lookTries = 6
)

// passage is where a connection comes to the present.
type passage struct {
	us     int64              // the host's time there; 0 where it has not come to it
	forget context.CancelFunc // ends the second look
	seen   atomic.Bool        // it was looked at, or as often as is sensible
}

// lookAgain begins the second look where the connection has come to the present.
func (c *conn) lookAgain(us int64, now time.Time) {
	p := &c.passage
	if c.begin == 0 || p.seen.Load() {
		return
	}
	limit := near
	if now.Sub(c.dialed) > nearClock { // it may be that the clocks differ
		limit = nearClock
	}
	switch away := now.Sub(time.UnixMicro(us)) > limit; {
	case away: // what is replayed before this is whole
		if p.us != 0 {
			p.us = 0
			p.forget()
		}
		c.pinned.Store(max(us, c.begin))
	case p.us == 0:
		var ctx context.Context
		ctx, p.forget = context.WithCancel(c.ctx)
		p.us = us
		c.pinned.Store(us)
		go c.lookUntilSeen(ctx, us)
	}
}

// lookUntilSeen looks until that has gone well, or as often as is sensible.
func (c *conn) lookUntilSeen(ctx context.Context, us int64) {
	since, pause := c.s.o.Now(), time.NewTimer(lookAfter)
	defer pause.Stop()
	for try := range lookTries {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		switch err := c.look(ctx, us, us+c.s.o.Now().Sub(since).Microseconds()); {
		case ctx.Err() != nil:
			return
		case err == nil, try == lookTries-1:
			c.passage.seen.Store(true)
			c.pinned.Store(0)
			return
		}
		pause.Reset(lookAfter << try)
	}
}

var errUnseen = errors.New("it took too long")

// look reads what was said between two moments, the later of which is about now, and a little before.
// That goes further than the passage, since a repost of what dropped there was not understood.
func (c *conn) look(ctx context.Context, from, to int64) error {
	ctx, cancel := context.WithTimeoutCause(ctx, lookMost, errUnseen)
	defer cancel()
	sock, err := c.s.open(ctx, c.h, from-rewind.Microseconds())
	if err != nil {
		return err
	}
	defer func() { _ = sock.ws.CloseNow() }()
	beside := &conn{s: c.s, h: c.h, quoted: c.quoted, dialed: c.s.o.Now()}
	reading, quiet := context.WithCancel(ctx)
	defer quiet()
	timer := time.AfterFunc(lookQuiet, quiet)
	defer timer.Stop()
	for {
		data, err := sock.read(reading)
		timer.Stop() // the line may be full for long
		switch {
		case errors.Is(err, errTooLarge): // the other connection has told of it
			timer.Reset(lookQuiet)
			continue
		case errors.Is(err, errPacked):
			c.s.unpackable()
			return err
		case err != nil && reading.Err() != nil && ctx.Err() == nil:
			return nil // nothing more comes
		case err != nil:
			return err
		}
		m, err := beside.read(data, c.s.o.Now())
		if err != nil {
			return err
		}
		if m.Upto.After(time.UnixMicro(to)) {
			return nil
		}
		m.Beat, m.Cursor, m.Upto, m.Topic = true, nil, time.Time{}, ""
		if !c.hand(m) {
			return c.ctx.Err()
		}
		timer.Reset(lookQuiet)
	}
}
