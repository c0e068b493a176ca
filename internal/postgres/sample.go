package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

// A sample is read from slices of its window, the first posts of each, so that it speaks of all of the
// window whatever its length, and reads no more than it may.
const (
	sqlSample = `SELECT p.source, p.id, p.at, p.received_at, p.retimed, p.kind, p.lang, p.body, p.url, p.repeats, p.tagger, p.complaint, p.sentiment,
		p.labels, p.blamed, p.fingerprint, p.tags, p.deleted_at
	FROM generate_series(0, $4::int - 1) g CROSS JOIN LATERAL (SELECT * FROM
		(SELECT * FROM posts WHERE event_id = $1 AND at >= $2::timestamptz + g * $3::interval AND at < $2::timestamptz + (g + 1) * $3::interval
			ORDER BY at, source, id LIMIT $5) near
		WHERE deleted_at IS NULL AND kind <> 3 AND length(body) <= 4000 AND ($6 = '' OR $6 = ANY(labels))
		AND (cardinality($7::text[]) = 0 OR source = ANY($7)) AND (cardinality($8::text[]) = 0 OR lang = ANY($8))
		ORDER BY at, source, id LIMIT $9) p
	ORDER BY p.at, p.source, p.id`
	sqlSampleFull = `SELECT EXISTS (SELECT FROM generate_series(0, $4::int - 1) g CROSS JOIN LATERAL
		(SELECT FROM posts WHERE event_id = $1 AND at >= $2::timestamptz + g * $3::interval AND at < $2::timestamptz + (g + 1) * $3::interval OFFSET $5 LIMIT 1) p)`
)

// sampleSlices is how many slices a window has, and sampleRead how many posts are looked at for a
// sample, of those that its filters leave out too.
const (
	sampleSlices = 20
	sampleRead   = 100_000
)

// SamplePosts reads posts of a window in order of time, spread over it: without those deleted at their
// source, without reposts, which say nothing of their own, and without those longer than 4,000 letters,
// which would take room from many. whole tells that they are all there are.
func (s *Store) SamplePosts(ctx context.Context, q reaction.SampleQuery) (posts []reaction.StoredPost, whole bool, err error) {
	label := q.Label
	if label == reaction.LabelPosts {
		label = ""
	}
	each := (q.Limit + sampleSlices - 1) / sampleSlices
	width := q.To.Sub(q.From) / sampleSlices
	full := false
	err = s.read(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlInOrder); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlSample, q.Event.ID, q.From, width, sampleSlices, sampleRead/sampleSlices,
			label, texts(q.Sources), append([]string{}, q.Langs...), each)
		if err != nil {
			return err
		}
		if posts, err = pgx.CollectRows(rows, scanPost); err != nil {
			return err
		}
		return tx.QueryRow(ctx, sqlSampleFull, q.Event.ID, q.From, width, sampleSlices, sampleRead/sampleSlices).Scan(&full)
	})
	if err != nil {
		return nil, false, fmt.Errorf("posts of %s: %w", q.Event.Slug, err)
	}
	var of [sampleSlices + 1]int
	full = full || len(posts) > q.Limit
	for i := range posts {
		n := &of[min(max(posts[i].At.Sub(q.From)/width, 0), sampleSlices)]
		*n++
		full = full || *n >= each
	}
	return posts[:min(len(posts), q.Limit)], !full, nil
}
