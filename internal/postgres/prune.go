package postgres

import (
	"context"
	"time"
)

// Each statement removes a bounded number of rows, so that nobody waits for it long.
const (
	sqlPruneGone = `DELETE FROM gone_posts WHERE (digest, event_id) IN (SELECT digest, event_id FROM gone_posts
		WHERE event_id = 0 AND NOT met AND heard_at < $1 LIMIT $2)`
	sqlPruneMet = `DELETE FROM gone_posts WHERE (digest, event_id) IN (SELECT digest, event_id FROM gone_posts
		WHERE event_id = 0 AND met AND heard_at < $1 LIMIT $2)`
	sqlPruneAuthors = `DELETE FROM gone_authors WHERE (event_id, source, author) IN (SELECT event_id, source, author FROM gone_authors
		WHERE heard_at < $1 LIMIT $2)`
	// A place whose day is just being moved on is locked, and is not of that day any more.
	sqlPrunePlaces = `DELETE FROM places WHERE (digest, event_id) IN (SELECT p.digest, p.event_id FROM places p JOIN events e ON e.id = p.event_id
		WHERE e.emptied AND e.swept_at < $1 OR p.day < (e.posts_from AT TIME ZONE 'UTC')::date LIMIT $2 FOR UPDATE OF p SKIP LOCKED)`
	sqlPruneRechecks = `DELETE FROM rechecks WHERE (source, id, event_id) IN (SELECT r.source, r.id, r.event_id FROM rechecks r JOIN events e ON e.id = r.event_id
		WHERE e.emptied AND e.swept_at < $1 OR r.day < (e.posts_from AT TIME ZONE 'UTC')::date LIMIT $2)`
	// Which post brought a tag first names the post, and where the source is one of those, its author.
	sqlPruneTags = `UPDATE tags SET first_id = '' WHERE (event_id, tag) IN (SELECT t.event_id, t.tag FROM tags t JOIN events e ON e.id = t.event_id
		WHERE t.first_id <> '' AND (e.emptied AND e.swept_at < $1 OR t.first_at < e.posts_from) LIMIT $2)`
	sqlPruneNames = `DELETE FROM names WHERE (event_id, name) IN (SELECT n.event_id, n.name FROM names n JOIN events e ON e.id = n.event_id
		WHERE n.state = 'open' AND (e.emptied AND e.swept_at < $1 OR n.last_at < e.posts_from) LIMIT $2)`
	// What a recording brought is of the time of its posts, and goes with its event.
	sqlPruneUnmatched = `DELETE FROM unmatched WHERE (feed, minute, source) IN (SELECT feed, minute, source FROM unmatched
		WHERE minute < $1 AND feed NOT LIKE 'replay/%' LIMIT $2)`
	sqlPruneBaseline = `DELETE FROM baseline WHERE (tag, hour, source, feed) IN (SELECT tag, hour, source, feed FROM baseline
		WHERE hour < $1 AND feed NOT LIKE 'replay/%' LIMIT $2)`
	sqlPruneAudit = `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY id LIMIT $2)`
)

// Memory is how long what is not an event's own is remembered.
type Memory struct {
	// Deletions is how long a deletion of a post or account that was told wins over posts that come
	// later; Met of a post that was stored, so that recordings do not bring it back in another event.
	Deletions, Met time.Duration
	// Counts are posts that belonged to no event by minute, and their hashtags by hour.
	Counts time.Duration
	// Audit is the audit log.
	Audit time.Duration
}

// pruneRows is how many rows one statement removes at most.
const pruneRows = 20_000

// Prune forgets what was remembered for long enough at now, and what led to posts that are removed.
func (s *Store) Prune(ctx context.Context, m Memory, now time.Time) error {
	for _, p := range []struct {
		query string
		after time.Duration
	}{
		{sqlPruneGone, m.Deletions}, {sqlPruneAuthors, m.Deletions}, {sqlPruneMet, m.Met},
		{sqlPrunePlaces, 0}, {sqlPruneRechecks, 0}, {sqlPruneTags, 0}, {sqlPruneNames, 0},
		{sqlPruneUnmatched, m.Counts}, {sqlPruneBaseline, m.Counts}, {sqlPruneAudit, m.Audit},
	} {
		for {
			tag, err := s.pool.Exec(ctx, p.query, now.Add(-p.after), pruneRows)
			if err != nil {
				return away(err)
			}
			if tag.RowsAffected() < pruneRows {
				break
			}
		}
	}
	return nil
}
