package pgserver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// initialise makes the data directory: a cluster in UTF-8 with page checksums, whose superuser is
// outcry, with the database outcry. It is made beside its place and moved there when complete, so
// that an interrupted attempt leaves nothing that looks like a cluster.
func (s *Server) initialise(ctx context.Context) error {
	stale, _ := filepath.Glob(filepath.Join(s.dir, "init-*")) // fails on a bad pattern only
	for _, dir := range stale {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remains of an earlier attempt: %w", err)
		}
	}
	// A new name each time: an initdb orphaned a moment ago may still be writing to the old one.
	fresh, err := os.MkdirTemp(s.dir, "init-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	if err := s.own(fresh); err != nil {
		return err
	}
	if err := s.initdb(ctx, fresh, "C.UTF-8"); err != nil {
		if !strings.Contains(err.Error(), "invalid locale") {
			return err
		}
		if err := s.initdb(ctx, fresh, "C"); err != nil {
			return err
		}
	}
	if err := s.createDatabase(ctx, fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, s.data); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// initdb makes a cluster in the empty directory data.
func (s *Server) initdb(ctx context.Context, data, locale string) error {
	args := []string{
		"--pgdata", data, "--username", User, "--encoding", "UTF8", "--locale", locale,
		"--text-search-config", "simple", "--data-checksums",
		"--auth", "trust", // who can enter the socket's directory is the owner, or root
	}
	if s.fast {
		args = append(args, "--no-sync")
	}
	s.output.reset()
	c := s.command(ctx, "initdb", args...)
	c.Stderr = s.output
	if err := c.Run(); err != nil {
		return s.output.explain("initdb", err)
	}
	return nil
}

// createDatabase makes the database outcry, by a server of one session that is not yet open to
// anybody.
func (s *Server) createDatabase(ctx context.Context, data string) error {
	args := []string{"--single", "-D", data, "-c", "exit_on_error=on", "-c", "log_checkpoints=off", "-c", "log_line_prefix="}
	if s.fast {
		args = append(args, "-F")
	}
	s.output.reset()
	c := s.command(ctx, "postgres", append(args, "postgres")...)
	c.Stdin = strings.NewReader("CREATE DATABASE " + Database + "\n")
	c.Stderr = s.output
	if err := c.Run(); err != nil {
		return s.output.explain("making the database "+Database, err)
	}
	return nil
}
