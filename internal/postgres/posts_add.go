package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	sqlTombstones = `SELECT t.source, t.id, t.deleted_at FROM tombstones t
		JOIN unnest($1::text[], $2::text[]) k(source, id) ON t.source = k.source AND t.id = k.id`
	sqlAnyTombstone = `SELECT EXISTS (SELECT FROM tombstones)`
	sqlIncoming     = `CREATE TEMPORARY TABLE IF NOT EXISTS incoming (LIKE posts) ON COMMIT DELETE ROWS`
	sqlKnownDays    = `DELETE FROM incoming i USING posts p
		WHERE p.event_id = $1 AND p.source = i.source AND p.id = i.id`
)

// addPosts writes the posts that are new, and sums them up. The fast way is COPY straight into
// the event's partition; where it meets a post that is stored already, the batch goes through a
// temporary table and duplicates are left out.
func (a *appending) addPosts(ctx context.Context, tx pgx.Tx) error {
	byEvent, err := a.rows(ctx, tx)
	if err != nil {
		return err
	}
	for _, event := range sortedKeys(byEvent) {
		rows := byEvent[event]
		fresh, err := a.insert(ctx, tx, event, rows)
		if err != nil {
			return err
		}
		a.did.Stored += len(fresh)
		a.did.Duplicates += len(rows) - len(fresh)
		for _, r := range fresh {
			if err := a.sums.add(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// rows makes the rows of the envelope's posts by event, each post once, with the tombstones that
// wait for them. Edits are left to editPosts, except those of posts that are not stored.
func (a *appending) rows(ctx context.Context, tx pgx.Tx) (map[int64][]*postRow, error) {
	byEvent := map[int64][]*postRow{}
	seen := make(map[postKey]bool, len(a.env.Posts))
	for i := range a.env.Posts {
		p := &a.env.Posts[i]
		if p.Edit {
			continue
		}
		for _, m := range p.Events {
			if _, ok := a.events[m.Event]; !ok {
				continue
			}
			r := newRow(m, p, &a.commit.Tags[i])
			if seen[r.key] {
				a.did.Duplicates++
				continue
			}
			seen[r.key] = true
			byEvent[m.Event] = append(byEvent[m.Event], r)
		}
	}
	return byEvent, a.applyTombstones(ctx, tx, byEvent)
}

func (a *appending) applyTombstones(ctx context.Context, tx pgx.Tx, byEvent map[int64][]*postRow) error {
	if len(byEvent) == 0 {
		return nil
	}
	var some bool
	if err := tx.QueryRow(ctx, sqlAnyTombstone).Scan(&some); err != nil || !some {
		return err
	}
	type name struct{ source, id string }
	rows := map[name][]*postRow{}
	var sources, ids []string
	for _, list := range byEvent {
		for _, r := range list {
			n := name{r.key.source, r.key.id}
			if rows[n] == nil {
				sources, ids = append(sources, n.source), append(ids, n.id)
			}
			rows[n] = append(rows[n], r)
		}
	}
	found, err := tx.Query(ctx, sqlTombstones, sources, ids)
	if err != nil {
		return err
	}
	var n name
	var at time.Time
	_, err = pgx.ForEachRow(found, []any{&n.source, &n.id, &at}, func() error {
		for _, r := range rows[n] {
			t := at
			r.deleted = &t
		}
		return nil
	})
	return err
}

// insert writes rows of one event and returns those that were new.
func (a *appending) insert(ctx context.Context, tx pgx.Tx, event int64, rows []*postRow) ([]*postRow, error) {
	daily := a.events[event].daily
	if daily {
		if err := createDays(ctx, tx, event, rows); err != nil {
			return nil, err
		}
	}
	// A post of an endless event must be looked for on every day, which COPY cannot do.
	if !daily && !a.store.repeats.expected(event) {
		err := pgx.BeginFunc(ctx, tx, func(sub pgx.Tx) error { return copyRows(ctx, sub, partition(event), rows) })
		if err == nil || !isUnique(err) {
			return rows, err
		}
	}
	fresh, err := a.insertSlowly(ctx, tx, event, rows, daily)
	a.store.repeats.saw(event, len(fresh) < len(rows))
	return fresh, err
}

func (a *appending) insertSlowly(ctx context.Context, tx pgx.Tx, event int64, rows []*postRow, daily bool) ([]*postRow, error) {
	if _, err := tx.Exec(ctx, sqlIncoming); err != nil {
		return nil, err
	}
	if err := copyRows(ctx, tx, "incoming", rows); err != nil {
		return nil, err
	}
	if daily {
		if _, err := tx.Exec(ctx, sqlKnownDays, event); err != nil {
			return nil, err
		}
	}
	got, err := tx.Query(ctx, `WITH taken AS (DELETE FROM incoming RETURNING *)
		INSERT INTO `+partition(event)+` SELECT * FROM taken ORDER BY at, source, id ON CONFLICT DO NOTHING RETURNING source, id`)
	if err != nil {
		return nil, err
	}
	inserted := make(map[postKey]bool, len(rows))
	k := postKey{event: event}
	if _, err := pgx.ForEachRow(got, []any{&k.source, &k.id}, func() error {
		inserted[k] = true
		return nil
	}); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r *postRow) bool { return !inserted[r.key] }), nil
}

func createDays(ctx context.Context, tx pgx.Tx, event int64, rows []*postRow) error {
	days := map[time.Time]bool{}
	for _, r := range rows {
		day := r.post.At.UTC().Truncate(24 * time.Hour)
		if days[day] {
			continue
		}
		days[day] = true
		if err := createDay(ctx, tx, event, day); err != nil {
			return err
		}
	}
	return nil
}

func copyRows(ctx context.Context, tx pgx.Tx, table string, rows []*postRow) error {
	n, err := tx.CopyFrom(ctx, pgx.Identifier{table}, postColumns, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		return rows[i].values()
	}))
	if err == nil && n != int64(len(rows)) {
		return errors.New("copy into " + table + ": rows were left out")
	}
	return err
}
