package postgres

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlGonePost = `INSERT INTO gone_posts AS g (digest, event_id, deleted_at, heard_at, met)
		SELECT DISTINCT ON (digest) digest, $3::int, at, now(), false FROM unnest($1::bytea[], $2::timestamptz[]) k(digest, at)
		WHERE $3 = 0 OR EXISTS (SELECT FROM events WHERE id = $3)
		ORDER BY digest, at
		ON CONFLICT (digest, event_id) DO UPDATE SET deleted_at = LEAST(g.deleted_at, EXCLUDED.deleted_at), heard_at = EXCLUDED.heard_at`
	// Of an event that nothing is collected for any more no post can come later.
	sqlGoneAuthor = `INSERT INTO gone_authors AS g (event_id, source, author, deleted_at, heard_at)
		SELECT k.event_id, k.source, k.author, max(k.at), now()
		FROM unnest($1::int[], $2::text[], $3::bytea[], $4::timestamptz[]) k(event_id, source, author, at)
		JOIN events e ON e.id = k.event_id
		WHERE CASE WHEN $5 <> 0 THEN e.id = $5 ELSE e.definition->'simulated' IS DISTINCT FROM 'true'::jsonb
			AND (e.definition->>'status' = 'live' OR e.definition->>'status' IN ('scheduled', 'postponed')
				AND COALESCE((e.definition->>'ends_at')::timestamptz, 'infinity') > now() - '2 days'::interval) END
		GROUP BY k.event_id, k.source, k.author ORDER BY k.event_id, k.source, k.author
		ON CONFLICT (event_id, source, author) DO UPDATE
		SET deleted_at = GREATEST(g.deleted_at, EXCLUDED.deleted_at), heard_at = EXCLUDED.heard_at`

	sqlAnyGone   = `SELECT EXISTS (SELECT FROM gone_posts), EXISTS (SELECT FROM gone_authors)`
	sqlGonePosts = `SELECT g.event_id, g.digest, g.deleted_at FROM gone_posts g
		JOIN unnest($1::bytea[]) k(digest) USING (digest)`
	sqlGoneMet     = `UPDATE gone_posts SET met = true WHERE digest = ANY($1) AND NOT met`
	sqlGoneAuthors = `SELECT g.event_id, g.source, g.author, g.deleted_at FROM gone_authors g
		JOIN unnest($1::int[], $2::text[], $3::bytea[]) k(event_id, source, author) USING (event_id, source, author)`
)

// digest is what is kept of the name of a post that is gone.
type digest [16]byte

func digestOf(source, id string) (d digest) {
	h := sha256.New()
	h.Write([]byte(source))
	h.Write([]byte{0})
	h.Write([]byte(id))
	var sum [sha256.Size]byte
	copy(d[:], h.Sum(sum[:0]))
	return d
}

// authorKey names an author in an event.
type authorKey struct {
	event  int64
	source string
	author reaction.Person
}

// foretell leaves the marks of the envelope's deletions in a transaction of their own, and waits for
// every Append that may not have seen them. Whatever is appended later finds the marks; whatever was
// appended before is found by doom. So no lock is held while posts are looked for, of which most
// were never here. An envelope that is told twice leaves the same marks twice.
func (a *appending) foretell(ctx context.Context) error {
	if len(a.env.Deletes) == 0 {
		return nil
	}
	a.gone = goneIn(a.env)
	if err := a.store.inTx(ctx, func(tx pgx.Tx) error { return a.leaveMarks(ctx, tx) }); err != nil {
		return err
	}
	if _, err := a.store.pool.Exec(ctx, sqlLockAlone, appendLock); err != nil { // and free again with the statement
		return away(err)
	}
	return away(a.doom(ctx))
}

func (a *appending) leaveMarks(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, sqlLockShared, appendLock); err != nil {
		return err
	}
	g := &a.gone
	if len(g.ids) > 0 {
		if _, err := tx.Exec(ctx, sqlGonePost, g.digests, g.at, a.env.Event); err != nil {
			return err
		}
	}
	if len(g.events) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqlGoneAuthor, g.events, g.authorSources, g.authors, g.authorAt, a.env.Event)
	return err
}

// applyTombstones marks rows that are known to be gone at their source: by themselves, with what they
// pass on, or with all that their author, or its author, had posted until then. What the envelope itself deletes is left to deletePosts,
// so that what happens to a post within one envelope is counted as it would be over several.
func (a *appending) applyTombstones(ctx context.Context, tx pgx.Tx, byEvent map[int64][]*postRow) error {
	if len(byEvent) == 0 {
		return nil
	}
	var posts, authors bool
	err := tx.QueryRow(ctx, sqlAnyGone).Scan(&posts, &authors)
	if err == nil && posts {
		err = a.applyGonePosts(ctx, tx, byEvent)
	}
	if err == nil && authors {
		err = a.applyGoneAuthors(ctx, tx, byEvent)
	}
	return err
}

func (a *appending) applyGonePosts(ctx context.Context, tx pgx.Tx, byEvent map[int64][]*postRow) error {
	rows := map[digest][]*postRow{}
	var digests [][]byte
	look := func(r *postRow, d digest) {
		if _, own := a.gone.byDigest[d]; own {
			return
		}
		if rows[d] == nil {
			digests = append(digests, d[:])
		}
		rows[d] = append(rows[d], r)
	}
	for _, list := range byEvent {
		for _, r := range list {
			look(r, digestOf(r.key.source, r.key.id))
			if passes(&r.post.Post) {
				look(r, digestOf(r.key.source, r.post.Repeats))
			}
		}
	}
	found, err := tx.Query(ctx, sqlGonePosts, digests)
	if err != nil {
		return err
	}
	var event int64
	var b []byte
	var at time.Time
	var met [][]byte
	if _, err = pgx.ForEachRow(found, []any{&event, &b, &at}, func() error {
		for _, r := range rows[digest(b)] {
			if event == 0 || event == r.key.event {
				r.gone(at)
				met = append(met, append([]byte(nil), b...))
			}
		}
		return nil
	}); err != nil || len(met) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, sqlGoneMet, met)
	return err
}

func (a *appending) applyGoneAuthors(ctx context.Context, tx pgx.Tx, byEvent map[int64][]*postRow) error {
	rows := map[authorKey][]*postRow{}
	var events []int64
	var sources []string
	var authors [][]byte
	for _, list := range byEvent {
		for _, r := range list {
			for _, who := range []reaction.Person{r.author, r.passed} {
				k := authorKey{r.key.event, r.key.source, who}
				if own, ok := a.gone.byAuthor[k]; !who.Known() || ok && came(&r.post.Post, own) {
					continue
				}
				if rows[k] == nil {
					events, sources, authors = append(events, k.event), append(sources, k.source), append(authors, k.author[:])
				}
				rows[k] = append(rows[k], r)
			}
		}
	}
	found, err := tx.Query(ctx, sqlGoneAuthors, events, sources, authors)
	if err != nil {
		return err
	}
	var k authorKey
	var author []byte
	var at time.Time
	_, err = pgx.ForEachRow(found, []any{&k.event, &k.source, &author, &at}, func() error {
		copy(k.author[:], author)
		for _, r := range rows[k] {
			if came(&r.post.Post, at) {
				r.gone(at)
			}
		}
		return nil
	})
	return err
}
