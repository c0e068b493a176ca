package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// orphanWait is how long a server whose parent was killed gets to finish its shutdown.
const orphanWait = 30 * time.Second

// clusterName marks a server as started by us.
const clusterName = "cluster_name=outcry"

// postmaster is what the file postmaster.pid tells of the server of a data directory.
type postmaster struct {
	pid   int
	ready bool // it takes connections
}

// readPostmaster reads postmaster.pid; ok is false if there is none. Its first line is the process
// id, negative for a server of one session, and its eighth the state.
func readPostmaster(data string) (p postmaster, ok bool) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return p, false
	}
	lines := strings.Split(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return p, false
	}
	return postmaster{max(pid, -pid), len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"}, true
}

// makeWay returns once no other server runs in the data directory. We hold its lock, so one that
// does is the orphan of a killed process, and gets time to shut down, or was started by hand.
func (s *Server) makeWay(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, orphanWait)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for told := false; ; {
		pid, args := s.other()
		if pid == 0 {
			return nil
		}
		if !told && slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, clusterName) }) {
			s.log.Info("waiting for the server of an ended process to shut down", "pid", pid)
			// The system has told it already, except where it cannot: see dieWithParent.
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("%w: a PostgreSQL with process id %d runs in it and cannot be stopped: %w", ErrInUse, pid, err)
			}
			told = true
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: a PostgreSQL with process id %d still runs in it", ErrInUse, pid)
		case <-tick.C:
		}
	}
}

// other returns the process id and command line of a server that runs in the data directory, or 0.
// It removes a postmaster.pid whose number now belongs to a process that is no PostgreSQL, as
// happens when a container starts again: PostgreSQL would take that for a server and refuse.
func (s *Server) other() (int, []string) {
	p, ok := readPostmaster(s.data)
	if !ok || errors.Is(syscall.Kill(p.pid, 0), syscall.ESRCH) {
		return 0, nil
	}
	args, err := commandLine(p.pid)
	if err != nil {
		return 0, nil // not ours to see: PostgreSQL looks for itself
	}
	if len(args) == 0 || !slices.Contains([]string{"postgres", "postmaster"}, filepath.Base(args[0])) {
		os.Remove(filepath.Join(s.data, "postmaster.pid")) // if it cannot, PostgreSQL says why it refuses
		return 0, nil
	}
	if !slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, s.data) }) {
		return 0, nil // of another directory, as far as can be seen
	}
	return p.pid, args
}
