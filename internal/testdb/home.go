package testdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"outcry/internal/pgserver"
)

// prefix begins the names of the directories of private servers.
const prefix = "outcry-testdb-"

// ownerFile is locked for as long as the process that made a directory lives.
const ownerFile = "owner"

// youth is the age up to which a directory is left alone, as it may not have been locked yet.
const youth = time.Minute

// home is the directory of a private server.
type home struct {
	dir   string
	cache string // where a ready-made cluster is kept between runs
	owner *os.File
}

// newHome makes a directory, and removes those of processes that have ended: the end of a test
// process runs no code that could.
func newHome() (*home, error) {
	sweep(os.TempDir())
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return makeHome(os.TempDir(), filepath.Join(cache, "outcry-testdb"))
}

func makeHome(parent, cache string) (*home, error) {
	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return nil, err
	}
	h := &home{dir: dir, cache: cache}
	if h.owner, err = os.Create(filepath.Join(dir, ownerFile)); err != nil {
		return nil, err
	}
	return h, syscall.Flock(int(h.owner.Fd()), syscall.LOCK_EX)
}

// start starts a server in the directory, on a copy of the ready-made cluster.
func (h *home) start(ctx context.Context) (*pgserver.Server, error) {
	_, version, err := pgserver.Find("")
	if err != nil {
		return nil, err
	}
	o := pgserver.Options{Dir: h.dir, Fast: true}
	ready := filepath.Join(h.cache, fmt.Sprintf("postgresql-%d", version))
	data := filepath.Join(h.dir, "data")
	if _, err := os.Stat(ready); err == nil {
		if err := copyTree(ctx, ready, data); err != nil {
			return nil, err
		}
		return pgserver.Start(ctx, o)
	}
	s, err := pgserver.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := s.Stop(ctx); err != nil {
		return nil, err
	}
	// Without a cache, later processes only take longer.
	_ = publish(ctx, data, ready)
	return pgserver.Start(ctx, o)
}

// publish keeps a copy of a new cluster for later processes. Several may do so at once: the first
// to be done is kept.
func publish(ctx context.Context, data, ready string) error {
	if err := os.MkdirAll(filepath.Dir(ready), 0o700); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(ready), "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := copyTree(ctx, data, filepath.Join(tmp, "data")); err != nil {
		return err
	}
	err = os.Rename(filepath.Join(tmp, "data"), ready)
	if errors.Is(err, syscall.EEXIST) || errors.Is(err, syscall.ENOTEMPTY) {
		return nil
	}
	return err
}

// copyTree copies a directory with its owners and modes.
func copyTree(ctx context.Context, from, to string) error {
	if out, err := exec.CommandContext(ctx, "cp", "-a", from, to).CombinedOutput(); err != nil {
		return fmt.Errorf("copying %s: %w: %s", from, err, out)
	}
	return nil
}

// remove gives the directory back.
func (h *home) remove() {
	os.RemoveAll(h.dir)
	h.owner.Close()
}

// sweep removes the directories below parent whose process has ended.
func sweep(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, prefix+"*")) // fails on a bad pattern only
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() || time.Since(info.ModTime()) < youth {
			continue
		}
		owner, err := os.Open(filepath.Join(dir, ownerFile))
		if errors.Is(err, os.ErrNotExist) {
			os.RemoveAll(dir)
			continue
		}
		if err != nil {
			continue // somebody else's
		}
		if syscall.Flock(int(owner.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.RemoveAll(dir)
		}
		owner.Close()
	}
}
