package testdb

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Exec runs one statement, for tests that put a database into a state it should not be in.
func Exec(t testing.TB, url, statement string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	if _, err := c.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
