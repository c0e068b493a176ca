package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

const (
	sqlFeedMake = `INSERT INTO feeds (epoch, feed, event_id) VALUES ($1, $2, NULLIF($3, 0)) ON CONFLICT DO NOTHING`
	sqlFeedLock = `SELECT last_seq, clock, cursor, done, COALESCE(done OR clock IS NULL OR committed_at < now() - $3::interval, true)
		FROM feeds WHERE epoch = $1 AND feed = $2 FOR UPDATE`
	sqlAhead    = `SELECT EXISTS (SELECT FROM feed_ahead WHERE epoch = $1 AND feed = $2 AND seq = $3)`
	sqlFeedMove = `UPDATE feeds SET last_seq = $3, clock = $4, cursor = $5, done = $6, committed_at = now(),
		stored = stored + $7, duplicates = duplicates + $8, unmatched = unmatched + $9, edits = edits + $10,
		deletes = deletes + $11, samples = samples + $12
		WHERE epoch = $1 AND feed = $2`
	sqlFeedReset = `UPDATE feeds SET stored = 0, duplicates = 0, unmatched = 0, edits = 0, deletes = 0, samples = 0
		WHERE epoch = $1 AND feed = $2`
	sqlFeedEvents = `INSERT INTO feed_events (epoch, feed, event_id) SELECT $1, $2, unnest($3::int[]) ON CONFLICT DO NOTHING`

	sqlForgetUnmatched = `DELETE FROM unmatched WHERE feed = $1`
	sqlForgetBaseline  = `DELETE FROM baseline WHERE feed = $1`
	sqlForgetRejected  = `DELETE FROM rejected WHERE feed = $1`

	sqlFeedClocks = `SELECT f.feed, f.clock, f.committed_at, f.done FROM feeds f
		JOIN feed_events e ON e.epoch = f.epoch AND e.feed = f.feed
		WHERE e.event_id = $1 AND f.clock IS NOT NULL AND f.committed_at IS NOT NULL`
	sqlRun = `SELECT last_seq, cursor, stored, duplicates, unmatched, edits, deletes, samples, clock, done
		FROM feeds WHERE epoch = $1 AND feed = $2`
)

// feedState is where a feed's contiguous committed sequence stands.
type feedState struct {
	seq    uint64
	clock  time.Time
	cursor json.RawMessage
	done   bool
}

// lockFeed locks the envelope's feed and tells whether the envelope was committed before.
func (a *appending) lockFeed(ctx context.Context, tx pgx.Tx) (known bool, err error) {
	c := &a.commit
	if _, err := tx.Exec(ctx, sqlFeedMake, c.Epoch, a.env.Feed, a.env.Event); err != nil {
		return false, err
	}
	var clock *time.Time
	if err := tx.QueryRow(ctx, sqlFeedLock, c.Epoch, a.env.Feed, trend.FreshnessOf(a.env.Feed)).Scan(
		&a.feed.seq, &clock, &a.feed.cursor, &a.feed.done, &a.fresh); err != nil {
		return false, err
	}
	a.feed.clock = utc(clock)
	a.was, a.fresh = a.feed, a.fresh || a.env.Restart
	if c.Seq <= a.feed.seq {
		return true, nil
	}
	if c.Prev <= a.feed.seq { // less where the log has forgotten a replay that ended long ago
		return false, a.inTurn(ctx, tx)
	}
	err = tx.QueryRow(ctx, sqlAhead, c.Epoch, a.env.Feed, c.Seq).Scan(&known)
	return known, err
}

// restart forgets what earlier passes of a replay counted besides posts.
func (a *appending) restart(ctx context.Context, tx pgx.Tx) error {
	if !a.env.Restart {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlFeedReset, a.commit.Epoch, a.env.Feed); err != nil {
		return err
	}
	for _, q := range []string{sqlForgetUnmatched, sqlForgetBaseline, sqlForgetRejected} {
		if _, err := tx.Exec(ctx, q, a.env.Feed); err != nil {
			return err
		}
	}
	return nil
}

func (a *appending) moveFeed(ctx context.Context, tx pgx.Tx) error {
	f, d := &a.feed, &a.did
	var clock *time.Time
	if !f.clock.IsZero() {
		clock = &f.clock
	}
	unmatched := 0
	for _, u := range a.env.Unmatched {
		unmatched += u.Posts
	}
	if _, err := tx.Exec(ctx, sqlFeedMove, a.commit.Epoch, a.env.Feed, f.seq, clock, f.cursor, f.done,
		d.Stored, d.Duplicates, unmatched, d.Edits, d.Deletes, d.Samples); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlFeedEvents, a.commit.Epoch, a.env.Feed, a.concerns())
	return err
}

// concerns lists the events that still exist of those the envelope concerns.
func (a *appending) concerns() []int64 {
	var out []int64
	for _, id := range a.env.Concerns() {
		if _, ok := a.events[id]; ok {
			out = append(out, id)
		}
	}
	return out
}

// Watermark is the event's watermark (see trend.Watermark) at the wall clock now; nil where
// nothing holds one.
func (s *Store) Watermark(ctx context.Context, event int64, now time.Time) (*time.Time, error) {
	var w *time.Time
	err := s.read(ctx, func(tx pgx.Tx) (err error) {
		w, err = watermark(ctx, tx, event, now)
		return err
	})
	return w, err
}

func watermark(ctx context.Context, tx pgx.Tx, event int64, now time.Time) (*time.Time, error) {
	feeds, err := feedClocks(ctx, tx, event)
	if err != nil {
		return nil, err
	}
	if w, ok := trend.Watermark(feeds, now); ok {
		w = w.UTC()
		return &w, nil
	}
	return nil, nil
}

func feedClocks(ctx context.Context, tx pgx.Tx, event int64) ([]trend.FeedClock, error) {
	rows, err := tx.Query(ctx, sqlFeedClocks, event)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[trend.FeedClock])
}

// Run tells what is committed of a replay's feed, and up to which sequence of the log:
// reaction.ErrNotFound before its first envelope. Name and Sent are the caller's to fill in.
func (s *Store) Run(ctx context.Context, epoch string, feed reaction.Feed) (p reaction.RunProgress, seq uint64, err error) {
	var cursor []byte
	var clock *time.Time
	err = s.pool.QueryRow(ctx, sqlRun, epoch, feed).Scan(&seq, &cursor, &p.Stored, &p.Duplicates, &p.Unmatched, &p.Edits,
		&p.Deletes, &p.Samples, &clock, &p.Done)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, 0, fmt.Errorf("feed %s: %w", feed, reaction.ErrNotFound)
	}
	if err != nil {
		return p, 0, away(err)
	}
	if clock != nil {
		p.Clock = clock.UTC()
	}
	var c reaction.RunCursor
	if len(cursor) > 0 {
		if err := json.Unmarshal(cursor, &c); err != nil {
			return p, 0, fmt.Errorf("feed %s: cursor: %w", feed, err)
		}
	}
	p.Committed = c.Sent
	return p, seq, nil
}
