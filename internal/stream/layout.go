package stream

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"outcry/internal/reaction"
)

// How the log is laid out in JetStream.
const (
	streamName   = "OUTCRY"
	subjectStart = "outcry.log."
	allSubjects  = subjectStart + ">"
	epochKey     = "outcry_epoch" // in the stream's metadata

	headerPrev = "Outcry-Prev" // sequence of the subject's message before; "0" for none
	headerTry  = "Outcry-Try"  // random, one a Publish: tells whose message it is
	headerDone = "Outcry-Done" // set on the last envelope of a feed that has ended

	// maxAckPending bounds what all taggers together have taken and not acknowledged.
	maxAckPending = 1024
)

// prefix begins the subjects of the feeds that are on their way to this log's database.
func (l *Log) prefix() string {
	if l.o.Database == "" {
		return subjectStart
	}
	return subjectStart + l.o.Database + "."
}

func (l *Log) subject(f reaction.Feed) string {
	return l.prefix() + strings.ReplaceAll(string(f), "/", ".")
}

// openStream finds the stream or makes it, and puts right what belongs to the log's promises.
// How many replicas there are and where they are is the operator's.
func (l *Log) openStream(ctx context.Context) error {
	ctx, cancel := l.asking(ctx)
	defer cancel()
	s, err := l.js.Stream(ctx, streamName)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		c := jetstream.StreamConfig{Name: streamName, Metadata: map[string]string{epochKey: rand.Text()}}
		l.promise(&c)
		s, err = l.js.CreateStream(ctx, c)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // someone was faster
			s, err = l.js.Stream(ctx, streamName)
		}
	}
	if err != nil {
		return err
	}
	now := s.CachedInfo().Config
	if l.epoch = now.Metadata[epochKey]; l.epoch == "" {
		return fmt.Errorf("the stream %s was not made by Outcry: rename it or delete it", streamName)
	}
	want := now
	l.promise(&want)
	if !reflect.DeepEqual(now, want) {
		if s, err = l.js.UpdateStream(ctx, want); err != nil {
			return err
		}
	}
	l.stream = s
	return nil
}

// promise sets in c what the log's promises rest on.
func (l *Log) promise(c *jetstream.StreamConfig) {
	c.Subjects = []string{allSubjects}
	c.Storage = jetstream.FileStorage
	c.Retention = jetstream.LimitsPolicy
	c.Discard = jetstream.DiscardNew // full means wait
	c.MaxBytes = l.o.MaxBytes
	c.MaxMsgs, c.MaxMsgsPerSubject, c.MaxAge, c.MaxMsgSize = -1, -1, 0, -1
	c.AllowDirect = false // reads are by the leader: a feed's last envelope must be the last
	if l.o.Replicas > 0 {
		c.Replicas = l.o.Replicas
	}
}

// openConsumer finds or makes the consumer that all taggers share. It is named after the epoch,
// so that it cannot be mistaken for that of a stream made again: a sequence and its epoch always
// belong together.
func (l *Log) openConsumer(ctx context.Context) (err error) {
	ctx, cancel := l.asking(ctx)
	defer cancel()
	l.consumer, err = l.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:       l.consumerName(),
		FilterSubject: l.prefix() + ">",
		DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       l.o.ackWait,
		MaxDeliver:    -1,
		MaxAckPending: maxAckPending,
	})
	return err
}

func (l *Log) consumerName() string {
	if l.o.Database == "" {
		return "tag-" + l.epoch
	}
	return "tag-" + l.epoch + "-" + l.o.Database
}

// verify makes sure that the log is still the one that was opened: ErrBroken, ErrLost and
// ErrClosed are final, anything else may pass.
func (l *Log) verify(ctx context.Context) error {
	if err := l.connected(); err != nil {
		return err
	}
	if l.own != nil {
		if err := l.own.healthy(); err != nil {
			return err
		}
	}
	ctx, cancel := l.asking(ctx)
	defer cancel()
	info, err := l.stream.Info(ctx)
	if err == nil && info.Config.Metadata[epochKey] != l.epoch {
		err = jetstream.ErrStreamNotFound
	}
	if err == nil {
		_, err = l.consumer.Info(ctx)
	}
	if err != nil {
		return explain("look for the log", err)
	}
	return nil
}

// asking bounds a call of the server's API: a question that gets lost would else wait as long as
// the caller is willing to wait for everything.
func (l *Log) asking(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, l.o.answerWait)
}

// connected answers at once where a question to the server would wait for its context's end.
func (l *Log) connected() error {
	switch {
	case l.life.Err() != nil:
		return ErrClosed
	case !l.nc.IsConnected():
		return explain("ask the log", nats.ErrDisconnected)
	}
	return nil
}

// final reports whether there is no use in trying again.
func final(err error) bool {
	return errors.Is(err, ErrBroken) || errors.Is(err, ErrLost) || errors.Is(err, ErrClosed)
}
