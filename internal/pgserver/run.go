package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// steady is how long a server has to run for its earlier failures to be forgotten.
const steady = time.Minute

// quitWait is how long a server that was told to end at once gets before it is killed.
const quitWait = 5 * time.Second

// backOff returns the pauses before each attempt to start again a server that ended by itself:
// 40 seconds in all.
func backOff() []time.Duration {
	var waits []time.Duration
	for d := 100 * time.Millisecond; d < 15*time.Second; d *= 2 {
		waits = append(waits, d)
	}
	return append(waits, 15*time.Second)
}

// child is one run of postgres.
type child struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended
	err    error         // how; valid when exited is closed
}

// run starts the server, tells first how that went, and keeps the server running until Stop.
func (s *Server) run(first chan<- error) {
	// dieWithParent follows the thread that starts the child, so this goroutine keeps its own.
	runtime.LockOSThread()
	defer close(s.done)
	c, err := s.launch()
	first <- err
	for failures := 0; err == nil; {
		began := time.Now()
		select {
		case <-s.life.Done():
			s.stopErr = s.end(c)
			return
		case <-c.exited:
			err = s.output.explain("PostgreSQL ended by itself", c.err)
		}
		if time.Since(began) > steady {
			failures = 0
		}
		c, failures, err = s.relaunch(failures, err)
		if err != nil && s.life.Err() == nil {
			s.failed <- err
		}
	}
}

// relaunch starts the server again after cause, with a pause before each attempt. It returns how
// many failures in a row there have been.
func (s *Server) relaunch(failures int, cause error) (*child, int, error) {
	for ; failures < len(s.waits); failures++ {
		s.log.Warn("starting PostgreSQL again", "after", s.waits[failures], "error", cause)
		select {
		case <-s.life.Done():
			return nil, failures, s.life.Err()
		case <-time.After(s.waits[failures]):
		}
		c, err := s.launch()
		if err == nil {
			return c, failures + 1, nil
		}
		cause = err
	}
	return nil, failures, fmt.Errorf("data directory %s: given up after %d failures in a row: %w", s.dir, failures+1, cause)
}

// launch starts a child and returns when it accepts connections.
func (s *Server) launch() (*child, error) {
	if err := s.makeWay(s.life); err != nil {
		return nil, err
	}
	s.output.reset()
	// Not bound to a context: end is how it ends.
	cmd := s.command(context.Background(), "postgres", s.arguments()...)
	cmd.Stdout, cmd.Stderr = s.output, s.output
	dieWithParent(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, exited: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.exited)
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.life.Done():
			return nil, errors.Join(s.life.Err(), s.end(c))
		case <-c.exited:
			return nil, s.output.explain("PostgreSQL did not start", c.err)
		case <-tick.C:
			if p, ok := readPostmaster(s.data); ok && p.ready && p.pid == cmd.Process.Pid {
				return c, nil
			}
		}
	}
}

// end shuts a child down: sessions are ended and everything is written out. When peace is over it
// drops everything instead.
func (s *Server) end(c *child) error {
	_ = c.cmd.Process.Signal(syscall.SIGINT) // this fails only if it has ended, as below
	select {
	case <-c.exited:
		if c.err != nil {
			return s.output.explain(fmt.Sprintf("data directory %s: PostgreSQL did not shut down cleanly", s.dir), c.err)
		}
		return nil
	case <-s.peace.Done():
	}
	_ = c.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-c.exited:
	case <-time.After(quitWait):
		_ = c.cmd.Process.Kill()
		<-c.exited
	}
	return fmt.Errorf("data directory %s: PostgreSQL did not shut down in time and was ended", s.dir)
}

// arguments are the settings of the server. They are given here and not in a file, so that they
// follow the program and not the data.
func (s *Server) arguments() []string {
	settings := []string{
		clusterName, "listen_addresses=", "port=5432",
		"unix_socket_directories=" + s.socket, "unix_socket_permissions=0700",
		"max_connections=50", "shared_buffers=128MB", "jit=off", "timezone=UTC",
		// Much is written and nothing is replicated: few checkpoints, little log.
		"wal_level=minimal", "max_wal_senders=0", "wal_compression=on",
		"max_wal_size=2GB", "checkpoint_timeout=15min",
		// A deletion takes locks on the partitions of every event.
		"max_locks_per_transaction=1024",
		// Its words come to us, without statements and rows: these hold what people wrote.
		"logging_collector=off", "log_destination=stderr", "log_timezone=UTC", "log_line_prefix=",
		"log_min_messages=warning", "log_min_error_statement=panic", "log_error_verbosity=terse",
	}
	if s.fast {
		settings = append(settings, "fsync=off", "full_page_writes=off")
	}
	args := []string{"-D", s.data}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}
