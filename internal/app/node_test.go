package app

import (
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"outcry/internal/testdb"
)

// frozen stands before a database and passes on what is said, until it freezes.
type frozen struct {
	url  string
	hold sync.RWMutex // held for writing while it is frozen
}

// cold is a connection on which what is written waits while the database is frozen.
type cold struct {
	net.Conn
	f *frozen
}

func (c cold) Write(b []byte) (int, error) {
	c.f.hold.RLock()
	defer c.f.hold.RUnlock()
	return c.Conn.Write(b)
}

func freezer(t *testing.T, database string) *frozen {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	network, address := "tcp", u.Host
	if dir := q.Get("host"); dir != "" {
		network, address = "unix", filepath.Join(dir, ".s.PGSQL."+q.Get("port"))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	q.Del("host")
	q.Del("port")
	u.Host, u.RawQuery = l.Addr().String(), q.Encode()
	f := &frozen{url: u.String()}
	var serving sync.WaitGroup
	t.Cleanup(func() { l.Close(); serving.Wait() })
	serving.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial(network, address)
			if err != nil {
				in.Close()
				continue
			}
			pass := func(to, from net.Conn) {
				_, _ = io.Copy(cold{to, f}, from) // ends with either
				to.Close()
				from.Close()
			}
			serving.Go(func() { pass(in, out) })
			serving.Go(func() { pass(out, in) })
		}
	})
	return f
}

// A database that hangs is not taken for a log that does.
func TestChecksOfADatabaseThatHangs(t *testing.T) {
	f := freezer(t, testdb.New(t))
	c := DefaultConfig()
	c.Data, c.DatabaseURL, c.Node = t.TempDir(), NewSecret(f.url), "one"
	n, err := Open(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, x := range n.Checks(t.Context()) {
		if !x.OK {
			t.Errorf("before: %+v", x)
		}
	}
	f.hold.Lock()
	got := n.Checks(t.Context())
	f.hold.Unlock()
	if got[0].OK || !got[1].OK {
		t.Errorf("the checks say %+v", got)
	}
}
