package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlAuthorKeys = `SELECT id, author_key, daily, key_month FROM events
		WHERE author_key IS NOT NULL AND NOT emptied AND definition->'simulated' IS DISTINCT FROM 'true'::jsonb ORDER BY id`
	sqlAuthorKey = `SELECT id, author_key, daily, key_month FROM events WHERE id = $1`
	// The days of endless events, by the names of their partitions.
	sqlDays = `SELECT c.relname::text FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
		JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname LIKE 'posts\_%' AND p.relkind = 'p' AND c.relname LIKE 'posts\_%\_%'`
)

// AuthorKeys lists the keys of author hashes of every real event that keeps posts. What is gone at a
// live source must be looked for under all of them.
func (s *Store) AuthorKeys(ctx context.Context) ([]reaction.AuthorKey, error) {
	var keys []reaction.AuthorKey
	err := s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlAuthorKeys)
		if err != nil {
			return err
		}
		if keys, err = pgx.CollectRows(rows, scanAuthorKey); err != nil {
			return err
		}
		return monthsOf(ctx, tx, keys)
	})
	return keys, err
}

// AuthorKey reads the key of one event's author hashes: without a Key once it was destroyed. It fails
// with reaction.ErrNotFound.
func (s *Store) AuthorKey(ctx context.Context, event int64) (k reaction.AuthorKey, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlAuthorKey, event)
		if err != nil {
			return err
		}
		k, err = pgx.CollectExactlyOneRow(rows, scanAuthorKey)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("event %d: %w", event, reaction.ErrNotFound)
		}
		if err != nil {
			return err
		}
		one := []reaction.AuthorKey{k}
		err = monthsOf(ctx, tx, one)
		k = one[0]
		return err
	})
	return k, err
}

func scanAuthorKey(row pgx.CollectableRow) (k reaction.AuthorKey, err error) {
	return k, row.Scan(&k.Event, &k.Key, &k.Monthly, &k.Month)
}

// monthsOf fills in the months of which posts are stored, with the present one and the next: posts of
// those may come before the keys are read again.
func monthsOf(ctx context.Context, tx pgx.Tx, keys []reaction.AuthorKey) error {
	if !slices.ContainsFunc(keys, func(k reaction.AuthorKey) bool { return k.Monthly }) {
		return nil
	}
	days, err := daysOf(ctx, tx)
	if err != nil {
		return err
	}
	now := reaction.MonthOf(time.Now())
	for i := range keys {
		k := &keys[i]
		if !k.Monthly {
			continue
		}
		for _, day := range days[k.Event] {
			k.Months = append(k.Months, reaction.MonthOf(day))
		}
		k.Months = k.Span(now, now+1)
	}
	return nil
}

var dayName = regexp.MustCompile(`^posts_(\d+)_(\d{8})$`)

// daysOf lists the days that endless events have partitions of, by event, ascending.
func daysOf(ctx context.Context, tx pgx.Tx) (map[int64][]time.Time, error) {
	rows, err := tx.Query(ctx, sqlDays)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	out := map[int64][]time.Time{}
	for _, name := range names {
		m := dayName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		event, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		day, err := time.Parse("20060102", m[2])
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		out[event] = append(out[event], day)
	}
	return out, nil
}
