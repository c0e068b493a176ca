package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	gomastodon "github.com/mattn/go-mastodon"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// A server of another kind, whose hashtag streams are accepted and bring nothing.
func TestHashtagStreamsThatBringNothing(t *testing.T) {
	for _, version := range []string{"0.17.3+git-abc", "4.5.2"} { // the second says that it is Mastodon
		t.Run(version, func(t *testing.T) {
			both(t, func(t *testing.T, f *fake) {
				f.version, f.deafTags = version, true
				e := hear(t, f, want(event(1, "#launch")), nil, nil)
				pass(time.Second)
				pass(6 * time.Second)
				var all []string
				for i := range 300 {
					all = append(all, fmt.Sprint("post ", i))
					f.write(all[i], "launch")
					pass(time.Second)
				}
				pass(5 * time.Minute)
				same(t, f.held(), []string{"public"})
				for i := range 100 {
					all = append(all, fmt.Sprint("later ", i))
					f.write(all[300+i], "launch")
				}
				pass(time.Minute)
				once(t, e, all)
				var told time.Duration
				for _, it := range e.items {
					for _, c := range it.Coverage {
						if len(c.Events) > 0 && c.State == reaction.CoverageFilled {
							told += c.To.Sub(c.From)
						}
					}
				}
				if told < time.Minute {
					t.Errorf("%s are told as read afterwards", told)
				}
				if n := e.coverage(reaction.CoverageGap); n > 0 {
					t.Errorf("a gap of %s", n)
				}
				end(t, e)
			})
		})
	}
}

func TestHashtagStreamsThatDeliverAreTrusted(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		f.version = "2.7.2 (compatible; Pleroma 2.6.0)"
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(time.Second)
		same(t, f.held(), []string{"#launch", "public"})
		f.write("one", "launch")
		pass(time.Second)
		same(t, f.held(), []string{"#launch"})
		pass(time.Hour)
		f.write("two", "launch")
		pass(time.Second)
		f.publish(&post{text: "a reply", tags: []string{"launch"}, reply: true})
		pass(30 * time.Minute)
		same(t, f.held(), []string{"#launch"})
		once(t, e, []string{"one", "two", "a reply"})
		if n := f.count("/api/v1/timelines"); n > 40 {
			t.Errorf("%d looks at timelines in 90 minutes", n)
		}
		end(t, e)
	})
}

// A post that the token's account filters is in the timeline and in no stream.
func TestOneMissingPostIsNoDeafStream(t *testing.T) {
	play(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(10 * time.Second)
		var all []string
		for i := range 100 {
			all = append(all, fmt.Sprint("post ", i))
			f.deafTags = i%10 == 5
			f.write(all[i], "launch")
			pass(5 * time.Second)
		}
		f.deafTags = false
		pass(6 * time.Minute)
		same(t, f.held(), []string{"#launch"})
		once(t, e, all)
		end(t, e)
	})
}

func TestAClosedPublicStream(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		f.closed = true
		e := hear(t, f, want(event(1, "#launch"), event(2, "keynote")), nil, nil)
		pass(10 * time.Second)
		same(t, f.held(), []string{"#launch"})
		f.write("one", "launch")
		f.write("keynote")
		pass(10 * time.Second)
		once(t, e, []string{"one"})
		if !e.server.Listens(1) || e.server.Listens(2) {
			t.Errorf("listens for 1: %t, for 2: %t", e.server.Listens(1), e.server.Listens(2))
		}
		end(t, e)
	})
}

func TestManyHashtags(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		ev := event(1)
		for i := range 60 {
			ev.Match.Any = append(ev.Match.Any, fmt.Sprintf("#tag%02d", i))
		}
		e := hear(t, f, want(ev), nil, nil)
		pass(10 * time.Second)
		most := mostSubscriptions
		if !f.ws {
			most = mostConnections
		}
		if held := f.held(); len(held) != most || held[most-1] != "public" {
			t.Errorf("%d streams are held: %q", len(held), held)
		}
		f.write("one", "tag03")
		f.write("two", "tag59")
		pass(10 * time.Second)
		once(t, e, []string{"one", "two"})
		end(t, e)
	})
}

func TestServersWithoutOneOfTheWays(t *testing.T) {
	play(t, func(t *testing.T, f *fake) { // the old call, and server-sent events alone
		f.noV2, f.ws = true, false
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(10 * time.Second)
		f.write("one", "launch")
		for range 5 {
			f.cutAll()
			pass(time.Minute)
		}
		once(t, e, []string{"one"})
		if n := f.count("/api/v1/streaming?"); n != 1 {
			t.Errorf("WebSocket was tried %d times", n)
		}
		if n := f.count("/api/v2/instance"); n != 1 {
			t.Errorf("what it is was asked %d times", n)
		}
		end(t, e)
	})
}

// After a restart what was said meanwhile is fetched, and deletions of what was heard before are
// understood.
func TestARestart(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		w := want(event(1, "#launch"))
		e := hear(t, f, w, nil, nil)
		pass(10 * time.Second)
		var before []*post
		for i := range 60 {
			before = append(before, f.write(fmt.Sprint("before ", i), "launch"))
			pass(10 * time.Second)
		}
		end(t, e)
		cursor := e.where()
		pass(10 * time.Second)
		var all []string
		for i := range 100 {
			all = append(all, fmt.Sprint("meanwhile ", i))
			f.write(all[i], "launch")
			pass(10 * time.Second)
		}
		e = hear(t, f, w, cursor, nil)
		pass(time.Minute)
		got := e.told()
		if extra := len(got) - len(all); extra < 0 || extra > 30 { // the last minutes are read again
			t.Errorf("%d posts were emitted of %d", len(got), len(all))
		}
		for _, text := range got {
			if !strings.HasPrefix(text, "meanwhile") && !strings.HasPrefix(text, "before") {
				t.Errorf("%q was emitted", text)
			}
		}
		f.delete(before[3])
		pass(time.Second)
		if got := e.told(); got[len(got)-1] != "delete "+before[3].uri {
			t.Errorf("the last is %q", got[len(got)-1])
		}
		for _, it := range e.items {
			if p := it.Record.Post; p != nil && !p.Received.IsZero() {
				t.Errorf("%q was received", p.Text)
			}
		}
		end(t, e)
	})
}

// Two servers show the same post: it has one id, and is told by each once.
func TestTwoServersAreOneSource(t *testing.T) {
	play(t, func(t *testing.T, f *fake) {
		g := newFake(t)
		g.host, g.last = "127.0.0.1:21101", 7<<40
		defer g.stop()
		w := want(event(1, "#launch"))
		a, b := hear(t, f, w, nil, nil), hear(t, g, w, nil, nil)
		pass(time.Second)
		p := f.write("one", "launch")
		g.publish(&post{text: "one", tags: []string{"launch"}, uri: p.uri, account: `{"acct":"bob@a.example","url":"https://a.example/@bob"}`})
		g.write("two", "launch")
		pass(time.Second)
		once(t, a, []string{"one"})
		once(t, b, []string{"one", "two"})
		one, two := a.posts()[0], b.posts()[0]
		if one.ID != two.ID || one.Author.ID != two.Author.ID {
			t.Errorf("%s by %s, and %s by %s", one.ID, one.Author.ID, two.ID, two.Author.ID)
		}
		if x, y := a.server.Feed(), b.server.Feed(); x == y {
			t.Errorf("one feed for two: %s", x)
		}
		f.ln.set(true) // the other is heard all the same
		pass(5 * time.Minute)
		if a.state().State != reaction.FeedBlind || b.state().State != reaction.FeedLive {
			t.Errorf("%+v and %+v", a.state(), b.state())
		}
		end(t, a)
		end(t, b)
	})
}

// A first connection that ends before anything was heard has no id to go on from.
func TestAGapBeforeTheFirstPost(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		for i := range 100 {
			f.write(fmt.Sprint("long ago ", i), "launch")
		}
		pass(time.Hour)
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(time.Minute)
		f.ln.set(true)
		f.cutAll()
		pass(time.Second)
		var all []string
		for i := range 130 {
			all = append(all, fmt.Sprint("post ", i))
			f.write(all[i], "launch")
		}
		pass(time.Minute)
		f.ln.set(false)
		pass(time.Minute)
		once(t, e, all)
		end(t, e)
	})
}

func TestEditsInsideAGapAreRead(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(10 * time.Second)
		f.write("zero", "launch")
		p := f.write("one", "launch")
		pass(10 * time.Second)
		f.ln.set(true)
		f.cutAll()
		pass(10 * time.Second)
		f.edit(p, "one, edited")
		pass(time.Minute)
		f.ln.set(false)
		pass(time.Minute)
		same(t, e.told(), []string{"zero", "one", "edit one, edited"})
		end(t, e)
	})
}

// What a server lets us ask is not exceeded, and a gap waits for it.
func TestLimitsOfTimelines(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(10 * time.Second)
		f.write("one", "launch")
		pass(time.Minute)
		f.ln.set(true)
		f.cutAll()
		pass(10 * time.Second)
		var all []string
		for i := range 400 {
			all = append(all, fmt.Sprint("post ", i))
			f.write(all[i], "launch")
		}
		f.ln.set(false)
		left, began, early, n429 := 5, time.Now(), 0, 0
		f.answer(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/api/v1/timelines") {
				return false
			}
			if time.Since(began) >= 5*time.Minute {
				left = 300
			} else if left <= 0 {
				early++
			}
			left--
			w.Header().Set("X-RateLimit-Limit", "300")
			w.Header().Set("X-RateLimit-Remaining", fmt.Sprint(max(left, 0)))
			w.Header().Set("X-RateLimit-Reset", began.Add(5*time.Minute).UTC().Format(time.RFC3339Nano))
			if left < 0 {
				n429++
				refuse(w, 429, "Too many requests")
				return true
			}
			return false
		})
		pass(4 * time.Minute)
		if got := len(e.told()); got < 41 || got > 300 {
			t.Errorf("%d posts were emitted by then", got)
		}
		pass(10 * time.Minute)
		once(t, e, append(all, "one"))
		if early > 0 || n429 > 0 {
			t.Errorf("asked %d times although nothing was left", early)
		}
		end(t, e)
	})
}

func TestTimelinesThatFail(t *testing.T) {
	both(t, func(t *testing.T, f *fake) {
		e := hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(10 * time.Second)
		f.write("one", "launch")
		pass(time.Minute)
		f.ln.set(true)
		f.cutAll()
		pass(10 * time.Second)
		f.write("two", "launch")
		f.ln.set(false)
		n := 0
		f.answer(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasPrefix(r.URL.Path, "/api/v1/timelines") {
				return false
			}
			switch n++; n {
			case 1:
				w.WriteHeader(503)
			case 2:
				io.WriteString(w, `{"not":"a page"}`)
			case 3:
				io.WriteString(w, "["+strings.Repeat(`"x",`, 3<<20)+`"x"]`)
			case 4:
				w.Header().Set("Location", "https://evil.example/api/v1/timelines")
				w.WriteHeader(302)
			case 5:
				w.Header().Set("Link", "<%zz>; rel=\"next\"")
				io.WriteString(w, `[{"id":"9999","created_at":7},null,"x"]`)
			default:
				return false
			}
			return true
		})
		pass(time.Hour)
		got := e.told()
		if n < 6 || n > 60 || got[0] != "one" || got[len(got)-1] != "two" && !strings.Contains(strings.Join(got, ","), "two") {
			t.Errorf("%d requests, %q", n, got)
		}
		end(t, e)
	})
}

// TestTokensStayHome looks for the token wherever a server may lead it.
func TestTokensStayHome(t *testing.T) {
	play(t, func(t *testing.T, f *fake) {
		var log bytes.Buffer
		n := 0
		f.answer(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "instance") && r.Header.Get("Authorization") != "" {
				t.Error("a token where none is needed")
			}
			if r.Host != f.host {
				t.Errorf("%s was asked", r.Host)
			}
			if strings.HasPrefix(r.URL.Path, "/api/v1/timelines") || strings.HasPrefix(r.URL.Path, "/api/v1/streaming") {
				n++
				http.Redirect(w, r, "http://127.0.0.1:21101/elsewhere", http.StatusTemporaryRedirect)
				return true
			}
			return false
		})
		e := hear(t, f, want(event(1, "#launch")), nil, func(o *Options) {
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			o.Client.CheckRedirect = nil // even where somebody gives such a client
		})
		pass(30 * time.Minute)
		if n == 0 || strings.Contains(fmt.Sprintf("%+v %#v %s %s", e.states, e.server.api.Config, e.server, log.String()), goodToken) {
			t.Error("the token is told")
		}
		_, err := e.server.page(context.Background(), public, gomastodon.Pagination{Limit: 1})
		if err == nil || strings.Contains(err.Error(), "elsewhere") || n == 0 {
			t.Errorf("a redirect is followed: %v", err)
		}
		f.streaming = "wss://streams.other.example"
		end(t, e)
		e = hear(t, f, want(event(1, "#launch")), nil, nil)
		pass(time.Minute)
		if s := e.state(); s.State != reaction.FeedStopped || !strings.Contains(s.Reason, "token is not sent there") {
			t.Errorf("the state is %+v", s)
		}
		end(t, e)
	})
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		name  string
		token string
		down  bool
		fault func(w http.ResponseWriter, r *http.Request) bool
		ok    bool
		text  string
		mend  string
	}{
		{"right", goodToken, false, nil, true, "takes the token", ""},
		{"none", "", false, nil, false, "no token for 127.0.0.1:21100", "mastodon_tokens_file"},
		{"wrong", "hunter2", false, nil, false, "does not know the token", "make a token"},
		{"revoked", goodToken, false, says(401, "The access token was revoked"), false, "was revoked", "make a token"},
		{"expired", goodToken, false, says(401, "The access token expired"), false, "has expired", "make a token"},
		{"of an application", goodToken, false, says(422, "This method requires an authenticated user"), false, "to no account", "make a token"},
		{"that may do nothing", goodToken, false, says(403, "This action is outside the authorized scopes"), false, "may not read posts", "scope read"},
		{"that may read posts only", goodToken, false, func(w http.ResponseWriter, r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "verify_credentials") && says(403, "This action is outside the authorized scopes")(w, r)
		}, true, "takes the token", ""},
		{"closed stream", goodToken, false, func(w http.ResponseWriter, r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "timelines/public") && says(403, "This action is not allowed")(w, r)
		}, true, "only hashtags", ""},
		{"limited", goodToken, false, says(429, "Too many requests"), false, "too often", "wait until"},
		{"not Mastodon", goodToken, false, says(404, "secret words"), false, "status 404", "is a Mastodon server"},
		{"a page", goodToken, false, func(w http.ResponseWriter, _ *http.Request) bool {
			io.WriteString(w, "<html>secret words")
			return true
		}, false, "something else than JSON", "is a Mastodon server"},
		{"down", goodToken, true, nil, false, "cannot be reached", "spelt right"},
		{"failing", goodToken, false, says(500, ""), false, "fails", "wait"},
		{"silent", goodToken, false, func(w http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }, false, "in time", "wait"},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, func(t *testing.T, f *fake) {
				f.answer(c.fault)
				f.ln.set(c.down)
				client := f.client()
				defer client.CloseIdleConnections()
				s, err := New(Options{Server: "http://" + f.host, Token: func() string { return c.token }, Wanted: want(), Client: client})
				if err != nil {
					t.Fatal(err)
				}
				v := s.Check(context.Background())
				if v.OK != c.ok || !strings.Contains(v.Text, c.text) || !strings.Contains(v.Mend, c.mend) || strings.Contains(v.String(), "secret") || strings.Contains(v.String(), "hunter2") {
					t.Errorf("%+v", v)
				}
				if n := f.ln.tried(); f.count("/") > 2 || n > 2 {
					t.Errorf("asked %d times by %d connections", f.count("/"), n)
				}
			})
		})
	}
}

func says(status int, words string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		refuse(w, status, words)
		return true
	}
}

func TestCursors(t *testing.T) {
	s := taker(t)
	s.follow([]stream{public, "#launch"}, []byte(`{"public":"100","#cats":"7"}`))
	now := time.Now()
	check := func(want string) {
		t.Helper()
		var got map[string]string
		if json.Unmarshal(s.cursor(), &got) != nil || fmt.Sprint(got) != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
	s.raise(public, "99", now)
	s.raise(public, "101", now)
	s.raise("#launch", "5", now)
	s.raise("#other", "5", now)
	check("map[#launch:5 public:100]")
	s.raise(public, "102", now.Add(slack+time.Minute))
	check("map[#launch:5 public:100]") // slack ago
	s.raise(public, "103", now.Add(2*slack))
	s.raise(public, "104", now.Add(3*slack))
	check("map[#launch:5 public:101]")
	for i := range 2 * slackPosts {
		s.raise(public, fmt.Sprint(200+i), now.Add(3*slack))
	}
	check("map[#launch:5 public:103]")
	for i := range slackPosts {
		s.raise(public, fmt.Sprint(400+i), now.Add(3*slack))
	}
	check("map[#launch:5 public:279]") // few posts ago, where there are many
	s.follow([]stream{public}, nil)
	check("map[public:279]")
	if taker(t).cursor() != nil {
		t.Error("a cursor of nothing")
	}
	for _, odd := range []string{"", "null", "[]", `{"public":7}`, "x"} {
		if ids := readCursor(collectors.Cursor(odd)); ids[public] != "" {
			t.Errorf("%s: %v", odd, ids)
		}
	}
}
