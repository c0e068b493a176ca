package stream

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"outcry/internal/reaction"
)

// Feed writes the envelopes of one feed. A feed has one writer; who opens it again takes it over
// with the first envelope, and the Feed before is fenced.
type Feed struct {
	log     *Log
	name    reaction.Feed
	subject string
	last    *reaction.Envelope

	seq   atomic.Uint64 // of the subject's last message; changed under mu
	mu    sync.Mutex
	ended error // why nothing more can be published
}

// Feed opens a feed by reading its last envelope.
func (l *Log) Feed(ctx context.Context, name reaction.Feed) (*Feed, error) {
	if _, err := reaction.ParseFeed(string(name)); err != nil {
		return nil, err
	}
	if err := l.verify(ctx); err != nil {
		return nil, err
	}
	f := &Feed{log: l, name: name, subject: l.subject(name)}
	m, err := l.lastOf(ctx, f.subject)
	if err != nil {
		return nil, explain("open feed "+string(name), err)
	}
	if m == nil {
		return f, nil
	}
	if f.last, err = Decode(m.Data); err != nil {
		return nil, fmt.Errorf("open feed %s: the last envelope, sequence %d of the log: %w", name, m.Sequence, err)
	}
	f.seq.Store(m.Sequence)
	return f, nil
}

// lastOf is the last message of a subject, nil where there is none.
func (l *Log) lastOf(ctx context.Context, subject string) (*jetstream.RawStreamMsg, error) {
	ctx, cancel := l.asking(ctx)
	defer cancel()
	m, err := l.stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	return m, err
}

// Last is the feed's last envelope at the time the feed was opened, nil if there was none. A
// collector resumes from its Cursor.
func (f *Feed) Last() *reaction.Envelope { return f.last }

// LastSeq is the sequence of the feed's last envelope as far as this Feed knows, 0 for none.
func (f *Feed) LastSeq() uint64 { return f.seq.Load() }

// Publish makes e durable and returns its sequence. While the log is full, away or without a
// leader it waits and tries again until ctx ends; e is never written twice. Publishing in
// parallel is allowed and happens one after another.
//
// Errors that are final for this Feed: ErrFenced, ErrLost, ErrBroken, ErrClosed. Where ctx ends
// before it is known whether e went through, the Feed is fenced for what comes next. ErrTooLarge
// is about e alone.
func (f *Feed) Publish(ctx context.Context, e *reaction.Envelope) (seq uint64, err error) {
	if e.Feed != f.name {
		return 0, fmt.Errorf("publish to feed %s: the envelope is of feed %q", f.name, e.Feed)
	}
	data, err := Encode(e)
	if err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended != nil {
		return 0, f.ended
	}
	msg := &nats.Msg{Subject: f.subject, Data: data, Header: nats.Header{
		headerPrev: {strconv.FormatUint(f.seq.Load(), 10)},
		headerTry:  {rand.Text()},
	}}
	if e.Done {
		msg.Header.Set(headerDone, "1")
	}
	return f.publish(ctx, msg)
}

// publish tries until msg is stored or can never be. The caller holds f.mu.
func (f *Feed) publish(ctx context.Context, msg *nats.Msg) (uint64, error) {
	var (
		pause   backoff
		told    bool
		unknown bool // an attempt may have gone through, or may yet
	)
	for {
		seq, fate, err := f.attempt(ctx, msg)
		switch fate {
		case stored:
			if told {
				f.log.o.Log.Info("the log takes envelopes again", slog.String("feed", string(f.name)))
			}
			f.seq.Store(seq)
			return seq, nil
		case hopeless:
			f.ended = fmt.Errorf("publish to feed %s: %w", f.name, err)
			return 0, f.ended
		case uncertain:
			unknown = true
		}
		if pause.worthTelling() {
			told = true
			f.log.o.Log.Warn("the log does not take envelopes; waiting", slog.String("feed", string(f.name)), slog.Any("error", err))
		}
		if end := pause.wait(ctx); end != nil {
			if unknown {
				f.ended = fmt.Errorf("publish to feed %s after an envelope whose fate is not known: %w", f.name, ErrFenced)
			}
			return 0, fmt.Errorf("publish to feed %s: %w; the log's last word was: %w", f.name, end, err)
		}
	}
}
