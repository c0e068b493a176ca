//go:build peers

package peers_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const startWait = time.Minute

// process is a server of the chain. It ends with the test.
type process struct {
	name string
	log  string // what it says
	cmd  *exec.Cmd
	hold io.Closer // its standard input
	done chan struct{}
}

// start starts a server that says what it has to say into a file.
func start(t *testing.T, log string, env []string, name string, args ...string) *process {
	t.Helper()
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p := &process{name: filepath.Base(log), log: log, cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(log), "TMPDIR=" + filepath.Dir(log)}, env...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if p.hold, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	go func() { defer close(p.done); _ = p.cmd.Wait() }()
	t.Cleanup(p.kill)
	return p
}

// kill ends the server as a machine that fails does, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// until waits until something holds, and fails where the server has ended or takes too long.
func (p *process) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit := time.NewTimer(startWait)
	defer limit.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-p.done:
			t.Fatalf("%s has ended before it was %s:\n%s", p.name, what, p.tail())
		case <-limit.C:
			t.Fatalf("%s is not %s after %s:\n%s", p.name, what, startWait, p.tail())
		case <-tick.C:
		}
	}
}

func (p *process) says(t *testing.T, word string) {
	t.Helper()
	p.until(t, word, func() bool {
		said, err := os.ReadFile(p.log)
		return err == nil && bytes.Contains(said, []byte(word))
	})
}

func (p *process) listens(t *testing.T, address string) {
	t.Helper()
	p.until(t, "listening", func() bool {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return false
		}
		c.Close()
		return true
	})
}

func (p *process) tail() string {
	said, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(said[max(0, len(said)-3000):])
}

// free is an address of this machine that nobody listens on.
func free(t *testing.T) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr)
}
