package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// fate is what became of one attempt to publish.
type fate int

const (
	stored    fate = iota
	refused        // not stored; it may be later
	uncertain      // stored or not, or on its way
	hopeless       // never
)

// attempt sends msg once. The server stores it only behind f.seq, so that of any number of
// attempts, however late they arrive, one at most goes through.
func (f *Feed) attempt(ctx context.Context, msg *nats.Msg) (uint64, fate, error) {
	l := f.log
	if !l.nc.IsConnected() && !l.nc.IsClosed() {
		return 0, refused, nats.ErrDisconnected // and is not queued for later
	}
	answer, cancel := l.asking(ctx)
	defer cancel()
	ack, err := l.js.PublishMsg(answer, msg, jetstream.WithExpectLastSequencePerSubject(f.seq.Load()))
	var api *jetstream.APIError
	switch {
	case err == nil:
		return ack.Sequence, stored, nil
	case isWrongLast(err):
		return f.settle(ctx, msg)
	case isFull(err):
		_ = l.Trim(ctx) // what fails here is tried again with the next attempt
		return 0, refused, err
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrConnectionDraining):
		return 0, hopeless, ErrClosed
	case errors.Is(err, nats.ErrMaxPayload):
		return 0, refused, err // by a server that was set up anew behind our back; it can be mended
	case errors.As(err, &api) && api.Code < 500:
		return 0, hopeless, err
	}
	now := uncertain
	if errors.As(err, &api) || errors.Is(err, jetstream.ErrNoStreamResponse) {
		now = refused
	}
	if gone := l.verify(ctx); final(gone) {
		return 0, hopeless, gone
	}
	return 0, now, err
}

// settle finds out what "wrong last sequence" means: that an earlier attempt had gone through, or
// that someone else has written.
func (f *Feed) settle(ctx context.Context, msg *nats.Msg) (uint64, fate, error) {
	last, err := f.log.lastOf(ctx, f.subject)
	switch {
	case err != nil:
		return 0, uncertain, fmt.Errorf("read the feed's last envelope: %w", err)
	case last != nil && last.Header.Get(headerTry) == msg.Header.Get(headerTry):
		return last.Sequence, stored, nil
	case last != nil && last.Sequence == f.seq.Load(), last == nil && f.seq.Load() == 0:
		// A cluster answers so while a message of the subject is on its way: ours or another's.
		return 0, uncertain, errors.New("an envelope of the feed is on its way")
	}
	return 0, hopeless, ErrFenced
}
