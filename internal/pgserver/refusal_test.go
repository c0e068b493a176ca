package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// refused expects a start to fail with an error of one line that has all parts.
func refused(t *testing.T, o Options, parts ...string) error {
	t.Helper()
	s, err := Start(t.Context(), o)
	if err == nil {
		finish(t, s)
		t.Fatal("it started")
	}
	for _, part := range append(parts, o.Dir) {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not tell %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is more than a line", err)
	}
	t.Log(err)
	return err
}

func TestRefusesFile(t *testing.T) {
	path := filepath.Join(place(t), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{Dir: path}, "there is a file in its place")
	refused(t, Options{Dir: filepath.Join(path, "below")}, "there is a file in its place", path)
}

func TestRefusesForeignData(t *testing.T) {
	dir := place(t)
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{Dir: dir}, "PG_VERSION")
}

func TestRefusesOtherVersion(t *testing.T) {
	s := begin(t, Options{Dir: place(t)})
	finish(t, s)
	version := filepath.Join(s.data, "PG_VERSION")
	if err := os.WriteFile(version, []byte("14\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{Dir: s.Dir()}, "PostgreSQL 14", fmt.Sprint(s.version), "install", "pg_upgrade")
}

func TestRefusesParentThatUserCannotEnter(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root hands the server to another user")
	}
	closed := filepath.Join(place(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "a", "pg")
	refused(t, Options{Dir: dir}, "postgres", "cannot enter "+closed+":", "chmod o+x "+closed)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("more than the lock is left: %v, %v", entries, err)
	}
}

func TestRefusesWithoutPostgreSQL(t *testing.T) {
	dir := place(t)
	err := refused(t, Options{Dir: dir, BinDir: filepath.Join(dir, "none")}, "apt-get install postgresql", "brew install", "database_url")
	if !errors.Is(err, ErrNotInstalled) {
		t.Errorf("%v is not ErrNotInstalled", err)
	}
}

func TestFind(t *testing.T) {
	dir, version, err := Find("")
	if err != nil || version < Oldest {
		t.Fatalf("found %q, %d, %v", dir, version, err)
	}
	old := place(t)
	script(t, old, "initdb", "exit 1")
	script(t, old, "postgres", "echo 'postgres (PostgreSQL) 14.9'")
	if _, _, err := Find(old); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("version 14: %v", err)
	}
	beta := place(t)
	script(t, beta, "initdb", "exit 1")
	script(t, beta, "postgres", "echo 'postgres (PostgreSQL) 99beta1 (Somewhere 99~beta1)'")
	t.Setenv("PATH", old+":relative:"+beta+":"+os.Getenv("PATH"))
	if dir, version, err := Find(""); dir != beta || version != 99 || err != nil {
		t.Errorf("newest is %q, %d, %v", dir, version, err)
	}
	if b, err := find("", version); err != nil || b.version != version {
		t.Errorf("version %d: %v, %v", version, b, err)
	}
}

func TestLocaleUnknown(t *testing.T) {
	bin, dir := place(t), place(t)
	real, _, err := Find("")
	if err != nil {
		t.Fatal(err)
	}
	script(t, bin, "initdb", `case "$*" in *C.UTF-8*) echo 'initdb: error: invalid locale name "C.UTF-8"' >&2; exit 1;; esac
exec `+real+`/initdb "$@"`)
	if err := os.Symlink(filepath.Join(real, "postgres"), filepath.Join(bin, "postgres")); err != nil {
		t.Fatal(err)
	}
	s := begin(t, Options{Dir: dir, BinDir: bin})
	if got := query(t, s.URL(Database), "SELECT datcollate || ' ' || pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"); got != "C UTF8" {
		t.Errorf("locale and encoding are %s", got)
	}
}

func TestInterruptedInitdb(t *testing.T) {
	bin, dir := place(t), place(t)
	real, _, err := Find("")
	if err != nil {
		t.Fatal(err)
	}
	// It has written everything when it gets stuck.
	script(t, bin, "initdb", real+`/initdb "$@" && echo stuck >&2 && exec sleep 600`)
	if err := os.Symlink(filepath.Join(real, "postgres"), filepath.Join(bin, "postgres")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var j journal
	ended := make(chan error)
	go func() {
		_, err := Start(ctx, Options{Dir: dir, BinDir: bin, Fast: true, Log: j.log()})
		ended <- err
	}()
	until(t, "initdb to get stuck", func() bool { return strings.Contains(j.String(), "stuck") })
	cancel()
	if err := <-ended; err == nil {
		t.Fatal("it started")
	}
	// What a killed process leaves, which had no time to tidy up.
	if out, err := exec.Command("cp", "-r", bin, filepath.Join(dir, "init-123")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := begin(t, Options{Dir: dir})
	if got := query(t, s.URL(Database), "SELECT 'well'"); got != "well" {
		t.Errorf("got %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "init-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
