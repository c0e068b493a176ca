package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"outcry/internal/pipeline"
	"outcry/internal/reaction"
	"outcry/internal/stream"
	"outcry/internal/testdb"
	"outcry/nlp"
)

func (l *line) takesPushes(t *testing.T, list *pipeline.Watchlist, node string) *pipeline.Pushes {
	t.Helper()
	p, err := pipeline.NewPushes(l.log, list, pipeline.NewRecent(time.Now), nlp.HashtagKeys, node)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pushBatch are posts [from, to) of X, made now.
func pushBatch(from, to int, text string) []reaction.Pushed {
	var out []reaction.Pushed
	for i := from; i < to; i++ {
		p := livePost(fmt.Sprint("p", i), text)
		out = append(out, reaction.Pushed{Record: reaction.Record{At: p.At, Post: p}})
	}
	return out
}

// noise is text that does not pack.
func noise(bytes int) string {
	b := make([]byte, bytes)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"[rand.N(64)]
	}
	return string(b)
}

// A full log makes a push wait, for a while; what was refused then goes through later, and counts once.
func TestAPushWaitsForRoomAndGivesUp(t *testing.T) {
	url := testdb.New(t)
	l := newLine(t, url)
	if err := l.log.Close(); err != nil {
		t.Fatal(err)
	}
	var err error
	if l.log, err = stream.Open(t.Context(), stream.Options{Dir: t.TempDir(), MaxBytes: stream.MinBytes}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.log.Close() })
	e := l.liveEvent(t, "live", "tower")
	p := l.takesPushes(t, l.watchlist(t), "node")
	const wait = 2 * time.Second // long for a batch on a busy machine
	p.Patience(wait, nil)
	n := 0
	for ; ; n++ {
		batch := pushBatch(50*n, 50*n+50, "")
		for i := range batch {
			batch[i].Record.Post.Text = "tower " + noise(60_000)
		}
		begin := time.Now()
		_, err := p.Push(t.Context(), "somebody", batch)
		if errors.Is(err, reaction.ErrAway) {
			if took := time.Since(begin); took < wait {
				t.Errorf("it gave up after %s", took)
			}
			break
		}
		if err != nil || n > 20 {
			t.Fatalf("after %d batches: %v", n, err)
		}
	}
	if n < 2 {
		t.Errorf("the log was full after %d batches", n)
	}
	l.commit(t)
	p.Patience(30*time.Second, nil)
	for range 2 {
		if _, err := p.Push(t.Context(), "somebody", pushBatch(50*n, 50*n+50, "tower")); err != nil {
			t.Fatal(err)
		}
	}
	l.keeps(t, e, 50*n+50)
}

// Two nodes by one name, which ought not to be, fence each other again and again: nothing is lost.
func TestPushesByOneNameLoseNothing(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.commit(t)
	e := l.liveEvent(t, "live", "tower")
	list := l.watchlist(t)
	var work sync.WaitGroup
	for i := range 2 {
		p := l.takesPushes(t, list, "node")
		work.Go(func() {
			for j := range 20 {
				if _, err := p.Push(t.Context(), "somebody", pushBatch(1000*i+10*j, 1000*i+10*j+10, "tower")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	l.keeps(t, e, 400)
}

// The feed holds its events' watermark where a sender's clock stands, and only while that is told.
func TestThePushersClockHoldsTheWatermark(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.commit(t)
	e := l.liveEvent(t, "live", "tower")
	p := l.takesPushes(t, l.watchlist(t), "node")
	begin := time.Now().UTC().Truncate(time.Microsecond)
	now := begin
	p.Patience(time.Minute, func() time.Time { return now })
	push := func(sender string, clock time.Duration, posts int) {
		t.Helper()
		batch := pushBatch(posts, posts+1, "tower")
		if clock != 0 {
			batch = append(batch, reaction.Pushed{Clock: &reaction.SourceClock{Source: reaction.X, At: begin.Add(clock)}})
		}
		if _, err := p.Push(t.Context(), sender, batch); err != nil {
			t.Fatal(err)
		}
		l.keeps(t, e, posts+1)
	}
	holds := func(what string, want time.Duration) {
		t.Helper()
		w, err := l.store.Watermark(t.Context(), e.ID, time.Now())
		switch {
		case err != nil:
			t.Fatal(err)
		case want == 0 && w != nil, want != 0 && (w == nil || !w.Equal(begin.Add(want))):
			t.Errorf("%s: the watermark is at %v, want %s", what, w, want)
		}
	}
	push("nobody", 0, 0)
	holds("nobody tells a clock", 0)
	now = now.Add(time.Minute)
	push("slow", 20*time.Second, 1)
	push("quick", 50*time.Second, 2)
	holds("the slower of two", 20*time.Second)
	push("slow", 40*time.Second, 3)
	push("nobody", 0, 4)
	holds("the slower of two moved", 40*time.Second)
	now = now.Add(6 * time.Minute)
	push("quick", 7*time.Minute, 5)
	holds("the slower is silent", 7*time.Minute)
	now = now.Add(6 * time.Minute)
	push("nobody", 0, 6)
	holds("all are silent", 0)
}

// fickle is a store of events that is away at times.
type fickle struct {
	pipeline.EventSource
	away bool
}

func (f *fickle) Events(ctx context.Context) ([]reaction.Event, error) {
	if f.away {
		return nil, fmt.Errorf("the database: %w", reaction.ErrAway)
	}
	return f.EventSource.Events(ctx)
}

// While the database is away what is pushed waits in the log, as what was known of the events says.
func TestPushesGoOnWhileTheDatabaseIsAway(t *testing.T) {
	l := newLine(t, testdb.New(t))
	e := l.liveEvent(t, "live", "tower")
	db := &fickle{l.store, true}
	p := l.takesPushes(t, pipeline.NewWatchlist(db, time.Now, slog.New(slog.DiscardHandler)), "node")
	if err := p.Look(t.Context()); !errors.Is(err, reaction.ErrAway) {
		t.Errorf("with nothing known: %v", err)
	}
	db.away = false
	if err := p.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.away = true
	if err := p.Look(t.Context()); err != nil {
		t.Errorf("with something known: %v", err)
	}
	if took, err := p.Push(t.Context(), "somebody", pushBatch(0, 10, "tower")); err != nil || took.Fates[9] != reaction.Accepted {
		t.Errorf("%v %v", took, err)
	}
	l.commit(t)
	l.keeps(t, e, 10)
}

// What was pushed before and matched nothing is counted as unmatched once, and forgotten where it is
// not known to be durable.
func TestUnmatchedPushesAreCountedOnce(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.liveEvent(t, "live", "tower")
	p := l.takesPushes(t, l.watchlist(t), "node")
	for range 3 {
		if _, err := p.Push(t.Context(), "somebody", pushBatch(0, 10, "something else #other")); err != nil {
			t.Fatal(err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Push(gone, "somebody", pushBatch(10, 20, "something else")); err == nil {
		t.Fatal("nobody waits, and it is durable")
	}
	if took, err := p.Push(t.Context(), "somebody", pushBatch(10, 20, "something else")); err != nil || took.Fates[0] != reaction.Unmatched {
		t.Errorf("%v %v", took, err)
	}
	d, err := l.log.Deliveries(t.Context(), stream.ConsumeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	posts, uses := 0, 0
	for range 2 {
		got, err := d.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range got.Envelope.Unmatched {
			posts += u.Posts
		}
		for _, b := range got.Envelope.Baseline {
			uses += b.Uses
		}
		if err := got.Ack(); err != nil {
			t.Fatal(err)
		}
	}
	if posts != 20 || uses != 10 {
		t.Errorf("%d posts unmatched and %d uses of hashtags, want 20 and 10", posts, uses)
	}
}
