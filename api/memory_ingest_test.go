package api_test

import (
	"context"
	"slices"
	"sync"

	"outcry/internal/reaction"
)

// ingest is a memory of what was pushed.
type ingest struct {
	*memory

	mu    sync.Mutex
	got   []reaction.Pushed
	seen  map[string]bool
	after int           // batches after which there is no room; 0 for never
	held  chan struct{} // nil, or what every batch waits for
	waits chan struct{} // told of each that does
}

func newIngest(m *memory) *ingest { return &ingest{memory: m, seen: map[string]bool{}} }

func (g *ingest) Look(ctx context.Context) error {
	defer g.memory.mu.Unlock()
	return g.hold(ctx)
}

// taken is how many things were pushed so far.
func (g *ingest) taken() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.got)
}

func (g *ingest) Push(ctx context.Context, _ string, batch []reaction.Pushed) (reaction.Took, error) {
	if g.held != nil {
		g.waits <- struct{}{}
		select {
		case <-g.held:
		case <-ctx.Done():
			return reaction.Took{}, ctx.Err()
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.after--; g.after == 0 {
		g.after = 1
		return reaction.Took{}, reaction.ErrAway
	}
	took := reaction.Took{Fates: make([]reaction.Fate, len(batch))}
	for i, x := range batch {
		if p := x.Record.Post; p != nil {
			switch name := string(p.Source) + " " + p.ID; {
			case p.Source == "nowhere":
				took.Fates[i], took.Unlisted = reaction.Unmatched, []reaction.Source{"nowhere"}
			case g.seen[name]:
				took.Fates[i] = reaction.Duplicate
			default:
				g.seen[name] = true
			}
		}
	}
	g.got = append(g.got, slices.Clone(batch)...)
	return took, nil
}
