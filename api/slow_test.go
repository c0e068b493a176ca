package api_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/api"
	"outcry/internal/eventfile"
	"outcry/internal/health"
	"outcry/internal/trend"
)

// pipes is a listener whose connections are pipes in memory, so that their deadlines follow the
// clock of a synctest bubble.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// exchange sends raw bytes to an API with these options and reads the answer.
func exchange(t *testing.T, o api.Options, send string) (status int, h http.Header, body string) {
	t.Helper()
	send = withKey(o, send)
	return exchangeSlowly(t, o, func(w io.Writer) { _, _ = io.WriteString(w, send) })
}

// withKey puts the server's own key into a request.
func withKey(o api.Options, send string) string {
	return strings.Replace(send, "Host: localhost\r\n", "Host: localhost\r\nAuthorization: Bearer "+o.Door.LocalKey()+"\r\n", 1)
}

// exchangeSlowly is exchange with a client that takes its time.
func exchangeSlowly(t *testing.T, o api.Options, send func(io.Writer)) (status int, h http.Header, body string) {
	t.Helper()
	handler, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p := make(pipes)
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 3 * time.Minute}
	go func() { _ = srv.Serve(p) }()
	defer srv.Close()
	client, server := net.Pipe()
	defer client.Close()
	p <- server
	go send(client)
	resp, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

func plainOptions(m *memory) api.Options {
	return api.Options{Events: m, Lives: m, Heard: m, Files: eventfile.Files{}, Figures: figures{m}, Posts: m, Replays: m, Samples: m, Status: m, Door: newDoor(), Fold: strings.ToLower}
}

func TestSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		status, _, body := exchange(t, plainOptions(newMemory()), "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"slug\":")
		if status != 408 || !strings.Contains(body, "1m0s") {
			t.Errorf("a body that never ends is answered with %d %s", status, body)
		}
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("after %s", took)
		}
	})
}

// slowStore takes longer than a body may take to arrive.
type slowStore struct{ *memory }

func (slowStore) PushSamples(ctx context.Context, _ string, _ []health.Sample) error {
	select {
	case <-time.After(90 * time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// The deadline of a body must not end a request whose body has arrived. (net/http lifts it at the
// body's end.)
func TestSlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := plainOptions(newMemory())
		o.Samples = slowStore{}
		status, _, body := exchange(t, o, "POST /v1/services/a/samples HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n\r\n{\"state\":\"up\"}")
		if status != 202 {
			t.Errorf("answered with %d %s", status, body)
		}
	})
}

// stuck is a Figures that never answers by itself.
type stuck struct{ figures }

func (stuck) Trend(ctx context.Context, _ trend.Query) (trend.Result, error) {
	<-ctx.Done()
	return trend.Result{}, ctx.Err()
}

func TestStuckStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		(&house{memory: m}).launch(t)
		o := plainOptions(m)
		o.Figures = stuck{figures{m}}
		begin := time.Now()
		status, header, body := exchange(t, o, "GET /v1/events/launch/trend HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if status != 503 || !strings.Contains(body, "too long") || header.Get("Retry-After") == "" {
			t.Errorf("answered with %d %s", status, body)
		}
		if took := time.Since(begin); took != 30*time.Second {
			t.Errorf("after %s", took)
		}
	})
}

// slowShelf takes its time to read what has arrived.
type slowShelf struct{ *playing }

func (s slowShelf) KeepRecording(ctx context.Context, name string, how api.HowToRead, body io.Reader) (api.Recording, error) {
	r, err := s.playing.KeepRecording(ctx, name, how, body)
	select {
	case <-time.After(4 * time.Minute):
		return r, err
	case <-ctx.Done():
		return r, ctx.Err()
	}
}

// A recording may take long to arrive and to be read, and may not stall.
func TestSlowRecording(t *testing.T) {
	const head = "POST /v1/recordings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n\r\n"
	options := func() api.Options {
		m := newMemory()
		o, p := plainOptions(m), newPlaying(m)
		o.Plays, o.Recordings = p, slowShelf{p}
		return o
	}
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		o := options()
		status, _, body := exchangeSlowly(t, o, func(w io.Writer) {
			_, _ = io.WriteString(w, withKey(o, head))
			for range 14 {
				<-time.After(50 * time.Second)
				_, _ = io.WriteString(w, "x")
			}
		})
		if took := time.Since(begin); status != 201 || took != 14*50*time.Second+4*time.Minute {
			t.Errorf("answered with %d %s after %s", status, body, took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		o := options()
		o.Recordings = newPlaying(newMemory())
		status, _, body := exchange(t, o, head+"half")
		if took := time.Since(begin); status != 408 || took != time.Minute {
			t.Errorf("one that stalls is answered with %d %s after %s", status, body, took)
		}
	})
}
