package mastodon

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

// once checks that these posts were emitted, each once, in whatever order.
func once(t *testing.T, e *ear, all []string) {
	t.Helper()
	seen := map[string]int{}
	for _, text := range e.told() {
		seen[text]++
	}
	for _, text := range all {
		if seen[text] != 1 {
			t.Errorf("%q was emitted %d times", text, seen[text])
		}
		delete(seen, text)
	}
	for text := range seen {
		t.Errorf("%q was emitted", text)
	}
}

func end(t *testing.T, e *ear) {
	t.Helper()
	if err := e.stop(); err != nil {
		t.Error(err)
	}
}

func TestAStreamWithoutBytesIsLeft(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(time.Second)
		f.write("one", "launch")
		pass(time.Minute)
		f.each(func(s *sub) { f.mu.Lock(); s.dead = true; f.mu.Unlock() })
		if f.ws { // neither posts nor pongs
			f.ln.stall()
		}
		pass(time.Second)
		f.write("two", "launch")
		pass(90 * time.Second)
		f.write("three", "launch")
		pass(2 * time.Minute)
		once(t, e, []string{"one", "two", "three"})
		if s := e.state(); s.State != reaction.FeedLive {
			t.Errorf("the state is %+v", s)
		}
		if n := e.coverage(reaction.CoverageGap); n < 30*time.Second || n > 2*time.Minute {
			t.Errorf("a gap of %s", n)
		}
		end(t, e)
	})
}

func TestAStreamThatIsCutInsideAnEvent(t *testing.T) {
	play(t, func(t *testing.T, f *fake) {
		f.ws = false
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(time.Second)
		f.write("one", "launch")
		pass(time.Second)
		f.each(func(s *sub) { f.mu.Lock(); s.dead = true; f.mu.Unlock() })
		p := f.write("two", "launch")
		f.each(func(s *sub) { s.raw("event: update\ndata: " + p.json()[:100]); s.cut() })
		pass(time.Minute)
		once(t, e, []string{"one", "two"})
		end(t, e)
	})
}

func TestMessagesThatCannotBeTaken(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(time.Second)
		raw := func(event, data string) {
			f.each(func(s *sub) {
				if f.ws {
					s.raw(data)
				} else {
					s.raw("event: " + event + "\r\ndata: " + data + "\r\n\r\n")
				}
			})
		}
		raw("update", `{"event":"update","payload":"`+strings.Repeat("x", 2<<20)+`"}`)
		raw("update", `{"id":`)
		raw("update", `[1,2]`)
		raw("update", `{"cats":true}`)
		raw("notification", `{"event":"notification","payload":"{}"}`)
		raw("update", "\xff\x00")
		f.write("one", "launch")
		pass(time.Second)
		same(t, e.told(), []string{"refused too_large", "refused bad_json", "refused bad_json", "refused not_a_post", "refused bad_json", "one"})
		if n := e.coverage(reaction.CoverageGap); n > 0 {
			t.Errorf("a gap of %s", n)
		}
		end(t, e)
	})
}

func TestThousandsAtOnce(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch", "keynote")), nil, nil)
		pass(time.Second)
		var all []string
		for i := range 5000 {
			all = append(all, fmt.Sprintf("post %d", i))
			f.write(all[i], "launch") // by two streams
		}
		pass(time.Second)
		once(t, e, all)
		s := e.server
		if n := len(s.names.ids); n != 5000 {
			t.Errorf("%d names", n)
		}
		end(t, e)
	})
}

func TestMemoryIsBounded(t *testing.T) {
	n := names{most: 100}
	for i := range 10000 {
		n.remember(fmt.Sprint(i), "u")
	}
	if len(n.ids) != 100 || len(n.ring) != 100 || n.find("9999") == "" || n.find("9899") != "" {
		t.Errorf("%d ids, %d in the ring", len(n.ids), len(n.ring))
	}
}

// A server that refuses: what the feed says, and how often it was asked in an hour.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		state  reaction.ListeningState
		reason string
		most   int // requests in an hour
	}{
		{"a wrong token", 401, nil, `{"error":"The access token is invalid"}`, reaction.FeedStopped, "does not know the token", 1},
		{"a revoked token", 401, map[string]string{"X-Error-Message": "The access token was revoked"}, ``, reaction.FeedStopped, "revoked", 1},
		{"an expired token", 401, nil, `{"error":"The access token expired"}`, reaction.FeedStopped, "expired", 1},
		{"a missing scope", 403, nil, `{"error":"This action is outside the authorized scopes"}`, reaction.FeedStopped, "may not read posts", 1},
		{"an application's token", 422, nil, `{"error":"This method requires an authenticated user"}`, reaction.FeedStopped, "belongs to an application", 1},
		{"a forbidden stream", 403, nil, `{"error":"This action is not allowed"}`, reaction.FeedBlind, "does not let", 2},
		{"something before the server", 403, map[string]string{"Content-Type": "text/html"}, `<html>secret words</html>`, reaction.FeedBlind, "something before it", 30},
		{"no streams", 404, nil, `{"error":"Not found"}`, reaction.FeedBlind, "status 404", 60},
		{"not acceptable", 406, nil, ``, reaction.FeedBlind, "status 406", 60},
		{"too much", 429, map[string]string{"X-RateLimit-Reset": "+20m"}, `{"error":"Too many requests"}`, reaction.FeedBlind, "too often", 4},
		{"maintenance", 503, map[string]string{"Content-Type": "text/html", "Retry-After": "1200"}, `<html>`, reaction.FeedBlind, "not available", 4},
		{"failing", 502, nil, `<html>`, reaction.FeedBlind, "status 502", 30},
		{"moved", 301, map[string]string{"Location": "https://other.example/api/v1/streaming"}, ``, reaction.FeedBlind, "another address", 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			both(t, func(t *testing.T, f *fake) {
				n := 0
				f.answer(func(w http.ResponseWriter, r *http.Request) bool {
					if !strings.HasPrefix(r.URL.Path, "/api/v1/streaming") {
						return false
					}
					if n++; !f.ws && r.Header.Get("Upgrade") != "" {
						n--
						refuse(w, 404, "Not found")
						return true
					}
					for k, v := range c.header {
						if v == "+20m" {
							v = time.Now().Add(20 * time.Minute).UTC().Format(time.RFC3339)
						}
						w.Header().Set(k, v)
					}
					w.WriteHeader(c.status)
					io.WriteString(w, c.body)
					return true
				})
				e := hear(t, f, want(event(1, "#launch")), nil, nil)
				pass(time.Hour)
				s := e.state()
				if n > c.most {
					t.Errorf("asked %d times in an hour", n)
				}
				if s.State != c.state && !(c.state == reaction.FeedBlind && s.State == reaction.FeedConnecting) || !strings.Contains(s.Reason, c.reason) || strings.Contains(s.Reason, "secret") {
					t.Errorf("the state is %+v", s)
				}
				if s.State == reaction.FeedStopped && s.Mend == "" {
					t.Errorf("nothing is said on how to mend %+v", s)
				}
				end(t, e)
			})
		})
	}
}

func TestADeadHostIsNotHammered(t *testing.T) {
	play(t, func(t *testing.T, f *fake) {
		f.ln.set(true)
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(time.Hour)
		if n := f.ln.tried(); n < 10 || n > 1200 {
			t.Errorf("dialled %d times in an hour", n)
		}
		if s := e.state(); !strings.Contains(s.Reason, "cannot be reached") {
			t.Errorf("the state is %+v", s)
		}
		end(t, e)
	})
}

func TestNoTokenIsSaid(t *testing.T) {
	play(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch")), nil, func(o *Options) { o.Token = nil })
		pass(time.Minute)
		if s := e.state(); s.State != reaction.FeedStopped || !strings.Contains(s.Reason, "no token") || !strings.Contains(s.Mend, "tokens_file") {
			t.Errorf("the state is %+v", s)
		}
		if n := f.ln.tried(); n > 0 {
			t.Errorf("dialled %d times", n)
		}
		end(t, e)
	})
}

func TestARevokedTokenStops(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(time.Minute)
		f.mu.Lock()
		f.token = "another"
		f.mu.Unlock()
		f.cutAll()
		pass(time.Hour)
		if s := e.state(); s.State != reaction.FeedStopped || !strings.Contains(s.Reason, "token") {
			t.Errorf("the state is %+v", s)
		}
		if n := f.count("/api/v1/streaming"); n > 3 {
			t.Errorf("asked %d times", n)
		}
		end(t, e)
	})
}

func TestNobodyAsks(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		w := want()
		e := hear(t, f, w, nil, nil)
		pass(time.Hour)
		if n := f.ln.tried(); n > 0 {
			t.Errorf("dialled %d times for nobody", n)
		}
		w.set(event(1, "#launch"))
		pass(time.Second)
		same(t, f.held(), []string{"#launch"})
		w.set(event(1, "#launch"), event(2, "#cats"), event(3, "the keynote"))
		pass(time.Second)
		same(t, f.held(), []string{"#cats", "#launch", "public"})
		w.set(event(2, "#cats"))
		pass(time.Second)
		same(t, f.held(), []string{"#cats"})
		w.set()
		pass(2 * time.Second)
		same(t, f.held(), nil)
		if s := e.state(); s.State != reaction.FeedIdle {
			t.Errorf("the state is %+v", s)
		}
		end(t, e)
		synctest.Wait()
	})
}
