package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

const (
	sqlPlatformCounts = `INSERT INTO platform_counts AS p (event_id, source, from_at, to_at, posts)
		SELECT * FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bigint[])
		ON CONFLICT (event_id, source, from_at, to_at) DO UPDATE SET posts = EXCLUDED.posts WHERE p.posts <> EXCLUDED.posts`
	// The series is made of minutes alone: of wider counts some lie within others.
	sqlTrendPlatform = `SELECT source, from_at, to_at, posts FROM platform_counts
		WHERE event_id = $1 AND source = ANY($2) AND from_at >= $3 AND to_at <= $4 AND to_at - from_at <= interval '1 minute'
		ORDER BY source, from_at`
	sqlPastCounts = `SELECT from_at, to_at, posts FROM platform_counts
		WHERE event_id = $1 AND source = $2 AND from_at >= $3 AND to_at - from_at = interval '1 hour' ORDER BY from_at`
)

// writePlatformCounts stores what a source counted itself. Of one stretch that is told twice in an
// envelope the last word comes last in it, and stands.
func (a *appending) writePlatformCounts(ctx context.Context, tx pgx.Tx) error {
	type stretch struct {
		event    int64
		source   reaction.Source
		from, to int64
	}
	n := len(a.env.Counts)
	known := make(map[stretch]bool, n)
	events, sources := make([]int64, 0, n), make([]string, 0, n)
	froms, tos, posts := make([]time.Time, 0, n), make([]time.Time, 0, n), make([]int64, 0, n)
	for _, c := range slices.Backward(a.env.Counts) {
		key := stretch{c.Event, c.Source, c.From.UnixMicro(), c.To.UnixMicro()}
		if _, ok := a.events[c.Event]; !ok || known[key] || !c.From.Before(c.To) || c.Posts < 0 {
			continue
		}
		known[key] = true
		events, sources = append(events, c.Event), append(sources, string(c.Source))
		froms, tos, posts = append(froms, c.From), append(tos, c.To), append(posts, c.Posts)
	}
	if len(events) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqlPlatformCounts, events, sources, froms, tos, posts)
	return err
}

// platformCounts reads what sources counted themselves, for the series of a query that ask for it.
func platformCounts(ctx context.Context, tx pgx.Tx, q *trend.Query) ([]reaction.PlatformCount, error) {
	sources := q.CountedBy()
	if len(sources) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, sqlTrendPlatform, q.Event.ID, texts(sources), q.From, q.To)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c reaction.PlatformCount, err error) {
		c.Event = q.Event.ID
		err = row.Scan(&c.Source, &c.From, &c.To, &c.Posts)
		return c, err
	})
}

// PastCounts lists the hours since a moment that a source has counted for an event, oldest first.
func (s *Store) PastCounts(ctx context.Context, event int64, source reaction.Source, since time.Time) ([]reaction.PlatformCount, error) {
	rows, err := s.pool.Query(ctx, sqlPastCounts, event, source, since)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (reaction.PlatformCount, error) {
		c := reaction.PlatformCount{Event: event, Source: source}
		err := row.Scan(&c.From, &c.To, &c.Posts)
		c.From, c.To = c.From.UTC(), c.To.UTC()
		return c, err
	})
	return out, away(err)
}
