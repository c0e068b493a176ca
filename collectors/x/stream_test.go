package x

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

func itoa(n int) string { return strconv.Itoa(n) }

// A burst, and a line that takes its time.
func TestABurstIsHeardWhole(t *testing.T) {
	for _, newline := range []string{"\r\n", "\n"} {
		synctest.Test(t, func(t *testing.T) {
			x := newFakeX(t)
			x.newline = newline
			l := listen(t, x, event(1, "launch"))
			l.takes(2 * time.Millisecond)
			l.pass(time.Second)
			var want []string
			for i := range 500 {
				id, delivered := x.post("launch " + itoa(i))
				if !delivered {
					t.Fatal("X has nobody to deliver to")
				}
				want = append(want, id)
			}
			l.pass(time.Minute)
			if len(l.refusals()) > 0 {
				t.Errorf("signs of life are %v", l.refusals())
			}
			if got := l.heard(); !slices.Equal(got, want) {
				t.Errorf("%d of %d posts were heard, or in another order", len(got), len(want))
			}
			if n := l.purse.sold(); n != 500 {
				t.Errorf("%d posts were paid for", n)
			}
			if s := l.state(); s.State != reaction.FeedLive {
				t.Errorf("the state is %+v", s)
			}
		})
	}
}

func TestLongMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		l := listen(t, x, event(1, "launch"))
		l.pass(time.Second)
		a, _ := x.post("launch one")
		b, _ := x.post("launch two", func(p *fakePost) { p.beside = `"note":"` + strings.Repeat("x", 200<<10) + `",` })
		x.send(`{"data":{"id":"1","text":"` + strings.Repeat("launch ", maxMessage/7+1) + `"}}`)
		c, _ := x.post("launch three")
		l.pass(time.Second)
		l.same([]string{a, b, c})
		if !slices.Equal(l.refusals(), []string{"too_large"}) {
			t.Errorf("refused %v", l.refusals())
		}
		if n := x.dialled(); n != 1 {
			t.Errorf("it connected %d times", n)
		}
	})
}

// Errors beside a post are of what it refers to.
func TestPartialErrorsAreNoDisconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		l := listen(t, x, event(1, "launch"))
		l.pass(time.Second)
		var want []string
		for range 200 {
			id, _ := x.post("launch", func(p *fakePost) { p.beside = notFound + "," })
			want = append(want, id)
		}
		l.pass(time.Second)
		l.same(want)
		if n := x.dialled(); n != 1 {
			t.Errorf("it connected %d times", n)
		}
	})
}

// What X says about the stream is counted, and ends nothing but where it says so.
func TestWordsAboutTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		l := listen(t, x, event(1, "launch"))
		l.pass(time.Second)
		for _, line := range []string{`{"info":{"message":"new things"}}`, `{"errors":[{"title":"odd","type":"about:blank"}]}`, `not JSON`, `[]`} {
			x.send(line)
		}
		id, _ := x.post("launch")
		l.pass(time.Second)
		l.same([]string{id})
		if len(l.refusals()) != 4 {
			t.Errorf("refused %v", l.refusals())
		}
		if n := x.dialled(); n != 1 {
			t.Errorf("it connected %d times", n)
		}
	})
}

// However a connection ends, what was missed is a gap which search fills, and nothing comes twice.
func TestEndsOfAConnection(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(x *fakeX)
		down   time.Duration // how long nobody hears
		reason string
	}{
		"end of body": {(*fakeX).hangUp, 3 * time.Second, "the other side closed the connection"},
		"half a message": {func(x *fakeX) {
			x.set(func() { x.newline = "" })
			x.send(`{"data":{"id":"9"`)
			x.hangUp()
			x.set(func() { x.newline = "\r\n" })
		}, 3 * time.Second, "the other side closed the connection"},
		"disconnect": {func(x *fakeX) { x.send(goodbye) }, 3 * time.Second, "X ended the stream (This stream has been disconnected upstream for operational reasons.)"},
		"503 with a page": {func(x *fakeX) {
			x.set(func() { x.connecting = []http.HandlerFunc{page503, page503} })
			x.hangUp()
		}, 14 * time.Second, "X answers 503"},
		"a web page": {func(x *fakeX) {
			x.set(func() { x.connecting = []http.HandlerFunc{webPage} })
			x.hangUp()
		}, 4 * time.Second, "X answers with a web page in place of the stream"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newFakeX(t)
				l := listen(t, x, event(1, "launch"))
				l.pass(30 * time.Second)
				first, _ := x.post("launch one")
				l.pass(time.Second)
				c.end(x)
				x.set(func() {
					if len(x.connecting) == 0 {
						x.slow = 4 * time.Second
					}
				})
				synctest.Wait()
				l.pass(time.Millisecond)
				missed, delivered := x.post("launch two")
				if delivered {
					t.Fatal("nothing was missed")
				}
				l.pass(c.down)
				x.post("launch repost", func(p *fakePost) { p.Repost = true }) // gone for good
				l.pass(10 * time.Second)
				again, delivered := x.post("launch three")
				if !delivered {
					t.Fatalf("nobody is connected: %+v", l.state())
				}
				var line string
				x.set(func() { line = x.line(&x.posts[0]) })
				x.send(line) // a duplicate
				l.pass(time.Second)
				if state, reason := l.is(1, 31*time.Second+c.down/2); state != reaction.CoverageGap || reason != c.reason {
					t.Errorf("the gap is %s, %q; want %q", state, reason, c.reason)
				}
				l.pass(40 * time.Second)
				l.same([]string{first, missed, again})
				if state, reason := l.is(1, 31*time.Second+c.down/2); state != reaction.CoverageFilled || reason != reasonFilled {
					t.Errorf("the gap is filled as %s, %q", state, reason)
				}
				if l.post(missed).Received != (time.Time{}) || l.post(first).Received.IsZero() {
					t.Error("when posts were received is not so")
				}
				l.pass(30 * time.Second)
				if state, _ := l.is(1, 31*time.Second+c.down+20*time.Second); state != reaction.CoverageLive {
					t.Errorf("after the gap it is %q", state)
				}
			})
		})
	}
}

func page503(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(503)
	fmt.Fprint(w, noWebPage)
}

func webPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprint(w, noWebPage)
}

func TestAStallIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		x.connecting = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(stallFor):
			}
		}}
		l := listen(t, x, event(1, "launch"))
		l.until(27 * time.Second)
		if n := x.dialled(); n != 1 {
			t.Fatalf("it connected %d times", n)
		}
		l.until(35 * time.Second)
		if n := x.dialled(); n != 2 {
			t.Fatalf("it connected %d times", n)
		}
		id, _ := x.post("launch")
		l.pass(time.Second)
		l.same([]string{id})
	})
}

func TestTooManyConnections(t *testing.T) {
	asLine := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, tooMany+"\r\n") }
	for name, set := range map[string]func(x *fakeX){
		"as 429":         func(x *fakeX) { x.crowdOf = 1 },
		"as first line":  func(x *fakeX) { x.connecting = []http.HandlerFunc{asLine, asLine} },
		"once as a line": func(x *fakeX) { x.connecting = []http.HandlerFunc{asLine} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newFakeX(t)
				set(x)
				l := listen(t, x, event(1, "launch"))
				l.until(30 * time.Second)
				want := 1
				if name == "once as a line" { // it was gone by itself
					want = 0
				}
				if n := x.times("DELETE /2/connections/all"); n != want {
					t.Errorf("connections were ended by force %d times, want %d", n, want)
				}
				id, _ := x.post("launch")
				l.pass(time.Second)
				l.same([]string{id})
				x.set(func() { x.connecting = []http.HandlerFunc{asLine} }) // another time
				x.hangUp()
				l.pass(30 * time.Second)
				if n := x.times("DELETE /2/connections/all"); n != want {
					t.Errorf("later connections were ended by force %d times, want %d", n, want)
				}
			})
		})
	}
}

// Another program of the same app keeps coming back: it is not fought.
func TestNoFightForTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		x.crowdOf, x.stubborn = 1, true
		l := listen(t, x, event(1, "launch"))
		l.until(time.Hour)
		if n := x.times("DELETE /2/connections/all"); n < 1 || n > 6 {
			t.Errorf("connections were ended by force %d times in an hour", n)
		}
		if n := x.dialled(); n > 20 {
			t.Errorf("it connected %d times", n)
		}
		if s := l.state(); s.Mend != mendCrowd {
			t.Errorf("the state is %+v", s)
		}
	})
}

func TestALimitIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		x.connecting = []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("x-rate-limit-limit", "50")
			w.Header().Set("x-rate-limit-remaining", "0")
			w.Header().Set("x-rate-limit-reset", strconv.FormatInt(time.Now().Add(7*time.Minute).Unix(), 10))
			x.answer(w, 429, `{"detail":"Too Many Requests","status":429,"title":"Too Many Requests","type":"about:blank"}`)
		}}
		l := listen(t, x, event(1, "launch"))
		l.until(7*time.Minute - time.Second)
		if n := x.dialled(); n != 1 {
			t.Errorf("it connected %d times before it was allowed to", n)
		}
		if s := l.state(); s.Reason != "X says that too much is asked of it" {
			t.Errorf("the state is %+v", s)
		}
		l.until(7*time.Minute + 10*time.Second)
		if n := x.dialled(); n != 2 {
			t.Errorf("it connected %d times", n)
		}
	})
}

// A server that ends every connection at once is not connected to more often than X allows.
func TestConnectsAreBudgeted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		for range 500 {
			x.connecting = append(x.connecting, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "\r\n") })
		}
		l := listen(t, x, event(1, "launch"))
		l.until(15 * time.Minute)
		if n := x.dialled(); n > 50 || n < 45 {
			t.Errorf("it connected %d times in 15 minutes", n)
		}
	})
}

func TestARefusalIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		x.answers["/2/tweets/search/stream/rules"] = func(w http.ResponseWriter, _ *http.Request) {
			x.answer(w, 403, `{"client_id":"1","detail":"When authenticating requests you must use keys of an App that is attached to a Project.","reason":"client-not-enrolled","required_enrollment":"Appropriate Level of API Access","title":"Client Forbidden","type":"https://api.x.com/2/problems/client-forbidden"}`)
		}
		l := listen(t, x, event(1, "launch"))
		l.until(time.Hour)
		if s := l.state(); s.State != reaction.FeedStopped || s.Mend != mendAccess {
			t.Errorf("the state is %+v", s)
		}
		if n := x.times("GET /2/tweets/search/stream/rules"); n != 1 {
			t.Errorf("X was asked %d times", n)
		}
	})
}

func TestAConnectionIsClosedAsOftenAsOneLikes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		events := []reaction.Event{event(1, "launch")}
		s := NewSource(SourceOptions{Client: clientOf(t, x), Wanted: listOf(events...), Purse: purseOf(events...)})
		c, err := s.Dial(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		end := make(chan error)
		go func() {
			_, err := c.Next(ctx)
			end <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-end; err == nil {
			t.Error("a message came")
		}
		c.Close()
		c.Close()
		if _, err := c.Next(t.Context()); err == nil {
			t.Error("a message came after the end")
		}
		synctest.Wait()
		if n := x.connected(); n != 0 {
			t.Errorf("X has %d connections", n)
		}
	})
}

// A dial that takes too long leaves nothing behind.
func TestADialThatTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		x.connecting = []http.HandlerFunc{func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}
		events := []reaction.Event{event(1, "launch")}
		s := NewSource(SourceOptions{Client: clientOf(t, x), Wanted: listOf(events...), Purse: purseOf(events...)})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := s.Dial(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it failed with %v", err)
		}
	})
}

// An edit comes once, and is an edit of the post that was first; whoever is asked for by name is known by it.
func TestEditsAndAuthors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		e := event(1, "launch")
		e.Match.Accounts = []string{"@acme"}
		l := listen(t, x, e)
		l.pass(time.Second)
		first, _ := x.post("launch of a thing")
		line := fmt.Sprintf(`{"data":{"id":"9999","text":"launch of another","author_id":"7","created_at":%q,"edit_history_tweet_ids":[%q,"9999"]},"matching_rules":[{"id":"1001","tag":"outcry:1:0"}]}`,
			time.Now().UTC().Format(time.RFC3339), first)
		x.send(line)
		x.send(line)
		by, _ := x.post("good morning", func(p *fakePost) { p.Author = "acme" })
		l.pass(time.Second)
		l.same([]string{first, first, by})
		if p := l.post(by); p.Author.Handle != "acme" {
			t.Errorf("the post is by %+v", p.Author)
		}
		if p := l.post(first); p.Author.Handle != "" || p.Text != "launch of another" {
			t.Errorf("the edit is %+v", p)
		}
	})
}
