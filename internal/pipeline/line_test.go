package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/stream"
	"outcry/internal/testdb"
	"outcry/internal/trend"
	"outcry/nlp"
)

var t0 = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

// line is a whole line on a real log and a real database.
type line struct {
	log   *stream.Log
	store *postgres.Store
	runs  *pipeline.Runs
	event *reaction.Event
	dir   string
	meter *counter
}

// counter remembers what was committed.
type counter struct {
	mu    sync.Mutex
	known int
}

func (c *counter) Committed(_ *reaction.Envelope, did postgres.Appended, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if did.Known {
		c.known++
	}
}

func newLine(t *testing.T, url string) *line {
	t.Helper()
	l := &line{dir: t.TempDir(), meter: &counter{}}
	var err error
	if l.store, err = postgres.Open(t.Context(), postgres.Options{URL: url, Grace: 30 * time.Second}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.store.Close)
	if l.log, err = stream.Open(t.Context(), stream.Options{Dir: l.dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.log.Close() })
	l.event = &reaction.Event{Slug: "night", Title: "A night", StartsAt: t0, EndsAt: t0.Add(time.Hour),
		Match: reaction.Match{Any: []string{"stream"}}, Services: []health.Service{{Name: "Rooms"}}, Sources: []reaction.Source{reaction.X}}
	l.event.Normalise()
	if err := l.store.CreateEvent(t.Context(), l.event); err != nil {
		t.Fatal(err)
	}
	l.runs = pipeline.NewRuns(l.log, l.store, pipeline.NewRecent(time.Now), nlp.HashtagKeys)
	return l
}

// commit runs a committer until the returned function is called, which gives its error.
func (l *line) commit(t *testing.T) (stop func() error) {
	t.Helper()
	build := func(events []reaction.Event) pipeline.Tagger { return nlp.New(events) }
	c := pipeline.NewCommitter(l.log, l.store, build, l.meter, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() { cancel(); err = <-ended })
		return err
	}
	t.Cleanup(func() { stop() })
	return stop
}

func records(from, to int) []reaction.Record {
	var out []reaction.Record
	for i := from; i < to; i++ {
		at := t0.Add(time.Duration(i) * time.Second)
		text := fmt.Sprintf("watching the stream with friends, part %d", i)
		if i%3 == 0 {
			text = "no audio on the stream #DeSaster"
		}
		if i%5 == 0 {
			text = "something else #other"
		}
		out = append(out, reaction.Record{At: at, Post: &reaction.Post{
			Source: reaction.X, ID: fmt.Sprint("p", i), At: at, Text: text, Author: reaction.Author{ID: fmt.Sprint("author-", i%7), Handle: "somebody"}}})
	}
	return out
}

func plan(n int) reaction.Run {
	return reaction.Run{Name: "run", Records: int64(n), Coverage: []reaction.Coverage{{
		Source: reaction.X, From: t0, To: t0.Add(time.Duration(n) * time.Second), State: reaction.CoverageRecorded}}}
}

// send sends records [after, to) of a run in batches of ten.
func (l *line) send(t *testing.T, after, to int) reaction.RunProgress {
	t.Helper()
	var p reaction.RunProgress
	for i := after; i < to; i += 10 {
		var err error
		if p, err = l.runs.Send(t.Context(), l.event, "run", int64(i), records(i, min(i+10, to))); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (l *line) begin(t *testing.T, n int) reaction.RunProgress {
	t.Helper()
	p, err := l.runs.Begin(t.Context(), l.event, plan(n))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// finish ends the run and waits until it is stored.
func (l *line) finish(t *testing.T) reaction.RunProgress {
	t.Helper()
	p, err := l.runs.Finish(t.Context(), l.event, "run")
	for until := time.Now().Add(time.Minute); err == nil && !p.Done; {
		if time.Now().After(until) {
			t.Fatalf("not done after a minute: %+v", p)
		}
		p, err = l.runs.Progress(t.Context(), l.event, "run")
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (l *line) total(t *testing.T, name trend.Name) float64 {
	t.Helper()
	r, err := l.store.Trend(t.Context(), trend.Query{Event: l.event, Series: []trend.Name{name}, From: t0, To: t0.Add(time.Hour), Step: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return *r.Series[0].Points[0].Value
}

func TestARunGoesThroughTheLineOnce(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.commit(t)
	l.begin(t, 100)
	l.send(t, 0, 100)
	p := l.finish(t)
	if p.Stored != 80 || p.Unmatched != 20 || p.Duplicates != 0 {
		t.Errorf("%+v", p)
	}
	if posts, complaints, people := l.total(t, trend.Posts), l.total(t, trend.Complaints), l.total(t, trend.Authors); posts != 80 || complaints != 27 || people != 7 {
		t.Errorf("%v posts, %v complaints, %v people", posts, complaints, people)
	}

	// The same again is a new pass that adds nothing.
	if p := l.begin(t, 100); p.Sent != 0 || p.Done {
		t.Errorf("begun again: %+v", p)
	}
	l.send(t, 0, 100)
	if p := l.finish(t); p.Stored != 0 || p.Duplicates != 80 || p.Unmatched != 20 {
		t.Errorf("second pass: %+v", p)
	}
	if n := l.total(t, trend.Posts); n != 80 {
		t.Errorf("%v posts after a second pass", n)
	}
}

func TestAnEnvelopeDeliveredTwiceCountsOnce(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.begin(t, 30)
	l.send(t, 0, 30)
	// A tagger stores each envelope and dies before it can say so.
	d, err := l.log.Deliveries(t.Context(), stream.ConsumeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		del, err := d.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tags := make([]reaction.Tags, len(del.Envelope.Posts))
		for i := range tags {
			tags[i] = nlp.New(nil).Tag(&del.Envelope.Posts[i].Post)
		}
		if _, err := l.store.Append(t.Context(), postgres.Commit{Epoch: del.Epoch, Seq: del.Seq, Prev: del.Prev, Envelope: del.Envelope, Tags: tags}); err != nil {
			t.Fatal(err)
		}
	}
	d.Close()
	l.commit(t)
	if p := l.finish(t); p.Stored != 24 || p.Duplicates != 0 {
		t.Errorf("%+v", p)
	}
	l.meter.mu.Lock()
	defer l.meter.mu.Unlock()
	if l.meter.known != 3 {
		t.Errorf("%d envelopes were known again, want 3: nothing was delivered twice", l.meter.known)
	}
}

func TestPostsWaitInTheLogWhileTheDatabaseIsAway(t *testing.T) {
	server := testdb.Server(t)
	l := newLine(t, server.URL("outcry"))
	l.commit(t)
	l.begin(t, 60)
	l.send(t, 0, 20)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := l.send(t, 20, 60)
	if p.Sent != 60 {
		t.Errorf("%d records were taken while the database was away", p.Sent)
	}
	testdb.Restart(t, server)
	if p := l.finish(t); p.Stored != 48 || p.Duplicates != 0 {
		t.Errorf("%+v", p)
	}
	if n := l.total(t, trend.Posts); n != 48 {
		t.Errorf("%v posts", n)
	}
}

func TestAChangedEventBeginsItsRunsAnew(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.commit(t)
	l.begin(t, 50)
	l.send(t, 0, 20)
	l.event.Match.Any = append(l.event.Match.Any, "#other")
	if err := l.store.ReplaceEvent(t.Context(), l.event); err != nil {
		t.Fatal(err)
	}
	if _, err := l.runs.Send(t.Context(), l.event, "run", 20, records(20, 30)); !errors.Is(err, reaction.ErrConflict) {
		t.Errorf("sending on by the old terms: %v", err)
	}
	if p := l.begin(t, 50); p.Sent != 0 {
		t.Errorf("begun again: %+v", p)
	}
	l.send(t, 0, 50)
	l.finish(t)
	if n := l.total(t, trend.Posts); n != 50 {
		t.Errorf("%v posts, want all 50 by the new terms", n)
	}
}

func TestTheLastSenderHoldsTheRun(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.commit(t)
	l.begin(t, 40)
	l.send(t, 0, 20)
	other := pipeline.NewRuns(l.log, l.store, pipeline.NewRecent(time.Now), nlp.HashtagKeys) // another process
	p, err := other.Begin(t.Context(), l.event, plan(40))
	if err != nil || p.Sent != 20 {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := other.Send(t.Context(), l.event, "run", 20, records(20, 30)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.runs.Send(t.Context(), l.event, "run", 20, records(20, 30)); !errors.Is(err, reaction.ErrConflict) {
		t.Errorf("the first sender goes on: %v", err)
	}
	if p := l.begin(t, 40); p.Sent != 30 {
		t.Errorf("begun again: %+v", p)
	}
	l.send(t, 30, 40)
	if p := l.finish(t); p.Stored != 32 || p.Duplicates != 0 {
		t.Errorf("%+v", p)
	}
}

// Nobody's name or account becomes durable: neither in the log nor in the database.
func TestAuthorsLeaveNoNameBehind(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.begin(t, 12)
	l.send(t, 0, 10)
	at := t0.Add(30 * time.Second)
	passed := reaction.Record{At: at, Post: &reaction.Post{Source: reaction.X, ID: "passed", At: at, Text: "RT the stream", Kind: reaction.Repost, Repeats: "p0",
		Author: reaction.Author{ID: "author-9"}, Passed: reaction.Author{ID: "author-1", Handle: "somebody"}}}
	gone := []reaction.Record{passed, {At: t0.Add(time.Minute), Delete: &reaction.Delete{Source: reaction.X, At: t0.Add(time.Minute), Author: reaction.Author{ID: "author-1"}}}}
	if _, err := l.runs.Send(t.Context(), l.event, "run", 10, gone); err != nil {
		t.Fatal(err)
	}
	d, err := l.log.Deliveries(t.Context(), stream.ConsumeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		del, err := d.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(del.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "author-") || strings.Contains(string(text), "somebody") {
			t.Errorf("the log names an author: %s", text)
		}
	}
	d.Close()
	l.commit(t)
	if p := l.finish(t); p.Stored != 9 || p.Deletes != 3 { // the repost goes with whose words it is

		t.Errorf("%+v", p)
	}
	posts, err := l.store.Posts(t.Context(), reaction.PostQuery{Event: l.event, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range posts {
		if p.Author != (reaction.Author{}) || p.Passed != (reaction.Author{}) {
			t.Errorf("a stored post names its author: %+v", p.Post)
		}
	}
}

// One strange post must never stop the line behind it.
func TestStrangePostsDoNotStopTheLine(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.commit(t)
	texts := []string{
		"the stream #" + strings.Repeat("d", 5000), "the stream " + strings.Repeat("#a", 3000), "the stream \u202e\u0300" + strings.Repeat("\u0301", 20000),
		"the stream \\u0000 '; DROP TABLE posts; --", "the stream " + strings.Repeat("\U0001F525", 10000), "the stream \t\r\n\\N \\.",
	}
	var strange []reaction.Record
	for i, text := range texts {
		at := t0.Add(time.Duration(i) * time.Second)
		strange = append(strange, reaction.Record{At: at, Post: &reaction.Post{
			Source: "archive", ID: strings.Repeat("i", reaction.MaxIDBytes-1) + fmt.Sprint(i), At: at, Text: text, Lang: "en-Latn-x-private",
			Facets: []reaction.Facet{{Kind: reaction.FacetHashtag, Value: strings.Repeat("f", reaction.MaxFacetBytes)}}}})
	}
	// Letters that do not compress, in posts that match and in one that does not.
	random := make([]byte, reaction.MaxFacetBytes)
	for i, r := 0, rand.New(rand.NewPCG(1, 2)); i < len(random); i++ {
		random[i] = 'a' + byte(r.IntN(26))
	}
	for i, text := range []string{"the stream #" + string(random), "nothing #" + string(random)} {
		at := t0.Add(time.Minute)
		strange = append(strange, reaction.Record{At: at, Post: &reaction.Post{Source: "archive", ID: fmt.Sprint(i), At: at, Text: text}})
	}
	l.begin(t, len(strange))
	bad := strange[0]
	p := *bad.Post
	p.Text = "the \x00 stream"
	bad.Post = &p
	if _, err := l.runs.Send(t.Context(), l.event, "run", 0, []reaction.Record{bad}); !errors.Is(err, reaction.ErrConflict) || !strings.Contains(err.Error(), "NUL") {
		t.Errorf("a NUL character: %v", err)
	}
	if _, err := l.runs.Send(t.Context(), l.event, "run", 0, strange); err != nil {
		t.Fatal(err)
	}
	if p := l.finish(t); p.Stored != int64(len(texts)+1) || p.Unmatched != 1 {
		t.Errorf("%+v", p)
	}
}

func TestUnmatchedPostsAreHeardForAnHour(t *testing.T) {
	now := t0
	r := pipeline.NewRecent(func() time.Time { return now })
	for _, text := range []string{"the match begins", "buffering again", "buffering, still"} {
		r.Add(&reaction.Post{Source: reaction.X, Text: text, Author: reaction.Author{ID: "1"}}, text == "buffering again")
		now = now.Add(time.Minute)
	}
	heard := func(simulated bool) (texts []string) {
		for p := range r.Heard(simulated) {
			if texts = append(texts, p.Text); p.Author != (reaction.Author{}) {
				t.Error("an author is remembered")
			}
		}
		return texts
	}
	if got := heard(false); !slices.Equal(got, []string{"buffering, still", "the match begins"}) {
		t.Errorf("of the real world %q", got)
	}
	if got := heard(true); !slices.Equal(got, []string{"buffering again"}) {
		t.Errorf("of drills %q", got)
	}
	now = t0.Add(time.Hour + 90*time.Second)
	if got := heard(false); !slices.Equal(got, []string{"buffering, still"}) {
		t.Errorf("an hour later %q", got)
	}
}

// told collects what the line announces of an event.
type told struct {
	mu    sync.Mutex
	list  []reaction.Change
	moved chan struct{}
}

func (l *line) follow(t *testing.T) *told {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = l.log.Notices().Follow(ctx) }()
	w := &told{moved: make(chan struct{}, 1)}
	stop := l.log.Notices().Watch(l.event.ID, func(_ string, c reaction.Change) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.list = append(w.list, c)
		select {
		case w.moved <- struct{}{}:
		default:
		}
	})
	t.Cleanup(func() { stop(); cancel(); <-done })
	return w
}

// until waits for a change that holds.
func (w *told) until(t *testing.T, what string, holds func(reaction.Change) bool) reaction.Change {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for n := 0; ; {
		w.mu.Lock()
		for ; n < len(w.list); n++ {
			if c := w.list[n]; holds(c) {
				w.mu.Unlock()
				return c
			}
		}
		w.mu.Unlock()
		select {
		case <-w.moved:
		case <-timeout:
			t.Fatalf("%s was not told: %+v", what, w.list)
		}
	}
}

func TestWhatIsCommittedIsAnnounced(t *testing.T) {
	l := newLine(t, testdb.New(t))
	w := l.follow(t)
	l.commit(t)
	l.begin(t, 40)
	l.send(t, 0, 20)
	c := w.until(t, "the second batch", func(c reaction.Change) bool { return c.Clock.Equal(t0.Add(19 * time.Second)) })
	if !c.Kinds.Has(reaction.ChangedPosts) || c.Seq == 0 || len(c.Spans) != 1 || c.Spans[0].From.After(t0.Add(-30*time.Second)) || c.Spans[0].To.Before(t0.Add(20*time.Second)) {
		t.Errorf("told %+v", c)
	}
	l.send(t, 20, 40)
	l.finish(t)
	w.until(t, "the end", func(c reaction.Change) bool { return len(c.Spans) > 0 && c.Spans[len(c.Spans)-1].To.IsZero() })
}

// A tagger that stored an envelope and died before it told is made up for: the envelope comes again.
func TestWhatWasCommittedAndNotToldIsTold(t *testing.T) {
	l := newLine(t, testdb.New(t))
	l.begin(t, 10)
	l.send(t, 0, 10)
	d, err := l.log.Deliveries(t.Context(), stream.ConsumeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	del, err := d.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.store.Append(t.Context(), postgres.Commit{Epoch: del.Epoch, Seq: del.Seq, Prev: del.Prev, Envelope: del.Envelope,
		Tags: make([]reaction.Tags, len(del.Envelope.Posts))}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	w := l.follow(t)
	l.commit(t)
	w.until(t, "what the dead tagger stored", func(c reaction.Change) bool { return c.Seq == del.Seq && c.Kinds.Has(reaction.ChangedPosts) })
}

// stopping is a meter that stops the line at its first commit.
type stopping struct {
	stop      context.CancelFunc
	committed int
}

func (s *stopping) Committed(*reaction.Envelope, postgres.Appended, time.Duration) {
	s.stop()
	s.committed++
}

// What is committed while the line stops is acknowledged and does not come again: it is told all the
// same.
func TestWhatIsCommittedAtTheStopIsTold(t *testing.T) {
	l := newLine(t, testdb.New(t))
	w := l.follow(t)
	l.begin(t, 10)
	l.send(t, 0, 10)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	meter := &stopping{stop: cancel}
	build := func(events []reaction.Event) pipeline.Tagger { return nlp.New(events) }
	if err := pipeline.NewCommitter(l.log, l.store, build, meter, slog.New(slog.DiscardHandler)).Run(ctx); err != nil || meter.committed == 0 {
		t.Fatalf("%d envelopes committed, %v", meter.committed, err)
	}
	w.until(t, "what was committed last", func(c reaction.Change) bool { return c.Kinds.Has(reaction.ChangedPosts) })
}

// A recording that is played at its own pace and has nothing to say goes on all the same: what is
// told of the time that passes keeps its buckets open, and closes those that are over.
func TestSilenceInARecordingPasses(t *testing.T) {
	l := newLine(t, testdb.New(t))
	w := l.follow(t)
	l.commit(t)
	l.begin(t, 20)
	l.send(t, 0, 10)
	until := t0.Add(3 * time.Minute)
	if _, err := l.runs.Advance(t.Context(), l.event, "run", until); err != nil {
		t.Fatal(err)
	}
	w.until(t, "the time that passed", func(c reaction.Change) bool { return c.Clock.Equal(until) })
	mark, err := l.store.Watermark(t.Context(), l.event.ID, time.Now())
	if err != nil || mark == nil || !mark.Equal(until) {
		t.Errorf("watermark %v, %v", mark, err)
	}
	// What is behind the clock changes nothing; what is ahead of the wall clock is refused.
	if p, err := l.runs.Advance(t.Context(), l.event, "run", t0); err != nil || p.Sent != 10 {
		t.Errorf("backwards: %+v, %v", p, err)
	}
	if _, err := l.runs.Advance(t.Context(), l.event, "run", time.Now().Add(time.Hour)); !errors.Is(err, reaction.ErrConflict) {
		t.Errorf("ahead of the present: %v", err)
	}
	if _, err := l.runs.Advance(t.Context(), l.event, "other", until); !errors.Is(err, reaction.ErrNotFound) {
		t.Errorf("of a run that is not open: %v", err)
	}
	l.send(t, 10, 20)
	if p := l.finish(t); p.Stored != 16 {
		t.Errorf("%+v", p)
	}
	if _, err := l.runs.Advance(t.Context(), l.event, "run", until.Add(time.Hour)); err != nil {
		t.Errorf("of a run that is over: %v", err)
	}
}
