package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/collectors"
	"outcry/internal/pipeline"
	"outcry/internal/reaction"
	"outcry/internal/stream"
	"outcry/internal/testdb"
	"outcry/nlp"
)

// script is a collector that emits numbered posts from its cursor on, and waits at its end.
type script struct {
	until func() int // how many there are by now
	more  chan struct{}
	item  func(i int) collectors.Item
}

func (s *script) Collect(ctx context.Context, after collectors.Cursor, emit collectors.Emit) error {
	next := 0
	if after != nil {
		if err := json.Unmarshal(after, &next); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		for ; next < s.until(); next++ {
			it := s.item(next)
			it.Cursor = fmt.Append(nil, next+1)
			if err := emit(ctx, it); err != nil {
				return err
			}
		}
		select {
		case <-s.more:
		case <-ctx.Done():
		}
	}
	return nil
}

// livePost is a post that matches the line's live event, made now.
func livePost(id, text string) *reaction.Post {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return &reaction.Post{Source: reaction.X, ID: id, At: now, Received: now, Text: text, Author: reaction.Author{ID: "author-" + id}}
}

// liveEvent makes an event that is listened to now.
func (l *line) liveEvent(t *testing.T, slug string, terms ...string) *reaction.Event {
	t.Helper()
	e := &reaction.Event{Slug: slug, Title: slug, StartsAt: time.Now().Add(-time.Minute), EndsAt: time.Now().Add(time.Hour), Status: reaction.Live,
		Match: reaction.Match{Any: terms}, Sources: []reaction.Source{reaction.X}}
	e.Normalise()
	if err := l.store.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

// collects runs collectors of a feed until the test ends, or stop is called.
func (l *line) collects(t *testing.T, holder string, list *pipeline.Watchlist, open func() collectors.Collector) (stop func() error) {
	t.Helper()
	live := pipeline.NewLive(l.log, list, pipeline.NewRecent(time.Now), nlp.HashtagKeys, holder, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan error, 1)
	go func() { end <- live.Collect(ctx, reaction.X, "live/x/0", open) }()
	stop = sync.OnceValue(func() error { cancel(); return <-end })
	t.Cleanup(func() { stop() })
	return stop
}

func (l *line) watchlist(t *testing.T) *pipeline.Watchlist {
	t.Helper()
	w := pipeline.NewWatchlist(l.store, time.Now, slog.New(slog.DiscardHandler))
	if err := w.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// keeps waits until the event has n posts, and returns them by id.
func (l *line) keeps(t *testing.T, e *reaction.Event, n int) map[string]reaction.StoredPost {
	t.Helper()
	out := map[string]reaction.StoredPost{}
	for until := time.Now().Add(30 * time.Second); ; {
		clear(out)
		q := reaction.PostQuery{Event: e, Limit: 1000}
		for {
			posts, err := l.store.Posts(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range posts {
				out[p.ID] = p
			}
			if len(posts) < q.Limit {
				break
			}
			last := posts[len(posts)-1]
			q.After = &reaction.PostPosition{At: last.At, Source: last.Source, ID: last.ID}
		}
		if len(out) >= n || time.Now().After(until) {
			return out
		}
		<-time.After(20 * time.Millisecond)
	}
}

// What a collector hears is stored exactly, though it and the line are stopped and started again
// and again.
func TestALiveFeedLosesAndDoublesNothing(t *testing.T) {
	l := newLine(t, testdb.New(t))
	e := l.liveEvent(t, "launch", "launch")
	other := l.liveEvent(t, "rocket", "rocket")
	l.commit(t)
	list := l.watchlist(t)
	const n = 3000
	s := &script{until: func() int { return n }, item: func(i int) collectors.Item {
		text := "the launch goes on"
		switch i % 3 {
		case 1:
			text = "the rocket of the launch"
		case 2:
			text = "nothing of that"
		}
		return collectors.Item{Record: reaction.Record{Post: livePost(fmt.Sprint(i), text)}, Clock: time.Now()}
	}}
	for i := range 5 { // each is cut off somewhere
		cut := (i + 1) * n / 7
		started := make(chan struct{})
		var once sync.Once
		stop := l.collects(t, "a", list, func() collectors.Collector {
			part := *s
			part.item = func(j int) collectors.Item {
				if j >= cut { // not much further
					once.Do(func() { close(started) })
					<-time.After(time.Millisecond)
				}
				return s.item(j)
			}
			return &part
		})
		<-started
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	l.collects(t, "a", list, func() collectors.Collector { return s })
	if got := l.keeps(t, e, 2*n/3); len(got) != 2*n/3 {
		t.Errorf("%d posts are stored, want %d", len(got), 2*n/3)
	}
	got := l.keeps(t, other, n/3)
	if len(got) != n/3 {
		t.Errorf("of the other event %d posts are stored, want %d", len(got), n/3)
	}
	for id, p := range got {
		if p.Author != (reaction.Author{}) {
			t.Errorf("post %s: its author %+v is stored", id, p.Author)
		}
		break
	}
}

// A collector that was paused while another took its feed over cannot write any more.
func TestAPausedCollectorIsFenced(t *testing.T) {
	l := newLine(t, testdb.New(t))
	e := l.liveEvent(t, "launch", "launch")
	l.commit(t)
	list := l.watchlist(t)
	paused, wake, woke := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	l.collects(t, "a", list, func() collectors.Collector {
		return collect(func(ctx context.Context, after collectors.Cursor, emit collectors.Emit) error {
			if after != nil {
				<-ctx.Done()
				return ctx.Err()
			}
			if err := emit(ctx, collectors.Item{Record: reaction.Record{Post: livePost("first", "the launch")}, Cursor: []byte("1")}); err != nil {
				return err
			}
			close(paused)
			<-wake
			for i := 0; ; i++ { // it does not know
				it := collectors.Item{Record: reaction.Record{Post: livePost(fmt.Sprint("stray", i), "the launch")}, Cursor: []byte("2")}
				if err := emit(ctx, it); err != nil {
					woke <- err
					return err
				}
				<-time.After(10 * time.Millisecond)
			}
		})
	})
	<-paused
	l.keeps(t, e, 1)
	// Another node, which does not see the lease, writes to the feed.
	f, err := l.log.Feed(t.Context(), "live/x/0")
	if err != nil {
		t.Fatal(err)
	}
	p := livePost("second", "the launch")
	p.Author = reaction.Author{}
	if _, err := f.Publish(t.Context(), &reaction.Envelope{Feed: "live/x/0", Made: time.Now(), Cursor: []byte("9"),
		Posts: []reaction.Matched{{Post: *p, Events: []reaction.Membership{{Event: e.ID}}}}}); err != nil {
		t.Fatal(err)
	}
	close(wake)
	if err := <-woke; err == nil {
		t.Error("a fenced collector is not told")
	}
	l.keeps(t, e, 2)
	<-time.After(300 * time.Millisecond)
	if got := l.keeps(t, e, 2); len(got) != 2 {
		t.Errorf("%d posts are stored: %v", len(got), got)
	}
	if f, err = l.log.Feed(t.Context(), "live/x/0"); err != nil || string(f.Last().Cursor) != "9" {
		t.Errorf("the feed's cursor is %s, %v", f.Last().Cursor, err)
	}
}

// collect makes a collector of a function.
type collect func(ctx context.Context, after collectors.Cursor, emit collectors.Emit) error

func (c collect) Collect(ctx context.Context, after collectors.Cursor, emit collectors.Emit) error {
	return c(ctx, after, emit)
}

// What a live feed may bring that is odd, all in one envelope.
func TestWhatALiveFeedBrings(t *testing.T) {
	l := newLine(t, testdb.New(t))
	e := l.liveEvent(t, "launch", "launch")
	l.commit(t)
	list := l.watchlist(t)
	now := time.Now().UTC().Truncate(time.Second)
	future, old := livePost("2099", "the launch of 2099"), livePost("old", "the launch of old")
	future.At, old.At = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), now.Add(-48*time.Hour)
	fetched := livePost("fetched", "the launch, fetched afterwards")
	fetched.At, fetched.Received = now.Add(-2*time.Hour), time.Time{}
	unborn := livePost("2150", "the launch of 2150, in other words")
	unborn.At = time.Date(2150, 1, 1, 0, 0, 0, 0, time.UTC)
	broken := livePost("broken", "the launch \xff")
	changed := livePost("plain", "nothing of that any more")
	theirs := livePost("theirs", "a launch of somebody who goes")
	late := livePost("late", "the launch that was deleted before it came")
	items := []collectors.Item{
		{Record: reaction.Record{Delete: &reaction.Delete{Source: reaction.X, ID: "late", At: now}, At: now}},
		{Record: reaction.Record{Post: livePost("plain", "the launch"), At: now}},
		{Record: reaction.Record{Post: future}}, {Record: reaction.Record{Post: old}}, {Record: reaction.Record{Post: fetched}},
		{Record: reaction.Record{Post: unborn, Edit: true, At: now}},
		{Record: reaction.Record{Post: broken}}, {Refused: "opted_out"}, {Record: reaction.Record{Post: theirs}},
		{Record: reaction.Record{Post: late}},
		{Record: reaction.Record{Post: changed, Edit: true, At: now.Add(time.Second)}},
		{Record: reaction.Record{Delete: &reaction.Delete{Source: reaction.X, Author: theirs.Author, At: now.Add(time.Hour)}, At: now.Add(time.Hour)}},
		{Coverage: []reaction.Coverage{{Source: reaction.X, From: now.Add(-time.Minute), To: now, State: reaction.CoverageLive}}, Clock: now},
		{Coverage: []reaction.Coverage{{Source: reaction.X, From: now, To: now.Add(time.Second), State: reaction.CoverageLive}}, Clock: now.Add(time.Second)},
	}
	l.collects(t, "a", list, func() collectors.Collector {
		return collect(func(ctx context.Context, after collectors.Cursor, emit collectors.Emit) error {
			if err := emit(ctx, items...); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		})
	})
	got := l.keeps(t, e, 7)
	for id, want := range map[string]struct {
		text    string
		retimed bool
		deleted bool
	}{
		"plain": {text: "nothing of that any more"}, "2099": {text: "the launch of 2099", retimed: true},
		"2150": {text: "the launch of 2150, in other words", retimed: true},
		"old":  {text: "the launch of old", retimed: true}, "fetched": {text: "the launch, fetched afterwards"},
		"theirs": {deleted: true}, "late": {deleted: true},
	} {
		p, ok := got[id]
		if !ok || p.Text != want.text || p.Retimed != want.retimed || (p.DeletedAt != nil) != want.deleted {
			t.Errorf("%s: %v, %+v", id, ok, p)
		}
		if p.At.After(now.Add(time.Minute)) {
			t.Errorf("%s is at %s", id, p.At)
		}
	}
	if len(got) != 7 {
		t.Errorf("%d posts are stored", len(got))
	}
	spans, err := l.store.Coverage(t.Context(), e, now.Add(-time.Hour), now.Add(time.Hour))
	if err != nil || len(spans) != 1 || !spans[0].To.Equal(now.Add(time.Second)) {
		t.Errorf("coverage %+v, %v", spans, err)
	}
	if w, err := l.store.Watermark(t.Context(), e.ID, time.Now()); err != nil || w == nil || !w.Equal(now.Add(time.Second)) {
		t.Errorf("the watermark is %v, %v: one post of 2099 must not move it", w, err)
	}
}

// An event that is made while a feed runs is listened to from then on, and not before.
func TestAnEventThatComesLater(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.liveEvent(t, "launch", "launch")
	l.commit(t)
	list := l.watchlist(t)
	say := make(chan *reaction.Post)
	l.collects(t, "a", list, func() collectors.Collector {
		return collect(func(ctx context.Context, _ collectors.Cursor, emit collectors.Emit) error {
			for last := time.Now(); ; {
				select {
				case p := <-say:
					now := time.Now()
					if err := emit(ctx, collectors.Item{Record: reaction.Record{Post: p}, Clock: now,
						Coverage: []reaction.Coverage{{Source: reaction.X, From: last, To: now, State: reaction.CoverageLive}}}); err != nil {
						return err
					}
					last = now
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		})
	})
	say <- livePost("1", "the rocket of the launch")
	made := time.Now()
	e := l.liveEvent(t, "rocket", "rocket")
	if err := list.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		say <- livePost(fmt.Sprint("later", i), "the rocket of the launch")
	}
	if got := l.keeps(t, e, 3); len(got) != 3 || got["1"].ID != "" {
		t.Errorf("stored are %v", got)
	}
	spans, err := l.store.Coverage(t.Context(), e, made.Add(-time.Hour), made.Add(time.Hour))
	if err != nil || len(spans) == 0 || spans[0].From.Before(made.Add(-time.Second)) {
		t.Errorf("coverage %+v, %v begins before the event was known (%s)", spans, err, made)
	}
	if _, err := l.log.Feed(t.Context(), "live/x/0"); errors.Is(err, stream.ErrLost) {
		t.Fatal(err)
	}
}

// A post that brings the program down must not bring it down for ever.
func TestAPostAtWhichTheProgramFails(t *testing.T) {
	l := newLine(t, testdb.New(t))
	e := l.liveEvent(t, "launch", "launch")
	build := func([]reaction.Event) pipeline.Tagger { return poisoned{} }
	var said written
	logger := slog.New(slog.NewTextHandler(&said, nil))
	c := pipeline.NewCommitter(l.log, l.store, build, l.meter, logger)
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan error, 1)
	go func() { end <- c.Run(ctx) }()
	tags := func(p *reaction.Post) []string { panic("at " + p.ID) }
	list := pipeline.NewWatchlist(l.store, time.Now, logger)
	if err := list.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	live := pipeline.NewLive(l.log, list, pipeline.NewRecent(time.Now), tags, "a", logger)
	go func() {
		end <- live.Collect(ctx, reaction.X, "live/x/0", func() collectors.Collector {
			return collect(func(ctx context.Context, _ collectors.Cursor, emit collectors.Emit) error {
				for _, p := range []*reaction.Post{livePost("1", "the launch"), livePost(poison, "the launch"), livePost("did:plc:2", "nothing of that"), livePost("3", "the launch")} {
					if err := emit(ctx, collectors.Item{Record: reaction.Record{Post: p}}); err != nil {
						return err
					}
				}
				<-ctx.Done()
				return ctx.Err()
			})
		})
	}()
	if got := l.keeps(t, e, 3); len(got) != 3 || got[poison].Text != "the launch" || got["3"].Tags.Version != 7 {
		t.Errorf("stored are %+v", got)
	}
	cancel()
	for range 2 {
		if err := <-end; err != nil {
			t.Error(err)
		}
	}
	// It is told at what, and not whose: an id of Bluesky names the author.
	text := said.String()
	for _, want := range []string{"could not be matched", "the tagger failed", "feed=live/x/0", "seq=", "bytes=10", "bytes=15"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	if strings.Contains(text, "did:plc") {
		t.Errorf("the log names a post: %s", text)
	}
}

// written is what was logged.
type written struct {
	mu sync.Mutex
	bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Buffer.Write(p)
}

// poison is the id of a post at which the tagger fails.
const poison = "did:plc:poison"

// An envelope in which nothing was said of the cursor may be the last one of its feed: whoever comes
// next goes on from the cursor before.
func TestACursorOutlivesEnvelopesWithoutOne(t *testing.T) {
	l := newLine(t, testdb.New(t))
	e := l.liveEvent(t, "launch", "launch")
	l.commit(t)
	list := l.watchlist(t)
	for i, cursor := range []collectors.Cursor{[]byte("7"), nil} {
		more := make(chan struct{})
		stop := l.collects(t, "a", list, func() collectors.Collector {
			return collect(func(ctx context.Context, after collectors.Cursor, emit collectors.Emit) error {
				if i > 0 && string(after) != "7" {
					t.Errorf("the second goes on after %q", after)
				}
				for n := range 2 { // an envelope each
					it := collectors.Item{Record: reaction.Record{Post: livePost(fmt.Sprint(i, n), "the launch")}}
					if n == 0 {
						it.Cursor = cursor
					}
					if err := emit(ctx, it); err != nil {
						return err
					}
					<-more
				}
				<-ctx.Done()
				return ctx.Err()
			})
		})
		l.keeps(t, e, 2*i+1)
		more <- struct{}{}
		l.keeps(t, e, 2*i+2)
		close(more)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := l.log.Feed(t.Context(), "live/x/0"); err != nil || string(f.Last().Cursor) != "7" {
		t.Errorf("the feed's cursor is %s, %v", f.Last().Cursor, err)
	}
}

// poisoned is a tagger that fails at one post.
type poisoned struct{}

func (poisoned) Tag(p *reaction.Post) reaction.Tags {
	if p.ID == poison {
		panic("at " + p.ID)
	}
	return reaction.Tags{Version: 7, Lang: "en"}
}
