// Package postgres holds every SQL statement of Outcry and owns its transactions.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"outcry/internal/reaction"
)

// Store keeps events, posts and figures in PostgreSQL 15 or newer. It is safe for concurrent use.
type Store struct {
	repeats  repeats
	followed followed
	pool     *pgxpool.Pool
	grace    time.Duration
}

// Options configure a store.
type Options struct {
	// URL is a connection string, as libpq reads it.
	URL string
	// Grace is how long after the watermark passes a bucket late posts still count as on time.
	Grace time.Duration
	// MaxConns bounds the pool; 0 means 8.
	MaxConns int32
}

// Open connects to a migrated database. It fails if the server cannot be reached.
func Open(ctx context.Context, o Options) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("database_url: %w", err)
	}
	cfg.MaxConns = 8
	if o.MaxConns > 0 {
		cfg.MaxConns = o.MaxConns
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "outcry"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("database: %w", err)
	}
	return &Store{pool: pool, grace: o.Grace}, nil
}

// Close waits for running statements and closes every connection.
func (s *Store) Close() { s.pool.Close() }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return away(s.pool.Ping(ctx)) }

const sqlIdentity = `SELECT id FROM line`

// Identity names this database among all others: 32 hexadecimal digits that never change.
func (s *Store) Identity(ctx context.Context) (id string, err error) {
	err = s.pool.QueryRow(ctx, sqlIdentity).Scan(&id)
	return id, away(err)
}

// inTx runs f in one transaction, which commits if f returns nil.
func (s *Store) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return away(pgx.BeginFunc(ctx, s.pool, f))
}

// read runs f in one read-only transaction on one snapshot.
func (s *Store) read(ctx context.Context, f func(pgx.Tx) error) error {
	o := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return away(pgx.BeginTxFunc(ctx, s.pool, o, f))
}

// away marks errors of a database that cannot be reached now with reaction.ErrAway, so that
// callers wait instead of giving up. A statement that the server refuses is not among them.
func away(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, reaction.ErrAway) {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch class := pg.Code[:min(2, len(pg.Code))]; {
		case class == "08", class == "53", class == "57", class == "58", // connection, resources, operator, system
			class == "40",      // serialisation failure or deadlock: the same transaction may go through
			pg.Code == "25006": // a stand-by that may yet be promoted
			return fmt.Errorf("%w: database: %w", reaction.ErrAway, err)
		}
		return err
	}
	var netErr net.Error
	var dial *pgconn.ConnectError
	if errors.As(err, &netErr) || errors.As(err, &dial) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		pgconn.SafeToRetry(err) || pgconn.Timeout(err) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, pgx.ErrTxClosed) {
		return fmt.Errorf("%w: database: %w", reaction.ErrAway, err)
	}
	return err
}
