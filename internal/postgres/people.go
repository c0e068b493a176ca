package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

const (
	sqlPeople = `SELECT id, name, role, disabled, password IS NOT NULL, created_at, last_seen
		FROM people ORDER BY name`
	sqlPerson = `SELECT id, name, role, disabled, password IS NOT NULL, created_at, last_seen, COALESCE(password, '')
		FROM people WHERE name = $1`
	sqlPersonInsert = `INSERT INTO people (name, role, created_at) VALUES ($1, $2, $3) RETURNING id`
	sqlPersonChange = `UPDATE people SET role = $2, disabled = $3 WHERE name = $1
		RETURNING id, name, role, disabled, password IS NOT NULL, created_at, last_seen`
	sqlPersonDelete   = `DELETE FROM people WHERE name = $1`
	sqlPersonPassword = `UPDATE people SET password = $2 WHERE id = $1`
	// Locked together, so that the last two admins cannot take leave of each other at once.
	sqlPeopleLock = `LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE`
	sqlAdmins     = `SELECT count(*) FROM people WHERE role = 'admin' AND NOT disabled`
)

// People lists everybody who may sign in, by name.
func (s *Store) People(ctx context.Context) ([]auth.Person, error) {
	rows, err := s.pool.Query(ctx, sqlPeople)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p auth.Person, err error) {
		return p, row.Scan(personFields(&p)...)
	})
	return out, away(err)
}

// personFields are where the columns of a person go, in the order of sqlPeople.
func personFields(p *auth.Person) []any {
	return []any{&p.ID, &p.Name, &p.Role, &p.Disabled, &p.HasPassword, &p.CreatedAt, (*maybeTime)(&p.LastSeenAt)}
}

// maybeTime reads a time that may be NULL, which is the zero time.
type maybeTime time.Time

// Scan takes what the driver read.
func (m *maybeTime) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*m = maybeTime{}
	case time.Time:
		*m = maybeTime(v.UTC())
	default:
		return fmt.Errorf("%T is not a time", v)
	}
	return nil
}

// Person finds somebody and the hash of their password.
func (s *Store) Person(ctx context.Context, name string) (p auth.Person, hash string, err error) {
	err = s.pool.QueryRow(ctx, sqlPerson, name).Scan(append(personFields(&p), &hash)...)
	return p, hash, away(noPerson(name, err))
}

func noPerson(name string, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("person %q: %w", name, reaction.ErrNotFound)
	}
	return err
}

// CreatePerson adds somebody.
func (s *Store) CreatePerson(ctx context.Context, name string, role auth.Role, now time.Time) (auth.Person, error) {
	p := auth.Person{Name: name, Role: role, CreatedAt: now}
	err := s.pool.QueryRow(ctx, sqlPersonInsert, name, role, now).Scan(&p.ID)
	if isUnique(err) {
		return p, fmt.Errorf("person %q: %w", name, reaction.ErrExists)
	}
	return p, away(err)
}

// ChangePerson sets somebody's role, and whether they may sign in.
func (s *Store) ChangePerson(ctx context.Context, name string, role auth.Role, disabled bool) (p auth.Person, err error) {
	err = s.withPeople(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, sqlPersonChange, name, role, disabled).Scan(personFields(&p)...); err != nil || !disabled {
			return noPerson(name, err)
		}
		for _, q := range []string{sqlSessionsOf, sqlLinksOf} {
			if _, err := tx.Exec(ctx, q, p.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return p, err
}

// DeletePerson removes somebody with their sessions and links.
func (s *Store) DeletePerson(ctx context.Context, name string) error {
	return s.withPeople(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlPersonDelete, name)
		if err == nil && tag.RowsAffected() == 0 {
			err = noPerson(name, pgx.ErrNoRows)
		}
		return err
	})
}

// withPeople changes people, and takes it back where nobody would be left who may administer.
func (s *Store) withPeople(ctx context.Context, change func(pgx.Tx) error) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlPeopleLock); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		var admins int
		if err := tx.QueryRow(ctx, sqlAdmins).Scan(&admins); err != nil {
			return err
		}
		if admins == 0 {
			return fmt.Errorf("nobody would be left who may administer: %w", reaction.ErrConflict)
		}
		return nil
	})
}

// SetPassword keeps the hash of a new password, and ends the person's links and other sessions.
func (s *Store) SetPassword(ctx context.Context, person int64, hash string, except []byte) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlPersonPassword, person, hash)
		if err == nil && tag.RowsAffected() == 0 {
			err = fmt.Errorf("person %d: %w", person, reaction.ErrNotFound)
		}
		if err == nil {
			_, err = tx.Exec(ctx, sqlLinksOf, person)
		}
		if err == nil {
			_, err = tx.Exec(ctx, sqlOtherSessions, person, except)
		}
		return err
	})
}
