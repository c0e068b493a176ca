package x

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

var some = time.Date(2026, 11, 22, 10, 16, 0, 0, time.UTC)

func heard() collectors.Heard { return collectors.Heard{Upto: some} }

// sample is a recorded answer of a server that speaks as X does.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "facts", "samples", name))
	if os.IsNotExist(err) {
		t.Skip("the recorded answers of X are not here: ../shared/facts/samples")
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// recorded gives an answer with its head, as it was recorded.
func recorded(t *testing.T, w http.ResponseWriter, head []byte) {
	for i, line := range strings.Split(strings.ReplaceAll(string(head), "\r\n", "\n"), "\n") {
		name, value, ok := strings.Cut(line, ": ")
		if i == 0 || !ok || name == "Transfer-Encoding" || name == "Content-Length" || name == "Connection" {
			continue
		}
		w.Header().Add(name, value)
	}
	_ = t
}

func TestRecordedStream(t *testing.T) {
	stream, head := sample(t, "x_filtered_stream.raw"), sample(t, "x_stream_headers.txt")
	recent, rules := sample(t, "x_recent.json"), sample(t, "x_rules_get.json")
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		x.answers["/2/tweets/search/stream"] = func(w http.ResponseWriter, r *http.Request) {
			recorded(t, w, head)
			w.WriteHeader(200)
			_, _ = w.Write(stream)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
		e := event(1, "#launch")
		x.answers["/2/tweets/search/stream/rules"] = func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				x.answer(w, 200, `{"meta":{"summary":{"deleted":1}}}`)
				return
			}
			x.answer(w, 200, strings.ReplaceAll(string(rules), `"tag": "launch"`, `"tag": "outcry:1:0"`))
		}
		l := listen(t, x, e)
		l.pass(5 * time.Second)
		l.same([]string{"460", "461", "462"})
		if p := l.post("460"); p.Text != "The #launch keynote was amazing 🎉 https://example.com/x @acme" || p.Author.ID != "0" || p.Author.Handle != "playground_user" || p.Lang != "en" {
			t.Errorf("got %+v", p)
		}
		x.answers["/2/tweets/search/recent"] = func(w http.ResponseWriter, _ *http.Request) { x.answer(w, 200, string(recent)) }
		p, err := l.from.client.search(t.Context(), "#launch", time.Now().Add(-time.Hour), time.Now().Add(-time.Minute), 10, "")
		if err != nil || len(p.ids) == 0 || len(p.found) != len(p.ids) {
			t.Errorf("the search gives %+v, %v", p, err)
		}
	})
}

func TestRecordedRulesAndLimits(t *testing.T) {
	added, limited := sample(t, "x_rules_post_200.json"), sample(t, "x_429.txt")
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		c := clientOf(t, x)
		x.answers["/2/tweets/search/stream/rules"] = func(w http.ResponseWriter, _ *http.Request) { x.answer(w, 200, string(added)) }
		if refused, err := c.addRules(t.Context(), []rule{{Value: "#launch", Tag: "launch"}, {Value: "keynote lang:en", Tag: "keynote"}}); err != nil || len(refused) > 0 {
			t.Errorf("refused %v, %v", refused, err)
		}
		head, body, _ := bytes.Cut(limited, []byte("\r\n\r\n"))
		x.answers["/2/tweets/search/stream"] = func(w http.ResponseWriter, _ *http.Request) {
			recorded(t, w, head)
			w.WriteHeader(429)
			_, _ = w.Write(body)
		}
		_, err := c.open(t.Context())
		if f := collectors.AsFault(err); err == nil || f.Kind != collectors.Limited {
			t.Errorf("it failed with %v", err)
		}
	})
}

// A stream on which little happens costs nothing.
func TestIdleIsIdle(t *testing.T) {
	x := newFakeX(t)
	x.answers["/2/tweets/search/stream"] = func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		for pause(r.Context(), nil, 100*time.Millisecond) {
			_, _ = io.WriteString(w, "\r\n")
			w.(http.Flusher).Flush()
		}
	}
	l := listen(t, x, event(1, "launch"))
	wait := func(d time.Duration) { <-time.After(d) }
	wait(300 * time.Millisecond)
	before, n := cpu(t), runtime.NumGoroutine()
	wait(time.Second)
	if used := cpu(t) - before; used > 100*time.Millisecond {
		t.Errorf("it took %s of processor time in an idle second", used)
	}
	if more := runtime.NumGoroutine(); more > n+2 {
		t.Errorf("%d goroutines, then %d", n, more)
	}
	if s := l.state(); s.State != reaction.FeedLive {
		t.Errorf("the state is %+v", s)
	}
}

// BenchmarkStream is how many messages a second are taken from bytes to items, and what each leaves
// behind.
func BenchmarkStream(b *testing.B) {
	const line = `{"data":{"author_id":"0","created_at":"2026-11-22T10:15:52.527Z","edit_history_tweet_ids":["%[1]d"],"entities":{"hashtags":[{"start":4,"end":11,"tag":"launch"}]},"id":"%[1]d","lang":"en","text":"The #launch keynote was amazing"},"matching_rules":[{"id":"459","tag":"outcry:1:0"}]}` + "\r\n"
	s := NewSource(SourceOptions{Wanted: listOf(), Purse: free{purseOf()}})
	r, w := io.Pipe()
	go func() {
		for i := 1; ; i++ {
			if _, err := fmt.Fprintf(w, line, i); err != nil {
				return
			}
		}
	}()
	c := &conn{from: s, lines: newLines(r), body: r, stop: func() {}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	c.Close()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	runtime.KeepAlive(s)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MiB")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}

// free is a purse that keeps no books.
type free struct{ *purse }

func (free) Bought(string, []int64) bool { return true }
