//go:build peers

package peers_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"outcry/collectors"
	"outcry/collectors/bluesky"
	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/stream"
	"outcry/internal/testdb"
	"outcry/nlp"
)

const (
	feed = "live/bluesky/0"
	// expect is how long Jetstream may say nothing before it counts as not heard.
	expect = 3 * time.Second
)

// line is the whole line on a real log and a real database, with the collector in front of it.
type line struct {
	store *postgres.Store
	live  *pipeline.Live
	list  *pipeline.Watchlist
	event *reaction.Event
	host  string
	stop  func() // the collector
}

type silent struct{}

func (silent) Committed(*reaction.Envelope, postgres.Appended, time.Duration) {}

func startLine(t *testing.T, host string) *line {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(t.Output(), nil))
	l := &line{host: host}
	var err error
	if l.store, err = postgres.Open(t.Context(), postgres.Options{URL: testdb.New(t), Grace: 30 * time.Second}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.store.Close)
	log, err := stream.Open(t.Context(), stream.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	now := time.Now()
	l.event = &reaction.Event{
		Slug: "night", Title: "A night", StartsAt: now.Add(-time.Minute), EndsAt: now.Add(time.Hour), Status: reaction.Live,
		Match: reaction.Match{Any: []string{"#" + eventTag, eventPhrase}}, Sources: []reaction.Source{reaction.Bluesky},
	}
	l.event.Normalise()
	if err := l.store.CreateEvent(t.Context(), l.event); err != nil {
		t.Fatal(err)
	}
	l.list = pipeline.NewWatchlist(l.store, time.Now, logger)
	l.live = pipeline.NewLive(log, l.list, pipeline.NewRecent(time.Now), nlp.HashtagKeys, "test", logger)
	build := func(events []reaction.Event) pipeline.Tagger { return nlp.New(events) }
	committer := pipeline.NewCommitter(log, l.store, build, silent{}, logger)
	background(t, committer.Run)
	background(t, l.list.Run)
	return l
}

// background runs something until the function that it returns is called, or the test ends.
func background(t *testing.T, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// collect starts the collector, as a process that starts does: it knows what the log knows.
func (l *line) collect(t *testing.T) {
	l.stop = background(t, func(ctx context.Context) error {
		return l.live.Collect(ctx, reaction.Bluesky, feed, func() collectors.Collector {
			s, err := bluesky.New(bluesky.Options{Hosts: []string{"ws://" + l.host}, Expect: expect})
			if err != nil {
				t.Error(err)
			}
			return collectors.NewStation(reaction.Bluesky, s, collectors.StationOptions{
				Wanted: l.list.Wants(reaction.Bluesky), Host: s.Host, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
			})
		})
	})
}

// posts are all posts of the event, by their names.
func (l *line) posts(ctx context.Context) (map[string]reaction.StoredPost, error) {
	out := map[string]reaction.StoredPost{}
	q := reaction.PostQuery{Event: l.event, Limit: 500}
	for {
		page, err := l.store.Posts(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			out[p.ID] = p
		}
		if len(page) < q.Limit {
			return out, nil
		}
		last := page[len(page)-1]
		q.After = &reaction.PostPosition{At: last.At, Source: last.Source, ID: last.ID}
	}
}

// gap is whether some of the time after a moment is known as not heard, or as heard afterwards.
func (l *line) gap(ctx context.Context, after time.Time, states ...reaction.CoverageState) (bool, error) {
	spans, err := l.store.Coverage(ctx, l.event, after, after.Add(time.Hour))
	for _, s := range spans {
		if slices.Contains(states, s.State) {
			return true, err
		}
	}
	return false, err
}
