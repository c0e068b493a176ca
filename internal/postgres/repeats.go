package postgres

import "sync"

// repeats remembers which events have lately met posts that were stored already: for them the
// way of inserting that expects duplicates is tried first, because a COPY that fails on one is
// work thrown away.
type repeats struct {
	mu     sync.Mutex
	events map[int64]bool
}

func (r *repeats) expected(event int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events[event]
}

func (r *repeats) saw(event int64, some bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !some {
		delete(r.events, event)
		return
	}
	if r.events == nil {
		r.events = map[int64]bool{}
	}
	r.events[event] = true
}
