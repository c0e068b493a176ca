package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

const (
	sqlLife = `SELECT seq, status, at, said_by, said_at, note, starts_at, ends_at FROM life
		WHERE event_id = $1 ORDER BY seq`
	sqlLifeLast = `SELECT seq, status, at, said_by, said_at, note, starts_at, ends_at FROM life
		WHERE event_id = $1 ORDER BY seq DESC LIMIT 1`
	sqlLifeAdd = `INSERT INTO life (event_id, seq, status, at, said_by, said_at, note, starts_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlLifeDefine = `UPDATE events SET definition = $2, updated_at = now() WHERE id = $1`

	// What was over before it was ever written down is a record: the clock says nothing of it, but
	// for somebody's word that it is live, which does not hold for ever.
	sqlPlanned = `SELECT id, definition, revision FROM events
		WHERE definition->>'status' IN ('scheduled', 'live', 'postponed') AND NOT emptied
		AND definition->'simulated' IS DISTINCT FROM 'true'::jsonb
		AND (definition->>'status' = 'live' OR definition->>'ends_at' IS NULL OR (definition->>'ends_at')::timestamptz > created_at)
		ORDER BY id`
	// The last wave of complaints that were more than noise.
	sqlLifeWave = `SELECT max(wave) FROM (
		SELECT date_bin($4::interval, bucket, 'epoch'::timestamptz) AS wave,
			sum(net) FILTER (WHERE label = 'complaints') AS complaints,
			sum(net) FILTER (WHERE label = 'posts') - COALESCE(sum(net) FILTER (WHERE label = 'reposts'), 0) AS posts
		FROM rollups WHERE event_id = $1 AND label IN ('complaints', 'posts', 'reposts') AND bucket >= $2 AND bucket < $3
		GROUP BY wave) w WHERE complaints >= $5::bigint AND complaints >= $6::float8 * posts`
)

// Life lists the changes in the life of an event, the oldest first.
func (s *Store) Life(ctx context.Context, e *reaction.Event) ([]reaction.Turn, error) {
	rows, err := s.pool.Query(ctx, sqlLife, e.ID)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, scanChange)
	return out, away(err)
}

func scanChange(row pgx.CollectableRow) (c reaction.Turn, err error) {
	var starts, ends *time.Time
	err = row.Scan(&c.Seq, &c.Status, &c.At, &c.By, &c.SaidAt, &c.Note, &starts, &ends)
	c.At, c.SaidAt = c.At.UTC(), c.SaidAt.UTC()
	if starts != nil {
		c.StartsAt = starts.UTC()
	}
	if ends != nil {
		c.EndsAt = ends.UTC()
	}
	return c, err
}

// MoveEvent gives an event another status, and sets down who said so. The move must be valid. It
// fails with reaction.ErrNotFound, and with reaction.ErrConflict where the event's life does not
// allow it. The event's revision stays: which posts belong to it has not changed, and a run of
// records into it goes on.
func (s *Store) MoveEvent(ctx context.Context, slug string, m reaction.Move) (*reaction.Event, error) {
	var e reaction.Event
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if e, err = lockEvent(ctx, tx, slug); err != nil {
			return err
		}
		last, err := lastChange(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		old := e
		c, err := e.Move(m, last)
		if err != nil {
			return err
		}
		if err := reopening(ctx, tx, &old, &e, m.Now); err != nil {
			return err
		}
		return changeLife(ctx, tx, &e, c, last.Seq)
	})
	if err != nil {
		return nil, err
	}
	return &e, nil
}

// lastChange reads where an event's life stands.
func lastChange(ctx context.Context, tx pgx.Tx, event int64) (c reaction.Turn, err error) {
	rows, err := tx.Query(ctx, sqlLifeLast, event)
	if err != nil {
		return c, err
	}
	if c, err = pgx.CollectExactlyOneRow(rows, scanChange); err != nil {
		return c, fmt.Errorf("event %d: its life: %w", event, err)
	}
	return c, nil
}

// changeLife stores a moved event's definition and the change, which follows the one numbered last.
func changeLife(ctx context.Context, tx pgx.Tx, e *reaction.Event, c reaction.Turn, last int64) error {
	def, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %q: %w", e.Slug, err)
	}
	if _, err := tx.Exec(ctx, sqlLifeDefine, e.ID, def); err != nil {
		return err
	}
	return addChange(ctx, tx, e.ID, c, last)
}

func addChange(ctx context.Context, tx pgx.Tx, event int64, c reaction.Turn, last int64) error {
	var starts, ends *time.Time
	if !c.StartsAt.IsZero() {
		starts = &c.StartsAt
	}
	if !c.EndsAt.IsZero() {
		ends = &c.EndsAt
	}
	_, err := tx.Exec(ctx, sqlLifeAdd, event, last+1, c.Status, c.At, c.By, c.SaidAt, c.Note, starts, ends)
	return err
}

// Planned lists the events that the plan may move: real ones that have not come to their end. What
// had ended by its plan before it was first stored is a record, and not among them, unless somebody
// says that it is live.
func (s *Store) Planned(ctx context.Context) ([]reaction.Event, error) {
	rows, err := s.pool.Query(ctx, sqlPlanned)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, scanEvent)
	return out, away(err)
}

// Due does what the plan makes of the event now, and reports whether that changed anything. It is
// one transaction on the event's row: of two nodes that do it at once, the second finds it done.
func (s *Store) Due(ctx context.Context, event int64, open reaction.Open, now time.Time) (changed bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlEventByIDLock, event)
		if err != nil {
			return err
		}
		e, err := pgx.CollectExactlyOneRow(rows, scanEvent)
		if errors.Is(err, pgx.ErrNoRows) { // deleted meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		last, err := lastChange(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		c, due := e.Due(last, open, now)
		if !due {
			return nil
		}
		e.Status, changed = c.Status, true
		return changeLife(ctx, tx, &e, c, last.Seq)
	})
	return changed && err == nil, err
}

// openBefore is how far back Open looks: further than anything it looks for keeps an event going.
const openBefore = time.Hour

// Open tells what may keep an event going past its planned end at now.
func (s *Store) Open(ctx context.Context, e *reaction.Event, now time.Time) (o reaction.Open, err error) {
	from := now.Add(-openBefore)
	err = s.read(ctx, func(tx pgx.Tx) error {
		var wave *time.Time
		if err := tx.QueryRow(ctx, sqlLifeWave, e.ID, from, now, reaction.OpenWave, reaction.OpenFloor, reaction.OpenShare).Scan(&wave); err != nil {
			return err
		}
		if wave != nil {
			o.Wave = wave.UTC().Add(reaction.OpenWave)
		}
		samples, err := lastSamples(ctx, tx, e, from, now) // where there are very many, how it was last is what counts
		if err != nil {
			return err
		}
		for _, iv := range health.Timeline(samples) {
			if iv.State >= health.Degraded && iv.To.After(o.Unwell) {
				o.Unwell = iv.To
			}
		}
		return nil
	})
	return o, err
}
