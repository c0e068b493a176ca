package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// DefaultAhead is how many envelopes are taken ahead of their acknowledgement.
const DefaultAhead = 32

// fetchAtOnce bounds one request for messages, so that the largest of them stay well below what
// a server queues for a client before it drops the connection (64 MB). A bound in bytes is not to
// be had: a replicated consumer then says that the request is over before its messages are out
// (nats-server 2.15), and they are lost until they come again.
const fetchAtOnce = 4

// heartbeat is how often a server says that it still knows of a request. A request that a
// connection took with it is noticed after twice as long.
const heartbeat = 2 * time.Second

// ConsumeOptions say how envelopes are taken from the log.
type ConsumeOptions struct {
	// Ahead is how many envelopes at most are delivered to this process and not acknowledged.
	// 0 means DefaultAhead.
	Ahead int
}

// Deliveries is an open reading of the log. Envelopes come in the order of the log. With a URL,
// several processes may read: they share the envelopes, each gets some.
//
// What is delivered and not acknowledged stays with this process as long as it lives and is
// connected, however long it takes; then it is delivered again, here or elsewhere.
type Deliveries struct {
	log   *Log
	life  context.Context // its cause says why the reading ended
	end   context.CancelCauseFunc
	work  sync.WaitGroup
	slots chan struct{}      // one for each envelope taken and not settled
	ready chan jetstream.Msg // taken and not yet asked for

	mu   sync.Mutex
	open map[jetstream.Msg]struct{} // taken and not settled
}

// Deliveries begins to read the log, at the first envelope that is not acknowledged. A Log has
// one reading at a time. Close it when done.
func (l *Log) Deliveries(ctx context.Context, o ConsumeOptions) (*Deliveries, error) {
	if o.Ahead <= 0 {
		o.Ahead = DefaultAhead
	}
	d := &Deliveries{
		log:   l,
		slots: make(chan struct{}, o.Ahead),
		ready: make(chan jetstream.Msg, o.Ahead),
		open:  make(map[jetstream.Msg]struct{}),
	}
	d.life, d.end = context.WithCancelCause(l.life)
	if !l.reading.CompareAndSwap(nil, d) {
		d.end(nil)
		return nil, errors.New("the log is already being read by this process")
	}
	if err := l.rewind(ctx); err != nil {
		d.Close()
		return nil, explain("begin to read the log", err)
	}
	d.work.Go(func() { d.end(d.take(d.life)) })
	d.work.Go(d.hold)
	return d, nil
}

// rewind goes back to the first envelope that is not acknowledged. Otherwise the server would go
// on behind what a reading before had taken, and come back to that half a minute later. Only the
// owner of the server may: elsewhere others are reading.
func (l *Log) rewind(ctx context.Context) error {
	if l.own == nil {
		return nil
	}
	ctx, cancel := l.asking(ctx)
	defer cancel()
	_, err := l.stream.ResetConsumer(ctx, l.consumerName())
	return err
}

// Next waits for the next envelope. It fails with ctx's error, with ErrClosed after Close, and
// for good when the log cannot be read: ErrLost, or an envelope that cannot be decoded, which is
// our own fault, stays in the log and is named by sequence and subject.
func (d *Deliveries) Next(ctx context.Context) (*Delivery, error) {
	if d.life.Err() != nil {
		return nil, context.Cause(d.life)
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-d.life.Done():
		return nil, context.Cause(d.life)
	case m := <-d.ready:
		del, err := d.unpack(m)
		if err != nil {
			d.end(err)
		}
		return del, err
	}
}

// Close ends the reading. What was not acknowledged is offered again at once.
func (d *Deliveries) Close() {
	d.end(fmt.Errorf("read the log: %w", ErrClosed))
	d.work.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	for m := range d.open {
		_ = m.Nak() // spares others the wait; they get it anyway
	}
	clear(d.open)
	d.log.reading.CompareAndSwap(d, nil)
}

// take fetches messages until the reading ends, and says why it ended.
func (d *Deliveries) take(ctx context.Context) error {
	var pause backoff
	for {
		n, err := d.reserve(ctx)
		if err == nil {
			n, err = d.fetch(ctx, n)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil || n > 0:
			pause = backoff{}
			continue
		}
		if pause.worthTelling() {
			d.log.o.Log.Warn("the log cannot be read; waiting", slog.Any("error", err))
		}
		if why := explain("read the log", err); final(why) {
			return why
		}
		if why := d.log.verify(ctx); final(why) {
			return why
		}
		if err := pause.wait(ctx); err != nil {
			return err
		}
	}
}

// reserve waits for room for one envelope and takes the room there is for one request.
func (d *Deliveries) reserve(ctx context.Context) (n int, err error) {
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	for n = 1; n < fetchAtOnce; n++ {
		select {
		case d.slots <- struct{}{}:
		default:
			return n, nil
		}
	}
	return n, nil
}

// fetch takes up to n messages, for which there is room, and gives back the room that is left. It
// returns when n have come, or a while after the last.
func (d *Deliveries) fetch(ctx context.Context, n int) (got int, err error) {
	defer func() { d.release(n - got) }()
	batch, err := d.log.consumer.Fetch(n, jetstream.FetchContext(ctx), jetstream.FetchHeartbeat(heartbeat))
	if err != nil {
		return 0, err
	}
	for m := range batch.Messages() {
		got++
		d.mu.Lock()
		d.open[m] = struct{}{}
		d.mu.Unlock()
		d.ready <- m // has as much room as there are slots
	}
	return got, batch.Error()
}

func (d *Deliveries) release(n int) {
	for range n {
		<-d.slots
	}
}

// settled forgets a message that is acknowledged or given back. It is false where that had
// happened before.
func (d *Deliveries) settled(m jetstream.Msg) bool {
	d.mu.Lock()
	_, was := d.open[m]
	delete(d.open, m)
	d.mu.Unlock()
	if was {
		d.release(1)
	}
	return was
}

// hold tells the server, often enough, that what is not settled is still being worked on.
func (d *Deliveries) hold() {
	tick := time.NewTicker(d.log.o.ackWait / 3)
	defer tick.Stop()
	for {
		select {
		case <-d.life.Done():
			return
		case <-tick.C:
		}
		d.mu.Lock()
		open := slices.Collect(maps.Keys(d.open))
		d.mu.Unlock()
		for _, m := range open {
			// It fails for what was settled since, and while the connection is away: the envelope
			// then comes again.
			_ = m.InProgress()
		}
	}
}
