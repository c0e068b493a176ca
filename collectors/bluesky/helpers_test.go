package bluesky

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"outcry/collectors"
	"outcry/internal/reaction"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ear is a line that keeps what it is given.
type ear struct {
	mu       sync.Mutex
	posts    map[string]int // how often each came
	texts    map[string]string
	edits    []string
	deletes  []string
	refused  map[string]int
	coverage []reaction.Coverage
	cursor   collectors.Cursor
	states   []reaction.FeedState
	full     chan struct{} // where set, the line is full until it is closed
}

func newEar() *ear {
	return &ear{posts: map[string]int{}, texts: map[string]string{}, refused: map[string]int{}}
}

func (e *ear) emit(ctx context.Context, items ...collectors.Item) error {
	e.mu.Lock()
	full := e.full
	e.mu.Unlock()
	if full != nil {
		select {
		case <-full:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, it := range items {
		switch r := it.Record; {
		case it.Refused != "":
			e.refused[it.Refused]++
		case r.Post != nil && r.Edit:
			e.edits = append(e.edits, r.Post.ID+" "+r.Post.Text)
		case r.Post != nil:
			e.posts[r.Post.ID]++
			e.texts[r.Post.ID] = r.Post.Text
		case r.Delete != nil:
			e.deletes = append(e.deletes, r.Delete.ID+" by "+r.Delete.Author.ID)
		}
		e.coverage = append(e.coverage, it.Coverage...)
		if it.Cursor != nil {
			e.cursor = slices.Clone(it.Cursor)
		}
		if it.State != nil {
			e.states = append(e.states, *it.State)
		}
	}
	return nil
}

// check compares what came with what was posted.
func (e *ear) check(t *testing.T, want []string) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	missing, twice := 0, 0
	for _, id := range want {
		switch n := e.posts[id]; {
		case n == 0:
			t.Log("missing:", id)
			missing++
		case n > 1:
			twice++
		}
	}
	if missing > 0 || twice > 0 || len(e.posts) != len(want) {
		t.Errorf("of %d posts %d are missing and %d came more than once; %d others came", len(want), missing, twice, len(e.posts)-(len(want)-missing))
	}
}

// unheard is how long the source was said not to be heard until a time, and never was said to be
// after all.
func (e *ear) unheard(until time.Time) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	const step = 50 * time.Millisecond
	gap := map[time.Time]bool{}
	for _, c := range e.coverage {
		for at := c.From.Truncate(step).Add(step / 2); at.Before(c.To) && at.Before(until); at = at.Add(step) {
			if !at.Before(c.From) {
				gap[at] = c.State == reaction.CoverageGap
			}
		}
	}
	n := 0
	for open := range maps.Values(gap) {
		if open {
			n++
		}
	}
	return time.Duration(n) * step
}

func (e *ear) hosts() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for _, s := range e.states {
		if n := len(out); n == 0 || out[n-1] != s.Host {
			out = append(out, s.Host)
		}
	}
	return strings.Join(out, " ")
}

// collecting runs a Station of a source until stop is called, which waits for its end.
func collecting(t *testing.T, s *Source, after collectors.Cursor, e *ear) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	station := collectors.NewStation(reaction.Bluesky, s, collectors.StationOptions{Host: s.Host})
	go func() { done <- station.Collect(ctx, after, e.emit) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// source is one of a network's hosts, in their order.
func (n *network) source(o Options, hosts ...string) *Source {
	n.t.Helper()
	o.Client, o.UserAgent = n.client(), "test"
	for _, h := range hosts {
		o.Hosts = append(o.Hosts, "ws://"+h)
	}
	s, err := New(o)
	if err != nil {
		n.t.Fatal(err)
	}
	return s
}

// pass lets time go by.
func pass(t testing.TB, d time.Duration) {
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}
