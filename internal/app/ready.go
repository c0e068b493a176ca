package app

import (
	"context"
	"time"

	"outcry/internal/eventfile"
)

// EnsureReady makes the event that comes with the program, "Is it down?", where no event was ever made:
// so a server that follows a source has something to listen for at once. Called at every start, it does
// so once in the life of a database: an event that somebody deletes does not come back.
func (n *Node) EnsureReady(ctx context.Context) error {
	e, err := eventfile.Ready(time.Now())
	if err != nil {
		return err
	}
	made, err := n.Store.MakeOnce(ctx, e)
	if err != nil {
		return err
	}
	if made {
		n.logger.Info("an event was made to begin with", "event", e.Slug)
	}
	return nil
}
