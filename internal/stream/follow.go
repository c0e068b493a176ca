package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"outcry/internal/reaction"
)

// lookAgain is how often a follower that hears nothing makes sure that the stream is the one it
// follows.
const lookAgain = 10 * time.Second

// errMovedOn means that the stream is another, or has forgotten what was not read yet.
var errMovedOn = errors.New("the live subjects went on without this follower")

// Follow reads notices for those who watch on this node until ctx ends or the log is closed, when
// it returns nil. It waits for a log that is away. A log is followed once at a time.
func (n *Notices) Follow(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(n.log.life, cancel)()
	var pause backoff
	for ctx.Err() == nil {
		began := time.Now()
		err := n.follow(ctx)
		if time.Since(began) > longWait || errors.Is(err, errMovedOn) {
			pause = backoff{}
		}
		if ctx.Err() == nil && pause.worthTelling() {
			n.log.o.Log.Warn("the live subjects of the log cannot be read; waiting", slog.Any("error", err))
		}
		_ = pause.wait(ctx)
	}
	return nil
}

func (n *Notices) follow(ctx context.Context) error {
	s, err := n.open(ctx, true)
	if err != nil {
		return err
	}
	now := s.CachedInfo()
	next := n.hub.begin(now.Config.Metadata[epochKey], now.State.FirstSeq, now.State.LastSeq)
	asking, cancel := n.log.asking(ctx)
	defer cancel()
	// Not an ordered consumer: the client's own waits for ever for a stream that was deleted.
	c, err := s.CreateConsumer(asking, jetstream.ConsumerConfig{
		FilterSubject: n.subject(), DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: next,
		AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: time.Minute,
	})
	if err != nil {
		return err
	}
	defer n.dismiss(s, c)
	if c.CachedInfo().NumPending == 0 {
		n.hub.reach(now.State.LastSeq)
	}
	messages, err := c.Messages(jetstream.PullHeartbeat(heartbeat), jetstream.PullMaxMessages(64))
	if err != nil {
		return err
	}
	defer messages.Stop()
	sure := uint64(0)   // everything up to it has been sent to us
	expect := uint64(1) // the consumer's own count
	for {
		wait, cancel := context.WithTimeout(ctx, lookAgain)
		m, err := messages.Next(jetstream.NextContext(wait))
		cancel()
		switch {
		case err == nil:
			if err := n.receive(m, expect); err != nil {
				return err
			}
			expect++
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.DeadlineExceeded):
			n.hub.reach(sure)
			if sure, err = n.look(ctx, s, c); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// dismiss lets the server forget a consumer at once; else it would a minute later.
func (n *Notices) dismiss(s jetstream.Stream, c jetstream.Consumer) {
	if n.log.connected() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.DeleteConsumer(ctx, c.CachedInfo().Name)
}

func (n *Notices) receive(m jetstream.Msg, expect uint64) error {
	meta, err := m.Metadata()
	if err != nil {
		return err
	}
	if meta.Sequence.Consumer != expect {
		return fmt.Errorf("notice %d came where %d was to come", meta.Sequence.Consumer, expect)
	}
	var changes []reaction.Change
	if err := json.Unmarshal(m.Data(), &changes); err != nil { // by a broken or a later Outcry
		n.log.o.Log.Warn("a notice of change cannot be read", slog.Uint64("sequence", meta.Sequence.Stream), slog.Any("error", err))
		n.hub.skip(meta.Sequence.Stream)
		return nil
	}
	n.hub.take(meta.Sequence.Stream, meta.Timestamp, changes)
	if meta.NumPending == 0 {
		n.hub.reach(meta.Sequence.Stream)
	}
	return nil
}

// look makes sure that the stream is still the one that is followed. It returns the sequence up to
// which everything that concerns this follower has been sent to it.
func (n *Notices) look(ctx context.Context, s jetstream.Stream, c jetstream.Consumer) (uint64, error) {
	ctx, cancel := n.log.asking(ctx)
	defer cancel()
	was := s.CachedInfo().Config.Metadata[epochKey]
	info, err := s.Info(ctx)
	if err != nil {
		return 0, err
	}
	n.hub.mu.Lock()
	last := n.hub.last
	n.hub.mu.Unlock()
	if info.Config.Metadata[epochKey] != was || info.State.LastSeq < last {
		return 0, errMovedOn
	}
	at, err := c.Info(ctx)
	if err != nil {
		return 0, err
	}
	if at.NumPending > 0 {
		return 0, nil
	}
	return info.State.LastSeq, nil
}
