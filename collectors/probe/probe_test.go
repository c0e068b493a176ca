package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"outcry/internal/health"
	"outcry/internal/netguard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = netip.MustParsePrefix("127.0.0.0/8")

// serve answers on loopback until the test ends.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// raw answers every connection in its own way.
func raw(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-ended })
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.ReadAtLeast(c, make([]byte, 4096), 1)
			answer(c)
			c.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

// slowly writes a text, then the rest byte by byte until nobody listens.
func slowly(text string) func(net.Conn) {
	return func(c net.Conn) {
		c.Write([]byte(text))
		for tick := time.Tick(5 * time.Millisecond); ; <-tick {
			if _, err := c.Write([]byte("a")); err != nil {
				return
			}
		}
	}
}

func TestAnswersAreJudged(t *testing.T) {
	text := strings.Repeat("x", 40<<10) + "ALL SYSTEMS GO" + strings.Repeat("y", 10)
	seen := make(chan http.Header, 1)
	good := serve(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case seen <- r.Header.Clone():
		default:
		}
		io.WriteString(w, text)
	})
	status := func(code int) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", good)
			w.WriteHeader(code)
			io.WriteString(w, "secret of the body")
		})
	}
	late := serve(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(60 * time.Millisecond):
		case <-r.Context().Done():
		}
	})
	endless := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for chunk := bytes.Repeat([]byte("z"), 64<<10); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	dripping := raw(t, slowly("HTTP/1.1 200 OK\r\n\r\n"))
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	closed := httptest.NewServer(nil)
	closed.Close()

	for name, c := range map[string]struct {
		url, expect string
		state       health.State
		detail      string
		latency     bool
	}{
		"up":                          {good, "", health.Up, "", true},
		"up with a text":              {good, "ALL SYSTEMS GO", health.Up, "", true},
		"without the text":            {good, "ALL SYSTEMS STOP", health.Down, "does not hold the text", true},
		"broken":                      {status(503), "", health.Down, "status 503", true},
		"broken, whatever it says":    {status(503), "secret", health.Down, "status 503", true},
		"a redirect":                  {status(302), "", health.Down, "redirects, which probes do not follow", true},
		"too many questions":          {status(429), "", health.Unknown, "probed less often", false},
		"late":                        {late, "late:50ms", health.Degraded, "more than 50ms", true},
		"never":                       {raw(t, slowly("HTTP/1.1 200 OK\r\nA: ")), "", health.Down, "no answer within 500ms", false},
		"not a word":                  {raw(t, slowly("")), "", health.Down, "no answer within 500ms", false},
		"an endless body":             {endless, "", health.Up, "", true},
		"an endless body, searched":   {endless, "needle", health.Down, "does not hold the text", true},
		"a dripping body":             {dripping, "", health.Up, "", true},
		"a dripping body, searched":   {dripping, "needle", health.Down, "no answer within 500ms", false},
		"nothing there":               {closed.URL, "", health.Down, "the connection was refused", false},
		"closed at once":              {raw(t, func(net.Conn) {}), "", health.Down, "the connection broke off", false},
		"broken off within the body":  {raw(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nneed") }), "needle", health.Down, "broke off", false},
		"not HTTP":                    {raw(t, func(c net.Conn) { io.WriteString(c, "220 mail.example ESMTP secret\r\n") }), "", health.Down, "no HTTP", false},
		"a certificate of its own":    {secure.URL, "", health.Down, "authority", false},
		"http where https is meant":   {strings.Replace(good, "http", "https", 1), "", health.Down, "without encryption", false},
		"nonsense where https is":     {strings.Replace(raw(t, func(c net.Conn) { io.WriteString(c, "\x00\x01\x02\x03\x04\x05\x06secret") }), "http", "https", 1), "", health.Down, "encrypted", false},
		"an inner address":            {"http://10.1.2.3/", "", health.Unknown, "allow_networks with 10.1.2.3/32", false},
		"a cloud's metadata":          {"http://169.254.169.254/latest", "", health.Unknown, "secrets", false},
		"badly written, from earlier": {"http://me:hunter2@example.org", "", health.Unknown, "url: leave the name and password out", false},
	} {
		t.Run(name, func(t *testing.T) {
			def := health.Probe{Kind: "http", URL: c.url}
			if strings.Contains(c.detail, "500ms") { // others wait longer than a busy machine takes
				def.Timeout = "500ms"
			}
			if late, ok := strings.CutPrefix(c.expect, "late:"); ok {
				def.Expect = map[string]any{"max_latency": late}
			} else if c.expect != "" {
				def.Expect = map[string]any{"body": c.expect}
			}
			began := time.Now()
			s := New(netguard.New(loopback), "9.9").Probe(t.Context(), def)
			took := time.Since(began)
			if s.State != c.state || !strings.Contains(s.Detail, c.detail) || (c.detail == "") != (s.Detail == "") || (s.LatencyMS != nil) != c.latency {
				t.Errorf("%s, %q, latency %v", s.State, s.Detail, s.LatencyMS)
			}
			if s.LatencyMS != nil && (*s.LatencyMS <= 0 || *s.LatencyMS > float64(took.Milliseconds()+1)) {
				t.Errorf("%v ms within %s", *s.LatencyMS, took)
			}
			if took > 9*time.Second || s.At.Before(began.Add(-time.Second)) || s.At.Location() != time.UTC {
				t.Errorf("took %s, at %s", took, s.At)
			}
			if strings.Contains(s.Detail, "secret ") || strings.Contains(s.Detail, "hunter2") {
				t.Errorf("the detail tells too much: %q", s.Detail)
			}
			s.Service = "Rooms"
			if field, text, ok := s.Check(); !ok {
				t.Errorf("the sample is refused: %s: %s", field, text)
			}
		})
	}
	if h := <-seen; h.Get("User-Agent") != "Outcry/9.9 (health probe)" || h.Get("Accept-Encoding") != "identity" || h.Get("Authorization") != "" {
		t.Errorf("asks with %v", h)
	}
}

func TestAKindThatIsNotBuiltIsNotDown(t *testing.T) {
	s := New(netguard.New(), "1").Probe(t.Context(), health.Probe{Kind: "hls", URL: "https://example.org"})
	if s.State != health.Unknown || !strings.Contains(s.Detail, "hls probes are not built yet") {
		t.Errorf("%+v", s)
	}
}

// Without leave, nothing on this machine is asked, and nothing is said of it.
func TestLoopbackIsRefusedUnlessAllowed(t *testing.T) {
	u := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	s := New(netguard.New(), "1").Probe(t.Context(), health.Probe{Kind: "http", URL: u})
	if s.State != health.Unknown || s.LatencyMS != nil || !strings.Contains(s.Detail, "allow_networks") {
		t.Errorf("%+v", s)
	}
}

func TestAProbeThatIsStoppedSaysNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	u := serve(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	if s := New(netguard.New(loopback), "1").Probe(ctx, health.Probe{Kind: "http", URL: u}); s.State != health.Unknown || s.Detail == "" {
		t.Errorf("%+v", s)
	}
}

func TestWhoseFaultItIs(t *testing.T) {
	dial := func(err error) error {
		return &url.Error{Op: "Get", URL: "http://me:hunter2@x/", Err: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", err)}}
	}
	dns := func(e net.DNSError) error { return &url.Error{Op: "Get", Err: &net.OpError{Op: "dial", Err: &e}} }
	for _, c := range []struct {
		err   error
		state health.State
	}{
		{dial(syscall.ENETUNREACH), health.Unknown}, {dial(syscall.EHOSTUNREACH), health.Unknown}, {dial(syscall.EMFILE), health.Unknown},
		{dial(syscall.EADDRNOTAVAIL), health.Unknown}, {dial(syscall.EACCES), health.Unknown},
		{dial(syscall.ECONNREFUSED), health.Down}, {dial(syscall.ECONNRESET), health.Down}, {dial(syscall.ETIMEDOUT), health.Down},
		{dns(net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}), health.Down},
		{dns(net.DNSError{Err: "server misbehaving", Name: "x", IsTemporary: true}), health.Unknown},
		{dns(net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}), health.Unknown},
		{&net.OpError{Op: "dial", Err: &net.DNSError{UnwrapErr: context.DeadlineExceeded, Err: "x", IsTimeout: true}}, health.Unknown},
		{fmt.Errorf("x: %w", context.Canceled), health.Unknown}, {fmt.Errorf("x: %w", context.DeadlineExceeded), health.Down},
		{fmt.Errorf("x: %w", netguard.ErrRefused), health.Unknown}, {errors.New("hunter2"), health.Down},
	} {
		state, detail := fault(c.err, time.Second)
		if state != c.state || detail == "" || strings.Contains(detail, "hunter2") {
			t.Errorf("%v: %s, %q", c.err, state, detail)
		}
	}
}

func TestTextsAreFoundAcrossReads(t *testing.T) {
	in := strings.Repeat("ab", 50<<10) + "needle" + strings.Repeat("c", 100)
	for name, r := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "with the end": iotest.DataErrReader} {
		for text, want := range map[string]bool{"needle": true, "a": true, "bneedlec": true, "needled": false, strings.Repeat("c", 100): true, strings.Repeat("c", 101): false} {
			if got, err := holds(r(strings.NewReader(in)), text); got != want || err != nil {
				t.Errorf("%s: %.10q is found: %v, %v", name, text, got, err)
			}
		}
	}
	if _, err := holds(iotest.TimeoutReader(strings.NewReader(in)), "nowhere"); err == nil {
		t.Error("a reader's error is lost")
	}
}
