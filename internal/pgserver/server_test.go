package pgserver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestStartMakesDatabaseAndKeepsIt(t *testing.T) {
	o := Options{Dir: filepath.Join(place(t), "new", "pg")}
	s := begin(t, o)
	for sql, want := range map[string]string{
		"SELECT current_user::text":                                                   User,
		"SELECT current_database()::text":                                             Database,
		"SELECT current_setting('server_encoding')":                                   "UTF8",
		"SELECT current_setting('listen_addresses')":                                  "",
		"SELECT current_setting('data_checksums')":                                    "on",
		"SELECT current_setting('TimeZone')":                                          "UTC",
		"SELECT datcollate::text FROM pg_database WHERE datname = current_database()": "C.UTF-8",
	} {
		if got := query(t, s.URL(Database), sql); got != want {
			t.Errorf("%s gave %q, want %q", sql, got, want)
		}
	}
	execute(t, s.URL(Database), "CREATE TABLE kept AS SELECT 'here' AS word")
	url := s.URL(Database)
	finish(t, s)

	began := time.Now()
	s = begin(t, o)
	t.Logf("started again in %v", time.Since(began))
	if s.URL(Database) != url {
		t.Errorf("address was %s, is %s", url, s.URL(Database))
	}
	if got := query(t, url, "SELECT word FROM kept"); got != "here" {
		t.Errorf("the data are %q after a restart", got)
	}
}

func TestStopTwiceAndSocketGone(t *testing.T) {
	s := begin(t, Options{Dir: place(t)})
	info, err := os.Stat(s.socket)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("socket directory %v, %v", info, err)
	}
	finish(t, s)
	finish(t, s)
	if _, err := os.Stat(s.socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("socket directory after Stop: %v", err)
	}
}

func TestStopEndsSessions(t *testing.T) {
	s := begin(t, Options{Dir: place(t)})
	asked := make(chan error)
	go func() {
		_, err := ask(t.Context(), s.URL(Database), "SELECT pg_sleep(600)::text")
		asked <- err
	}()
	until(t, "the sleeper", func() bool {
		return query(t, s.URL(Database), "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1"
	})
	finish(t, s)
	if err := <-asked; err == nil {
		t.Error("the sleeper was not ended")
	}
}

func TestStopAtOnce(t *testing.T) {
	s, err := Start(t.Context(), Options{Dir: place(t), Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := readPostmaster(s.data)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// Either it was fast enough, or it says that it was not.
	if err := s.Stop(ctx); err != nil && !strings.Contains(err.Error(), "in time") {
		t.Error(err)
	}
	if args, err := commandLine(p.pid); err != nil || len(args) != 0 {
		t.Errorf("still running: %q, %v", args, err)
	}
}

func TestOneOwner(t *testing.T) {
	s := begin(t, Options{Dir: place(t)})
	_, err := Start(t.Context(), Options{Dir: s.Dir(), Fast: true})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), s.Dir()) {
		t.Errorf("second owner: %v", err)
	}
	if got := query(t, s.URL(Database), "SELECT 'well'"); got != "well" {
		t.Error("the first owner suffered")
	}
}

func TestLongPath(t *testing.T) {
	dir := filepath.Join(place(t), strings.Repeat("long", 30), "with space, comma")
	s := begin(t, Options{Dir: dir})
	if got := query(t, s.URL(Database), "SELECT current_setting('data_directory')"); got != s.data {
		t.Errorf("data are in %s, want %s", got, s.data)
	}
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := place(t)
	if _, err := Start(ctx, Options{Dir: dir, Fast: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled start: %v", err)
	}
	begin(t, Options{Dir: dir}) // nothing is left that stands in the way
}
