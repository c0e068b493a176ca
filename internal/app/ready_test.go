package app

import (
	"log/slog"
	"testing"

	"outcry/internal/reaction"
	"outcry/internal/testdb"
)

// A new server has something to listen for; one whose owner did not want it has not.
func TestAnEventComesWithTheProgram(t *testing.T) {
	c := DefaultConfig()
	c.Data, c.DatabaseURL, c.Node = t.TempDir(), NewSecret(testdb.New(t)), "one"
	n, err := Open(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	begin := func() []reaction.Event {
		t.Helper()
		if err := n.EnsureReady(t.Context()); err != nil {
			t.Fatal(err)
		}
		events, err := n.Store.Events(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return events
	}
	for range 2 {
		list := begin()
		if len(list) != 1 || list[0].Slug != "is-it-down" || list[0].Status != reaction.Live || list[0].Public || len(list[0].ServiceNames()) < 60 {
			t.Fatalf("events of a new server: %+v", list)
		}
	}
	if err := n.Store.DeleteEvent(t.Context(), "is-it-down"); err != nil {
		t.Fatal(err)
	}
	if list := begin(); len(list) != 0 {
		t.Errorf("an event that was deleted came back: %+v", list)
	}
}
