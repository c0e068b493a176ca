package api_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"outcry/internal/reaction"
)

// Names lists the names of a memory.
func (m *memory) Names(ctx context.Context, q reaction.NameQuery) ([]reaction.Name, error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return nil, err
	}
	var out []reaction.Name
	for _, n := range m.names[q.Event.ID] {
		if (q.State == "" || n.State == q.State) && (q.After == nil || n.Posts < q.After.Posts || n.Posts == q.After.Posts && n.Key > q.After.Key) {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b reaction.Name) int { return cmp.Or(cmp.Compare(b.Posts, a.Posts), cmp.Compare(a.Key, b.Key)) })
	return out[:min(len(out), q.Limit)], nil
}

// DecideName decides on a name of a memory.
func (m *memory) DecideName(ctx context.Context, slug, key string, d reaction.NameDecision) (n reaction.Name, _ *reaction.Event, err error) {
	defer m.mu.Unlock()
	if err := m.hold(ctx); err != nil {
		return n, nil, err
	}
	e, ok := m.events[slug]
	i := slices.IndexFunc(m.names[e.ID], func(n reaction.Name) bool { return n.Key == key })
	if !ok || i < 0 {
		return n, nil, fmt.Errorf("event %q: name %q: %w", slug, key, reaction.ErrNotFound)
	}
	n = m.names[e.ID][i]
	n.State, n.By, n.DecidedAt = reaction.NameRefused, d.By, d.Now
	if d.Accept {
		if _, err := e.Take(n, d); err != nil {
			return n, nil, err
		}
		n.State = reaction.NameAccepted
		e.Revision++
	}
	m.names[e.ID][i], m.events[slug] = n, e
	return n, &e, nil
}
