package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The least and the usual size limit of a log, in bytes.
const (
	MinBytes     = 2 * maxPayload
	DefaultBytes = 8 << 30
)

// Options say where a log is. The zero value of each has the meaning given.
type Options struct {
	// URL of a NATS server, or several separated by commas; "" runs one inside this process.
	URL string
	// CredsFile authenticates at URL: a credentials file as the nats tools write it.
	CredsFile string
	// Replicas is on how many servers of a cluster each envelope is kept. 0 leaves a stream as it
	// is and makes a new one with 1.
	Replicas int
	// Dir is the directory of an embedded log. It is made where it is missing, and belongs to one
	// process at a time.
	Dir string
	// Database names the database that the envelopes are on their way to: letters and digits. What
	// is on its way to another stays in the log, unseen, until a Log for that one is opened.
	Database string
	// MaxBytes is the size limit of the log, at least MinBytes; 0 means DefaultBytes. At the limit
	// Publish waits.
	MaxBytes int64
	// Log takes what the operator should know; nil discards it.
	Log *slog.Logger

	ackWait    time.Duration // until an envelope is delivered again; 0 means 30 s
	answerWait time.Duration // for the server's answer to one question; 0 means 5 s
}

func (o *Options) check() error {
	switch {
	case o.URL == "" && o.Dir == "":
		return errors.New("the log needs a directory, or the URL of a server")
	case o.MaxBytes == 0:
		o.MaxBytes = DefaultBytes
	case o.MaxBytes < MinBytes:
		return fmt.Errorf("a log of at most %d bytes is too small: it needs %d", o.MaxBytes, MinBytes)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ackWait == 0 {
		o.ackWait = 30 * time.Second
	}
	if o.answerWait == 0 {
		o.answerWait = 5 * time.Second
	}
	return nil
}

// Log is an open log. Its methods are safe for concurrent use.
type Log struct {
	o        Options
	own      *embedded // nil with a URL
	nc       *nats.Conn
	js       jetstream.JetStream
	stream   jetstream.Stream
	consumer jetstream.Consumer
	epoch    string
	notices  Notices

	trimmer  trimmer
	reading  atomic.Pointer[Deliveries] // the open one
	life     context.Context
	end      context.CancelCauseFunc
	workers  sync.WaitGroup
	closing  sync.Once
	closeErr error
}

// Open opens the log, and makes it where there is none. With a URL it fails with
// reaction.ErrAway when the server cannot be reached; once open, a Log stays and connects again.
// Close it when done.
func Open(ctx context.Context, o Options) (*Log, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	l := &Log{o: o}
	l.notices.log = l
	l.life, l.end = context.WithCancelCause(context.Background())
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	l.workers.Go(l.keepTrimmed)
	return l, nil
}

func (l *Log) open(ctx context.Context) (err error) {
	if l.o.URL == "" {
		if l.own, err = startEmbedded(l.o.Dir, l.o.MaxBytes, l.o.Log); err != nil {
			return err
		}
	}
	if l.nc, err = connect(&l.o, l.own); err != nil {
		return err
	}
	if l.js, err = jetstream.New(l.nc); err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	if err := l.openStream(ctx); err != nil {
		return explain("open the log", err)
	}
	if err := l.openConsumer(ctx); err != nil {
		return explain("open the log's consumer", err)
	}
	return nil
}

// Epoch names the life of the stream: random, and another when the stream was lost and made
// again. A sequence means something only together with its epoch.
func (l *Log) Epoch() string { return l.epoch }

// Pending says how many envelopes wait to be delivered or acknowledged, and the size of the whole
// log in bytes, what is acknowledged and not yet trimmed included.
func (l *Log) Pending(ctx context.Context) (envelopes, bytes uint64, err error) {
	if err := l.connected(); err != nil {
		return 0, 0, err
	}
	ctx, cancel := l.asking(ctx)
	defer cancel()
	c, err := l.consumer.Info(ctx)
	if err != nil {
		return 0, 0, explain("ask how much the log holds", err)
	}
	s, err := l.stream.Info(ctx)
	if err != nil {
		return 0, 0, explain("ask how much the log holds", err)
	}
	return c.NumPending + uint64(c.NumAckPending), s.State.Bytes, nil
}

// Close stops the log: what is being published or delivered ends with ErrClosed. Envelopes that
// were not acknowledged are delivered again after the next Open.
func (l *Log) Close() error {
	l.closing.Do(func() {
		l.end(ErrClosed)
		if d := l.reading.Load(); d != nil {
			d.Close()
		}
		l.workers.Wait()
		if l.nc != nil {
			if l.nc.IsConnected() {
				// The last acknowledgements: worth a moment, and no fault if they do not arrive.
				_ = l.nc.FlushTimeout(2 * time.Second)
			}
			l.nc.Close()
		}
		if l.own != nil {
			l.closeErr = l.own.stop()
		}
	})
	return l.closeErr
}
