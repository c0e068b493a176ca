package testdb

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/migrations"
)

// templateLock is the advisory lock under which a template is made.
const templateLock = 0x6f757463 // "outc"

// databases makes the databases of tests on one server, as copies of a migrated template.
type databases struct {
	// admin is the connection string of a database whose user may create others.
	admin string
	// template names the migrated database.
	template string
	// home is the directory of a private server, nil for one from outside. It is kept here, since
	// its lock goes when nothing holds it.
	home *home
}

// schemaName names the template after the text of the migrations, so that an outside server, which
// keeps it for the next run, never gives an outdated one.
func schemaName() (string, error) {
	h := sha256.New()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		b, err := migrations.FS.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(b), b)
	}
	return fmt.Sprintf("outcry_template_%x", h.Sum(nil)[:8]), nil
}

// prepare makes the template if there is none. It is renamed when complete, so that an interrupted
// attempt does not leave half of one.
func (d *databases) prepare(ctx context.Context, migrate func(ctx context.Context, url string) error) error {
	conn, err := pgx.Connect(ctx, d.admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) // and with it the lock
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return err
	}
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", d.template).Scan(&exists)
	if err != nil || exists {
		return err
	}
	fresh := d.template + "_new"
	if err := execute(ctx, conn,
		"DROP DATABASE IF EXISTS "+fresh+" WITH (FORCE)",
		"CREATE DATABASE "+fresh+" TEMPLATE template0 ENCODING 'UTF8'",
	); err != nil {
		return err
	}
	address, err := at(d.admin, fresh)
	if err != nil {
		return err
	}
	if err := migrate(ctx, address); err != nil {
		return err
	}
	return execute(ctx, conn,
		"ALTER DATABASE "+fresh+" ALLOW_CONNECTIONS false", // who is connected is in the way of a copy
		"ALTER DATABASE "+fresh+" RENAME TO "+d.template,
	)
}

// clone copies the template for one test.
func (d *databases) clone(t testing.TB) string {
	t.Helper()
	name := "outcry_test_" + strings.ToLower(rand.Text())
	address, err := at(d.admin, name)
	if err != nil {
		t.Fatal(err)
	}
	// Five times as fast as the default here, which is for servers that have other work too.
	if err := d.run(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+d.template+" STRATEGY FILE_COPY"); err != nil {
		t.Fatalf("database for a test: %v", err)
	}
	t.Cleanup(func() {
		if err := d.run(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("database of a test: %v", err)
		}
	})
	return address
}

// run executes one statement on a connection of its own, so that no test finds another's
// goroutines.
func (d *databases) run(ctx context.Context, sql string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, d.admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return execute(ctx, conn, sql)
}

func execute(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// at returns a connection string, a URL or of keywords and values, with another database.
func at(address, database string) (string, error) {
	if !strings.Contains(address, "://") {
		return address + " dbname=" + database, nil // the last one counts
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("%s is not a URL: %w", outside, err)
	}
	q := u.Query()
	q.Del("dbname") // it would win
	u.Path, u.RawPath, u.RawQuery = "/"+database, "", q.Encode()
	return u.String(), nil
}
