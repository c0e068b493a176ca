package postgres

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"outcry/internal/reaction"
)

const (
	sqlEvents = `SELECT id, definition, revision FROM events
		ORDER BY definition->>'starts_at' DESC, slug`
	sqlEvent         = `SELECT id, definition, revision FROM events WHERE slug = $1`
	sqlEventByID     = `SELECT id, definition, revision FROM events WHERE id = $1`
	sqlEventLock     = `SELECT id, definition, revision FROM events WHERE slug = $1 FOR UPDATE`
	sqlEventByIDLock = `SELECT id, definition, revision FROM events WHERE id = $1 FOR UPDATE`
	sqlEventInsert   = `INSERT INTO events (slug, definition, daily, author_key) VALUES ($1, $2, $3, $4)
		RETURNING id, revision`
	sqlEventUpdate = `UPDATE events SET definition = $2, revision = revision + 1, updated_at = now()
		WHERE id = $1 RETURNING revision`
)

// What a deleted event leaves nowhere.
const (
	sqlDropRollups    = `DELETE FROM rollups WHERE event_id = $1`
	sqlDropCrowds     = `DELETE FROM crowds WHERE event_id = $1`
	sqlDropTagCounts  = `DELETE FROM tag_counts WHERE event_id = $1`
	sqlDropTags       = `DELETE FROM tags WHERE event_id = $1`
	sqlDropCoverage   = `DELETE FROM coverage WHERE event_id = $1`
	sqlDropSamples    = `DELETE FROM samples WHERE event_id = $1`
	sqlDropTombstones = `DELETE FROM gone_posts WHERE event_id = $1`
	sqlDropAuthors    = `DELETE FROM gone_authors WHERE event_id = $1`
	sqlDropPlaces     = `DELETE FROM places WHERE event_id = $1`
	sqlDropRechecks   = `DELETE FROM rechecks WHERE event_id = $1`
	sqlDropFeedEvents = `DELETE FROM feed_events WHERE event_id = $1`
	sqlDropLife       = `DELETE FROM life WHERE event_id = $1`
	sqlDropPlatform   = `DELETE FROM platform_counts WHERE event_id = $1`
	sqlDropRetags     = `DELETE FROM retags WHERE event_id = $1`
	sqlDropRetagTags  = `DELETE FROM retag_tags WHERE event_id = $1`
	// Holds before the event's sum, as Settle locks them. What the month has taken stays.
	sqlDropHolds     = `DELETE FROM spend_holds WHERE event_id = $1`
	sqlDropSpend     = `DELETE FROM spend_events WHERE event_id = $1`
	sqlDropUnmatched = `DELETE FROM unmatched WHERE feed IN (SELECT feed FROM feeds WHERE event_id = $1)`
	sqlDropBaseline  = `DELETE FROM baseline WHERE feed IN (SELECT feed FROM feeds WHERE event_id = $1)`
	sqlDropRejected  = `DELETE FROM rejected WHERE feed IN (SELECT feed FROM feeds WHERE event_id = $1)`
	// The feeds stay, without the event: envelopes of the event may still be in the log, and must
	// be recognised when they come.
	sqlDropFeeds = `UPDATE feeds SET event_id = NULL WHERE event_id = $1`
	sqlDropEvent = `DELETE FROM events WHERE id = $1`
)

var dropEvent = []string{sqlDropNames, sqlDropRollups, sqlDropCrowds, sqlDropTagCounts, sqlDropTags, sqlDropCoverage, sqlDropSamples,
	sqlDropTombstones, sqlDropAuthors, sqlDropPlaces, sqlDropRechecks, sqlDropFeedEvents, sqlDropLife, sqlDropPlatform, sqlDropRetags, sqlDropRetagTags, sqlDropHolds, sqlDropSpend,
	sqlDropUnmatched, sqlDropBaseline, sqlDropRejected, sqlDropFeeds, sqlDropEvent}

// Events lists every event, the latest planned start first.
func (s *Store) Events(ctx context.Context) ([]reaction.Event, error) {
	rows, err := s.pool.Query(ctx, sqlEvents)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, scanEvent)
	return out, away(err)
}

// Event reads one event. It fails with reaction.ErrNotFound.
func (s *Store) Event(ctx context.Context, slug string) (*reaction.Event, error) {
	return s.event(ctx, fmt.Sprintf("event %q", slug), sqlEvent, slug)
}

// EventByID reads one event. It fails with reaction.ErrNotFound.
func (s *Store) EventByID(ctx context.Context, id int64) (*reaction.Event, error) {
	return s.event(ctx, fmt.Sprintf("event %d", id), sqlEventByID, id)
}

func (s *Store) event(ctx context.Context, what, query string, arg any) (*reaction.Event, error) {
	rows, err := s.pool.Query(ctx, query, arg)
	if err != nil {
		return nil, away(err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEvent)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("%s: %w", what, reaction.ErrNotFound)
	}
	if err != nil {
		return nil, away(err)
	}
	return &e, nil
}

func scanEvent(row pgx.CollectableRow) (e reaction.Event, err error) {
	var def []byte
	var id, revision int64
	if err := row.Scan(&id, &def, &revision); err != nil {
		return e, err
	}
	if err := json.Unmarshal(def, &e); err != nil {
		return e, fmt.Errorf("event %d: its stored definition: %w", id, err)
	}
	e.ID, e.Revision = id, revision
	return e, nil
}

// CreateEvent stores a new, valid event with a key of its own for author hashes, makes room for its
// posts, and begins its life. It sets ID and Revision, and fails with reaction.ErrExists if the
// slug is taken.
func (s *Store) CreateEvent(ctx context.Context, e *reaction.Event) error {
	def, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %q: %w", e.Slug, err)
	}
	return s.inTx(ctx, func(tx pgx.Tx) error { return createEvent(ctx, tx, e, def) })
}

func createEvent(ctx context.Context, tx pgx.Tx, e *reaction.Event, def []byte) error {
	key := make([]byte, 32)
	rand.Read(key)
	err := tx.QueryRow(ctx, sqlEventInsert, e.Slug, def, e.Endless(), key).Scan(&e.ID, &e.Revision)
	if isUnique(err) {
		return fmt.Errorf("event %q: %w", e.Slug, reaction.ErrExists)
	}
	if err != nil {
		return err
	}
	if err := addChange(ctx, tx, e.ID, e.Begin(time.Now()), 0); err != nil {
		return err
	}
	return createPartition(ctx, tx, e.ID, e.Endless())
}

// ReplaceEvent stores a new definition under the event's slug and sets ID, Revision and Status: see
// reaction.Event.Succeed for when the stored status stays. What is simulated stays so: nothing real
// may be mixed with it.
func (s *Store) ReplaceEvent(ctx context.Context, e *reaction.Event) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		old, err := lockEvent(ctx, tx, e.Slug)
		if err != nil {
			return err
		}
		if old.Simulated != e.Simulated {
			return fmt.Errorf("event %q: simulated cannot change from %v to %v: make another event: %w",
				e.Slug, old.Simulated, e.Simulated, reaction.ErrConflict)
		}
		next := *e // the caller's stays as it is if this fails
		if err := replaceEvent(ctx, tx, &old, &next, time.Now()); err != nil {
			return err
		}
		e.ID, e.Status, e.Revision = next.ID, next.Status, next.Revision
		return nil
	})
}

// replaceEvent stores a new definition of an event whose row is locked, with what follows from it
// for the event's life, and sets next's ID, Status and Revision.
func replaceEvent(ctx context.Context, tx pgx.Tx, old, next *reaction.Event, now time.Time) error {
	last, err := lastChange(ctx, tx, old.ID)
	if err != nil {
		return err
	}
	c, changed, err := next.Succeed(old, last, now)
	if err != nil {
		return err
	}
	if err := reopening(ctx, tx, old, next, now); err != nil {
		return err
	}
	if changed {
		if err := addChange(ctx, tx, old.ID, c, last.Seq); err != nil {
			return err
		}
	}
	def, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("event %q: %w", next.Slug, err)
	}
	next.ID = old.ID
	return tx.QueryRow(ctx, sqlEventUpdate, next.ID, def).Scan(&next.Revision)
}

// DeleteEvent removes an event and all that is stored of it, its key for author hashes included.
func (s *Store) DeleteEvent(ctx context.Context, slug string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockAlone, appendLock); err != nil {
			return err
		}
		e, err := lockEvent(ctx, tx, slug)
		if err != nil {
			return err
		}
		if err := dropPartition(ctx, tx, e.ID); err != nil {
			return err
		}
		for _, q := range dropEvent {
			if _, err := tx.Exec(ctx, q, e.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func lockEvent(ctx context.Context, tx pgx.Tx, slug string) (e reaction.Event, err error) {
	rows, err := tx.Query(ctx, sqlEventLock, slug)
	if err != nil {
		return e, err
	}
	e, err = pgx.CollectExactlyOneRow(rows, scanEvent)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, fmt.Errorf("event %q: %w", slug, reaction.ErrNotFound)
	}
	return e, err
}

func isUnique(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}
