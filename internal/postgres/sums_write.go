package postgres

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/trend"
)

// The upserts of figures are sorted by their keys, so that two Appends of different feeds meet
// the same rows in the same order.
const (
	sqlRollups = `INSERT INTO rollups AS r (event_id, label, bucket, source, lang, gross, net, late)
		SELECT * FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[])
		ON CONFLICT (event_id, label, bucket, source, lang) DO UPDATE
		SET gross = r.gross + EXCLUDED.gross, net = r.net + EXCLUDED.net, late = r.late + EXCLUDED.late`
	sqlTagCounts = `INSERT INTO tag_counts AS r (event_id, tag, bucket, source, gross, net)
		SELECT * FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::text[], $5::int[], $6::int[])
		ON CONFLICT (event_id, tag, bucket, source) DO UPDATE
		SET gross = r.gross + EXCLUDED.gross, net = r.net + EXCLUDED.net`
	sqlCrowdsRead = `SELECT c.event_id, c.label, extract(epoch FROM c.minute)::bigint, c.source, c.sketch FROM crowds c
		JOIN unnest($1::int[], $2::text[], $3::timestamptz[], $4::text[]) k(event_id, label, minute, source)
		USING (event_id, label, minute, source) WHERE c.sketch IS NOT NULL`
	sqlCrowds = `INSERT INTO crowds AS r (event_id, label, minute, source, sketch, unknown)
		SELECT * FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::text[], $5::bytea[], $6::int[])
		ON CONFLICT (event_id, label, minute, source) DO UPDATE
		SET sketch = COALESCE(EXCLUDED.sketch, r.sketch), unknown = r.unknown + EXCLUDED.unknown`
	sqlTagsRead = `SELECT t.event_id, t.tag, t.sketch FROM tags t
		JOIN unnest($1::int[], $2::text[]) k(event_id, tag) USING (event_id, tag) WHERE t.sketch IS NOT NULL`
	sqlTagsWrite = `INSERT INTO tags AS r (event_id, tag, display, first_at, first_source, first_id, sketch, unknown)
		SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::bytea[], $8::int[])
		ON CONFLICT (event_id, tag) DO UPDATE SET
		(display, first_at, first_source, first_id) = (SELECT x.display, x.at, x.source, x.id FROM (VALUES
			(r.display, r.first_at, r.first_source, r.first_id),
			(EXCLUDED.display, EXCLUDED.first_at, EXCLUDED.first_source, EXCLUDED.first_id)) x(display, at, source, id)
			ORDER BY x.at, x.source COLLATE "C", x.id COLLATE "C" LIMIT 1),
		sketch = COALESCE(EXCLUDED.sketch, r.sketch), unknown = r.unknown + EXCLUDED.unknown`
)

func (a *appending) writeSums(ctx context.Context, tx pgx.Tx) error {
	for _, write := range []func(context.Context, pgx.Tx) error{
		a.sums.writeRollups, a.sums.writeTagCounts, a.sums.writeCrowds, a.sums.writeTags,
	} {
		if err := write(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func at(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

func (s *sums) writeRollups(ctx context.Context, tx pgx.Tx) error {
	keys := slices.SortedFunc(maps.Keys(s.rollups), func(a, b rollupKey) int {
		return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.label, b.label), cmp.Compare(a.bucket, b.bucket),
			cmp.Compare(a.source, b.source), cmp.Compare(a.lang, b.lang))
	})
	if len(keys) == 0 {
		return nil
	}
	n := len(keys)
	events, labels, buckets := make([]int64, n), make([]string, n), make([]time.Time, n)
	sources, langs := make([]string, n), make([]string, n)
	gross, net, late := make([]int32, n), make([]int32, n), make([]int32, n)
	for i, k := range keys {
		v := s.rollups[k]
		events[i], labels[i], buckets[i], sources[i], langs[i] = k.event, k.label, at(k.bucket), k.source, k.lang
		gross[i], net[i], late[i] = v.gross, v.net, v.late
	}
	_, err := tx.Exec(ctx, sqlRollups, events, labels, buckets, sources, langs, gross, net, late)
	return err
}

func (s *sums) writeTagCounts(ctx context.Context, tx pgx.Tx) error {
	keys := slices.SortedFunc(maps.Keys(s.counts), func(a, b tagCountKey) int {
		return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.tag, b.tag), cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.source, b.source))
	})
	if len(keys) == 0 {
		return nil
	}
	n := len(keys)
	events, tags, buckets, sources := make([]int64, n), make([]string, n), make([]time.Time, n), make([]string, n)
	gross, net := make([]int32, n), make([]int32, n)
	for i, k := range keys {
		v := s.counts[k]
		events[i], tags[i], buckets[i], sources[i], gross[i], net[i] = k.event, k.tag, at(k.bucket), k.source, v.gross, v.net
	}
	_, err := tx.Exec(ctx, sqlTagCounts, events, tags, buckets, sources, gross, net)
	return err
}

func (s *sums) writeCrowds(ctx context.Context, tx pgx.Tx) error {
	keys := slices.SortedFunc(maps.Keys(s.crowds), func(a, b crowdKey) int {
		return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.label, b.label), cmp.Compare(a.minute, b.minute), cmp.Compare(a.source, b.source))
	})
	if len(keys) == 0 {
		return nil
	}
	n := len(keys)
	events, labels, minutes, sources := make([]int64, n), make([]string, n), make([]time.Time, n), make([]string, n)
	sketches, unknown := make([][]byte, n), make([]int32, n)
	for i, k := range keys {
		events[i], labels[i], minutes[i], sources[i] = k.event, k.label, at(k.minute), k.source
	}
	rows, err := tx.Query(ctx, sqlCrowdsRead, events, labels, minutes, sources)
	if err != nil {
		return err
	}
	var k crowdKey
	var b []byte
	if _, err := pgx.ForEachRow(rows, []any{&k.event, &k.label, &k.minute, &k.source, &b}, func() error {
		return s.crowds[k].join(b)
	}); err != nil {
		return err
	}
	for i, k := range keys {
		if sketches[i], err = s.crowds[k].bytes(); err != nil {
			return err
		}
		unknown[i] = s.crowds[k].unknown
	}
	_, err = tx.Exec(ctx, sqlCrowds, events, labels, minutes, sources, sketches, unknown)
	return err
}

// join adds the people of a stored sketch. Where the crowd has no known people there is nothing
// new to store.
func (c *crowd) join(stored []byte) error {
	if c.people == nil {
		return nil
	}
	p, err := trend.ReadPeople(stored)
	if err != nil {
		return err
	}
	return c.people.Merge(p)
}

func (c *crowd) bytes() ([]byte, error) {
	if c.people == nil {
		return nil, nil
	}
	b, err := c.people.Bytes()
	if err != nil {
		return nil, fmt.Errorf("sketch of people: %w", err)
	}
	return b, nil
}

func (s *sums) writeTags(ctx context.Context, tx pgx.Tx) error {
	keys := slices.SortedFunc(maps.Keys(s.tags), func(a, b tagKey) int {
		return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.tag, b.tag))
	})
	if len(keys) == 0 {
		return nil
	}
	n := len(keys)
	events, tags, displays, firsts := make([]int64, n), make([]string, n), make([]string, n), make([]time.Time, n)
	sources, ids, sketches, unknown := make([]string, n), make([]string, n), make([][]byte, n), make([]int32, n)
	for i, k := range keys {
		events[i], tags[i] = k.event, k.tag
	}
	rows, err := tx.Query(ctx, sqlTagsRead, events, tags)
	if err != nil {
		return err
	}
	var k tagKey
	var b []byte
	if _, err := pgx.ForEachRow(rows, []any{&k.event, &k.tag, &b}, func() error { return s.tags[k].join(b) }); err != nil {
		return err
	}
	for i, k := range keys {
		t := s.tags[k]
		if sketches[i], err = t.bytes(); err != nil {
			return err
		}
		displays[i], firsts[i], sources[i], ids[i], unknown[i] = t.display, t.at, t.source, t.id, t.unknown
	}
	_, err = tx.Exec(ctx, sqlTagsWrite, events, tags, displays, firsts, sources, ids, sketches, unknown)
	return err
}
