package mastodon

import (
	"context"
	"io"
	"net"
	"sync"
)

// pipes is a listener in memory.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
	down  bool // nobody listens
	mu    sync.Mutex
	dials int
	open  []*pipe
}

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	p.mu.Lock()
	p.dials++
	down := p.down
	p.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: io.ErrClosedPipe}
	}
	a, b := net.Pipe()
	c := &pipe{Conn: b, stalled: make(chan struct{})}
	p.mu.Lock()
	p.open = append(p.open, c)
	p.mu.Unlock()
	select {
	case p.conns <- c:
		return a, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.done:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: io.ErrClosedPipe}
	}
}

// stall makes the server's end of every open connection take and give nothing any more.
func (p *pipes) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		close(c.stalled)
	}
	p.open = nil
}

// pipe is the server's end of a connection.
type pipe struct {
	net.Conn
	stalled chan struct{}
}

func (p *pipe) Write(b []byte) (int, error) {
	select {
	case <-p.stalled:
		return len(b), nil // lost
	default:
		return p.Conn.Write(b)
	}
}

func (p *pipe) Close() error {
	select {
	case <-p.stalled: // the other side is not told
		return nil
	default:
		return p.Conn.Close()
	}
}

// set has nobody listen, and no connection left.
func (p *pipes) set(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down = down; down {
		for _, c := range p.open {
			c.Close()
		}
		p.open = nil
	}
}

func (p *pipes) tried() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dials
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 21100} }
