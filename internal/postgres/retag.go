package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

// A retag goes through the posts of an event in order of time. Each step is a transaction on the event's
// row, which every Append of the event holds too: it changes a few posts with all that they are counted
// under, or makes some figures again from posts, and moves the retag's own row on. So figures equal the
// stored posts at every moment, whoever is killed in between, and the live line waits for one step.

const (
	sqlRetags = `SELECT event_id, number, tagger, begun_at, done_at, stage, turn, total, posts, changed, failed, deleted, at, source, id FROM retags
		WHERE done_at IS NULL ORDER BY event_id`
	sqlRetagLast = `SELECT event_id, number, tagger, begun_at, done_at, stage, turn, total, posts, changed, failed, deleted, at, source, id FROM retags
		WHERE event_id = $1 ORDER BY number DESC LIMIT 1`
	sqlRetagLock = `SELECT id, emptied FROM events WHERE id = $1 FOR NO KEY UPDATE`
	// What posts there are, without counting them.
	sqlRetagTotal  = `SELECT COALESCE(sum(net), 0)::bigint FROM rollups WHERE event_id = $1 AND label = 'posts'`
	sqlRetagInsert = `INSERT INTO retags (event_id, number, tagger, begun_at, stage, total) VALUES ($1, $2, $3, $4, 'posts', $5)`
	sqlRetagAnew   = `UPDATE retags SET tagger = $3, turn = turn + 1, stage = 'posts', posts = 0, changed = 0, failed = 0, at = NULL, source = '', id = ''
		WHERE event_id = $1 AND number = $2`
	sqlRetagMove = `UPDATE retags SET turn = turn + 1, stage = $4, posts = $5, changed = $6, failed = $7, deleted = $8, at = $9, source = $10, id = $11, done_at = $12
		WHERE event_id = $1 AND number = $2 AND turn = $3`
	sqlRetagDeleted = `SELECT count(*) FROM posts WHERE event_id = $1 AND deleted_at IS NOT NULL`
)

// errTurn means that another node has gone on with the retag.
var errTurn = errors.New("the retag has gone on elsewhere")

// Retagging is a retag under way, and where it stands.
type Retagging struct {
	reaction.Retag
	Event int64

	turn   int64
	at     time.Time // of the last post, or the next minute
	source string
	id     string
}

func scanRetag(row pgx.CollectableRow) (r Retagging, err error) {
	return r, row.Scan(&r.Event, &r.Number, &r.Tagger, (*maybeTime)(&r.BegunAt), (*maybeTime)(&r.DoneAt), &r.Stage, &r.turn, &r.Total,
		&r.Posts, &r.Changed, &r.Failed, &r.Deleted, (*maybeTime)(&r.at), &r.source, &r.id)
}

// BeginRetag sets down that the posts of an event are to be tagged again by a version of the tagger,
// or finds that they are being. It fails with reaction.ErrConflict where no posts are kept any more.
func (s *Store) BeginRetag(ctx context.Context, e *reaction.Event, tagger int, now time.Time) (reaction.Retag, error) {
	var out reaction.Retag
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var id int64
		var emptied bool
		err := tx.QueryRow(ctx, sqlRetagLock, e.ID).Scan(&id, &emptied)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return fmt.Errorf("event %q: %w", e.Slug, reaction.ErrNotFound)
		case err != nil:
			return err
		case emptied:
			return fmt.Errorf("event %q: its posts were removed after its retention of %s: there is nothing to tag again: %w", e.Slug, e.Retention, reaction.ErrConflict)
		}
		last, err := lastRetag(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if last.Number > 0 && !last.Done() {
			out = last.Retag
			return nil
		}
		out = reaction.Retag{Number: last.Number + 1, Tagger: tagger, BegunAt: now.UTC(), Stage: reaction.RetagPosts}
		if err := tx.QueryRow(ctx, sqlRetagTotal, e.ID).Scan(&out.Total); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlRetagInsert, e.ID, out.Number, tagger, now, out.Total)
		return err
	})
	return out, err
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// lastRetag reads the latest retag of an event; its Number is 0 where there was none.
func lastRetag(ctx context.Context, q querier, event int64) (Retagging, error) {
	rows, err := q.Query(ctx, sqlRetagLast, event)
	if err != nil {
		return Retagging{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRetag)
	if errors.Is(err, pgx.ErrNoRows) {
		return Retagging{}, nil
	}
	return r, err
}

// Retag tells of the latest retag of an event; its Number is 0 where there was none.
func (s *Store) Retag(ctx context.Context, e *reaction.Event) (reaction.Retag, error) {
	r, err := lastRetag(ctx, s.pool, e.ID)
	return r.Retag, away(err)
}

// Retags lists the retags that are under way.
func (s *Store) Retags(ctx context.Context) ([]Retagging, error) {
	rows, err := s.pool.Query(ctx, sqlRetags)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, scanRetag)
	return out, away(err)
}

// RenewRetag begins a retag again from the first post, with another version of the tagger: the program
// was replaced while it was under way.
func (s *Store) RenewRetag(ctx context.Context, r *Retagging, tagger int) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlRetagAnew, r.Event, r.Number, tagger)
		return err
	})
}

// step runs f in a transaction that holds the event, and moves the retag on with it. Where another node
// has done so before, nothing is done. r is where the retag stands afterwards.
func (s *Store) step(ctx context.Context, r *Retagging, f func(tx pgx.Tx, next *Retagging) error) error {
	ctx, cancel := context.WithTimeout(ctx, appendTimeout)
	defer cancel()
	next := *r
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockShared, appendLock); err != nil {
			return err
		}
		var id int64
		var emptied bool
		err := tx.QueryRow(ctx, sqlRetagLock, r.Event).Scan(&id, &emptied)
		if errors.Is(err, pgx.ErrNoRows) {
			return errTurn // deleted meanwhile, and the retag with it
		}
		if err != nil {
			return err
		}
		if emptied { // no posts are left: the figures stay as they are
			next.Stage = reaction.RetagDone
		} else if err := f(tx, &next); err != nil {
			return err
		}
		return move(ctx, tx, r, &next)
	})
	if errors.Is(err, errTurn) {
		last, err := lastRetag(ctx, s.pool, r.Event)
		if err == nil && (last.Number != r.Number || last.turn == r.turn) { // it is gone
			last = *r
			last.Stage = reaction.RetagDone
		}
		*r = last
		return away(err)
	}
	if err == nil {
		*r = next
		r.turn++
	}
	return err
}

func move(ctx context.Context, tx pgx.Tx, r, next *Retagging) error {
	var done, at *time.Time
	if next.Done() {
		if err := tx.QueryRow(ctx, sqlRetagDeleted, r.Event).Scan(&next.Deleted); err != nil {
			return err
		}
		if next.DoneAt.IsZero() {
			next.DoneAt = time.Now().UTC()
		}
		done = &next.DoneAt
	}
	if !next.at.IsZero() {
		at = &next.at
	}
	tag, err := tx.Exec(ctx, sqlRetagMove, r.Event, r.Number, r.turn, next.Stage, next.Posts, next.Changed, next.Failed, next.Deleted,
		at, next.source, next.id, done)
	if err == nil && tag.RowsAffected() == 0 {
		err = errTurn
	}
	return err
}
