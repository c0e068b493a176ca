package postgres

import (
	"context"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const sqlFollowed = `SELECT id, definition, revision FROM events WHERE id = ANY($1)`

// followed remembers which services events follow, by the revision of their definitions.
type followed struct {
	mu     sync.Mutex
	events map[int64]followedBy
}

type followedBy struct {
	revision int64
	services map[string]bool
}

// of lists the services that the given events follow, where any post names one.
func (f *followed) of(ctx context.Context, tx pgx.Tx, env *reaction.Envelope, tags []reaction.Tags, events map[int64]eventState) (map[int64]map[string]bool, error) {
	wanted := map[int64]bool{}
	for i := range tags {
		if len(tags[i].Services) == 0 {
			continue
		}
		for _, m := range env.Posts[i].Events {
			if _, ok := events[m.Event]; ok {
				wanted[m.Event] = true
			}
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	out := map[int64]map[string]bool{}
	var missing []int64
	f.mu.Lock()
	for id := range wanted {
		if k, ok := f.events[id]; ok && k.revision == events[id].revision {
			out[id] = k.services
		} else {
			missing = append(missing, id)
		}
	}
	f.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	rows, err := tx.Query(ctx, sqlFollowed, missing)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanEvent)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.events == nil || len(f.events) > 10_000 {
		f.events = map[int64]followedBy{}
	}
	for i := range found {
		k := followedBy{found[i].Revision, map[string]bool{}}
		for _, name := range found[i].ServiceNames() {
			k.services[name] = true
		}
		f.events[found[i].ID], out[found[i].ID] = k, k.services
	}
	return out, nil
}

// ofService reports whether a label counts posts about one service.
func ofService(label string) bool {
	return strings.HasPrefix(label, reaction.ServicePrefix) || strings.HasPrefix(label, reaction.ComplaintPrefix)
}
