package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"outcry/api"
)

func TestProcess(t *testing.T) {
	h := start(t)
	if b := read[map[string]string](t, h.get(t, "/healthz").want(t, 200)); b["status"] != "ok" || b["version"] != "1.2.3" {
		t.Errorf("healthz says %v", b)
	}
	type ready struct {
		Ready  bool
		Checks []api.Check
	}
	if b := read[ready](t, h.get(t, "/readyz").want(t, 200)); !b.Ready || len(b.Checks) != 1 {
		t.Errorf("readyz says %+v", b)
	}
	h.checks = append(h.checks, api.Check{Name: "log", Detail: "its disk is full"})
	if b := read[ready](t, h.get(t, "/readyz").want(t, 503)); b.Ready || b.Checks[1].Detail != "its disk is full" {
		t.Errorf("readyz says %+v", b)
	}
	h.get(t, "/healthz").want(t, 200)
}

func TestPages(t *testing.T) {
	h := start(t)
	for _, p := range []string{"/", "/index.html", "/?event=launch", "/sign-in", "/events/launch", "/events/launch/edit", "/keys"} {
		a := h.get(t, p).want(t, 200)
		if !strings.Contains(string(a.body), "<title>Outcry") || a.Header.Get("Content-Type") != "text/html; charset=utf-8" ||
			a.Header.Get("Cache-Control") != "no-cache" || !strings.Contains(a.Header.Get("Content-Security-Policy"), "script-src 'self';") {
			t.Errorf("%s: %v", p, a.Header)
		}
		h.do(t, "GET", p, "", "", "If-None-Match", a.Header.Get("ETag")).want(t, 304)
	}
	a := h.get(t, "/assets/app-1a2.js").want(t, 200)
	if !strings.Contains(a.Header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("assets: %v", a.Header)
	}
	for _, p := range []string{"/.secret", "/assets/", "/assets", "/../api.go", "/events", "/events/", "/events/launch/", "/events/a.b", "/events/launch/other", "/docs", "/assets/%2e%2e/index.html"} {
		h.get(t, p).problem(t, 404)
		// A person who mistypes an address is answered by a page, which says so in their language.
		n := h.do(t, "GET", p, "", "", "Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8").want(t, 404)
		if !strings.Contains(string(n.body), "<title>Outcry") || n.Header.Get("Cache-Control") != "no-store" || n.Header.Get("ETag") != "" {
			t.Errorf("%s for a browser: %v", p, n.Header)
		}
	}
	h.do(t, "GET", "/v1/nowhere", "", "", "Accept", "text/html").problem(t, 404)
	h.do(t, "POST", "/nowhere", "{}", "", "Accept", "text/html").problem(t, 404)
}

// What a first visit loads is sent packed, to who can unpack it.
func TestPagesArePacked(t *testing.T) {
	script := strings.Repeat("export const a = 1\n", 500)
	h := start(t, func(o *api.Options) {
		o.Web = fstest.MapFS{
			"index.html": {Data: []byte("<!doctype html>")}, "assets/app-1a2.js": {Data: []byte(script)},
			"assets/a.png": {Data: []byte(script)},
		}
	})
	ask := func(path, encodings string) answer {
		return h.do(t, "GET", path, "", "", "Accept-Encoding", encodings).want(t, 200)
	}
	plain := ask("/assets/app-1a2.js", "identity")
	if string(plain.body) != script || plain.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("plain: %d bytes, %v", len(plain.body), plain.Header)
	}
	for _, encodings := range []string{"gzip", "br, GZIP;q=0.5", "deflate, gzip ; q=1.0, br"} {
		a := ask("/assets/app-1a2.js", encodings)
		if a.Header.Get("Content-Encoding") != "gzip" || len(a.body) > len(script)/10 || a.Header.Get("ETag") == plain.Header.Get("ETag") ||
			!strings.HasPrefix(a.Header.Get("Content-Type"), "text/javascript") {
			t.Fatalf("%s: %d bytes, %v", encodings, len(a.body), a.Header)
		}
		z, err := gzip.NewReader(bytes.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(z); err != nil || string(b) != script {
			t.Errorf("%s: unpacked to %d bytes, %v", encodings, len(b), err)
		}
		h.do(t, "GET", "/assets/app-1a2.js", "", "", "Accept-Encoding", encodings, "If-None-Match", a.Header.Get("ETag")).want(t, 304)
	}
	for _, encodings := range []string{"gzip;q=0", "gzip; q=0.0", "br", "gzipped", ""} {
		if a := ask("/assets/app-1a2.js", encodings); a.Header.Get("Content-Encoding") != "" || string(a.body) != script {
			t.Errorf("%q: %v", encodings, a.Header)
		}
	}
	for _, path := range []string{"/", "/assets/a.png"} {
		if a := ask(path, "gzip"); a.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
}

func TestDocument(t *testing.T) {
	h := start(t)
	a := h.get(t, "/openapi.json").want(t, 200)
	if h.contract.doc["openapi"] != "3.1.0" {
		t.Errorf("openapi is %v", h.contract.doc["openapi"])
	}
	h.do(t, "GET", "/openapi.json", "", "", "If-None-Match", a.Header.Get("ETag")).want(t, 304)
	for _, s := range []string{"ErrorModel", "unpkg", "cdn", `["array","null"]`} {
		if strings.Contains(string(a.body), s) {
			t.Errorf("the document speaks of %s", s)
		}
	}
	for path, methods := range map[string][]string{
		"/v1/events": {"get", "post"}, "/v1/events/{slug}": {"delete", "get", "put"}, "/v1/events/{slug}/trend": {"get"},
		"/v1/events/{slug}/trend.csv": {"get"}, "/v1/events/{slug}/trend.svg": {"get"}, "/v1/events/{slug}/trend.png": {"get"},
		"/v1/events/{slug}/trend.txt": {"get"},
		"/v1/events/{slug}/tags":      {"get"}, "/v1/events/{slug}/posts": {"get"}, "/v1/events/{slug}/coverage": {"get"},
		"/v1/events/{slug}/health": {"get"}, "/v1/services/{name}/samples": {"post"}, "/v1/events/{slug}/runs": {"post"},
		"/v1/events/{slug}/runs/{run}": {"get"}, "/v1/events/{slug}/runs/{run}/records": {"post"},
		"/v1/events/{slug}/runs/{run}/finish": {"post"}, "/healthz": {"get"}, "/readyz": {"get"},
	} {
		item, _ := h.contract.doc["paths"].(map[string]any)[path].(map[string]any)
		var got []string
		for m, op := range item {
			got = append(got, m)
			o := op.(map[string]any)
			if (m == "post" || m == "put") && !strings.HasSuffix(path, "/finish") && o["requestBody"] == nil {
				t.Errorf("%s %s: the body is not described", m, path)
			}
			if o["responses"].(map[string]any)["default"] == nil || o["summary"] == nil {
				t.Errorf("%s %s: problems or the summary are not described", m, path)
			}
		}
		if slices.Sort(got); !slices.Equal(got, methods) {
			t.Errorf("%s has %v, want %v", path, got, methods)
		}
	}
	value := schemaOf(h.contract, "TrendPoint", "value")
	if types := typesOf(value); !slices.Contains(types, "null") || !slices.Contains(types, "number") {
		t.Errorf("the value of a point is %v", value)
	}
}

func schemaOf(c contract, name, property string) map[string]any {
	s := c.doc["components"].(map[string]any)["schemas"].(map[string]any)[name].(map[string]any)
	return s["properties"].(map[string]any)[property].(map[string]any)
}

// The contract's own check must see what is wrong.
func TestContractSees(t *testing.T) {
	h := start(t)
	ref := map[string]any{"$ref": "#/components/schemas/TrendPoint"}
	good := func() map[string]any {
		return map[string]any{"bucket": "2026-03-01T10:00:00Z", "value": nil, "covered": 0.5, "blind": []any{"x"}}
	}
	if w := h.contract.validate(ref, good(), "point"); w != nil {
		t.Errorf("a good point is wrong: %v", w)
	}
	for name, change := range map[string]func(map[string]any){
		"missing":      func(p map[string]any) { delete(p, "value") },
		"unknown":      func(p map[string]any) { p["colour"] = "red" },
		"wrong type":   func(p map[string]any) { p["value"] = "3" },
		"null list":    func(p map[string]any) { p["blind"] = nil },
		"no time":      func(p map[string]any) { p["bucket"] = "noon" },
		"in the list":  func(p map[string]any) { p["blind"] = []any{3.0} },
		"null boolean": func(p map[string]any) { p["open"] = nil },
	} {
		p := good()
		change(p)
		if w := h.contract.validate(ref, p, "point"); len(w) == 0 {
			t.Errorf("%s is not seen", name)
		}
	}
}

func TestMachinery(t *testing.T) {
	h := start(t)
	h.launch(t)
	h.get(t, "/v1/events/launch").want(t, 200)
	h.get(t, "/v1/events/none").want(t, 404)
	h.get(t, "/no/such/address/1").want(t, 404)
	h.do(t, "BREW", "/no/such/address/2", "", "").want(t, 501)
	h.do(t, "HEAD", "/v1/events", "", "").want(t, 200)
	h.do(t, "GET", "/v1/events", "", "", "Host", "evil.example").want(t, 421)

	srv := httptest.NewServer(api.Machinery(h.registry))
	defer srv.Close()
	body := func(path, host string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	code, text := body("/metrics", "localhost")
	for _, want := range []string{
		`outcry_http_requests_total{code="200",method="GET",route="/v1/events/{slug}"} 1`,
		`outcry_http_requests_total{code="404",method="GET",route="/v1/events/{slug}"} 1`,
		`outcry_http_requests_total{code="404",method="GET",route="other"} 1`,
		`outcry_http_requests_total{code="501",method="other",route="other"} 1`,
		`outcry_http_requests_total{code="200",method="HEAD",route="/v1/events"} 1`,
		`outcry_http_requests_total{code="421",method="GET",route="other"} 1`,
		`outcry_http_request_seconds_count{route="/v1/events/{slug}"} 2`,
	} {
		if code != 200 || !strings.Contains(text, want+"\n") {
			t.Errorf("metrics (%d) lack %s:\n%s", code, want, text)
		}
	}
	if code, text = body("/debug/pprof/goroutine?debug=1", "127.0.0.1:6060"); code != 200 || !strings.Contains(text, "goroutine profile") {
		t.Errorf("pprof answers %d %s", code, text)
	}
	if code, _ = body("/debug/pprof/heap", "evil.example"); code != 421 {
		t.Errorf("another host is answered with %d", code)
	}
}

func TestOptions(t *testing.T) {
	_, err := api.New(api.Options{})
	if err == nil || !strings.Contains(err.Error(), "Events, Lives, Figures, Posts, Replays, Samples, Status, Heard, Files, Door, Fold must be set") {
		t.Errorf("error is %v", err)
	}
	h := start(t)
	handler := newHandler(t, h) // no pages, no pictures, no YAML, no metrics, no log
	for path, want := range map[string]int{"/": 404, "/v1/events/launch/trend.svg": 404, "/v1/events": 200} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, h.request(t.Context(), path))
		if w.Code != want {
			t.Errorf("%s is answered with %d, want %d", path, w.Code, want)
		}
	}
	o := plainOptions(h.memory)
	o.Metrics = h.registry
	_, err = api.New(o)
	if err == nil || !strings.Contains(err.Error(), "metrics of the API") {
		t.Errorf("metrics registered twice: %v", err)
	}
}
