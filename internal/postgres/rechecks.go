package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlRechecksAdd = `INSERT INTO rechecks (source, id, event_id, day, checked_at)
		SELECT source, id, event_id, day, now() FROM unnest($1::text[], $2::text[], $3::int[], $4::date[]) k(source, id, event_id, day)
		ON CONFLICT DO NOTHING`
	sqlRechecksDrop = `DELETE FROM rechecks WHERE source = $1 AND id = ANY($2)`
	sqlRechecksDue  = `SELECT DISTINCT ON (checked_at, id) id FROM rechecks WHERE source = $1 AND checked_at < $2
		ORDER BY checked_at, id LIMIT $3`
	sqlRechecked    = `UPDATE rechecks SET checked_at = $3 WHERE source = $1 AND id = ANY($2) AND checked_at < $3`
	sqlRechecksOpen = `SELECT source, count(*), count(*) FILTER (WHERE checked_at < $1), min(checked_at) FROM rechecks
		GROUP BY source ORDER BY source`
)

// rechecked are the sources that do not tell what is deleted: their posts are asked for again.
var rechecked = map[reaction.Source]bool{reaction.X: true}

// writeRechecks notes posts that a live feed brought of sources that do not tell deletions, and forgets
// those that are gone.
func (a *appending) writeRechecks(ctx context.Context, tx pgx.Tx) error {
	r := &a.recheck
	if len(r.ids) > 0 {
		if _, err := tx.Exec(ctx, sqlRechecksAdd, r.sources, r.ids, r.events, r.days); err != nil {
			return err
		}
	}
	for source, ids := range r.gone {
		if _, err := tx.Exec(ctx, sqlRechecksDrop, source, ids); err != nil {
			return err
		}
	}
	return nil
}

// rechecking collects posts that are to be asked for again.
type rechecking struct {
	sources, ids []string
	events       []int64
	days         []time.Time
	gone         map[string][]string // ids by source, of posts that were just deleted
}

func (c *rechecking) add(r *postRow) {
	if !rechecked[reaction.Source(r.key.source)] || r.deleted != nil {
		return
	}
	c.sources, c.ids = append(c.sources, r.key.source), append(c.ids, r.key.id)
	c.events, c.days = append(c.events, r.key.event), append(c.days, r.post.At.UTC().Truncate(24*time.Hour))
}

func (c *rechecking) drop(source, id string) {
	if !rechecked[reaction.Source(source)] {
		return
	}
	if c.gone == nil {
		c.gone = map[string][]string{}
	}
	c.gone[source] = append(c.gone[source], id)
}

// DueForCheck lists at most limit stored posts of a source that were last seen to be there before a
// time, the longest ago first.
func (s *Store) DueForCheck(ctx context.Context, source reaction.Source, before time.Time, limit int) ([]string, error) {
	rows, err := s.pool.Query(ctx, sqlRechecksDue, source, before, limit)
	if err != nil {
		return nil, away(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, away(err)
}

// Checked notes that the source was asked for posts at a time. Those that are gone are told to the
// line as deletions, and leave the list with these.
func (s *Store) Checked(ctx context.Context, source reaction.Source, ids []string, at time.Time) error {
	_, err := s.pool.Exec(ctx, sqlRechecked, source, ids, at)
	return away(err)
}

// Rechecks tells how the checks of each source stand: overdue are those last made before a time.
func (s *Store) Rechecks(ctx context.Context, before time.Time) ([]reaction.Rechecks, error) {
	rows, err := s.pool.Query(ctx, sqlRechecksOpen, before)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r reaction.Rechecks, err error) {
		err = row.Scan(&r.Source, &r.Posts, &r.Overdue, &r.Oldest)
		r.Oldest = r.Oldest.UTC()
		return r, err
	})
	return out, away(err)
}
