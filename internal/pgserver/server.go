// Package pgserver runs a private PostgreSQL as a child of this process, for people who have not
// got one. It listens on a Unix socket only, in a directory that nobody else can enter, and ends
// with its parent, however that ends.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// User is the superuser of the server; it needs no password.
const User = "outcry"

// Database is the database that every server has from the start.
const Database = "outcry"

// Options tell where a server keeps its data and how it runs.
type Options struct {
	// Dir is a directory of our own, made if absent. It holds the data, the socket if the path is
	// short enough for one, and a lock: one process a directory.
	Dir string
	// BinDir holds the programs initdb and postgres; empty means to look for them, see [Find].
	BinDir string
	// Fast gives up durability for speed, for tests only: what is committed outlives the death of
	// the server, but not of the machine.
	Fast bool
	// Log takes what PostgreSQL writes and when it is started again; nil means nowhere.
	Log *slog.Logger

	// waits are the pauses before each attempt to start again a server that ended by itself; after
	// the last it is given up.
	waits []time.Duration
}

// Server is a running PostgreSQL. If it ends by itself it is started again.
type Server struct {
	program
	dir, data, socket string
	fast              bool
	waits             []time.Duration
	log               *slog.Logger
	output            *output
	lock              *os.File
	released          sync.Once

	life    context.Context // ends when the server shall stop
	stop    context.CancelFunc
	peace   context.Context // ends when it shall stop at once
	abort   context.CancelFunc
	done    chan struct{} // closed when nothing runs any more
	stopErr error         // how it stopped; valid when done is closed
	failed  chan error
}

// Start takes the directory for this process, makes the data if there is none, and starts a server
// on it. It returns when the server accepts connections. The server goes on when ctx ends, until
// [Server.Stop]. The error is [ErrNotInstalled] if there is no PostgreSQL and [ErrInUse] if
// another process has the directory.
func Start(ctx context.Context, o Options) (*Server, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", o.Dir, err)
	}
	s, err := start(ctx, dir, o)
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	return s, nil
}

func start(ctx context.Context, dir string, o Options) (_ *Server, err error) {
	s := &Server{
		dir: dir, data: filepath.Join(dir, "data"), fast: o.Fast, waits: o.waits, log: o.Log,
		done: make(chan struct{}), failed: make(chan error, 1),
	}
	if s.waits == nil {
		s.waits = backOff()
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.output = &output{log: s.log}
	s.life, s.stop = context.WithCancel(context.Background())
	s.peace, s.abort = context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			s.released.Do(s.release)
		}
	}()
	if s.lock, err = claim(dir); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, o.BinDir); err != nil {
		return nil, err
	}
	return s, s.begin(ctx)
}

// prepare finds the right programs and user, and sees to it that there are data and a place for
// the socket.
func (s *Server) prepare(ctx context.Context, binDir string) error {
	version, err := s.written()
	if err != nil {
		return err
	}
	if s.binaries, err = find(binDir, version); err != nil {
		return err
	}
	if s.cred, err = account(s.data); err != nil {
		return err
	}
	if err := s.reach(ctx, s.dir); err != nil {
		return err
	}
	if version == 0 {
		if err := s.initialise(ctx); err != nil {
			return err
		}
	}
	s.socket, err = socketDir(ctx, s.program, s.dir)
	return err
}

// written returns the major version that wrote the data, 0 if there are none.
func (s *Server) written() (int, error) {
	b, err := os.ReadFile(filepath.Join(s.data, "PG_VERSION"))
	if err == nil {
		return strconv.Atoi(strings.TrimSpace(string(b)))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if _, err := os.Lstat(s.data); !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s is not the data of a PostgreSQL: it has no PG_VERSION", s.data)
	}
	return 0, nil
}

// begin starts the first child and the care for it. If ctx ends meanwhile, all of it ends.
func (s *Server) begin(ctx context.Context) error {
	unhook := context.AfterFunc(ctx, s.stop)
	first := make(chan error)
	go s.run(first)
	err := <-first
	if unhook() && err == nil {
		return nil
	}
	s.stop()
	<-s.done
	if err == nil || errors.Is(err, context.Canceled) {
		return fmt.Errorf("PostgreSQL was not ready in time: %w", context.Cause(ctx))
	}
	return err
}

// URL returns the connection string for a database, as pgx and libpq read it. It stays the same
// when the server is started again, by itself or by another Start on the same directory.
func (s *Server) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(User), Path: "/" + database, RawQuery: url.Values{
		"host": {s.socket}, "port": {"5432"}, "sslmode": {"disable"},
	}.Encode()}
	return u.String()
}

// Dir returns the directory of the server, as an absolute path.
func (s *Server) Dir() string { return s.dir }

// Failed receives an error if the server ended by itself again and again and was given up.
func (s *Server) Failed() <-chan error { return s.failed }

// Stop ends every session and shuts the server down, then lets go of the directory. If ctx ends
// first, the server ends at once, and recovers what was committed at its next start. Stop may be
// called more than once.
func (s *Server) Stop(ctx context.Context) error {
	s.stop()
	select {
	case <-s.done:
	case <-ctx.Done():
		s.abort()
		<-s.done
	}
	s.released.Do(s.release)
	return s.stopErr
}

// release gives back what Start took. Nothing runs any more.
func (s *Server) release() {
	s.stop()
	s.abort()
	if s.lock == nil {
		return // somebody else has the directory, and all in it
	}
	if s.socket != "" {
		os.RemoveAll(s.socket)
	}
	s.lock.Close()
}
