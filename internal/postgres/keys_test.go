package postgres_test

import (
	"slices"
	"testing"
	"time"

	"outcry/internal/auth"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/migrations"
)

// A key keeps its sources; those from before there were any speak for none that Outcry collects. Who
// was forgotten before can no longer be found by guessing.
func TestOlderKeysAndDigests(t *testing.T) {
	s, url := open(t)
	ctx, now := t.Context(), time.Now().UTC().Truncate(time.Second)
	testdb.Exec(t, url, "ALTER TABLE api_keys DROP COLUMN sources")
	testdb.Exec(t, url, `INSERT INTO api_keys (id, mac, name, scopes, created_at, created_by) VALUES ('oldoldol', 'm', 'old', '{ingest,read}', now() - interval '1 day', 'ann')`)
	entry := func(action, target string) auth.Entry {
		return auth.Entry{At: now, Actor: "ann", Action: action, Target: target, Outcome: auth.Done}
	}
	if err := s.AddEntries(ctx, []auth.Entry{
		entry("posts.forget", "bluesky author sha256:0123456789abcdef"), entry("posts.forget", "x post ref:abcdefghijklmnop"), entry("recording.keep", "sha256:0123456789abcdef"),
	}); err != nil {
		t.Fatal(err)
	}
	migration, err := migrations.FS.ReadFile("00007_ingest_keys.sql")
	if err != nil {
		t.Fatal(err)
	}
	testdb.Exec(t, url, string(migration))

	if err := s.AddKey(ctx, auth.Key{ID: "newnewne", Name: "new", Scopes: auth.Scopes{auth.Ingest}, Sources: []reaction.Source{reaction.X, "nostr"}, CreatedAt: now}, []byte("m"), 10); err != nil {
		t.Fatal(err)
	}
	if err := s.AddKey(ctx, auth.Key{ID: "plainkey", Name: "plain", Scopes: auth.Scopes{auth.Ingest}, CreatedAt: now.Add(-time.Hour)}, []byte("m"), 10); err != nil {
		t.Fatal(err)
	}
	keys, err := s.Keys(ctx)
	if err != nil || len(keys) != 3 {
		t.Fatalf("%+v, %v", keys, err)
	}
	for _, k := range keys {
		one, _, err := s.Key(ctx, k.ID)
		if err != nil || !slices.Equal(one.Sources, k.Sources) {
			t.Errorf("%+v, %v", one, err)
		}
		p := auth.Principal{Kind: auth.APIKey, Scopes: k.Scopes, Sources: k.Sources}
		if listed := k.Name == "new"; p.SpeaksFor(reaction.X) != listed || p.SpeaksFor("rss") == listed || !p.SpeaksFor("nostr") {
			t.Errorf("the key %s speaks for %v", k.Name, k.Sources)
		}
	}
	if k, err := s.RevokeKey(ctx, "newnewne", now); err != nil || len(k.Sources) != 2 {
		t.Errorf("%+v, %v", k, err)
	}
	list, err := s.Entries(ctx, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, e := range list {
		targets = append(targets, e.Target)
	}
	if want := []string{"sha256:0123456789abcdef", "x post ref:abcdefghijklmnop", "bluesky author (digest removed)"}; !slices.Equal(targets, want) {
		t.Errorf("the log says %q, want %q", targets, want)
	}
}
