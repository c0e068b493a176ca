package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"outcry/migrations"
)

// minServer is the oldest PostgreSQL that Outcry runs on, as server_version_num.
const minServer = 150000

// Migrate brings the schema of a database up to date, under a session lock, so that any number of
// nodes may start at once. It refuses a server that is too old, a database that is not UTF-8, and
// a schema that is newer than this program.
func Migrate(ctx context.Context, url string) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("database_url: %w", err)
	}
	db := stdlib.OpenDB(*cfg)
	defer db.Close()

	var version int
	var encoding string
	err = db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')").Scan(&version, &encoding)
	switch {
	case err != nil:
		return fmt.Errorf("database: %w", err)
	case version < minServer:
		return fmt.Errorf("database: PostgreSQL %d is too old; use 15 or newer", version/10000)
	case encoding != "UTF8":
		return fmt.Errorf("database: its encoding is %s; create it with ENCODING 'UTF8'", encoding)
	}

	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	current, known, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if current > known {
		return fmt.Errorf("database: its schema is version %d, newer than %d that this program knows; run the newer outcry", current, known)
	}
	if _, err := p.Up(ctx); err != nil {
		var partial *goose.PartialError
		if errors.As(err, &partial) && partial.Failed != nil {
			return fmt.Errorf("migration %s: %w", partial.Failed.Source.Path, partial.Err)
		}
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}
