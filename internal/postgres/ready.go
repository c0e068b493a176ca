package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const (
	sqlReady     = `INSERT INTO ready_made (slug, made_at) VALUES ($1, now()) ON CONFLICT DO NOTHING`
	sqlAnyEvents = `SELECT EXISTS (SELECT FROM events)`
)

// MakeOnce stores an event that comes with the program, where no event was ever made, and reports
// whether it did. Whatever becomes of the event afterwards, it is not made a second time.
func (s *Store) MakeOnce(ctx context.Context, e *reaction.Event) (made bool, err error) {
	def, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("event %q: %w", e.Slug, err)
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlReady, e.Slug)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		var others bool
		if err := tx.QueryRow(ctx, sqlAnyEvents).Scan(&others); err != nil || others {
			return err
		}
		made = true
		return createEvent(ctx, tx, e, def)
	})
	return made && err == nil, err
}
