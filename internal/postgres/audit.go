package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"outcry/internal/auth"
)

const (
	sqlAuditInsert = `INSERT INTO audit (at, actor, action, target, outcome, reason, address, request_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlAudit = `SELECT id, at, actor, action, target, outcome, reason, address, request_id FROM audit
		WHERE $1 = 0 OR id < $1 ORDER BY id DESC LIMIT $2`
)

// AddEntries appends to the audit log, all or none.
func (s *Store) AddEntries(ctx context.Context, entries []auth.Entry) error {
	b := &pgx.Batch{}
	for _, e := range entries {
		b.Queue(sqlAuditInsert, e.At, e.Actor, e.Action, e.Target, e.Outcome, e.Reason, e.Address, e.RequestID)
	}
	return s.inTx(ctx, func(tx pgx.Tx) error { return tx.SendBatch(ctx, b).Close() })
}

// Entries lists the audit log, newest first, from before an entry on; 0 begins with the newest.
func (s *Store) Entries(ctx context.Context, before int64, limit int) ([]auth.Entry, error) {
	rows, err := s.pool.Query(ctx, sqlAudit, before, limit)
	if err != nil {
		return nil, away(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e auth.Entry, err error) {
		err = row.Scan(&e.ID, &e.At, &e.Actor, &e.Action, &e.Target, &e.Outcome, &e.Reason, &e.Address, &e.RequestID)
		e.At = e.At.UTC()
		return e, err
	})
	return out, away(err)
}
