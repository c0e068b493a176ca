package pipeline_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/internal/pipeline"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/internal/trend"
)

// shouting finds complaints by a word, and fails at another.
type shouting string

func (s shouting) Tag(p *reaction.Post) reaction.Tags {
	if strings.HasSuffix(p.Text, "part 7") {
		panic("a fault of the tagger's")
	}
	return reaction.Tags{Version: 9, Lang: "en", IsComplaint: strings.Contains(p.Text, string(s))}
}

// Several nodes tag the same posts again; each is counted once, one at which the tagger fails keeps its
// tags, followers are told, and a retag that a newer program began is left to it.
func TestRetaggersShareTheWork(t *testing.T) {
	l := newLine(t, testdb.New(t))
	stop := l.commit(t)
	l.begin(t, 300)
	l.send(t, 0, 300)
	l.finish(t)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	posts := l.total(t, trend.Posts)
	if posts == 0 {
		t.Fatal("no posts are stored")
	}
	if _, err := l.store.BeginRetag(t.Context(), l.event, 9, time.Now()); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var told reaction.Changed
	look := func(version int) {
		t.Helper()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				r := pipeline.NewRetagger(l.store, func([]reaction.Event) pipeline.Tagger { return shouting("e") }, version, slog.New(slog.DiscardHandler))
				r.Announce = func(_ context.Context, c reaction.Change) {
					mu.Lock()
					defer mu.Unlock()
					told |= c.Kinds
				}
				if err := r.Look(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	look(8)
	if got, err := l.store.Retag(t.Context(), l.event); err != nil || got.Done() || got.Posts > 0 {
		t.Errorf("an older program has gone on with it: %+v, %v", got, err)
	}
	look(9)
	got, err := l.store.Retag(t.Context(), l.event)
	if err != nil || !got.Done() || float64(got.Posts) != posts || got.Total != got.Posts || got.Failed != 1 {
		t.Errorf("%v posts were tagged again as %+v, %v", posts, got, err)
	}
	if complaints := l.total(t, trend.Complaints); complaints != posts-1 {
		t.Errorf("%v of %v posts are complaints now, want all but the one at which the tagger failed", complaints, posts)
	}
	if !told.Has(reaction.ChangedPosts) {
		t.Error("nobody was told")
	}
}
