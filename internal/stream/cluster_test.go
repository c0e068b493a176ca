package stream

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// cluster is three NATS servers on this machine that keep streams together.
type cluster struct {
	t     *testing.T
	ports []int // of the routes between them
	opts  [3]server.Options
	nodes [3]*server.Server
}

func newCluster(t *testing.T) *cluster {
	c := &cluster{t: t}
	var routes []*url.URL
	for range c.nodes {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		_ = l.Close()
		c.ports = append(c.ports, port)
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)})
	}
	for i := range c.nodes {
		c.opts[i] = server.Options{
			ServerName: fmt.Sprint("node", i), StoreDir: t.TempDir(), Routes: routes,
			Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: c.ports[i]},
		}
	}
	for i := range c.nodes {
		c.start(i)
	}
	return c
}

func (c *cluster) start(i int) {
	c.nodes[i] = outside(c.t, c.opts[i])
	c.opts[i].Port = c.nodes[i].Addr().(*net.TCPAddr).Port // the same when it comes back
}

func (c *cluster) url() string {
	var all []string
	for _, n := range c.nodes {
		all = append(all, n.ClientURL())
	}
	return strings.Join(all, ",")
}

// leader is the node that leads the log's stream.
func (c *cluster) leader(l *Log) int {
	c.t.Helper()
	ctx := soon(c.t)
	for pause := (backoff{}); ; {
		if info, err := l.stream.Info(ctx); err == nil && info.Cluster != nil && info.Cluster.Leader != "" {
			return slices.IndexFunc(c.nodes[:], func(s *server.Server) bool { return s.Name() == info.Cluster.Leader })
		}
		if err := pause.wait(ctx); err != nil {
			c.t.Fatal("the stream has no leader")
		}
	}
}

// TestClusterLosesItsLeader publishes through the loss of the stream's leader, and through a time
// without a majority, and expects every envelope once.
func TestClusterLosesItsLeader(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	c := newCluster(t)
	var l *Log
	for pause := (backoff{}); l == nil; { // until the cluster has found itself
		var err error
		if l, err = Open(soon(t), Options{URL: c.url(), Replicas: 3, answerWait: 3 * time.Second}); err != nil {
			if pause.wait(soon(t)) != nil || pause.tries > 30 {
				t.Fatal(err)
			}
		}
	}
	t.Cleanup(func() { shut(t, l) })

	const n = 300
	var reached [n]chan struct{}
	for i := range reached {
		reached[i] = make(chan struct{})
	}
	done := make(chan error, 1)
	go func() {
		f, err := l.Feed(t.Context(), "live/x/0")
		for i := 0; i < n && err == nil; i++ {
			_, err = f.Publish(t.Context(), saying("live/x/0", fmt.Sprint(i)))
			close(reached[i])
		}
		done <- err
	}()

	<-reached[50]
	gone := c.leader(l)
	halt(c.nodes[gone])
	<-reached[100]
	second := c.leader(l)
	halt(c.nodes[second]) // no majority now
	c.start(gone)
	<-reached[200]
	c.start(second)
	if err := <-done; err != nil {
		t.Fatal(err)
	}

	d := read(t, l, ConsumeOptions{})
	seen, last := 0, uint64(0)
	for seen < n {
		del := next(t, d)
		if !del.Again { // after the leader was lost some may come twice
			if del.Envelope.Posts[0].ID != fmt.Sprint(seen) || del.Prev != last {
				t.Fatalf("sequence %d after %d says %q; want %d after %d", del.Seq, del.Prev, del.Envelope.Posts[0].ID, seen, last)
			}
			seen, last = seen+1, del.Seq
		}
		ack(t, del)
	}
	settle(t, l, 0)
}
