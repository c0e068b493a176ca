package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Posts lie in a partition of their event, posts_<id>, which is made with the event. The posts of
// an endless event lie in partitions of a day, made when the first post of the day comes. A table
// is filled in beside its parent and attached, because that does not stop readers and writers of
// other events.

func partition(event int64) string { return fmt.Sprintf("posts_%d", event) }

func dayPartition(event int64, day time.Time) string {
	return fmt.Sprintf("posts_%d_%s", event, day.Format("20060102"))
}

func createPartition(ctx context.Context, tx pgx.Tx, event int64, daily bool) error {
	name := partition(event)
	if daily {
		return exec(ctx, tx,
			fmt.Sprintf(`CREATE TABLE %s (LIKE posts INCLUDING DEFAULTS) PARTITION BY RANGE (at)`, name),
			fmt.Sprintf(`ALTER TABLE posts ATTACH PARTITION %s FOR VALUES IN (%d)`, name, event))
	}
	return exec(ctx, tx,
		fmt.Sprintf(`CREATE TABLE %s (LIKE posts INCLUDING DEFAULTS)`, name),
		fmt.Sprintf(`CREATE UNIQUE INDEX ON %s (source, id)`, name),
		fmt.Sprintf(`CREATE INDEX ON %s (at, source, id)`, name),
		fmt.Sprintf(`CREATE INDEX ON %s (source, author) WHERE author IS NOT NULL`, name),
		fmt.Sprintf(`CREATE INDEX ON %s (source, repeats) WHERE kind = 3`, name),
		fmt.Sprintf(`CREATE INDEX ON %s (source, passed) WHERE passed IS NOT NULL`, name),
		fmt.Sprintf(`ALTER TABLE posts ATTACH PARTITION %s FOR VALUES IN (%d)`, name, event))
}

// createDay makes the partition of one day of an endless event, unless it is there. The caller
// holds the event's lock.
func createDay(ctx context.Context, tx pgx.Tx, event int64, day time.Time) error {
	name := dayPartition(event, day)
	var there bool
	if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, name).Scan(&there); err != nil || there {
		return err
	}
	return exec(ctx, tx,
		fmt.Sprintf(`CREATE TABLE %s (LIKE posts INCLUDING DEFAULTS)`, name),
		fmt.Sprintf(`CREATE UNIQUE INDEX ON %s (source, id)`, name),
		fmt.Sprintf(`CREATE INDEX ON %s (at, source, id)`, name),
		fmt.Sprintf(`CREATE INDEX ON %s (source, author) WHERE author IS NOT NULL`, name),
		fmt.Sprintf(`CREATE INDEX ON %s (source, repeats) WHERE kind = 3`, name),
		fmt.Sprintf(`CREATE INDEX ON %s (source, passed) WHERE passed IS NOT NULL`, name),
		fmt.Sprintf(`ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM ('%s') TO ('%s')`,
			partition(event), name, day.Format(time.RFC3339), day.AddDate(0, 0, 1).Format(time.RFC3339)))
}

func dropPartition(ctx context.Context, tx pgx.Tx, event int64) error {
	return exec(ctx, tx, fmt.Sprintf(`DROP TABLE IF EXISTS %s`, partition(event)))
}

func exec(ctx context.Context, tx pgx.Tx, statements ...string) error {
	for _, q := range statements {
		if _, err := tx.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
