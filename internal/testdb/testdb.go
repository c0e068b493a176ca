// Package testdb gives each test a private, migrated PostgreSQL database.
//
// The tests of a process share one server of their own, started when the first asks for it; it
// ends with the process. With OUTCRY_TEST_DATABASE_URL they use that server instead, as a user who
// may create databases.
package testdb

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"outcry/internal/pgserver"
	"outcry/internal/postgres"
)

// outside is the environment variable with the connection string of a server to use instead of a
// private one.
const outside = "OUTCRY_TEST_DATABASE_URL"

// stopWait is how long a server gets to shut down at the end of a test.
const stopWait = 30 * time.Second

// New returns the connection string of a new migrated database, which is dropped when the test
// ends. The test fails if there is no PostgreSQL.
func New(t testing.TB) string {
	t.Helper()
	d, err := shared()
	if err != nil {
		t.Fatalf("database for tests: %v", err)
	}
	return d.clone(t)
}

// shared opens the server of this process, once.
var shared = sync.OnceValues(func() (*databases, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	admin := os.Getenv(outside)
	var keep *home
	if admin == "" {
		h, err := newHome()
		if err != nil {
			return nil, err
		}
		s, err := h.start(ctx)
		if err != nil {
			h.remove()
			return nil, err
		}
		admin, keep = s.URL(pgserver.Database), h
	}
	name, err := schemaName()
	if err != nil {
		return nil, err
	}
	d := &databases{admin: admin, template: name, home: keep}
	return d, d.prepare(ctx, postgres.Migrate)
})

// Server returns a server of the test's own, which it may stop, and start again with [Restart].
// Its database [pgserver.Database] is migrated.
func Server(t testing.TB) *pgserver.Server {
	t.Helper()
	h, err := newHome()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.remove)
	s, err := h.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, s)
	if err := postgres.Migrate(t.Context(), s.URL(pgserver.Database)); err != nil {
		t.Fatal(err)
	}
	return s
}

// Restart starts a stopped server of [Server] again, with its data and at its old address.
func Restart(t testing.TB, stopped *pgserver.Server) *pgserver.Server {
	t.Helper()
	s, err := pgserver.Start(t.Context(), pgserver.Options{Dir: stopped.Dir(), Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, s)
	return s
}

func stopAtEnd(t testing.TB, s *pgserver.Server) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopWait)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}
