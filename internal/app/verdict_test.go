package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"outcry/internal/platforms"
)

// answering is a server that answers everything alike, and is closed with the test.
func answering(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// jetstream is Bluesky in small.
func jetstream(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	addr := make(chan string, 1)
	go func() { _ = platforms.Bluesky(1).Serve(ctx, func(a string) { addr <- a }) }()
	return "ws://" + <-addr
}

// What doctor says of sources is what a person needs, and never a secret.
func TestVerdictsOfSources(t *testing.T) {
	const secret = "hunter2hunter2"
	gone := answering(t, 200, "")
	for name, tc := range map[string]struct {
		set  map[string]string
		want string // of the verdict: its state, and a part of its text
	}{
		"nothing":           {map[string]string{"sources": "x"}, "off left out: there is no token (x_token)"},
		"no servers":        {map[string]string{"sources": "mastodon"}, "off left out: no servers are given"},
		"none at all":       {map[string]string{"sources": "none"}, "off none are collected here"},
		"x, wrong":          {map[string]string{"sources": "x", "x_token": secret, "x_url": answering(t, 401, `{"title":"Unauthorized","status":401}`)}, "bad "},
		"x, no access":      {map[string]string{"sources": "x", "x_token": secret, "x_url": answering(t, 403, `{"title":"Client Forbidden","reason":"client-not-enrolled"}`)}, "bad "},
		"x, right":          {map[string]string{"sources": "x", "x_token": secret, "x_month_usd": "5", "x_url": answering(t, 200, `{"meta":{"sent":"2026-01-01T00:00:00Z","result_count":0}}`)}, "ok the token opens the filtered stream"},
		"x, no money":       {map[string]string{"sources": "x", "x_token": secret, "x_url": answering(t, 200, `{"meta":{"sent":"2026-01-01T00:00:00Z","result_count":0}}`)}, "ok the token opens the filtered stream; nothing is read"},
		"x, not there":      {map[string]string{"sources": "x", "x_token": secret, "x_url": "http://127.0.0.1:1"}, "bad X cannot be reached"},
		"mastodon, nothing": {map[string]string{"sources": "mastodon", "mastodon_servers": gone}, "bad there is no token for"},
		"mastodon, wrong": {map[string]string{"sources": "mastodon", "mastodon_servers": answering(t, 401, `{"error":"The access token is invalid"}`),
			"mastodon_tokens": "HOST=" + secret}, "bad "},
		"bluesky":            {map[string]string{"sources": "bluesky", "bluesky_hosts": jetstream(t)}, "ok "},
		"bluesky, not there": {map[string]string{"sources": "bluesky", "bluesky_hosts": "ws://127.0.0.1:1"}, "bad "},
	} {
		t.Run(name, func(t *testing.T) {
			env := []string{"HOME=/h"}
			for k, v := range tc.set {
				v = strings.Replace(v, "HOST", strings.TrimPrefix(tc.set["mastodon_servers"], "http://"), 1)
				env = append(env, EnvPrefix+strings.ToUpper(k)+"="+v)
			}
			c, err := LoadConfig(ConfigSources{Environ: env})
			if err != nil {
				t.Fatal(err)
			}
			got := c.Verdicts(t.Context(), "test")
			if len(got) != 1 {
				t.Fatalf("%d verdicts: %+v", len(got), got)
			}
			v := got[0]
			state := "bad "
			if v.Off {
				state = "off "
			} else if v.OK {
				state = "ok "
			}
			if text := state + v.Text; !strings.HasPrefix(text, tc.want) {
				t.Errorf("the verdict is %q, %q; want %q", text, v.Mend, tc.want)
			}
			if state == "bad " && v.Mend == "" {
				t.Errorf("%q says not what to do", v.Text)
			}
			if strings.Contains(v.Text+v.Mend, secret) {
				t.Error("the verdict holds the secret")
			}
			t.Logf("%s%s %s: %s", state, v.Source, v.Text, v.Mend)
		})
	}
}
