package stream

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	trimEvery  = 15 * time.Second
	sweepEvery = time.Hour
	// keepEnded is how long the last envelope of a replay that has ended stays after it was
	// written, so that the replay can still be asked about and is not begun again by mistake.
	keepEnded = 24 * time.Hour
)

// trimmer remembers what was trimmed, so that an idle log costs one question a while.
type trimmer struct {
	mu    sync.Mutex
	floor uint64    // up to which sequence all is trimmed
	swept time.Time // when ended replays were last looked for
}

// keepTrimmed trims on a timer until the log is closed.
func (l *Log) keepTrimmed() {
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.life.Done():
			return
		case <-tick.C:
			if err := l.Trim(l.life); err != nil && l.life.Err() == nil {
				l.o.Log.Warn("the log could not be trimmed", slog.Any("error", err))
			}
		}
	}
}

// Trim drops what is acknowledged and not the last of its feed, and wholly the replays that ended
// a day ago. It runs by itself on a timer and when the log is full.
func (l *Log) Trim(ctx context.Context) error { return l.trim(ctx, time.Now()) }

func (l *Log) trim(ctx context.Context, now time.Time) error {
	if err := l.connected(); err != nil {
		return err
	}
	t := &l.trimmer
	t.mu.Lock()
	defer t.mu.Unlock()
	asking, cancel := l.asking(ctx)
	defer cancel()
	c, err := l.consumer.Info(asking)
	if err != nil {
		return explain("trim the log: ask what is acknowledged", err)
	}
	floor, sweep := c.AckFloor.Stream, now.Sub(t.swept) >= sweepEvery
	if floor == t.floor && !sweep {
		return nil
	}
	s, err := l.stream.Info(asking, jetstream.WithSubjectFilter(l.prefix()+">"))
	if err != nil {
		return explain("trim the log: list its feeds", err)
	}
	for subject, messages := range s.State.Subjects {
		if messages < 2 && !(sweep && l.isReplay(subject)) {
			continue
		}
		if err := l.trimSubject(ctx, subject, floor, now); err != nil {
			return explain("trim the log: "+subject, err)
		}
	}
	t.floor = floor
	if sweep {
		t.swept = now
	}
	return nil
}

// trimSubject drops the messages of a subject that are at or below floor, but the last. It names
// the first sequence to keep, so that what arrives meanwhile is safe.
func (l *Log) trimSubject(ctx context.Context, subject string, floor uint64, now time.Time) error {
	last, err := l.lastOf(ctx, subject)
	if err != nil || last == nil {
		return err
	}
	keep := min(floor+1, last.Sequence)
	ended := l.isReplay(subject) && last.Header.Get(headerDone) != ""
	if ended && last.Sequence <= floor && now.Sub(last.Time) >= keepEnded {
		keep = last.Sequence + 1
	}
	if keep <= 1 {
		return nil
	}
	ctx, cancel := l.asking(ctx)
	defer cancel()
	err = l.stream.Purge(ctx, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeSequence(keep))
	if err != nil {
		return fmt.Errorf("drop what is before sequence %d: %w", keep, err)
	}
	return nil
}

func (l *Log) isReplay(s string) bool { return strings.HasPrefix(s, l.subject("replay/")) }
