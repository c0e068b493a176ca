package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

const (
	sqlKeeping = `SELECT id, definition, revision FROM events WHERE NOT emptied AND last_arrival IS NOT NULL ORDER BY id`
	sqlKept    = `SELECT posts_from, emptied, swept_at, last_arrival, daily, author_key, key_month FROM events WHERE id = $1`
	sqlKeptNow = `SELECT posts_from, emptied, swept_at, last_arrival,
		(SELECT at FROM life WHERE event_id = id ORDER BY seq DESC LIMIT 1) FROM events WHERE id = $1`
	sqlSwept   = `UPDATE events SET posts_from = $2, swept_at = $3, author_key = $4, key_month = $5 WHERE id = $1`
	sqlEmptied = `UPDATE events SET emptied = true, swept_at = $2, author_key = NULL WHERE id = $1`
	// Readers hold partitions for as long as their queries run: the next sweep comes soon enough.
	sqlPatience = `SELECT set_config('lock_timeout', '3s', true)`
	sqlSweepOld = `DELETE FROM posts WHERE event_id = $1 AND at < $2`
)

// Kept tells what is kept of an event's posts.
func (s *Store) Kept(ctx context.Context, e *reaction.Event) (k reaction.Kept, err error) {
	var arrived, changed time.Time
	err = s.pool.QueryRow(ctx, sqlKeptNow, e.ID).Scan((*maybeTime)(&k.From), &k.Emptied, (*maybeTime)(&k.RemovedAt),
		(*maybeTime)(&arrived), (*maybeTime)(&changed))
	if errors.Is(err, pgx.ErrNoRows) {
		return k, fmt.Errorf("event %q: %w", e.Slug, reaction.ErrNotFound)
	}
	if err == nil && !k.Emptied && !arrived.IsZero() {
		k.Until = e.PostsUntil(reaction.Turn{At: changed}, arrived)
	}
	return k, away(err)
}

// keptRow is what an event's row says of its posts.
type keptRow struct {
	reaction.Kept
	arrived time.Time
	key     reaction.AuthorKey
}

func readKept(ctx context.Context, tx pgx.Tx, event int64) (k keptRow, err error) {
	err = tx.QueryRow(ctx, sqlKept, event).Scan((*maybeTime)(&k.From), &k.Emptied, (*maybeTime)(&k.RemovedAt),
		(*maybeTime)(&k.arrived), &k.key.Monthly, &k.key.Key, &k.key.Month)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("event %d: %w", event, reaction.ErrNotFound)
	}
	return k, err
}

// Keeping lists the events of which posts are kept.
func (s *Store) Keeping(ctx context.Context) ([]reaction.Event, error) {
	rows, err := s.pool.Query(ctx, sqlKeeping)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, scanEvent)
	return out, away(err)
}

// Sweep removes the posts of an event that are past its retention at now, and with the last of them
// its key for author hashes; of an endless event whole days, and the keys of months that are gone with
// them. Figures and sketches stay. It reports whether posts were removed, and writes that into the audit
// log. It is one transaction on the event's row: of two nodes that do it at once, the second finds it
// done. It fails with reaction.ErrAway where a reader holds the posts for too long.
func (s *Store) Sweep(ctx context.Context, event int64, now time.Time) (removed bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlPatience); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlLockAlone, appendLock); err != nil {
			return err
		}
		w := sweeping{tx: tx, now: now.UTC()}
		if err := w.read(ctx, event); err != nil || w.kept.Emptied || w.kept.arrived.IsZero() {
			return err
		}
		if until := w.event.PostsUntil(w.last, w.kept.arrived); !until.IsZero() && !now.Before(until) {
			removed = true
			return w.all(ctx)
		}
		if !w.event.Endless() {
			return nil
		}
		removed, err = w.days(ctx, w.event.PostsFrom(now))
		return err
	})
	if errors.Is(err, reaction.ErrNotFound) { // deleted meanwhile
		return false, nil
	}
	if err != nil {
		return false, lockTimeout(err)
	}
	return removed, nil
}

// lockTimeout marks that a lock could not be had in time with reaction.ErrAway.
func lockTimeout(err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "55P03" {
		return fmt.Errorf("%w: database: %w", reaction.ErrAway, err)
	}
	return err
}

// sweeping is one Sweep under way.
type sweeping struct {
	tx    pgx.Tx
	now   time.Time
	event reaction.Event
	last  reaction.Turn
	kept  keptRow
}

func (w *sweeping) read(ctx context.Context, event int64) error {
	rows, err := w.tx.Query(ctx, sqlEventByIDLock, event)
	if err != nil {
		return err
	}
	w.event, err = pgx.CollectExactlyOneRow(rows, scanEvent)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("event %d: %w", event, reaction.ErrNotFound)
	}
	if err != nil {
		return err
	}
	if w.last, err = lastChange(ctx, w.tx, event); err != nil {
		return err
	}
	w.kept, err = readKept(ctx, w.tx, event)
	return err
}

// reopening refuses that an event of which no posts can be kept is listened to again.
func reopening(ctx context.Context, tx pgx.Tx, old, next *reaction.Event, now time.Time) error {
	if over := next.Status == reaction.Ended || next.Status == reaction.Cancelled; over ||
		next.Status == old.Status && !next.StartsAt.After(now) && !next.Listening(now) {
		return nil
	}
	k, err := readKept(ctx, tx, old.ID)
	if err == nil && k.Emptied {
		err = fmt.Errorf("event %q: its posts were removed on %s, after its retention of %s, and the key for their authors with them: make another event of it: %w",
			old.Slug, k.RemovedAt.UTC().Format(time.DateOnly), old.Retention, reaction.ErrConflict)
	}
	return err
}

// all removes every post of the event, and what its authors were hashed with.
func (w *sweeping) all(ctx context.Context) error {
	if err := dropPartition(ctx, w.tx, w.event.ID); err != nil {
		return err
	}
	for _, q := range []string{sqlDropTombstones, sqlDropAuthors, sqlDropBaseline, sqlDropOpenNames} {
		if _, err := w.tx.Exec(ctx, q, w.event.ID); err != nil {
			return err
		}
	}
	if _, err := w.tx.Exec(ctx, sqlEmptied, w.event.ID, w.now); err != nil {
		return err
	}
	return w.audit(ctx, "all posts and the key for authors")
}

// days removes the posts of an endless event from before a day.
func (w *sweeping) days(ctx context.Context, from time.Time) (removed bool, err error) {
	if !from.After(w.kept.From) {
		return false, nil
	}
	month := w.kept.key.Month
	if key := w.kept.key.Of(reaction.MonthOf(from)); w.kept.key.Monthly && key != nil {
		w.kept.key.Key, month = key, reaction.MonthOf(from)
	}
	var what string
	if w.kept.key.Monthly {
		days, err := daysOf(ctx, w.tx)
		if err != nil {
			return false, err
		}
		for _, day := range days[w.event.ID] {
			if !day.Before(from) {
				continue
			}
			if err := exec(ctx, w.tx, "DROP TABLE "+dayPartition(w.event.ID, day)); err != nil {
				return false, err
			}
			removed = true
		}
	} else { // it had an end when its table was made
		tag, err := w.tx.Exec(ctx, sqlSweepOld, w.event.ID, from)
		if err != nil {
			return false, err
		}
		removed = tag.RowsAffected() > 0
	}
	at := &w.now
	if !removed {
		if at = nil; !w.kept.RemovedAt.IsZero() {
			at = &w.kept.RemovedAt
		}
	}
	if _, err := w.tx.Exec(ctx, sqlSwept, w.event.ID, from, at, w.kept.key.Key, month); err != nil || !removed {
		return false, err
	}
	what = "posts from before " + from.Format(time.DateOnly)
	if month > w.kept.key.Month && w.kept.key.Monthly {
		what += " and the keys for their authors"
	}
	return true, w.audit(ctx, what)
}

func (w *sweeping) audit(ctx context.Context, what string) error {
	_, err := w.tx.Exec(ctx, sqlAuditInsert, w.now, reaction.ByPlan, "posts.remove", w.event.Slug, auth.Done,
		what+": retention of "+w.event.Retention.String()+" has passed", "", "")
	return err
}
