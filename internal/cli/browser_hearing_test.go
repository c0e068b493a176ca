package cli

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"outcry/internal/platforms"
	"outcry/web"
)

// far is a platform that can be out of reach: GET /away and GET /back say so.
type far struct {
	*httptest.Server
	away atomic.Bool
}

// serveFar serves a platform in small, which speaks until the test ends.
func serveFar(t *testing.T, p *platforms.Platform) *far {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	at := make(chan string, 1)
	go func() { _ = p.Serve(ctx, func(addr string) { at <- addr }) }()
	go p.Talk(ctx)
	near := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: <-at})
	f := &far{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/away":
			f.away.Store(true)
			p.HangUp()
		case r.URL.Path == "/back":
			f.away.Store(false)
		case f.away.Load():
			http.Error(w, "the platform is out of reach", http.StatusServiceUnavailable)
		default:
			near.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(f.Close)
	return f
}

// A real browser looks at how sources are heard: a whole server hears platforms in small, one of which
// goes out of reach and comes back, one costs more than its event may spend, and one refuses
// us; and a source is pushed that had a gap, was fetched, and deletes. What is looked at is in
// web/test/e2e/hearing.mjs.
func TestBrowserSeesHowSourcesAreHeard(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser for a minute or two")
	}
	if !web.Built() {
		t.Fatal("the dashboard is not built into this test: run 'make test'")
	}
	sky, x := serveFar(t, platforms.Bluesky(6)), serveFar(t, platforms.X(4))
	closed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"The access token was revoked"}`))
	}))
	t.Cleanup(closed.Close)
	for name, value := range map[string]string{
		"SOURCES": "bluesky,mastodon,x", "BLUESKY_HOSTS": "ws" + sky.URL[len("http"):], "BLUESKY_EXPECT": "10s",
		"MASTODON_SERVERS": closed.URL, "MASTODON_TOKENS": closed.URL[len("http://"):] + "=revoked", "X_URL": x.URL, "X_TOKEN": "rehearsal", "X_MONTH_USD": "20",
	} {
		t.Setenv("OUTCRY_"+name, value)
	}
	h, said := serving(t, dataDir(t))
	walk(t, "hearing.mjs", h, said, "OUTCRY_FAR="+sky.URL)
}
