package api

import "context"

// announce tells live readers that an event has changed.
func (s *server) announce(ctx context.Context, event int64) {
	if s.Announce != nil {
		s.Announce(context.WithoutCancel(ctx), event) // it is stored, whether or not the client waits
	}
}
