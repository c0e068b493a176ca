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
	sqlKeys = `SELECT id, name, scopes, sources, created_at, created_by, expires, used_at, revoked_at
		FROM api_keys ORDER BY created_at DESC, id`
	sqlKey = `SELECT id, name, scopes, sources, created_at, created_by, expires, used_at, revoked_at, mac
		FROM api_keys WHERE id = $1`
	sqlKeyInsert = `INSERT INTO api_keys (id, mac, name, scopes, sources, created_at, created_by, expires)
		VALUES ($1, $2, $3, $4, COALESCE($5::text[], '{}'), $6, $7, $8)`
	sqlKeyUsed   = `UPDATE api_keys SET used_at = $2 WHERE id = $1`
	sqlKeyRevoke = `UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1
		RETURNING id, name, scopes, sources, created_at, created_by, expires, used_at, revoked_at`
	sqlKeysLock  = `LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE`
	sqlKeysCount = `SELECT count(*) FROM api_keys WHERE revoked_at IS NULL`
)

func keyFields(k *auth.Key) []any {
	return []any{&k.ID, &k.Name, &k.Scopes, &k.Sources, &k.CreatedAt, &k.CreatedBy,
		(*maybeTime)(&k.ExpiresAt), (*maybeTime)(&k.LastUsed), (*maybeTime)(&k.RevokedAt)}
}

// Keys lists every API key, the newest first.
func (s *Store) Keys(ctx context.Context) ([]auth.Key, error) {
	rows, err := s.pool.Query(ctx, sqlKeys)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (k auth.Key, err error) {
		return k, row.Scan(keyFields(&k)...)
	})
	return out, away(err)
}

// AddKey keeps a key, unless there are limit already that are not revoked.
func (s *Store) AddKey(ctx context.Context, k auth.Key, mac []byte, limit int) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlKeysLock); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, sqlKeysCount).Scan(&n); err != nil {
			return err
		}
		if n >= limit {
			return fmt.Errorf("there are %d keys already: revoke one that is not used: %w", n, reaction.ErrConflict)
		}
		var expires *time.Time
		if !k.ExpiresAt.IsZero() {
			expires = &k.ExpiresAt
		}
		_, err := tx.Exec(ctx, sqlKeyInsert, k.ID, mac, k.Name, k.Scopes, k.Sources, k.CreatedAt, k.CreatedBy, expires)
		if isUnique(err) {
			return fmt.Errorf("key %s: %w", k.ID, reaction.ErrExists)
		}
		return err
	})
}

// Key finds a key and what is kept of its secret.
func (s *Store) Key(ctx context.Context, id string) (k auth.Key, mac []byte, err error) {
	err = s.pool.QueryRow(ctx, sqlKey, id).Scan(append(keyFields(&k), &mac)...)
	return k, mac, away(noKey(id, err))
}

func noKey(id string, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("key %s: %w", id, reaction.ErrNotFound)
	}
	return err
}

// KeyUsed notes that a key was used.
func (s *Store) KeyUsed(ctx context.Context, id string, now time.Time) error {
	_, err := s.pool.Exec(ctx, sqlKeyUsed, id, now)
	return away(err)
}

// RevokeKey revokes a key for good.
func (s *Store) RevokeKey(ctx context.Context, id string, now time.Time) (k auth.Key, err error) {
	err = s.pool.QueryRow(ctx, sqlKeyRevoke, id, now).Scan(keyFields(&k)...)
	return k, away(noKey(id, err))
}
