package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

const sqlTags = `WITH counted AS (
		SELECT tag, sum(net)::bigint AS posts, sum(gross)::bigint AS gross, array_agg(DISTINCT source ORDER BY source) AS sources
		FROM tag_counts WHERE event_id = $1 AND ($2::timestamptz IS NULL OR bucket >= $2) AND ($3::timestamptz IS NULL OR bucket < $3)
		AND (cardinality($4::text[]) = 0 OR source = ANY($4)) GROUP BY tag)
	SELECT c.tag, t.display, c.posts, c.gross, t.first_at, t.first_source, c.sources, t.sketch, t.unknown
	FROM counted c JOIN tags t ON t.event_id = $1 AND t.tag = c.tag
	WHERE $5::bigint IS NULL OR c.posts < $5 OR c.posts = $5 AND c.tag > $6::text
	ORDER BY c.posts DESC, c.tag LIMIT $7`

// Tags lists the hashtags of an event, most used first, then by tag.
func (s *Store) Tags(ctx context.Context, q trend.TagsQuery) ([]trend.TagRow, error) {
	var from, to *time.Time
	if !q.From.IsZero() {
		from = &q.From
	}
	if !q.To.IsZero() {
		to = &q.To
	}
	var posts *int64
	var tag string
	if q.After != nil {
		posts, tag = &q.After.Posts, q.After.Tag
	}
	rows, err := s.pool.Query(ctx, sqlTags, q.Event.ID, from, to, texts(q.Sources), posts, tag, q.Limit)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, scanTag)
	if err != nil {
		return nil, away(fmt.Errorf("tags of %s: %w", q.Event.Slug, err))
	}
	return out, nil
}

func scanTag(row pgx.CollectableRow) (t trend.TagRow, err error) {
	var sketch []byte
	var sources []string
	if err := row.Scan(&t.Tag, &t.Display, &t.Posts, &t.Gross, &t.FirstAt, &t.FirstIn, &sources, &sketch, &t.Unknown); err != nil {
		return t, err
	}
	t.FirstAt = t.FirstAt.UTC()
	for _, s := range sources {
		t.Sources = append(t.Sources, reaction.Source(s))
	}
	if sketch == nil {
		return t, nil
	}
	p, err := trend.ReadPeople(sketch)
	if err != nil {
		return t, err
	}
	n := p.Count()
	t.Authors = &n
	return t, nil
}
