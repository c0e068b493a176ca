package collectors

import (
	"context"
	"errors"
	"time"
)

const (
	// mostFailures is how many messages in a row may be ones at which the program fails before it is
	// the connection that is taken for broken: a Next that fails before it has taken a message would
	// fail at once for ever.
	mostFailures = 1000
	// tellFailures is how often failures are told at most, with how many there were.
	tellFailures = 10 * time.Second
)

// failures counts messages at which the program failed.
type failures struct {
	row   int       // in a row; used by listen alone
	count int       // since they were told last
	told  time.Time // when that was
}

var errFails = &Fault{Kind: Server, Err: errors.New("the program fails at whatever it brings"), Mend: "please report it, with what the log says"}

// next waits for the next message. One at which the program fails is refused, and the connection
// goes on behind it. The cursor is not moved by it but by the next message that can be read: where the
// connection is lost before that, the message comes again, and is refused again.
func (s *Station) next(ctx context.Context, conn Conn) (h Heard, err error) {
	failed := Safely(0, func() { h, err = conn.Next(ctx) })
	if failed == nil {
		s.failures.row = 0
		return h, err
	}
	if s.failures.row++; s.failures.row > mostFailures {
		s.failures.row = 0
		return Heard{}, errFails
	}
	return Heard{Beat: true, Items: []Item{failed.Item()}}, nil
}

// dial opens a connection. Where the program fails at what the other side says, there is none.
func (s *Station) dial(ctx context.Context, after Cursor) (conn Conn, err error) {
	if failed := Safely(0, func() { conn, err = s.from.Dial(ctx, after) }); failed != nil {
		s.lock()
		defer s.unlock()
		s.failed(failed, time.Now())
		return nil, errFails
	}
	return conn, err
}

// send hands items to the line, and tells of those at which the program failed. The caller holds
// s.turn.
func (s *Station) send(ctx context.Context, items ...Item) error {
	for i := range items {
		if b := items[i].Broken; b != nil {
			s.failed(b, time.Now())
			items[i].Broken = nil
		}
	}
	return s.emit(ctx, items...)
}

// failed tells the operator, not more often than is of use. The caller holds s.turn.
func (s *Station) failed(b *Broken, now time.Time) {
	s.failures.count++
	if now.Sub(s.failures.told) < tellFailures {
		return
	}
	b.Log(s.o.Log, s.source, s.failures.count)
	s.failures.count, s.failures.told = 0, now
}
