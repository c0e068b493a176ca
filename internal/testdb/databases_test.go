package testdb

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// migration counts how often it runs and makes one table.
type migration struct{ runs atomic.Int32 }

func (m *migration) run(ctx context.Context, url string) error {
	m.runs.Add(1)
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	return execute(ctx, c, "CREATE TABLE migrated (a int)")
}

func TestTemplateIsMadeOnce(t *testing.T) {
	admin := New(t)
	var m migration
	var wg sync.WaitGroup
	for range 4 { // as several processes on one outside server
		wg.Go(func() {
			d := &databases{admin: admin, template: "made_once"}
			if err := d.prepare(t.Context(), m.run); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	d := &databases{admin: admin, template: "made_once"}
	t.Cleanup(func() { d.run(context.Background(), "DROP DATABASE made_once") })
	if n := m.runs.Load(); n != 1 {
		t.Errorf("migrated %d times", n)
	}
	if n := count(t, d.clone(t), "SELECT count(*) FROM migrated"); n != 0 {
		t.Errorf("%d rows in a new database", n)
	}
}

func TestTemplateAfterFailedMigration(t *testing.T) {
	d := &databases{admin: New(t), template: "made_late"}
	broken := errors.New("broken")
	err := d.prepare(t.Context(), func(ctx context.Context, url string) error {
		return errors.Join(broken, new(migration).run(ctx, url))
	})
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	t.Cleanup(func() { d.run(context.Background(), "DROP DATABASE made_late") })
	if err := d.prepare(t.Context(), new(migration).run); err != nil {
		t.Fatal(err)
	}
	d.clone(t)
}

func TestAt(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://u:p@h:1/old?sslmode=disable":      "postgres://u:p@h:1/new?sslmode=disable",
		"postgres://u@/old?host=%2Ftmp%2Fx&dbname=no": "postgres://u@/new?host=%2Ftmp%2Fx",
		"host=/tmp/x dbname=old":                      "host=/tmp/x dbname=old dbname=new",
	} {
		got, err := at(address, "new")
		if err != nil || got != want {
			t.Errorf("%s became %s, %v; want %s", address, got, err, want)
		}
		c, err := pgx.ParseConfig(got)
		if err != nil || c.Database != "new" {
			t.Errorf("%s leads to %v, %v", got, c.Database, err)
		}
	}
	if _, err := at("postgres://%zz", "new"); err == nil {
		t.Error("a broken URL passed")
	}
}
