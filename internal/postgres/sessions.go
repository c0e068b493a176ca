package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/auth"
	"outcry/internal/reaction"
)

const (
	sqlSessionsOf    = `DELETE FROM sessions WHERE person_id = $1`
	sqlOtherSessions = `DELETE FROM sessions WHERE person_id = $1 AND mac <> $2`
	sqlSessionsEnded = `DELETE FROM sessions WHERE expires <= $1`
	sqlSessionInsert = `INSERT INTO sessions (mac, person_id, by_link, began_at, expires, used_at) VALUES ($1, $2, $3, $4, $5, $4)`
	sqlSessionDelete = `DELETE FROM sessions WHERE mac = $1`
	sqlSession       = `SELECT p.id, p.name, p.role, p.disabled, p.password IS NOT NULL, p.created_at, p.last_seen,
		s.began_at, s.expires, s.by_link, s.used_at
		FROM sessions s JOIN people p ON p.id = s.person_id
		WHERE s.mac = $1 AND s.expires > $2 AND s.used_at > $3 AND NOT p.disabled`
	sqlSessionUsed = `WITH used AS (UPDATE sessions SET used_at = $2 WHERE mac = $1 RETURNING person_id)
		UPDATE people SET last_seen = $2 WHERE id IN (SELECT person_id FROM used)`

	sqlLinksOf    = `DELETE FROM links WHERE person_id = $1`
	sqlLinkInsert = `INSERT INTO links (person_id, mac, expires) VALUES ($1, $2, $3)
		ON CONFLICT (person_id) DO UPDATE SET mac = EXCLUDED.mac, expires = EXCLUDED.expires`
	sqlLinkUse = `WITH used AS (DELETE FROM links WHERE mac = $1 RETURNING person_id, expires)
		SELECT p.id, p.name, p.role, p.disabled, p.password IS NOT NULL, p.created_at, p.last_seen
		FROM used JOIN people p ON p.id = used.person_id WHERE used.expires > $2`

	sqlCheckInsert = `INSERT INTO secret_check (value) VALUES ($1) ON CONFLICT DO NOTHING`
	sqlCheck       = `SELECT value FROM secret_check`
	sqlCheckForget = `DELETE FROM secret_check`
	sqlForgetAll   = `DELETE FROM sessions`
	sqlForgetLinks = `DELETE FROM links`
	sqlForgetKeys  = `UPDATE api_keys SET revoked_at = $1 WHERE revoked_at IS NULL`
)

// AddSession begins a session.
func (s *Store) AddSession(ctx context.Context, v auth.Visit, mac []byte) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlSessionsEnded, v.Began); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSessionInsert, mac, v.Person.ID, v.ByLink, v.Began, v.Expires); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlSessionUsed, mac, v.Began)
		return err
	})
}

// Session finds a session that is good at now and was used since idle.
func (s *Store) Session(ctx context.Context, mac []byte, now, idle time.Time) (v auth.Visit, err error) {
	var used time.Time
	err = s.pool.QueryRow(ctx, sqlSession, mac, now, idle).
		Scan(append(personFields(&v.Person), &v.Began, &v.Expires, &v.ByLink, &used)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, fmt.Errorf("session: %w", reaction.ErrNotFound)
	}
	if err == nil && now.Sub(used) >= time.Minute {
		_, err = s.pool.Exec(ctx, sqlSessionUsed, mac, now)
	}
	return v, away(err)
}

// EndSession removes a session.
func (s *Store) EndSession(ctx context.Context, mac []byte) error {
	_, err := s.pool.Exec(ctx, sqlSessionDelete, mac)
	return away(err)
}

// EndSessions removes every session of a person.
func (s *Store) EndSessions(ctx context.Context, person int64) error {
	_, err := s.pool.Exec(ctx, sqlSessionsOf, person)
	return away(err)
}

// AddLink keeps a one-time link for somebody, in the place of any before.
func (s *Store) AddLink(ctx context.Context, person int64, mac []byte, expires time.Time) error {
	_, err := s.pool.Exec(ctx, sqlLinkInsert, person, mac, expires)
	return away(err)
}

// UseLink removes a link and says whose it was. Of two that use it at once, one is let in.
func (s *Store) UseLink(ctx context.Context, mac []byte, now time.Time) (p auth.Person, err error) {
	err = s.pool.QueryRow(ctx, sqlLinkUse, mac, now).Scan(personFields(&p)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, fmt.Errorf("link: %w", reaction.ErrNotFound)
	}
	return p, away(err)
}

// SameSecret compares the check of a secret with the one kept, and keeps it where there is none.
func (s *Store) SameSecret(ctx context.Context, check []byte) (same bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlCheckInsert, check); err != nil {
			return err
		}
		var kept []byte
		err := tx.QueryRow(ctx, sqlCheck).Scan(&kept)
		same = bytes.Equal(kept, check)
		return err
	})
	return same, err
}

// ForgetSecrets ends every session and link, revokes every key, and keeps the check of a new
// secret.
func (s *Store) ForgetSecrets(ctx context.Context, check []byte, now time.Time) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		for _, q := range []string{sqlForgetAll, sqlForgetLinks, sqlCheckForget} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, sqlForgetKeys, now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlCheckInsert, check)
		return err
	})
}
