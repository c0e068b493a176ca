package pgserver

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestEndsWithKilledParent(t *testing.T) {
	dir := place(t)
	p, url := parent(t, dir)
	execute(t, url, "CREATE TABLE kept AS SELECT 'committed' AS word")
	old, ok := readPostmaster(filepath.Join(dir, "data"))
	if !ok {
		t.Fatal("no server runs")
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	// At once, so that it meets the orphan or what it left.
	var j journal
	s := begin(t, Options{Dir: dir, Log: j.log()})
	if args, err := commandLine(old.pid); err != nil || len(args) != 0 {
		t.Errorf("the orphan still runs: %q, %v", args, err)
	}
	if got := query(t, s.URL(Database), "SELECT word FROM kept"); got != "committed" {
		t.Errorf("got %q", got)
	}
	if text := j.String(); strings.Contains(text, "not properly shut down") || !strings.Contains(text, "ready to accept connections") {
		t.Errorf("the orphan did not shut down cleanly:\n%s", text)
	}
}

func TestOrphanEndsByItself(t *testing.T) {
	dir := place(t)
	p, _ := parent(t, dir)
	old, ok := readPostmaster(filepath.Join(dir, "data"))
	if !ok {
		t.Fatal("no server runs")
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	until(t, "the end of the orphan", func() bool {
		args, err := commandLine(old.pid)
		return err == nil && len(args) == 0
	})
}

func TestStartsAgainAfterKill(t *testing.T) {
	s := begin(t, Options{Dir: place(t)})
	execute(t, s.URL(Database), "CREATE TABLE kept AS SELECT 'committed' AS word")
	for range 2 {
		old, _ := readPostmaster(s.data)
		kill(t, s.data)
		until(t, "another server", func() bool {
			p, ok := readPostmaster(s.data)
			return ok && p.ready && p.pid != old.pid
		})
		if got := query(t, s.URL(Database), "SELECT word FROM kept"); got != "committed" {
			t.Errorf("got %q", got)
		}
	}
	select {
	case err := <-s.Failed():
		t.Error(err)
	default:
	}
}

func TestGivesUp(t *testing.T) {
	s := begin(t, Options{Dir: place(t), waits: []time.Duration{time.Millisecond, 2 * time.Millisecond}})
	if err := os.Rename(filepath.Join(s.data, "global", "pg_control"), filepath.Join(s.data, "global", "lost")); err != nil {
		t.Fatal(err)
	}
	kill(t, s.data)
	select {
	case err := <-s.Failed():
		for _, part := range []string{s.Dir(), "3 failures in a row", "pg_control"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not tell %q", err, part)
			}
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it never gave up")
	}
	if _, err := Start(t.Context(), Options{Dir: s.Dir()}); !errors.Is(err, ErrInUse) {
		t.Errorf("before Stop the directory is ours: %v", err)
	}
}

func TestStopWhileWaitingToStartAgain(t *testing.T) {
	var j journal
	s := begin(t, Options{Dir: place(t), Log: j.log(), waits: []time.Duration{time.Hour}})
	kill(t, s.data)
	until(t, "its end", func() bool { return strings.Contains(j.String(), "starting PostgreSQL again") })
	finish(t, s)
	select {
	case err := <-s.Failed():
		t.Errorf("stopped on request, but: %v", err)
	default:
	}
}

func TestRefusesServerStartedByHand(t *testing.T) {
	s := begin(t, Options{Dir: place(t)})
	finish(t, s)
	if err := os.Mkdir(s.socket, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.own(s.socket); err != nil {
		t.Fatal(err)
	}
	hand := s.command(t.Context(), "postgres", "-D", s.data, "-F", "-c", "listen_addresses=", "-k", s.socket)
	if err := hand.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		hand.Process.Signal(syscall.SIGINT)
		hand.Wait()
	}()
	until(t, "the server started by hand", func() bool {
		p, ok := readPostmaster(s.data)
		return ok && p.ready
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	_, err := Start(ctx, Options{Dir: s.Dir(), Fast: true})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), strconv.Itoa(hand.Process.Pid)) {
		t.Errorf("start beside a server started by hand: %v", err)
	}
	if args, err := commandLine(hand.Process.Pid); err != nil || len(args) == 0 {
		t.Errorf("it was ended: %v", err)
	}
}

func TestStalePostmasterFile(t *testing.T) {
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	// The number of a process that has ended, and of a living one of the same user that is no
	// PostgreSQL: both are what a killed container may leave.
	for name, pid := range map[string]func(p program) int{
		"ended": func(program) int { return ended.Process.Pid },
		"other": func(p program) int {
			c := exec.Command("sleep", "600")
			c.SysProcAttr = &syscall.SysProcAttr{Credential: p.cred}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Process.Kill(); c.Wait() })
			return c.Process.Pid
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, Options{Dir: place(t)})
			path := filepath.Join(s.data, "postmaster.pid")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			finish(t, s)
			lines := strings.SplitN(string(b), "\n", 2)
			if err := os.WriteFile(path, []byte(strconv.Itoa(pid(s.program))+"\n"+lines[1]), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := s.own(path); err != nil {
				t.Fatal(err)
			}
			s = begin(t, Options{Dir: s.Dir()})
			if got := query(t, s.URL(Database), "SELECT 'well'"); got != "well" {
				t.Errorf("got %q", got)
			}
		})
	}
}
