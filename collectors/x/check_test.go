package x

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/collectors"
)

func TestVerdicts(t *testing.T) {
	const secret = "AAAAsecret-token"
	say := func(status int, body string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for name, c := range map[string]struct {
		token  string
		answer http.HandlerFunc
		state  string
		text   string // a part of it
		mend   string
	}{
		"nothing":         {"", say(200, `{}`), StateMissing, "no usable token", mendToken},
		"not a token":     {"two\nlines", say(200, `{}`), StateMissing, "no usable token", mendToken},
		"right":           {secret, say(200, `{"data":[{"id":"458","tag":"launch","value":"#launch"}],"meta":{"result_count":1}}`), StateRight, "opens the filtered stream", ""},
		"wrong":           {secret, say(401, `{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}`), StateWrong, "wrong, has expired or was revoked", mendToken},
		"expired":         {secret, say(401, `{"errors":[{"message":"Invalid or expired token","code":89}],"title":"Unauthorized","detail":"the token has expired"}`), StateWrong, "has expired", mendToken},
		"no access":       {secret, say(403, `{"reason":"client-not-enrolled","title":"Client Forbidden","detail":"use an App that is attached to a Project","type":"https://api.x.com/2/problems/client-forbidden"}`), StateNoAccess, "attached to a Project", mendAccess},
		"of a person":     {secret, say(403, `{"title":"Unsupported Authentication","type":"https://api.x.com/2/problems/unsupported-authentication"}`), StateNoAccess, "may not", "use the app's bearer token, and not that of a person"},
		"limited":         {secret, say(429, `{"detail":"Too Many Requests","status":429,"title":"Too Many Requests","type":"about:blank"}`, "x-rate-limit-reset", fmt.Sprint(time.Now().Add(time.Hour).Unix())), StateLimited, "too much is asked", ""},
		"all was read":    {secret, say(429, `{"title":"UsageCapExceeded","detail":"Usage cap exceeded: Monthly product cap","type":"https://api.x.com/2/problems/usage-capped"}`), StateLimited, "all the posts", mendMoney},
		"nothing is paid": {secret, say(402, `{"title":"CreditsDepleted","type":"https://api.x.com/2/problems/credits"}`), StateLimited, "money", mendMoney},
		"a web page":      {secret, say(503, `<html>over capacity</html>`), StateUnreachable, "X answers 503", ""},
		"another server":  {secret, say(200, `<html>welcome</html>`), StateUnreachable, "cannot be read", ""},
		"moved":           {secret, say(302, ``, "Location", "http://127.0.0.1:9/2/tweets/search/stream/rules"), StateUnreachable, "not sent on", "set x_url to where X's API is"},
		"hostile words":   {secret, say(403, `{"title":"T","detail":"line one\nline two\u202e\u0000 `+strings.Repeat("x", 5000)+`"}`), StateNoAccess, "line one line two", mendAccess},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked++; r.Header.Get("Authorization") != "Bearer "+secret {
					t.Errorf("authorised by %q", r.Header.Get("Authorization"))
				}
				c.answer(w, r)
			}))
			defer server.Close()
			client, err := NewClient(Options{URL: server.URL + "/", Token: func() string { return c.token }, HTTP: server.Client()})
			if err != nil {
				t.Fatal(err)
			}
			v := client.Check(t.Context())
			if v.State != c.state || !strings.Contains(v.Text, c.text) || v.Mend != c.mend {
				t.Errorf("got %+v", v)
			}
			if all := v.Text + v.Mend; strings.Contains(all, secret) || strings.ContainsAny(all, "\n\u202e\x00") || len(all) > 500 {
				t.Errorf("it says %q", all)
			}
			if asked > 1 {
				t.Errorf("X was asked %d times", asked)
			}
		})
	}
}

func TestXOutOfReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := httptest.NewUnstartedServer(nil)
		gone.Listener.Close()
		c, err := NewClient(Options{URL: "http://" + gone.Listener.Addr().String(), Token: func() string { return rightToken }})
		if err != nil {
			t.Fatal(err)
		}
		if v := c.Check(t.Context()); v.State != StateUnreachable || strings.Contains(v.Text, "rules") {
			t.Errorf("got %+v", v)
		}
		x := newFakeX(t)
		x.answers["/2/tweets/search/stream/rules"] = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		began := time.Now()
		if v := clientOf(t, x).Check(t.Context()); v.State != StateUnreachable || time.Since(began) > askTimeout {
			t.Errorf("after %s got %+v", time.Since(began), v)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if v := clientOf(t, x).Check(ctx); v.State != StateUnreachable {
			t.Errorf("got %+v", v)
		}
	})
}

// A token is sent to nobody but the server it is for, and never in the clear.
func TestWhereATokenGoes(t *testing.T) {
	for _, url := range []string{
		"http://api.x.com", "ftp://api.x.com", "api.x.com", "https://", "https://user:pass@api.x.com", "https://api.x.com?a=b", "http://10.0.0.1:80", "http://localhost.evil.example", "://",
	} {
		if c, err := NewClient(Options{URL: url}); err == nil {
			t.Errorf("%s is taken: %s", url, c.Host())
		} else if strings.Contains(err.Error(), "pass@") {
			t.Errorf("it says %v", err)
		}
	}
	for _, url := range []string{"", "https://api.x.com/", "http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://x.example/proxy"} {
		if _, err := NewClient(Options{URL: url}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	var elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	first := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer first.Close()
	c, err := NewClient(Options{URL: first.URL, Token: func() string { return rightToken }})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.ClearConnections(t.Context()); err == nil {
		t.Error("a redirect is an answer")
	}
	if _, err := c.Missing(t.Context(), []string{"1", "2"}); err == nil {
		t.Error("a redirect is an answer")
	}
	req, _ := http.NewRequestWithContext(context.WithValue(t.Context(), exchangeKey{}, &exchange{}), http.MethodGet, other.URL, nil)
	if resp, err := c.api.Client.Do(req); err == nil {
		resp.Body.Close()
		t.Error("a request to another server went out")
	}
	if elsewhere > 0 {
		t.Error("another server was asked")
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

// An answer without end is not read to it.
func TestAnswersAreBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 2 * maxAnswer / 1024 {
			if _, err := fmt.Fprint(w, strings.Repeat(" ", 1024)); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	c, err := NewClient(Options{URL: server.URL, Token: func() string { return rightToken }, HTTP: server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.rules(t.Context()); err == nil || collectors.AsFault(err).Kind != collectors.Network {
		t.Errorf("it failed with %v", err)
	}
}
