package play

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/stream"
	"outcry/internal/testdb"
	"outcry/nlp"
)

// house is a whole line on a real log and a real database, with one event.
type house struct {
	log   *stream.Log
	store *postgres.Store
	event *reaction.Event
}

type silent struct{}

func (silent) Committed(*reaction.Envelope, postgres.Appended, time.Duration) {}

// newHouse opens a line that commits until the test ends.
func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{}
	var err error
	if h.store, err = postgres.Open(t.Context(), postgres.Options{URL: testdb.New(t), Grace: 30 * time.Second}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.store.Close)
	if h.log, err = stream.Open(t.Context(), stream.Options{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.log.Close(); err != nil {
			t.Error(err)
		}
	})
	h.event = h.make(t, "night")
	tagger := func(events []reaction.Event) pipeline.Tagger { return nlp.New(events) }
	c := pipeline.NewCommitter(h.log, h.store, tagger, silent{}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) { // before it had begun
			t.Error(err)
		}
	})
	return h
}

// make makes an event about a stream.
func (h *house) make(t *testing.T, slug string) *reaction.Event {
	t.Helper()
	e := &reaction.Event{Slug: slug, Title: "A night", StartsAt: t0, EndsAt: t0.Add(time.Hour),
		Match: reaction.Match{Any: []string{"stream"}}, Services: []health.Service{{Name: "Rooms"}}, Sources: []reaction.Source{reaction.X}}
	e.Normalise()
	if err := h.store.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

var t0 = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

// runs are the line's doors for runs as a process that has just started has them.
func (h *house) runs() *pipeline.Runs {
	return pipeline.NewRuns(h.log, h.store, pipeline.NewRecent(time.Now), nlp.HashtagKeys)
}
