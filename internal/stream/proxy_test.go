package stream

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands between a client and a server and can hold back what the server says.
type proxy struct {
	listener net.Listener
	gate     sync.RWMutex // held for writing: nothing passes from the server
	work     sync.WaitGroup
	mu       sync.Mutex
	conns    []net.Conn
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l}
	p.work.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			upstream, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, client, upstream)
			p.mu.Unlock()
			p.work.Go(func() { pass(upstream, client, nil) })
			p.work.Go(func() { pass(client, upstream, &p.gate) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for _, c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.work.Wait()
	})
	return p
}

func (p *proxy) addr() string { return p.listener.Addr().String() }
func (p *proxy) hold()        { p.gate.Lock() }
func (p *proxy) release()     { p.gate.Unlock() }

func pass(to, from net.Conn, gate *sync.RWMutex) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if gate != nil {
			gate.RLock()
		}
		_, werr := to.Write(buf[:n])
		if gate != nil {
			gate.RUnlock()
		}
		if err != nil || werr != nil {
			if errors.Is(err, io.EOF) {
				_ = to.Close()
			}
			return
		}
	}
}
