package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlStateRead  = `SELECT state, since, reason, mend, host, turn FROM feed_states WHERE feed = $1`
	sqlStateWrite = `INSERT INTO feed_states AS s (feed, source, state, since, last_word, reason, mend, host, told_at, turn)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (feed) DO UPDATE SET source = $2, state = $3, since = $4, last_word = COALESCE($5, s.last_word),
			reason = $6, mend = $7, host = $8, told_at = $9, turn = $10`
	sqlTurnAdd = `INSERT INTO feed_turns (feed, turn, source, state, since, last_word, reason, mend, host)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlTurnsDrop = `DELETE FROM feed_turns WHERE feed = $1 AND turn <= $2`
	// A feed of the log's earlier lives may have a row for each of them.
	sqlFeedReports = `SELECT s.feed, s.source, s.state, s.since, s.last_word, s.reason, s.mend, s.host, s.told_at, f.clock, f.committed_at, f.done
		FROM feed_states s LEFT JOIN LATERAL (SELECT clock, committed_at, done FROM feeds
			WHERE feed = s.feed AND committed_at IS NOT NULL ORDER BY committed_at DESC LIMIT 1) f ON true
		ORDER BY s.source, s.feed`
	sqlFeedTurns = `SELECT feed, turn, source, state, since, last_word, reason, mend, host FROM feed_turns
		WHERE ($1 = '' OR source = $1) AND ($2 = '' OR feed = $2) AND ($3::timestamptz IS NULL OR since >= $3) AND ($4::timestamptz IS NULL OR since < $4)
		ORDER BY since DESC, feed, turn DESC LIMIT $5`
)

// turnsKept is how many changes of state are kept of each feed.
const turnsKept = 1000

// writeState sets down how the feed is, and that it was otherwise before.
func (a *appending) writeState(ctx context.Context, tx pgx.Tx) error {
	for i := range a.told {
		if a.told[i].state == nil || !a.env.Feed.Listens() {
			continue
		}
		if err := a.turn(ctx, tx, a.told[i].state, a.told[i].made); err != nil {
			return err
		}
	}
	return nil
}

func (a *appending) turn(ctx context.Context, tx pgx.Tx, told *reaction.FeedState, made time.Time) error {
	now := *told
	now.Reason, now.Mend, now.Host = plainText(now.Reason), plainText(now.Mend), plainText(now.Host)
	if now.Since.IsZero() {
		now.Since = made
	}
	var was reaction.FeedState
	var turn int64
	err := tx.QueryRow(ctx, sqlStateRead, a.env.Feed).Scan(&was.State, &was.Since, &was.Reason, &was.Mend, &was.Host, &turn)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if was.State == now.State { // a collector that began anew does not know since when
		now.Since = was.Since
	}
	var word *time.Time
	if !now.LastWord.IsZero() {
		word = &now.LastWord
	}
	a.turned = a.turned || was.State != now.State || was.Reason != now.Reason || was.Mend != now.Mend || was.Host != now.Host
	if was.State != now.State {
		turn++
		if _, err := tx.Exec(ctx, sqlTurnAdd, a.env.Feed, turn, now.Source, now.State, now.Since, word, now.Reason, now.Mend, now.Host); err != nil {
			return err
		}
		if turn > turnsKept {
			if _, err := tx.Exec(ctx, sqlTurnsDrop, a.env.Feed, turn-turnsKept); err != nil {
				return err
			}
		}
	}
	_, err = tx.Exec(ctx, sqlStateWrite, a.env.Feed, now.Source, now.State, now.Since, word, now.Reason, now.Mend, now.Host, made, turn)
	return err
}

// FeedReports lists what the collectors of live feeds told last, by source and feed. What that
// means now is for trend.Listening to say: a collector that died tells nothing.
func (s *Store) FeedReports(ctx context.Context) ([]reaction.FeedReport, error) {
	var out []reaction.FeedReport
	err := s.read(ctx, func(tx pgx.Tx) (err error) {
		out, err = feedReports(ctx, tx)
		return err
	})
	return out, err
}

func feedReports(ctx context.Context, tx pgx.Tx) ([]reaction.FeedReport, error) {
	found, err := tx.Query(ctx, sqlFeedReports)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(row pgx.CollectableRow) (r reaction.FeedReport, err error) {
		var word, clock, committed *time.Time
		var done *bool
		err = row.Scan(&r.Feed, &r.Source, &r.State, &r.Since, &word, &r.Reason, &r.Mend, &r.Host, &r.ToldAt, &clock, &committed, &done)
		r.Since, r.ToldAt, r.LastWord, r.Clock, r.Committed = r.Since.UTC(), r.ToldAt.UTC(), utc(word), utc(clock), utc(committed)
		r.Done = done != nil && *done
		return r, err
	})
}

// utc is a time that may not be known; zero where it is not.
func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// FeedTurns lists changes of the states of live feeds, the newest first. Of each feed the last
// thousand are kept.
func (s *Store) FeedTurns(ctx context.Context, q reaction.FeedTurnQuery) ([]reaction.FeedTurn, error) {
	var from, to *time.Time
	if !q.From.IsZero() {
		from = &q.From
	}
	if !q.To.IsZero() {
		to = &q.To
	}
	found, err := s.pool.Query(ctx, sqlFeedTurns, q.Source, q.Feed, from, to, q.Limit)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (t reaction.FeedTurn, err error) {
		var word *time.Time
		err = row.Scan(&t.Feed, &t.Turn, &t.Source, &t.State, &t.Since, &word, &t.Reason, &t.Mend, &t.Host)
		t.Since, t.LastWord = t.Since.UTC(), utc(word)
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("turns of feeds: %w", away(err))
	}
	return out, nil
}
