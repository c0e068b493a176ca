package postgres

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	sqlPlaces = `INSERT INTO places (digest, event_id, day) SELECT * FROM unnest($1::bigint[], $2::int[], $3::date[])
		ON CONFLICT DO NOTHING`
	sqlPlacesOf = `SELECT p.event_id, k.source, k.id, k.at
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[]) k(digest, source, id, at) JOIN places p USING (digest)`
	// Events into which recordings were replayed, whose posts are not among the places.
	sqlReplayed = `SELECT id FROM events WHERE id IN (SELECT event_id FROM feeds WHERE event_id IS NOT NULL)
		AND definition->'simulated' IS DISTINCT FROM 'true'::jsonb AND NOT emptied ORDER BY id`
)

// place is the short form of a digest that places are found by.
func (d digest) place() int64 { return int64(binary.BigEndian.Uint64(d[:8])) }

// placed collects where posts went that were just stored.
type placed struct {
	digests []int64
	events  []int64
	days    []time.Time
}

func (p *placed) add(r *postRow) {
	p.digests = append(p.digests, digestOf(r.key.source, r.key.id).place())
	p.events = append(p.events, r.key.event)
	p.days = append(p.days, r.post.At.UTC().Truncate(24*time.Hour))
}

// writePlaces notes where the posts of a live feed are.
func (a *appending) writePlaces(ctx context.Context, tx pgx.Tx) error {
	p := &a.placed
	if len(p.digests) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqlPlaces, p.digests, p.events, p.days)
	return err
}

// doomPlaces finds the posts that a live source says are gone.
func (a *appending) doomPlaces(ctx context.Context) error {
	g := &a.gone
	places := make([]int64, len(g.digests))
	for i, d := range g.digests {
		places[i] = digest(d).place()
	}
	if err := a.seek(ctx, sqlPlacesOf, places, g.sources, g.ids, g.at); err != nil {
		return err
	}
	rows, err := a.store.pool.Query(ctx, sqlReplayed)
	if err != nil {
		return err
	}
	events, err := pgx.CollectRows(rows, pgx.RowTo[int64])
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
