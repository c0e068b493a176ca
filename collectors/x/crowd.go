package x

import (
	"context"
	"time"

	"outcry/collectors"
)

// clearEvery is how often connections may be ended by force: what comes back sooner is somebody
// else's.
const clearEvery = 10 * time.Minute

// crowd takes note that X believes that the app is connected already, and is what to do about it.
// At first that is an old connection of ours whose end X has not noticed.
func (s *Source) crowd() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.crowded++; s.crowded <= 2 {
		return crowded()
	}
	return &collectors.Fault{Kind: collectors.Limited, Err: errCrowded, Mend: mendCrowd}
}

// unstick ends the app's connections by force, where X still counts one after some time.
func (s *Source) unstick(ctx context.Context) error {
	s.mu.Lock()
	stuck := s.crowded >= 2 && (s.cleared.IsZero() || time.Since(s.cleared) >= clearEvery)
	if stuck {
		s.cleared = time.Now()
	}
	s.mu.Unlock()
	if !stuck {
		return nil
	}
	s.log.Warn("X counts a connection of the app that is not there; its connections are ended by force")
	return s.client.ClearConnections(ctx)
}

// well takes note that the stream speaks.
func (s *Source) well() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crowded = 0
}
