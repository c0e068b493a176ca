package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
	"outcry/internal/stream"
)

// fencedFeed is a feed of a real log that another writer has overtaken.
func fencedFeed(t *testing.T, name reaction.Feed) *stream.Feed {
	t.Helper()
	log, err := stream.Open(t.Context(), stream.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	mine, err := log.Feed(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	other, err := log.Feed(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Publish(t.Context(), &reaction.Envelope{Feed: name, Made: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return mine
}

// What is refused is told at once, also while the collector waits for room behind it.
func TestAFencedFeedIsToldWhileTheLineIsFull(t *testing.T) {
	const name = reaction.Feed("live/x/0")
	feed := fencedFeed(t, name)
	list := NewWatchlist(nil, time.Now, slog.New(slog.DiscardHandler))
	in := &intake{
		feed: name, out: make(chan *reaction.Envelope), // nothing may wait: whoever emits more waits with in.mu
		builder: newLiveBuilder(reaction.X, list, nil, NewRecent(time.Now), func(*reaction.Post) []string { return nil }, time.Now),
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	items := make([]collectors.Item, 2*maxRecords+1)
	for i := range items {
		items[i].Record.Delete = &reaction.Delete{Source: reaction.X, ID: fmt.Sprint(i), At: time.Now()}
	}
	emitted, published := make(chan error, 1), make(chan error, 1)
	go func() { emitted <- in.emit(ctx, items...) }()
	go func() { published <- in.publish(ctx, feed) }()
	select {
	case err := <-published:
		if !errors.Is(err, stream.ErrFenced) {
			t.Errorf("publishing ends with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("nobody is told that the feed is fenced")
	}
	cancel()
	if err := <-emitted; !errors.Is(err, context.Canceled) {
		t.Errorf("emitting ends with %v", err)
	}
}
