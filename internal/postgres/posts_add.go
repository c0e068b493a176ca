package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlIncoming  = `CREATE TEMPORARY TABLE IF NOT EXISTS incoming (LIKE posts) ON COMMIT DELETE ROWS`
	sqlKnownDays = `DELETE FROM incoming i USING posts p
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
		a.did.Duplicates += len(rows) - len(fresh)
		for _, r := range fresh {
			if err := a.stored(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// stored counts a post that was just written.
func (a *appending) stored(r *postRow) error {
	a.did.Stored++
	a.arrived[r.key.event] = true
	if a.env.Feed.Live() {
		a.placed.add(r)
		a.recheck.add(r)
	}
	if r.deleted != nil {
		a.did.Deletes++
	}
	return a.sums.add(r)
}

// keeps reports whether the event is there and still keeps posts of that time; where it does not any
// more, that is counted.
func (a *appending) keeps(event int64, p *reaction.Matched) bool {
	e, ok := a.events[event]
	if ok && (e.emptied || e.from != nil && p.At.Before(*e.from)) {
		a.expired[p.Source]++
		return false
	}
	return ok
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
			if !a.keeps(m.Event, p) {
				continue
			}
			r := a.newRow(m, p, &a.commit.Tags[i])
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
