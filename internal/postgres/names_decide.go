package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

// DecideName accepts or refuses a candidate of an event, and gives the name and the event as they
// are then. What is accepted becomes part of the event's definition, which is a new revision of it:
// the next envelopes are tagged by that. It is one transaction on the event's row. It fails with
// reaction.ErrNotFound where there is no such event or candidate, and with reaction.ErrConflict or
// reaction.ErrUnusable where the event cannot take it.
func (s *Store) DecideName(ctx context.Context, slug, key string, d reaction.NameDecision) (n reaction.Name, e *reaction.Event, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		v, err := lockVerdict(ctx, tx, slug, key)
		if err != nil {
			return err
		}
		if err := v.decide(ctx, tx, d); err != nil {
			return err
		}
		n, e = v.name, &v.event
		return nil
	})
	return n, e, err
}

// AcceptByRule accepts a candidate by the rule names_accept, and writes that into the audit log with
// why. It reports whether it did: what somebody decided meanwhile stays as it is, and so does an
// event that cannot take the name.
func (s *Store) AcceptByRule(ctx context.Context, slug, key string, d reaction.NameDecision, why string) (did bool, err error) {
	d.Accept, d.By = true, reaction.ByNameRule
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		v, err := lockVerdict(ctx, tx, slug, key)
		if err != nil || v.name.State != reaction.NameOpen {
			return err
		}
		if err := v.decide(ctx, tx, d); err != nil {
			return err
		}
		did = true
		_, err = tx.Exec(ctx, sqlAuditInsert, d.Now.UTC(), d.By, "name.accept", slug+" "+v.name.Text, auth.Done, why, "", "")
		return err
	})
	if errors.Is(err, reaction.ErrNotFound) || errors.Is(err, reaction.ErrConflict) || errors.Is(err, reaction.ErrUnusable) {
		return false, nil
	}
	return did && err == nil, err
}

// verdict is a decision on a name under way: the event and the name, whose rows are locked.
type verdict struct {
	event reaction.Event
	name  reaction.Name
}

func lockVerdict(ctx context.Context, tx pgx.Tx, slug, key string) (v verdict, err error) {
	if v.event, err = lockEvent(ctx, tx, slug); err != nil {
		return v, err
	}
	rows, err := tx.Query(ctx, sqlNameLock, v.event.ID, key)
	if err != nil {
		return v, err
	}
	v.name, err = pgx.CollectExactlyOneRow(rows, scanName)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("event %q: name %q: %w", slug, key, reaction.ErrNotFound)
	}
	return v, err
}

func (v *verdict) decide(ctx context.Context, tx pgx.Tx, d reaction.NameDecision) error {
	state := reaction.NameRefused
	switch {
	case d.Accept:
		old := v.event
		changed, err := v.event.Take(v.name, d)
		if err != nil {
			return err
		}
		if !changed && v.name.State == reaction.NameAccepted {
			return nil
		}
		v.event.SaidBy = d.By
		if changed {
			if err := replaceEvent(ctx, tx, &old, &v.event, d.Now); err != nil {
				return err
			}
		}
		if state = reaction.NameAccepted; d.Kind != "" {
			v.name.Kind = d.Kind
		}
	case v.name.State == reaction.NameAccepted && v.event.Knows(v.name.Text):
		return fmt.Errorf("%q is among the event's entities: take it out of the event's definition first: %w", v.name.Text, reaction.ErrConflict)
	}
	n := &v.name
	n.State, n.By, n.DecidedAt = state, d.By, d.Now.UTC()
	_, err := tx.Exec(ctx, sqlNameDecide, v.event.ID, n.Key, n.Kind, n.State, n.By, n.DecidedAt)
	return err
}
