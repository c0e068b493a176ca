package mastodon

import (
	"time"

	"outcry/internal/reaction"
)

// policy is what can be asked of the server now.
func (s *Server) policy(now time.Time) policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := policy{tags: s.tags, noPublic: now.Before(s.noPublic), most: s.most}
	if p.most <= 0 {
		p.most = mostSubscriptions
		if s.overSSE {
			p.most = mostConnections
		}
	}
	return p
}

// The most streams that are held at once, by one WebSocket and by connections of their own.
const (
	mostSubscriptions = 40
	mostConnections   = 8
)

// served is which events are heard, and what that was made from.
type served struct {
	events []reaction.Event // as it was given: it is not changed
	policy policy
	ids    map[int64]bool
}

// Listens reports whether the streams that are held, or would be, bring all that an event asks for.
func (s *Server) Listens(event int64) bool {
	events, p := s.wanted.Events(), s.policy(time.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	if was := &s.served; was.ids == nil || was.policy != p || len(was.events) != len(events) || len(events) > 0 && &was.events[0] != &events[0] {
		streams := plan(events, p)
		s.served = served{events: events, policy: p, ids: map[int64]bool{}}
		for i := range events {
			s.served.ids[events[i].ID] = serves(&events[i], streams, p)
		}
	}
	heard, known := s.served.ids[event]
	return heard || !known
}

// tagEvents are the ids of the events that hashtags alone find.
func tagEvents(events []reaction.Event) (ids []int64) {
	for i := range events {
		if _, words := asks(&events[i]); !words {
			ids = append(ids, events[i].ID)
		}
	}
	return ids
}
