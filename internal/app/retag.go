package app

import (
	"context"
	"time"

	"outcry/internal/pipeline"
	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/nlp"
)

// retags begins retags with the tagger of this program.
type retags struct{ *postgres.Store }

// BeginRetag sets down that an event's posts are to be tagged again.
func (r retags) BeginRetag(ctx context.Context, e *reaction.Event, now time.Time) (reaction.Retag, error) {
	return r.Store.BeginRetag(ctx, e, nlp.Version, now)
}

// retagger tags posts again where it was asked for, and tells followers.
func (n *Node) retagger() *pipeline.Retagger {
	r := pipeline.NewRetagger(n.Store, newTagger, nlp.Version, n.logger)
	r.Announce = func(ctx context.Context, c reaction.Change) {
		if err := n.Notices.Announce(ctx, c); err != nil {
			n.logger.Warn("figures that changed were not announced", "event", c.Event, "error", err)
		}
	}
	return r
}

func newTagger(events []reaction.Event) pipeline.Tagger { return nlp.New(events) }
