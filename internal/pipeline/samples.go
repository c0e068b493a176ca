package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"outcry/internal/health"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/stream"
)

// Pushed takes in health samples that services push, on a feed of this node.
type Pushed struct {
	log   *stream.Log
	store *postgres.Store
	feed  reaction.Feed

	mu   sync.Mutex
	open *stream.Feed
}

// NewPushed makes a Pushed for the node of that name, which no other running node may have.
func NewPushed(log *stream.Log, store *postgres.Store, node string) (*Pushed, error) {
	feed, err := nodeFeed("push/samples/", node)
	if err != nil {
		return nil, err
	}
	return &Pushed{log: log, store: store, feed: feed}, nil
}

// PushSamples makes samples of one service durable. It fails with reaction.ErrNotFound if no
// event names the service.
func (p *Pushed) PushSamples(ctx context.Context, service string, samples []health.Sample) error {
	if err := p.known(ctx, service); err != nil {
		return err
	}
	env := &reaction.Envelope{Feed: p.feed, Made: time.Now().UTC()}
	for _, s := range samples {
		s.Service = service
		if s.Vantage == "" {
			s.Vantage = "push"
		}
		env.Samples = append(env.Samples, reaction.ScopedSample{Sample: s})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if p.open == nil {
			feed, err := p.log.Feed(ctx, p.feed)
			if err != nil {
				return err
			}
			p.open = feed
		}
		_, err := p.open.Publish(ctx, env)
		if err == nil {
			return nil
		}
		p.open = nil
		// A node that was started again under the same name fenced this one off: samples have no
		// cursor that could disagree, so they follow its envelopes.
		if !errors.Is(err, stream.ErrFenced) {
			return err
		}
	}
}

func (p *Pushed) known(ctx context.Context, service string) error {
	events, err := p.store.Events(ctx)
	if err != nil {
		return err
	}
	for _, e := range events {
		for _, s := range e.Services {
			if s.Name == service && !e.Simulated {
				return nil
			}
		}
	}
	return fmt.Errorf("no event names a service %q: %w", service, reaction.ErrNotFound)
}
