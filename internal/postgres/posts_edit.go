package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlEditTarget = `SELECT at, lang, labels, hashtags, edited_at, COALESCE(late, false), once, author FROM posts
		WHERE event_id = $1 AND source = $2 AND id = $3 AND deleted_at IS NULL`
	sqlEdit = `UPDATE posts SET body = $4, lang = $5, url = COALESCE($6, url), tagger = $7, complaint = $8, sentiment = $9,
		labels = $10, hashtags = $11, blamed = $12, fingerprint = $13, tags = $14, edited_at = $15,
		once = $16, claimed = $17, recorded = $18
		WHERE event_id = $1 AND source = $2 AND id = $3`
	sqlGone = `SELECT EXISTS (SELECT FROM posts WHERE event_id = $1 AND source = $2 AND id = $3)`
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
			if !a.keeps(m.Event, p) {
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
	r := a.newRow(m, p, t)
	old := storedPost{key: r.key}
	var edited *time.Time
	var author []byte
	err := tx.QueryRow(ctx, sqlEditTarget, r.key.event, r.key.source, r.key.id).Scan(&old.at, &old.lang, &old.labels, &old.hashtags, &edited,
		&old.late, &old.once, &author)
	if errors.Is(err, pgx.ErrNoRows) {
		return a.editAbsent(ctx, tx, m, r)
	}
	if err != nil {
		return err
	}
	if edited != nil && !p.EditedAt.After(*edited) {
		return nil // this edit, or a later one, has been taken in
	}
	copy(old.author[:], author)
	now := storedPost{r.key, old.at, t.Lang, r.labels[1:], r.tagKeys, old.oncePast(), old.late, old.author}
	v, err := r.values()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlEdit, r.key.event, r.key.source, r.key.id,
		v[9], v[8], v[10], v[12], v[13], v[14], v[15], v[16], v[17], v[18], v[19], p.EditedAt, now.once, p.Lang, r.alone); err != nil {
		return err
	}
	a.did.Edits++
	a.sums.edit(&old, &now, r)
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
		if err := a.stored(r); err != nil {
			return err
		}
	}
	return nil
}
