package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"outcry/api"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

func TestHost(t *testing.T) {
	h := start(t)
	for host, ok := range map[string]bool{
		"localhost": true, "LocalHost:8080": true, "127.0.0.1": true, "127.0.0.53:80": true, "[::1]": true, "[::1]:8080": true,
		"[::ffff:127.0.0.1]:80": true,
		"evil.example":          false, "localhost.evil.example": false, "127.0.0.1.nip.example:80": false, "192.168.1.2": false,
		"0.0.0.0": false, "[::]:80": false, "2130706433": false, "localhost.": false, "[fe80::1%25lo]": false, "127.0.0.1:80:80": false,
	} {
		t.Run(host, func(t *testing.T) {
			a := h.do(t, "GET", "/healthz", "", "", "Host", host)
			if ok {
				a.want(t, 200)
			} else {
				a.problem(t, 421, "localhost")
			}
		})
	}
	h.do(t, "GET", "/", "", "", "Host", "evil.example").problem(t, 421)
}

func TestCrossOrigin(t *testing.T) {
	h := start(t)
	h.do(t, "POST", "/v1/events", "application/json", goodEvent, "Sec-Fetch-Site", "cross-site").problem(t, 403, "cross-origin")
	h.do(t, "POST", "/v1/events", "text/plain", goodEvent, "Origin", "https://evil.example").problem(t, 403)
	h.do(t, "DELETE", "/v1/events/show", "", "", "Origin", "null").problem(t, 403)
	h.launch(t)
	for path, body := range map[string]string{
		"/v1/services/Big%20Stage/samples": `{"state":"down"}`, runs: goodRun, runs + "/first/records?after=0": "{}", "/v1/keys": "{}", "/v1/session": "{}",
	} {
		for _, header := range [][2]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
			h.do(t, "POST", path, "text/plain", body, header[0], header[1]).problem(t, 403, "cross-origin")
		}
	}
	h.do(t, "GET", "/v1/events", "", "", "Sec-Fetch-Site", "cross-site").want(t, 200)
	h.do(t, "POST", "/v1/events", "application/json", goodEvent, "Sec-Fetch-Site", "same-origin").want(t, 201)
}

func TestMethods(t *testing.T) {
	h := start(t)
	h.launch(t)
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"POST", "/v1/events/launch", 405, "GET, HEAD, PUT, DELETE"},
		{"DELETE", "/v1/events", 405, "GET, HEAD, POST"},
		{"GET", "/v1/services/x/samples", 405, "POST"},
		{"HEAD", "/v1/services/x/samples", 405, "POST"},
		{"OPTIONS", "/v1/events", 405, "GET, HEAD, POST"},
		{"BREW", "/v1/events", 405, "GET, HEAD, POST"},
		{"BREW", "/nowhere", 501, ""},
		{"POST", "/", 405, "GET, HEAD"},
		{"POST", "/assets/app-1a2.js", 405, "GET, HEAD"},
		{"GET", "/v1/nowhere", 404, ""},
		{"POST", "/nowhere", 404, ""},
		{"GET", "/v1/events/", 404, ""},
		{"GET", "/v1/events/launch/", 404, ""},
	} {
		a := h.do(t, c.method, c.path, "", "")
		if c.method == "HEAD" {
			a.want(t, c.status)
		} else {
			a.problem(t, c.status)
		}
		if got := a.Header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: Allow is %q, want %q", c.method, c.path, got, c.allow)
		}
	}
}

// Every GET of the document answers HEAD in the same way.
func TestHead(t *testing.T) {
	h := start(t)
	h.launch(t)
	h.post(t, runs, "application/json", goodRun).want(t, 200)
	paths := []string{"/", "/assets/app-1a2.js", "/openapi.json", "/nowhere"}
	for template, item := range h.contract.doc["paths"].(map[string]any) {
		if item.(map[string]any)["get"] != nil {
			paths = append(paths, strings.NewReplacer("{slug}", "launch", "{run}", "first").Replace(template))
		}
	}
	if len(paths) < 15 {
		t.Fatalf("only %v", paths)
	}
	for _, p := range paths {
		get, head := h.get(t, p), h.do(t, "HEAD", p, "", "")
		if get.StatusCode != head.StatusCode || get.Header.Get("Content-Type") != head.Header.Get("Content-Type") {
			t.Errorf("%s: GET is %d %s, HEAD is %d %s", p, get.StatusCode, get.Header.Get("Content-Type"), head.StatusCode, head.Header.Get("Content-Type"))
		}
	}
}

func TestUnknownParameters(t *testing.T) {
	h := start(t)
	h.launch(t)
	h.get(t, "/v1/events/launch?x=1").problem(t, 422, "query.x there is no such parameter: this address takes none")
	h.get(t, "/healthz?verbose").problem(t, 422, "query.verbose")
	h.get(t, "/openapi.json?v=3").problem(t, 422, "query.v")
	h.get(t, "/v1/events?limit=1&limit=2").problem(t, 422, "query.limit it is given more than once")
	h.get(t, "/v1/events?%00=1").problem(t, 422)
	h.get(t, "/v1/events/a%00b").problem(t, 422, "path.slug")
	h.get(t, "/v1/events/a%ffb").problem(t, 422, "path.slug")
	h.get(t, "/v1/events/"+strings.Repeat("a", 65)).problem(t, 422, "path.slug")
	a := h.get(t, "/v1/events/%3Cscript%3E")
	if a.problem(t, 404); a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("content type is %s", a.Header.Get("Content-Type"))
	}
}

func TestFaults(t *testing.T) {
	h := start(t)
	h.launch(t)
	secret := errors.New("dial tcp 10.0.0.7: password=hunter2")
	for name, c := range map[string]struct {
		fault  error
		status int
		retry  bool
	}{
		"away":      {fmt.Errorf("%w: %w", reaction.ErrAway, secret), 503, true},
		"a fault":   {secret, 500, false},
		"too long":  {fmt.Errorf("query: %w", context.DeadlineExceeded), 503, true},
		"not there": {fmt.Errorf("%w: %w", secret, reaction.ErrNotFound), 404, false},
	} {
		t.Run(name, func(t *testing.T) {
			h.fault = c.fault
			for _, path := range []string{"", "/trend", "/trend.csv", "/tags", "/posts", "/coverage", "/health", "/runs/r"} {
				a := h.get(t, "/v1/events/launch"+path)
				p := a.problem(t, c.status)
				if strings.Contains(string(a.body), "hunter2") {
					t.Errorf("%s tells %s", path, a.body)
				}
				if (a.Header.Get("Retry-After") != "") != c.retry {
					t.Errorf("%s: Retry-After is %q", path, a.Header.Get("Retry-After"))
				}
				if c.status == 500 && !logged(h, p.RequestID, "hunter2") {
					t.Errorf("%s: the log does not have the fault under its request id", path)
				}
			}
			if a := h.post(t, stage, "", `{"state":"up"}`); a.StatusCode != c.status {
				t.Errorf("a push is answered with %d", a.StatusCode)
			}
		})
	}
}

func logged(h *house, id, text string) bool {
	for line := range strings.Lines(h.log.String()) {
		if strings.Contains(line, id) && strings.Contains(line, text) {
			return true
		}
	}
	return false
}

// panicky is a Figures whose trends panic.
type panicky struct{ figures }

func (panicky) Trend(context.Context, trend.Query) (trend.Result, error) {
	panic("a bug, password=hunter2")
}

func TestPanic(t *testing.T) {
	h := start(t, func(o *api.Options) { o.Figures = panicky{o.Figures.(figures)} })
	h.launch(t)
	a := h.get(t, "/v1/events/launch/trend")
	p := a.problem(t, 500)
	if strings.Contains(string(a.body), "hunter2") || !logged(h, p.RequestID, "hunter2") || !logged(h, p.RequestID, "guard_test.go") {
		t.Errorf("told %s, logged %s", a.body, h.log)
	}
	h.get(t, "/healthz").want(t, 200)
}

// short is a Figures that leaves out a point, so that writing the CSV panics in the middle.
type short struct{ figures }

func (s short) Trend(ctx context.Context, q trend.Query) (trend.Result, error) {
	r, err := s.figures.Trend(ctx, q)
	r.Series[1].Points = r.Series[1].Points[:15_000]
	return r, err
}

func TestPanicInTheMiddle(t *testing.T) {
	h := start(t, func(o *api.Options) { o.Figures = short{o.Figures.(figures)} })
	h.launch(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", h.url+"/v1/events/launch/trend.csv?step=10s&from=2026-03-01T00:00:00Z&to=2026-03-03T00:00:00Z", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half an answer ends with %v after %d bytes", err, len(b))
	}
}

func TestClientGone(t *testing.T) {
	h := start(t)
	h.launch(t)
	handler := newHandler(t, h)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, h.request(ctx, "/v1/events"))
	if w.Code != 499 {
		t.Errorf("status is %d", w.Code)
	}
}

func newHandler(t *testing.T, h *house) http.Handler {
	t.Helper()
	o := plainOptions(h.memory)
	o.Door = h.door
	handler, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// request is a GET with the house's key, for a handler without a server.
func (h *house) request(ctx context.Context, path string) *http.Request {
	r := httptest.NewRequestWithContext(ctx, "GET", "http://localhost"+path, nil)
	r.Header.Set("Authorization", "Bearer "+h.key)
	return r
}
