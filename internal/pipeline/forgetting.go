package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/stream"
)

// Forgetting takes in deletions that somebody asks for by hand, on a feed of this node: they go through
// the line like those that a source tells, and hold for what comes later as long.
type Forgetting struct {
	*postgres.Store

	log  *stream.Log
	feed reaction.Feed

	mu   sync.Mutex
	open *stream.Feed
}

// NewForgetting makes a Forgetting for the node of that name, which no other running node may have.
func NewForgetting(log *stream.Log, store *postgres.Store, node string) (*Forgetting, error) {
	feed, err := nodeFeed("push/deletions/", node)
	if err != nil {
		return nil, err
	}
	return &Forgetting{Store: store, log: log, feed: feed}, nil
}

// Forget makes a deletion durable: of one post of a source, or of all that an author has posted until
// then. It fails with reaction.ErrUnusable where the deletion names neither, and with reaction.ErrAway
// where the log does not take it in time; asked for again it does no harm.
func (f *Forgetting) Forget(ctx context.Context, d reaction.Delete) error {
	if p := (&reaction.Record{At: d.At, Delete: &d}).Check(); p != nil {
		return fmt.Errorf("%s: %w", p, reaction.ErrUnusable)
	}
	if d.ID == "" {
		keys, err := f.AuthorKeys(ctx)
		if err != nil {
			return err
		}
		d.Authors = NewAuthors(keys...).Everywhere(d.Source, d.Author)
	}
	d.Author = reaction.Author{}
	env := &reaction.Envelope{Feed: f.feed, Deletes: []reaction.Delete{d}, Made: time.Now().UTC()}
	ctx, cancel := context.WithTimeout(ctx, pushWait)
	defer cancel()
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		if f.open == nil {
			feed, err := f.log.Feed(ctx, f.feed)
			if err != nil {
				return err
			}
			f.open = feed
		}
		_, err := f.open.Publish(ctx, env)
		if err == nil {
			return nil
		}
		f.open = nil
		if ctx.Err() != nil {
			return fmt.Errorf("a deletion: the log is %w: %w", reaction.ErrAway, err)
		}
		if !errors.Is(err, stream.ErrFenced) { // a node of the same name was started again: see PushSamples
			return err
		}
	}
}
