package stream

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"outcry/internal/reaction"
)

// How notices of change are laid out in JetStream: a stream of its own, small and forgetful, since
// they are hints. What is older than it remembers, a follower has to read anew.
const (
	liveStream     = "OUTCRY_LIVE"
	liveStart      = "outcry.live."
	liveAge        = time.Hour
	liveMessages   = 50_000
	liveBytes      = 64 << 20
	changesAtOnce  = 500 // in one message
	announceWait   = time.Second
	liveReplicas   = 1
	ownDatabase    = "own"
	maxLiveMessage = 512 << 10
)

// Notices are the live subjects of the log: hints that what is stored of an event has changed.
// Any number of nodes announce, and any number follow. Every notice has a position, from which
// following can be resumed for as long as the notice is remembered.
type Notices struct {
	log *Log
	hub hub

	opening sync.Mutex
	stream  jetstream.Stream // nil until opened
	epoch   string
}

// Notices gives the log's notices of change. A Log has one.
func (l *Log) Notices() *Notices { return &l.notices }

func (n *Notices) subject() string {
	if db := n.log.o.Database; db != "" {
		return liveStart + db
	}
	return liveStart + ownDatabase
}

// Announce tells followers, on this node and others, of changes. It fails with reaction.ErrAway
// when it cannot; then whoever announces tells again later, with what has changed since.
func (n *Notices) Announce(ctx context.Context, changes ...reaction.Change) error {
	if err := n.log.connected(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, announceWait)
	defer cancel()
	for len(changes) > 0 {
		k := min(len(changes), changesAtOnce)
		data, err := json.Marshal(changes[:k])
		if err != nil {
			return fmt.Errorf("announce a change: %w", err)
		}
		if err := n.publish(ctx, data); err != nil {
			return explain("announce a change", err)
		}
		changes = changes[k:]
	}
	return nil
}

func (n *Notices) publish(ctx context.Context, data []byte) error {
	if _, err := n.open(ctx, false); err != nil {
		return err
	}
	_, err := n.log.js.Publish(ctx, n.subject(), data)
	if errors.Is(err, jetstream.ErrNoStreamResponse) { // somebody deleted the stream
		if _, err = n.open(ctx, true); err != nil {
			return err
		}
		_, err = n.log.js.Publish(ctx, n.subject(), data)
	}
	return err
}

// open finds the stream or makes it. A stream that was made before is not looked at again, unless
// it is asked for anew.
func (n *Notices) open(ctx context.Context, anew bool) (jetstream.Stream, error) {
	n.opening.Lock()
	defer n.opening.Unlock()
	if n.stream != nil && !anew {
		return n.stream, nil
	}
	l := n.log
	ctx, cancel := l.asking(ctx)
	defer cancel()
	s, err := l.js.Stream(ctx, liveStream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		c := jetstream.StreamConfig{Name: liveStream, Metadata: map[string]string{epochKey: rand.Text()}, Replicas: liveReplicas}
		l.promiseLive(&c)
		s, err = l.js.CreateStream(ctx, c)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // someone was faster
			s, err = l.js.Stream(ctx, liveStream)
		}
	}
	if err != nil {
		return nil, err
	}
	now := s.CachedInfo().Config
	if now.Metadata[epochKey] == "" {
		return nil, fmt.Errorf("the stream %s was not made by Outcry: rename it or delete it", liveStream)
	}
	want := now
	l.promiseLive(&want)
	if !reflect.DeepEqual(now, want) {
		if s, err = l.js.UpdateStream(ctx, want); err != nil {
			return nil, err
		}
	}
	n.stream, n.epoch = s, now.Metadata[epochKey]
	return s, nil
}

func (l *Log) promiseLive(c *jetstream.StreamConfig) {
	c.Subjects = []string{liveStart + ">"}
	c.Storage = jetstream.FileStorage
	c.Retention = jetstream.LimitsPolicy
	c.Discard = jetstream.DiscardOld // full means forget
	c.MaxAge, c.MaxMsgs, c.MaxBytes, c.MaxMsgsPerSubject, c.MaxMsgSize = liveAge, liveMessages, liveBytes, -1, maxLiveMessage
	if l.o.Replicas > 0 {
		c.Replicas = l.o.Replicas
	}
}
