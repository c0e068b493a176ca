package netguard

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"
)

func TestMain(m *testing.M) {
	for _, v := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} { // read once a process
		os.Setenv(v, "http://"+proxyAddress)
	}
	goleak.VerifyTestMain(m)
}

// proxyAddress is where the environment of these tests says that a proxy is.
const proxyAddress = "127.0.0.1:9"

// errStop is what a test answers in place of a connection to the open internet.
var errStop = errors.New("the test stops here")

// names is a resolver for which a test answers, with the addresses that are set now.
type names struct{ list atomic.Pointer[[]string] }

func (n *names) set(addresses ...string) { n.list.Store(&addresses) }

// resolver asks the test over a pipe.
func (n *names) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			var size [2]byte
			if _, err := io.ReadFull(there, size[:]); err != nil {
				return
			}
			ask := make([]byte, binary.BigEndian.Uint16(size[:]))
			if _, err := io.ReadFull(there, ask); err != nil {
				return
			}
			var m dnsmessage.Message
			if err := m.Unpack(ask); err != nil {
				t.Error(err)
				return
			}
			q := m.Questions[0]
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			for _, s := range *n.list.Load() {
				a, head := netip.MustParseAddr(s), dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}
				switch {
				case a.Is4() && q.Type == dnsmessage.TypeA:
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}})
				case a.Is6() && q.Type == dnsmessage.TypeAAAA:
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
				}
			}
			answer, err := m.Pack()
			if err != nil {
				t.Error(err)
				return
			}
			there.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
		}()
		return here, nil
	}}
}

// counted is a server on loopback that counts who comes.
func counted(t *testing.T, h http.HandlerFunc) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var hits atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		if h != nil {
			h(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s, &hits
}

// answer is what came of a request.
type answer struct {
	status int
	body   []byte
}

func get(t *testing.T, c *http.Client, url string) (answer, error) {
	t.Helper()
	return getWithin(t, 10*time.Second, c, url)
}

func getWithin(t *testing.T, d time.Duration, c *http.Client, url string) (answer, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	res, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return answer{res.StatusCode, body}, err
}

// However loopback is written, nobody gets there.
func TestNoFormOfLoopbackIsReached(t *testing.T) {
	s, hits := counted(t, nil)
	port := s.Listener.Addr().(*net.TCPAddr).AddrPort().Port()
	for _, host := range []string{"127.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.01", "0", "0.0.0.0",
		"localhost", "LOCALHOST", "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
		"[::1%25lo]", "[fe80::1%25lo]", "[2002:7f00:1::1]", "127。0。0。1", "①②⑦.⓪.⓪.①"} {
		u := &url.URL{Scheme: "http", Host: host + ":" + netip.AddrPortFrom(netip.IPv4Unspecified(), port).String()[len("0.0.0.0:"):]}
		if res, err := get(t, New().Client(), u.String()); err == nil {
			t.Errorf("%s answers %d", host, res.status)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("%d requests came through", n)
	}
}

// A name that leads to the open internet when it is first looked at, and inside afterwards.
func TestRebindingGainsNothing(t *testing.T) {
	s, hits := counted(t, nil)
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	n := &names{}
	answers := [][]string{{"93.184.216.34"}, {"127.0.0.1"}, {"93.184.216.34", "127.0.0.1"}, {"127.0.0.1", "93.184.216.34"},
		{"::1"}, {"::ffff:127.0.0.1"}, {"2606:4700::1", "::1"}, {"64:ff9b::7f00:1"}, {"169.254.169.254"}}
	var passed []string
	var mu sync.Mutex
	c := New().client(n.resolver(t), func(address string) error {
		mu.Lock()
		defer mu.Unlock()
		passed = append(passed, address)
		return errStop
	})
	for i, list := range answers {
		n.set(list...)
		if _, err := get(t, c, "http://rebind.example"+port); !errors.Is(err, errStop) && !errors.Is(err, ErrRefused) {
			t.Errorf("look-up %d: %v", i, err)
		}
	}
	if hits.Load() != 0 {
		t.Error("the loopback server was reached")
	}
	for _, a := range passed {
		if a != "93.184.216.34"+port && a != "[2606:4700::1]"+port {
			t.Errorf("%s passed", a)
		}
	}
	if len(passed) != 4 {
		t.Errorf("%v passed: the open internet should have, four times", passed)
	}
}

func TestRefusalsReachTheCaller(t *testing.T) {
	s, _ := counted(t, nil)
	_, err := get(t, New().Client(), s.URL)
	r, ok := errors.AsType[*Refusal](err)
	if !ok || r.Error() != "127.0.0.1 is refused: it is a loopback address; allow_networks with 127.0.0.1/32, or a network that holds it, allows it" {
		t.Errorf("%v", err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	inside, hits := counted(t, nil)
	c := New(netip.MustParsePrefix("127.0.0.0/8")).Client()
	for _, to := range []string{inside.URL, "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "//[::1]/", "/again"} {
		for _, code := range []int{301, 302, 303, 307, 308} {
			door, knocks := counted(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(code)
			})
			res, err := get(t, c, door.URL)
			if err != nil || res.status != code || knocks.Load() != 1 {
				t.Errorf("%d to %s: %v, %v, %d requests", code, to, res, err, knocks.Load())
			}
		}
	}
	if hits.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func TestNoProxyIsUsed(t *testing.T) {
	if u, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "http", Host: "service.example"}}); err != nil || u == nil || u.Host != proxyAddress {
		t.Fatalf("the environment names no proxy: %v, %v", u, err)
	}
	var passed []string
	n := &names{}
	n.set("93.184.216.34")
	c := New(netip.MustParsePrefix("127.0.0.0/8")).client(n.resolver(t), func(a string) error { passed = append(passed, a); return errStop })
	if _, err := get(t, c, "http://service.example/"); !errors.Is(err, errStop) || len(passed) != 1 || passed[0] != "93.184.216.34:80" {
		t.Errorf("%v, went to %v", err, passed)
	}
}

func TestEndlessHeadsAreCutOff(t *testing.T) {
	c := New(netip.MustParsePrefix("127.0.0.0/8")).Client()
	for name, head := range map[string]string{
		"one long field":    "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 70<<10) + "\r\n\r\n",
		"many fields":       "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 12<<10) + "\r\n",
		"an endless field":  "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 1<<20),
		"a long status":     "HTTP/1.1 200 " + strings.Repeat("O", 1<<20),
		"early hints":       strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 1<<16),
		"not HTTP":          strings.Repeat("\x00\xff", 1<<19),
		"a negative length": "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"two lengths":       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
	} {
		t.Run(name, func(t *testing.T) {
			if res, err := get(t, c, "http://"+raw(t, head)); err == nil {
				t.Errorf("answered with %d", res.status)
			}
		})
	}
}

// raw is a server that answers anything with these bytes.
func raw(t *testing.T, answer string) string {
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
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.ReadAtLeast(conn, make([]byte, 4096), 1)
			io.Copy(conn, strings.NewReader(answer))
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// A head that comes a byte at a time ends with the caller's patience.
func TestSlowHeadsEndWithTheContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-ended })
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for tick := time.Tick(5 * time.Millisecond); ; <-tick {
			if _, err := conn.Write([]byte("H")); err != nil {
				return
			}
		}
	}()
	if _, err := getWithin(t, 100*time.Millisecond, New(netip.MustParsePrefix("127.0.0.0/8")).Client(), "http://"+l.Addr().String()); err == nil {
		t.Error("an answer")
	}
}

// A body is what came over the wire: a small packed one does not unfold.
func TestPackedBodiesStayPacked(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 64 {
		z.Write(make([]byte, 1<<20))
	}
	z.Close()
	s, _ := counted(t, func(w http.ResponseWriter, r *http.Request) {
		if a := r.Header.Get("Accept-Encoding"); a != "" {
			t.Errorf("asks for %q", a)
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb.Bytes())
	})
	res, err := get(t, New(netip.MustParsePrefix("127.0.0.0/8")).Client(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(res.body, bomb.Bytes()) {
		t.Errorf("%d bytes of %d that were sent", len(res.body), bomb.Len())
	}
}

func TestCertificatesAreVerified(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("asked") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	if res, err := get(t, New(netip.MustParsePrefix("127.0.0.0/8")).Client(), s.URL); err == nil {
		t.Errorf("answered %d", res.status)
	}
}
