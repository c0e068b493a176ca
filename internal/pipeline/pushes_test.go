package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"outcry/internal/pipeline"
	"outcry/internal/reaction"
	"outcry/internal/stream"
	"outcry/internal/testdb"
	"outcry/internal/trend"
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

// An old clock, told again and again, holds its own source's events back by what a live feed's silence
// may last and no longer, and no event that does not name its source by a moment.
func TestAnOldClockHoldsNobodyForEver(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.commit(t)
	own := l.liveEvent(t, "own", "tower")
	other := l.eventOf(t, "other", "mybridge")
	p := l.takesPushes(t, l.watchlist(t), "node")
	begin := time.Now().UTC().Truncate(time.Microsecond)
	now := begin
	p.Patience(time.Minute, func() time.Time { return now })
	watermark := func(e *reaction.Event) *time.Time {
		t.Helper()
		w, err := l.store.Watermark(t.Context(), e.ID, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	n := 0
	push := func(who string, source reaction.Source, clock time.Time) {
		t.Helper()
		batch := pushBatch(n, n+1, "tower")
		batch[0].Record.Post.Source = source
		if !clock.IsZero() {
			batch = append(batch, reaction.Pushed{Clock: &reaction.SourceClock{Source: source, At: clock}})
		}
		if _, err := p.Push(t.Context(), who, batch); err != nil {
			t.Fatal(err)
		}
		n++
	}
	for i := range 30 {
		now = begin.Add(time.Duration(i) * time.Minute)
		push("old", reaction.X, begin.Add(-6*time.Hour))
		push("bridge", "mybridge", time.Time{})
	}
	l.keeps(t, own, 30) // each with its clock in one envelope
	l.keeps(t, other, 30)
	if w := watermark(own); w == nil || !w.Equal(now.Add(-trend.Freshness)) {
		t.Errorf("its own event's watermark is at %v, want %v", w, now.Add(-trend.Freshness))
	}
	if w := watermark(other); w != nil {
		t.Errorf("another's is held at %v", w)
	}
	now = now.Add(10 * time.Second)
	push("ahead", "mybridge", now.Add(5*time.Minute))
	l.keeps(t, other, 31)
	if w := watermark(other); w == nil || !w.Equal(now) {
		t.Errorf("by a clock that is ahead the watermark is at %v, want the present, %v", w, now)
	}
}

// A sender whose clock is far behind has its source told as late, unless somebody else hears it.
func TestAClockFarBehindIsToldAsLate(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.commit(t)
	e := l.liveEvent(t, "own", "tower")
	p := l.takesPushes(t, l.watchlist(t), "node")
	begin := time.Now().UTC().Truncate(time.Second)
	now := begin
	p.Patience(time.Minute, func() time.Time { return now })
	word := func(state reaction.CoverageState, from, to time.Duration) reaction.Pushed {
		return reaction.Pushed{Heard: &reaction.Coverage{Source: reaction.X, From: begin.Add(from), To: begin.Add(to), State: state}}
	}
	clock := func(at time.Duration) reaction.Pushed {
		return reaction.Pushed{Clock: &reaction.SourceClock{Source: reaction.X, At: begin.Add(at)}}
	}
	n := 0
	push := func(who string, at time.Duration, said ...reaction.Pushed) {
		t.Helper()
		now = begin.Add(at)
		if _, err := p.Push(t.Context(), who, append(said, pushBatch(n, n+1, "tower")...)); err != nil {
			t.Fatal(err)
		}
		n++
		l.keeps(t, e, n) // the words and the post in one envelope
	}
	heard := func(what string, want ...reaction.CoverageState) {
		t.Helper()
		spans, err := l.store.Coverage(t.Context(), e, begin.Add(-time.Hour), begin.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		var got []reaction.CoverageState
		for _, h := range trend.Hearings(spans, reaction.X, begin.Add(-10*time.Minute), begin) {
			got = append(got, h.State)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: heard as %v, want %v of %+v", what, got, want, spans)
		}
	}
	push("one", 0, word(reaction.CoverageLive, -10*time.Minute, 0), clock(-4*time.Minute))
	heard("a little behind", reaction.CoverageLive)
	push("one", 0, clock(-6*time.Minute))
	heard("far behind", reaction.CoverageLive, reaction.CoverageLate)
	push("one", time.Second, word(reaction.CoverageFilled, -5*time.Minute, 0))
	heard("caught up", reaction.CoverageLive, reaction.CoverageFilled)
	push("two", 2*time.Second, clock(-time.Hour))
	heard("somebody else is behind", reaction.CoverageLive, reaction.CoverageFilled)
	// Who says nothing any more is missed, as anybody: nothing says that it was heard.
	feeds := []trend.FeedHeard{{Source: reaction.X, Feed: "push/posts-x/node", Last: begin, Word: begin, State: reaction.CoverageLive}}
	late := begin.Add(trend.Freshness)
	if h := trend.Hear(feeds, nil, nil, late.Add(-5*time.Minute), late, late); h[0].Why != reaction.CoverageGap || !h[0].Whole.Equal(begin) {
		t.Errorf("after its silence: %+v", h[0])
	}
}

// Deletions of authors take as many hashes as there are events: however many are pushed at once, what
// they make is bounded, and all of them are there.
func TestManyDeletedAuthorsAreManyEnvelopes(t *testing.T) {
	l := newLine(t, testdb.New(t))
	e := l.liveEvent(t, "live", "tower")
	for i := range 40 {
		l.liveEvent(t, fmt.Sprint("more-", i), "something else")
	}
	p := l.takesPushes(t, l.watchlist(t), "node")
	posts := pushBatch(0, 100, "tower")
	var gone []reaction.Pushed
	for i := range 2500 {
		who := reaction.Author{ID: fmt.Sprint("author-", i)}
		if i%25 == 0 {
			posts[i/25].Record.Post.Author = who
		}
		gone = append(gone, reaction.Pushed{Record: reaction.Record{At: time.Now(), Delete: &reaction.Delete{Source: reaction.X, Author: who, At: time.Now()}}})
	}
	if _, err := p.Push(t.Context(), "somebody", posts); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Push(t.Context(), "somebody", gone); err != nil {
		t.Fatal(err)
	}
	d, err := l.log.Deliveries(t.Context(), stream.ConsumeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	envelopes := 0
	for n := 0; n < len(gone); {
		got, err := d.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n += len(got.Envelope.Deletes); len(got.Envelope.Deletes) > 0 {
			envelopes++
		}
	}
	d.Close() // none is acknowledged: they come again
	if envelopes < 2 {
		t.Errorf("they are %d envelopes", envelopes)
	}
	l.commit(t)
	var left int
	for until := time.Now().Add(time.Minute); ; {
		stored := l.keeps(t, e, 100)
		left = 100 - len(stored)
		for _, x := range stored {
			if x.DeletedAt == nil {
				left++
			}
		}
		if left == 0 || time.Now().After(until) {
			break
		}
	}
	if left != 0 {
		t.Errorf("%d of 100 posts are not stored and deleted", left)
	}
}

// eventOf makes an event that is listened to now, for posts of a source that say "tower".
func (l *line) eventOf(t *testing.T, slug string, source reaction.Source) *reaction.Event {
	t.Helper()
	e := &reaction.Event{Slug: slug, Title: slug, StartsAt: time.Now().Add(-time.Minute), EndsAt: time.Now().Add(time.Hour), Status: reaction.Live,
		Match: reaction.Match{Any: []string{"tower"}}, Sources: []reaction.Source{source}}
	e.Normalise()
	if err := l.store.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

// Whoever makes up names of sources does not fill the store with counts of them.
func TestMadeUpSourcesAreNotAllCounted(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.liveEvent(t, "live", "tower")
	p := l.takesPushes(t, l.watchlist(t), "node")
	now := time.Now()
	p.Patience(time.Minute, func() time.Time { return now })
	push := func(prefix string) {
		t.Helper()
		batch := pushBatch(0, 300, "tower")
		for i := range batch {
			batch[i].Record.Post.Source = reaction.Source(fmt.Sprint(prefix, i))
		}
		for i := range 300 {
			batch = append(batch, reaction.Pushed{Refused: &reaction.Refusal{Source: reaction.Source(fmt.Sprint(prefix, "r", i)), Reason: "bad_value"}})
		}
		took, err := p.Push(t.Context(), "somebody", append(batch, pushBatch(0, 1, "tower")...))
		if err != nil || took.Fates[299] != reaction.Unmatched || len(took.Unlisted) != 300 || took.Fates[600] == reaction.Unmatched {
			t.Errorf("%+v, %v", took, err)
		}
	}
	push("a")
	push("b") // none of these is counted
	now = now.Add(time.Hour)
	push("c")
	d, err := l.log.Deliveries(t.Context(), stream.ConsumeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	counted, posts := map[reaction.Source]bool{}, 0
	for posts < 3 {
		got, err := d.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range got.Envelope.Unmatched {
			counted[u.Source] = true
		}
		for _, r := range got.Envelope.Rejected {
			counted[r.Source] = true
		}
		posts += len(got.Envelope.Posts)
		if err := got.Ack(); err != nil {
			t.Fatal(err)
		}
	}
	if len(counted) != 200 {
		t.Errorf("%d sources are counted of two hours, want 200", len(counted))
	}
}
