package postgres

import (
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	// A place leads to all that lies there, and lasts as long as the latest of it.
	sqlPlacesMove = `UPDATE places p SET day = k.day FROM unnest($1::bigint[], $2::int[], $3::date[]) k(digest, event_id, day)
		WHERE p.digest = k.digest AND p.event_id = k.event_id AND p.day < k.day`
	sqlPlaces = `INSERT INTO places (digest, event_id, day) SELECT * FROM unnest($1::bigint[], $2::int[], $3::date[])
		ON CONFLICT DO NOTHING`
	sqlPlacesOf = `SELECT p.event_id, k.source, k.id, k.at
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[]) k(digest, source, id, at) JOIN places p USING (digest)`
	// The numbers are those of the list, from 1. OFFSET 0 keeps each look-up one of the index.
	sqlPlacesOfAuthors = `SELECT k.n FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY k(digest, event_id, n)
		WHERE k.event_id = ANY($3) OR EXISTS (SELECT FROM places p WHERE p.digest = k.digest AND p.event_id = k.event_id OFFSET 0)`
	// Events into which recordings were replayed, whose posts are not among the places.
	sqlReplayed = `SELECT id FROM events WHERE id IN (SELECT event_id FROM feeds WHERE event_id IS NOT NULL)
		AND definition->'simulated' IS DISTINCT FROM 'true'::jsonb AND NOT emptied ORDER BY id`
)

// placeKey is where something lies: the short form of a digest, and an event.
type placeKey struct {
	digest int64
	event  int64
}

// place is the short form of a digest that places are found by.
func (d digest) place() int64 { return int64(binary.BigEndian.Uint64(d[:8])) }

// placeOf is the place of a person's posts. The hash is of the event's own key: without that, which
// goes with the event's posts, it leads to nobody.
func placeOf(who reaction.Person) int64 { return int64(binary.BigEndian.Uint64(who[:8])) }

// placed collects where posts went that were just stored: each is found by its id and its author, and
// a repost by those of what it passes on.
type placed map[placeKey]time.Time

func (p *placed) add(r *postRow) {
	if *p == nil {
		*p = placed{}
	}
	day := r.post.At.UTC().Truncate(24 * time.Hour)
	note := func(digest int64) {
		if k := (placeKey{digest, r.key.event}); day.After((*p)[k]) {
			(*p)[k] = day
		}
	}
	note(digestOf(r.key.source, r.key.id).place())
	if passes(&r.post.Post) {
		note(digestOf(r.key.source, r.post.Repeats).place())
	}
	for _, who := range []reaction.Person{r.author, r.passed} {
		if who.Known() {
			note(placeOf(who))
		}
	}
}

// writePlaces notes where the posts of a live feed are.
func (a *appending) writePlaces(ctx context.Context, tx pgx.Tx) error {
	if len(a.placed) == 0 {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(a.placed), func(x, y placeKey) int {
		return cmp.Or(cmp.Compare(x.digest, y.digest), cmp.Compare(x.event, y.event))
	})
	digests, events, days := make([]int64, len(keys)), make([]int64, len(keys)), make([]time.Time, len(keys))
	for i, k := range keys {
		digests[i], events[i], days[i] = k.digest, k.event, a.placed[k]
	}
	for _, query := range []string{sqlPlacesMove, sqlPlaces} {
		if _, err := tx.Exec(ctx, query, digests, events, days); err != nil {
			return err
		}
	}
	return nil
}

// doomPlaces finds the posts that a live source says are gone, and where reposts of them are.
func (a *appending) doomPlaces(ctx context.Context) error {
	g := &a.gone
	places := make([]int64, len(g.digests))
	for i, d := range g.digests {
		places[i] = digest(d).place()
	}
	if err := a.seek(ctx, sqlPlacesOf, places, g.sources, g.ids, g.at); err != nil {
		return err
	}
	events, err := a.replayed(ctx)
	if err != nil {
		return err
	}
	for _, event := range events {
		if err := a.seek(ctx, sqlDoomed, g.sources, g.ids, g.at, event); err != nil {
			return err
		}
	}
	return nil
}

// doomAuthors finds the posts of people who are gone, and reposts of what they wrote: of a live
// source's word in the events alone of which there may be something, so that others are not locked.
func (a *appending) doomAuthors(ctx context.Context) error {
	g := &a.gone
	if len(g.events) == 0 {
		return nil
	}
	byEvent := map[int64]*goneNames{}
	note := func(i int) {
		e := byEvent[g.events[i]]
		if e == nil {
			e = &goneNames{}
			byEvent[g.events[i]] = e
		}
		e.authorSources, e.authors, e.authorAt = append(e.authorSources, g.authorSources[i]), append(e.authors, g.authors[i]), append(e.authorAt, g.authorAt[i])
	}
	if a.env.Event != 0 {
		for i := range g.events {
			note(i)
		}
	} else if err := a.placeAuthors(ctx, note); err != nil {
		return err
	}
	for _, event := range sortedKeys(byEvent) {
		e := byEvent[event]
		if err := a.seek(ctx, sqlDoomedAuthors, e.authorSources, e.authors, e.authorAt, event); err != nil {
			return err
		}
	}
	return nil
}

// placeAuthors notes which of the authors in events there may be something of.
func (a *appending) placeAuthors(ctx context.Context, note func(i int)) error {
	replayed, err := a.replayed(ctx)
	if err != nil {
		return err
	}
	g := &a.gone
	places := make([]int64, len(g.authors))
	for i, who := range g.authors {
		places[i] = placeOf(reaction.Person(who))
	}
	rows, err := a.store.pool.Query(ctx, sqlPlacesOfAuthors, places, g.events, append([]int64{}, replayed...))
	if err != nil {
		return err
	}
	var n int
	_, err = pgx.ForEachRow(rows, []any{&n}, func() error {
		note(n - 1)
		return nil
	})
	return err
}

// replayed lists the real events into which recordings were replayed.
func (a *appending) replayed(ctx context.Context) ([]int64, error) {
	rows, err := a.store.pool.Query(ctx, sqlReplayed)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
