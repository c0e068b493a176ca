package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlEditTarget = `SELECT at, lang, labels, hashtags, edited_at FROM posts
		WHERE event_id = $1 AND source = $2 AND id = $3 AND deleted_at IS NULL`
	sqlEdit = `UPDATE posts SET body = $4, lang = $5, url = COALESCE($6, url), tagger = $7, complaint = $8, sentiment = $9,
		labels = $10, hashtags = $11, blamed = $12, fingerprint = $13, tags = $14, edited_at = $15
		WHERE event_id = $1 AND source = $2 AND id = $3`
	sqlGone = `SELECT EXISTS (SELECT FROM posts WHERE event_id = $1 AND source = $2 AND id = $3)`

	sqlDeletedEvents = `SELECT DISTINCT p.event_id FROM unnest($1::text[], $2::text[]) k(source, id)
		JOIN posts p ON p.source = k.source AND p.id = k.id`
	sqlTombstone = `INSERT INTO tombstones AS t (source, id, deleted_at, event_id)
		SELECT DISTINCT ON (source, id) *, $4::int FROM unnest($1::text[], $2::text[], $3::timestamptz[]) k(source, id, at)
		ORDER BY source, id, at
		ON CONFLICT (source, id, event_id) DO UPDATE SET deleted_at = LEAST(t.deleted_at, EXCLUDED.deleted_at)`
	sqlDelete = `UPDATE posts p SET deleted_at = k.at, body = NULL, url = NULL, tags = NULL
		FROM unnest($1::text[], $2::text[], $3::timestamptz[]) k(source, id, at)
		WHERE p.source = k.source AND p.id = k.id AND p.deleted_at IS NULL
		RETURNING p.event_id, p.source, p.id, p.at, p.lang, p.labels, p.hashtags`
	sqlDeleteIn = `UPDATE posts p SET deleted_at = k.at, body = NULL, url = NULL, tags = NULL
		FROM unnest($1::text[], $2::text[], $3::timestamptz[]) k(source, id, at)
		WHERE p.event_id = $4 AND p.source = k.source AND p.id = k.id AND p.deleted_at IS NULL
		RETURNING p.event_id, p.source, p.id, p.at, p.lang, p.labels, p.hashtags`
	sqlGoneAuthor = `INSERT INTO gone_authors AS g (source, author, deleted_at, event_id)
		SELECT source, author, max(at), $4::int FROM unnest($1::text[], $2::bytea[], $3::timestamptz[]) k(source, author, at)
		GROUP BY source, author
		ON CONFLICT (event_id, source, author) DO UPDATE SET deleted_at = GREATEST(g.deleted_at, EXCLUDED.deleted_at)`
	sqlDeleteAuthors = `UPDATE posts p SET deleted_at = k.at, body = NULL, url = NULL, tags = NULL
		FROM (SELECT source, author, max(at) AS at FROM unnest($1::text[], $2::bytea[], $3::timestamptz[]) k(source, author, at)
			GROUP BY source, author) k
		WHERE p.event_id = $4 AND p.source = k.source AND p.author = k.author AND p.at <= k.at AND p.deleted_at IS NULL
		RETURNING p.event_id, p.source, p.id, p.at, p.lang, p.labels, p.hashtags`
)

// editPosts replaces the text and tags of stored posts and moves their figures. An edit of a post
// that is not stored brings it in, unless it no longer matches the event.
func (a *appending) editPosts(ctx context.Context, tx pgx.Tx) error {
	for i := range a.env.Posts {
		p := &a.env.Posts[i]
		if !p.Edit {
			continue
		}
		for _, m := range p.Events {
			if _, ok := a.events[m.Event]; !ok {
				continue
			}
			if err := a.editPost(ctx, tx, m, p, &a.commit.Tags[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *appending) editPost(ctx context.Context, tx pgx.Tx, m reaction.Membership, p *reaction.Matched, t *reaction.Tags) error {
	r := newRow(m, p, t)
	old := storedPost{key: r.key}
	var edited *time.Time
	err := tx.QueryRow(ctx, sqlEditTarget, r.key.event, r.key.source, r.key.id).Scan(&old.at, &old.lang, &old.labels, &old.hashtags, &edited)
	if errors.Is(err, pgx.ErrNoRows) {
		return a.editAbsent(ctx, tx, m, r)
	}
	if err != nil {
		return err
	}
	if edited != nil && !p.EditedAt.After(*edited) {
		return nil // this edit, or a later one, has been taken in
	}
	v, err := r.values()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlEdit, r.key.event, r.key.source, r.key.id,
		v[9], v[8], v[10], v[12], v[13], v[14], v[15], v[16], v[17], v[18], v[19], p.EditedAt); err != nil {
		return err
	}
	a.did.Edits++
	a.sums.edit(&old, &storedPost{r.key, old.at, t.Lang, r.labels[1:], r.tagKeys}, r)
	return nil
}

// editAbsent stores an edited post whose first version was never seen. One that is stored and
// deleted stays as it is.
func (a *appending) editAbsent(ctx context.Context, tx pgx.Tx, m reaction.Membership, r *postRow) error {
	var gone bool
	if err := tx.QueryRow(ctx, sqlGone, r.key.event, r.key.source, r.key.id).Scan(&gone); err != nil || gone || m.UpdateOnly {
		return err
	}
	byEvent := map[int64][]*postRow{m.Event: {r}}
	if err := a.applyTombstones(ctx, tx, byEvent); err != nil {
		return err
	}
	fresh, err := a.insert(ctx, tx, m.Event, byEvent[m.Event])
	if err != nil {
		return err
	}
	for _, r := range fresh {
		a.did.Stored++
		if err := a.sums.add(r); err != nil {
			return err
		}
	}
	return nil
}

// eventsOfDeleted finds the events that the envelope's deletions reach: whichever they are for a
// live source. A replay's deletions stay with its event, since what a file says of others, or a
// drill of real ones, is nobody's word.
func (a *appending) eventsOfDeleted(ctx context.Context, tx pgx.Tx) ([]int64, error) {
	sources, ids, _ := a.deletedNames()
	if len(ids) == 0 || a.env.Event != 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, sqlDeletedEvents, sources, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func (a *appending) deletedNames() (sources, ids []string, at []time.Time) {
	for _, d := range a.env.Deletes {
		if d.ID != "" {
			sources, ids, at = append(sources, string(d.Source)), append(ids, d.ID), append(at, d.At)
		}
	}
	return sources, ids, at
}

// deletePosts blanks posts that are gone at their source, takes them out of the net figures, and
// leaves a tombstone for those that are still to come.
func (a *appending) deletePosts(ctx context.Context, tx pgx.Tx) error {
	if _, ok := a.events[a.env.Event]; !ok && a.env.Event != 0 {
		return nil
	}
	if err := a.deleteByID(ctx, tx); err != nil {
		return err
	}
	return a.deleteByAuthor(ctx, tx)
}

func (a *appending) deleteByID(ctx context.Context, tx pgx.Tx) error {
	sources, ids, at := a.deletedNames()
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlTombstone, sources, ids, at, a.env.Event); err != nil {
		return err
	}
	query, args := sqlDelete, []any{sources, ids, at}
	if a.env.Event != 0 {
		query, args = sqlDeleteIn, append(args, a.env.Event)
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	return a.uncount(rows)
}

func (a *appending) deleteByAuthor(ctx context.Context, tx pgx.Tx) error {
	type gone struct {
		sources []string
		authors [][]byte
		at      []time.Time
	}
	byEvent := map[int64]*gone{}
	for _, d := range a.env.Deletes {
		for _, m := range d.Authors {
			if _, ok := a.events[m.Event]; !ok || d.ID != "" || !m.Author.Known() {
				continue
			}
			if byEvent[m.Event] == nil {
				byEvent[m.Event] = &gone{}
			}
			g := byEvent[m.Event]
			g.sources, g.authors, g.at = append(g.sources, string(d.Source)), append(g.authors, m.Author[:]), append(g.at, d.At)
		}
	}
	for _, event := range sortedKeys(byEvent) {
		g := byEvent[event]
		if _, err := tx.Exec(ctx, sqlGoneAuthor, g.sources, g.authors, g.at, event); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlDeleteAuthors, g.sources, g.authors, g.at, event)
		if err != nil {
			return err
		}
		if err := a.uncount(rows); err != nil {
			return err
		}
	}
	return nil
}

func (a *appending) uncount(rows pgx.Rows) error {
	var p storedPost
	_, err := pgx.ForEachRow(rows, []any{&p.key.event, &p.key.source, &p.key.id, &p.at, &p.lang, &p.labels, &p.hashtags}, func() error {
		a.did.Deletes++
		a.sums.change(&p, rollup{net: -1})
		return nil
	})
	return err
}
