package testdb

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"outcry/internal/pgserver"
)

// age makes a directory look older than youth.
func age(t *testing.T, dir string) {
	t.Helper()
	then := time.Now().Add(-2 * youth)
	if err := os.Chtimes(dir, then, then); err != nil {
		t.Fatal(err)
	}
}

func TestSweep(t *testing.T) {
	parent := t.TempDir()
	make := func(old, ended bool) string {
		h, err := makeHome(parent, "")
		if err != nil {
			t.Fatal(err)
		}
		if ended {
			h.owner.Close()
		} else {
			t.Cleanup(h.remove)
		}
		if old {
			age(t, h.dir)
		}
		return h.dir
	}
	unlocked := filepath.Join(parent, prefix+"unlocked")
	other := filepath.Join(parent, "other")
	for _, dir := range []string{unlocked, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		age(t, dir)
	}
	stays := map[string]bool{
		make(true, true):   false,
		unlocked:           false,
		make(true, false):  true, // in use
		make(false, true):  true, // may be about to be locked
		make(false, false): true,
		other:              true,
	}
	sweep(parent)
	for dir, want := range stays {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: %v, want it to stay: %v", dir, err, want)
		}
	}
}

func TestReadyMadeCluster(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	for _, ready := range []bool{false, true} {
		if got, _ := filepath.Glob(filepath.Join(cache, "postgresql-*")); (len(got) == 1) != ready {
			t.Fatalf("cache holds %q, want it ready: %v", got, ready)
		}
		h, err := makeHome(os.TempDir(), cache)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.remove)
		began := time.Now()
		s, err := h.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stopAtEnd(t, s)
		t.Logf("ready-made %v: started in %v", ready, time.Since(began))
		if n := count(t, s.URL(pgserver.Database), "SELECT 1"); n != 1 {
			t.Error("it does not answer")
		}
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "new-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestPublishKeepsTheFirst(t *testing.T) {
	dir := t.TempDir()
	ready := filepath.Join(dir, "cache", "ready")
	for _, name := range []string{"first", "second"} {
		data := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Join(data, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := publish(t.Context(), data, ready); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(ready, "first")); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(ready)); len(left) != 1 {
		t.Errorf("the cache holds %v", left)
	}
}
