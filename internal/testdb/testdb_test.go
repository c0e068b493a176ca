package testdb

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"outcry/internal/pgserver"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func do(t *testing.T, url, sql string) {
	t.Helper()
	if err := execute(t.Context(), connect(t, url), sql); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, url, sql string) (n int) {
	t.Helper()
	if err := connect(t, url).QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNewIsMigratedAndPrivate(t *testing.T) {
	a, b := New(t), New(t)
	if n := count(t, a, "SELECT count(*) FROM goose_db_version WHERE version_id > 0"); n == 0 {
		t.Error("it is not migrated")
	}
	do(t, a, "CREATE TABLE mine (a int)")
	if n := count(t, b, "SELECT count(*) FROM pg_tables WHERE tablename = 'mine'"); n != 0 {
		t.Error("one test sees the table of another")
	}
}

func TestNewIsDropped(t *testing.T) {
	var url string
	outer := t
	t.Run("test", func(t *testing.T) {
		url = New(t)
		connect(outer, url) // longer than the test: a leaked connection does not keep the database
	})
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("the database outlived its test")
	}
}

func TestRestart(t *testing.T) {
	s := Server(t)
	url := s.URL(pgserver.Database)
	do(t, url, "CREATE TABLE kept (a int)")
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("it answers when stopped")
	}
	Restart(t, s)
	if n := count(t, url, "SELECT count(*) FROM goose_db_version, (SELECT count(*) FROM kept) k"); n == 0 {
		t.Error("it is not migrated")
	}
}
