package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// namesLock, with an event's id, is held by who counts names of the event.
const namesLock = 0x6e616d65 // "name"

const (
	// FOR KEY SHARE: an event is not deleted meanwhile, and no Append waits.
	sqlNamesEvent = `SELECT emptied FROM events WHERE id = $1 FOR KEY SHARE`
	sqlNamesLock  = `SELECT pg_advisory_xact_lock($1::int, $2::int)`
	sqlNamesRead  = `SELECT name, sketch FROM names WHERE event_id = $1 AND name = ANY($2) AND sketch IS NOT NULL`
	sqlNamesWrite = `INSERT INTO names AS n (event_id, name, display, kind, posts, sketch, first_at, last_at, state, decided_by)
		SELECT $1::int, x.name, x.display, x.kind, x.total, x.sketch, x.first_at, x.last_at, 'open', ''
		FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[], $8::timestamptz[], $9::timestamptz[])
			x(name, display, kind, posts, total, sketch, first_at, last_at)
		ON CONFLICT (event_id, name) DO UPDATE SET
		posts = n.posts + (SELECT d.posts FROM unnest($2::text[], $5::bigint[]) d(name, posts) WHERE d.name = n.name),
		sketch = COALESCE(EXCLUDED.sketch, n.sketch), kind = EXCLUDED.kind,
		first_at = LEAST(n.first_at, EXCLUDED.first_at), last_at = GREATEST(n.last_at, EXCLUDED.last_at)
		WHERE n.state = 'open'`
	sqlNamesTop = `DELETE FROM names WHERE event_id = $1 AND state = 'open' AND name IN (SELECT name FROM names
		WHERE event_id = $1 AND state = 'open' ORDER BY posts DESC, name OFFSET $2)`
	sqlNameStates = `SELECT name, state FROM names WHERE event_id = $1`
	sqlNames      = `SELECT name, display, kind, posts, sketch, first_at, last_at, state, decided_by, decided_at FROM names
		WHERE event_id = $1 AND ($2::text = '' OR state = $2) AND ($3::bigint IS NULL OR posts < $3 OR posts = $3 AND name > $4::text)
		ORDER BY posts DESC, name LIMIT $5`
	sqlNameLock = `SELECT name, display, kind, posts, sketch, first_at, last_at, state, decided_by, decided_at FROM names
		WHERE event_id = $1 AND name = $2 FOR UPDATE`
	sqlNameDecide    = `UPDATE names SET kind = $3, state = $4, decided_by = $5, decided_at = $6 WHERE event_id = $1 AND name = $2`
	sqlDropNames     = `DELETE FROM names WHERE event_id = $1`
	sqlDropOpenNames = `DELETE FROM names WHERE event_id = $1 AND state = 'open'`
)

// NameCount is what a name gathered since it was counted last.
type NameCount struct {
	reaction.Name               // Posts are those since it was counted last
	Total         int64         // posts that whoever counts has seen of it, these included
	People        *trend.People // known authors of all of these; nil where none was known
}

// AddNames adds to what is stored of an event's candidates, and makes candidates of names that are
// new: Total of them count then. Of the open ones those of the most posts are kept,
// reaction.MaxNames of them, and what somebody decided on is not changed. It fails with
// reaction.ErrNotFound where the event is gone, or keeps nothing of its posts any more.
func (s *Store) AddNames(ctx context.Context, event int64, list []NameCount) error {
	list = slices.SortedFunc(slices.Values(list), func(a, b NameCount) int { return cmp.Compare(a.Key, b.Key) })
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var emptied bool
		err := tx.QueryRow(ctx, sqlNamesEvent, event).Scan(&emptied)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && emptied {
			return fmt.Errorf("event %d: %w", event, reaction.ErrNotFound)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlNamesLock, namesLock, event); err != nil {
			return err
		}
		sketches, err := mergedSketches(ctx, tx, event, list)
		if err != nil {
			return err
		}
		n := len(list)
		keys, texts, kinds := make([]string, n), make([]string, n), make([]string, n)
		posts, totals := make([]int64, n), make([]int64, n)
		firsts, lasts := make([]time.Time, n), make([]time.Time, n)
		for i, c := range list {
			keys[i], texts[i], kinds[i], posts[i], totals[i], firsts[i], lasts[i] = c.Key, c.Text, c.Kind, c.Posts, c.Total, c.FirstAt, c.LastAt
		}
		if _, err := tx.Exec(ctx, sqlNamesWrite, event, keys, texts, kinds, posts, totals, sketches, firsts, lasts); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlNamesTop, event, reaction.MaxNames)
		return err
	})
}

// mergedSketches are the sketches of people for a list of names, with everyone who is stored.
func mergedSketches(ctx context.Context, tx pgx.Tx, event int64, list []NameCount) ([][]byte, error) {
	keys := make([]string, len(list))
	for i := range list {
		keys[i] = list[i].Key
	}
	rows, err := tx.Query(ctx, sqlNamesRead, event, keys)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(list))
	var name string
	var sketch []byte
	if _, err := pgx.ForEachRow(rows, []any{&name, &sketch}, func() error {
		i, _ := slices.BinarySearch(keys, name)
		out[i] = slices.Clone(sketch)
		return nil
	}); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].People == nil {
			continue
		}
		all := trend.NewPeople()
		if out[i] != nil {
			if all, err = trend.ReadPeople(out[i]); err != nil {
				return nil, err
			}
		}
		if err := all.Merge(list[i].People); err != nil {
			return nil, err
		}
		if out[i], err = all.Bytes(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// NameStates tells how every stored name of an event stands, by its key.
func (s *Store) NameStates(ctx context.Context, event int64) (map[string]reaction.NameState, error) {
	rows, err := s.pool.Query(ctx, sqlNameStates, event)
	if err != nil {
		return nil, away(err)
	}
	out := map[string]reaction.NameState{}
	var key string
	var state reaction.NameState
	_, err = pgx.ForEachRow(rows, []any{&key, &state}, func() error {
		out[key] = state
		return nil
	})
	return out, away(err)
}

// Names lists names of an event.
func (s *Store) Names(ctx context.Context, q reaction.NameQuery) ([]reaction.Name, error) {
	var posts *int64
	var key string
	if q.After != nil {
		posts, key = &q.After.Posts, q.After.Key
	}
	rows, err := s.pool.Query(ctx, sqlNames, q.Event.ID, string(q.State), posts, key, q.Limit)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, scanName)
	if err != nil {
		return nil, away(fmt.Errorf("names of %s: %w", q.Event.Slug, err))
	}
	return out, nil
}

func scanName(row pgx.CollectableRow) (n reaction.Name, err error) {
	var sketch []byte
	if err := row.Scan(&n.Key, &n.Text, &n.Kind, &n.Posts, &sketch, &n.FirstAt, &n.LastAt, &n.State, &n.By, (*maybeTime)(&n.DecidedAt)); err != nil {
		return n, err
	}
	n.FirstAt, n.LastAt = n.FirstAt.UTC(), n.LastAt.UTC()
	if sketch == nil {
		return n, nil
	}
	p, err := trend.ReadPeople(sketch)
	if err == nil {
		n.Authors = p.Count()
	}
	return n, err
}
