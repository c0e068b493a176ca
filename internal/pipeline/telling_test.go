package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

// listener takes announcements, or fails.
type listener struct {
	mu   sync.Mutex
	deaf bool
	got  []reaction.Change
}

func (l *listener) hear(deaf bool) []reaction.Change {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deaf = deaf
	return l.got
}

func (l *listener) Announce(_ context.Context, changes ...reaction.Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deaf {
		return errors.New("nobody hears")
	}
	l.got = append(l.got, changes...)
	return nil
}

// What is still owed when the line stops is tried once more, whenever it would have been its turn.
func TestWhatIsOwedIsTriedAtTheStop(t *testing.T) {
	l := &listener{deaf: true}
	say := &telling{to: l, logger: slog.New(slog.DiscardHandler)}
	say.tell(t.Context(), []reaction.Change{{Event: 1, Seq: 1, Kinds: reaction.ChangedPosts}})
	l.hear(false)
	say.last(t.Context())
	if got := l.hear(false); len(got) != 1 || got[0].Seq != 1 {
		t.Errorf("told %+v", got)
	}
}

func TestWhatCannotBeToldIsToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{deaf: true}
		say := &telling{to: l, logger: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = say.run(ctx) }()
		at := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
		change := func(event int64, seq uint64, minute int) []reaction.Change {
			from := at.Add(time.Duration(minute) * time.Minute)
			return []reaction.Change{{Event: event, Seq: seq, Kinds: reaction.ChangedPosts, Spans: reaction.Spans{{From: from, To: from.Add(time.Minute)}}}}
		}
		begin := time.Now()
		say.tell(ctx, change(1, 1, 0))
		say.tell(ctx, change(2, 2, 0))
		say.tell(ctx, change(1, 3, 5))
		if took := time.Since(begin); took > 0 {
			t.Errorf("the line waited %s", took)
		}
		<-time.After(3 * time.Second)
		if got := l.hear(false); len(got) != 0 {
			t.Fatalf("told %+v", got)
		}
		<-time.After(longestRetry)
		got := l.hear(false)
		if len(got) != 2 || got[0].Event != 1 || got[0].Seq != 3 || len(got[0].Spans) != 2 || got[1].Seq != 2 {
			t.Fatalf("told %+v", got)
		}
		say.tell(ctx, change(1, 4, 6))
		if got = l.hear(false); len(got) != 3 || got[2].Seq != 4 {
			t.Errorf("then told %+v", got)
		}
		cancel()
		<-done
	})
}
