package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

// Rows are always locked in this order: the event's, the month's. So no two who spend can wait for
// each other.
const (
	sqlSpendEventMake = `INSERT INTO spend_events (event_id, source) SELECT id, $2 FROM events WHERE id = $1 ON CONFLICT DO NOTHING`
	sqlSpendEventLock = `SELECT micros FROM spend_events WHERE event_id = $1 AND source = $2 FOR UPDATE`
	sqlSpendMonthMake = `INSERT INTO spend_months (source, month) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	sqlSpendMonthLock = `SELECT micros FROM spend_months WHERE source = $1 AND month = $2 FOR UPDATE`

	sqlSpendHold = `WITH e AS (UPDATE spend_events SET micros = micros + $4 WHERE event_id = $1 AND source = $2),
		m AS (UPDATE spend_months SET micros = micros + $4 WHERE source = $2 AND month = $3)
		INSERT INTO spend_holds (event_id, source, month, micros) VALUES ($1, $2, $3, $4) RETURNING id`
	sqlSpendRelease = `DELETE FROM spend_holds WHERE id = $1 RETURNING event_id, source, month, micros`
	sqlSpendEventBy = `UPDATE spend_events SET micros = GREATEST(micros + $3, 0) WHERE event_id = $1 AND source = $2`
	sqlSpendMonthBy = `UPDATE spend_months SET micros = GREATEST(micros + $3, 0) WHERE source = $1 AND month = $2`

	// A hold that is older than an hour is nobody's any more: whoever lives renews sooner.
	sqlSpendAccount = `SELECT
		COALESCE((SELECT micros FROM spend_events WHERE event_id = $1 AND source = $2), 0),
		COALESCE((SELECT sum(micros) FROM spend_holds WHERE event_id = $1 AND source = $2 AND made_at > now() - interval '1 hour'), 0)::bigint,
		COALESCE((SELECT micros FROM spend_months WHERE source = $2 AND month = $3), 0),
		COALESCE((SELECT sum(micros) FROM spend_holds WHERE source = $2 AND month = $3 AND made_at > now() - interval '1 hour'), 0)::bigint`

	sqlSpendCapped = `SELECT from_at, to_at, reason FROM coverage WHERE event_id = $1 AND source = $2 AND state = 'capped'
		ORDER BY to_at DESC LIMIT 1`
)

// spendTimeout bounds one booking: whoever waits for it holds a source up.
const spendTimeout = 10 * time.Second

// Reserve implements collectors.Ledger.
func (s *Store) Reserve(ctx context.Context, ask reaction.Ask) (reaction.Hold, error) {
	if ask.Least < 0 || ask.Want < ask.Least {
		return reaction.Hold{}, fmt.Errorf("spend on %s: %s to %s cannot be set aside", ask.Source, ask.Least, ask.Want)
	}
	ctx, cancel := context.WithTimeout(ctx, spendTimeout)
	defer cancel()
	h := reaction.Hold{Source: ask.Source, Event: ask.Event, Month: ask.Month}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		eventUsed, monthUsed, err := lockSpend(ctx, tx, &ask)
		if err != nil {
			return err
		}
		if h.Amount = ask.Want; ask.Want == 0 { // by which a debt is written down
			return hold(ctx, tx, &h)
		}
		if left := ask.EventCap - eventUsed; ask.Event != 0 && left < h.Amount {
			if left < ask.Least {
				return &reaction.CapReached{Cap: ask.EventCap, Left: max(left, 0)}
			}
			h.Amount = left
		}
		if left := ask.MonthCap - monthUsed; left < h.Amount {
			if left < ask.Least {
				return &reaction.CapReached{Month: true, Cap: ask.MonthCap, Left: max(left, 0)}
			}
			h.Amount = left
		}
		h.Amount = max(h.Amount, 0)
		return hold(ctx, tx, &h)
	})
	if err != nil {
		return reaction.Hold{}, fmt.Errorf("spend on %s: %w", ask.Source, err)
	}
	return h, nil
}

func hold(ctx context.Context, tx pgx.Tx, h *reaction.Hold) error {
	return tx.QueryRow(ctx, sqlSpendHold, h.Event, h.Source, h.Month, int64(h.Amount)).Scan(&h.ID)
}

// lockSpend locks the rows that an ask concerns, makes them where they are missing, and reads them.
func lockSpend(ctx context.Context, tx pgx.Tx, ask *reaction.Ask) (event, month reaction.Micros, err error) {
	if ask.Event != 0 {
		if _, err := tx.Exec(ctx, sqlSpendEventMake, ask.Event, ask.Source); err != nil {
			return 0, 0, err
		}
		err := tx.QueryRow(ctx, sqlSpendEventLock, ask.Event, ask.Source).Scan(&event)
		if errors.Is(err, pgx.ErrNoRows) {
			return 0, 0, fmt.Errorf("event %d: %w", ask.Event, reaction.ErrNotFound)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	if _, err := tx.Exec(ctx, sqlSpendMonthMake, ask.Source, ask.Month); err != nil {
		return 0, 0, err
	}
	return event, month, tx.QueryRow(ctx, sqlSpendMonthLock, ask.Source, ask.Month).Scan(&month)
}

// Settle implements collectors.Ledger.
func (s *Store) Settle(ctx context.Context, h reaction.Hold, spent reaction.Micros) error {
	if spent < 0 {
		return fmt.Errorf("spend on %s: %s cannot have been spent", h.Source, spent)
	}
	ctx, cancel := context.WithTimeout(ctx, spendTimeout)
	defer cancel()
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var event int64
		var source reaction.Source
		var month time.Time
		var held reaction.Micros
		err := tx.QueryRow(ctx, sqlSpendRelease, h.ID).Scan(&event, &source, &month, &held)
		if errors.Is(err, pgx.ErrNoRows) { // settled before, or its event was deleted: it stays spent
			return nil
		}
		if err != nil || spent == held {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSpendEventBy, event, source, int64(spent-held)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlSpendMonthBy, source, month, int64(spent-held))
		return err
	})
	if err != nil {
		return fmt.Errorf("spend on %s: %w", h.Source, err)
	}
	return nil
}

// Account implements collectors.Ledger.
func (s *Store) Account(ctx context.Context, ask reaction.Ask) (a reaction.Account, err error) {
	ctx, cancel := context.WithTimeout(ctx, spendTimeout)
	defer cancel()
	err = s.pool.QueryRow(ctx, sqlSpendAccount, ask.Event, ask.Source, ask.Month).Scan(&a.Used, &a.Reserved, &a.MonthUsed, &a.MonthReserved)
	if err != nil {
		return a, fmt.Errorf("spend on %s: %w", ask.Source, away(err))
	}
	return a, nil
}

// Capped tells since when posts of a source have been left out of an event, and the reason given
// then; false where the last that is known is older than before.
func (s *Store) Capped(ctx context.Context, event int64, source reaction.Source, before time.Time) (c reaction.Capped, ok bool, err error) {
	var to time.Time
	err = s.pool.QueryRow(ctx, sqlSpendCapped, event, source).Scan(&c.Since, &to, &c.Reason)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return c, false, nil
	case err != nil:
		return c, false, away(err)
	}
	c.Since = c.Since.UTC()
	return c, !to.Before(before), nil
}
