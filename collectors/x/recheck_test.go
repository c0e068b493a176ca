package x

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

func TestWhichPostsAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		c := clientOf(t, x)
		x.lookups = map[string]string{"3": "resource-not-found", "4": "not-authorized-for-resource", "5": "resource-unavailable", "6": "operation-failed", "7": "silence", "150": "resource-not-found"}
		var ids []string
		for i := range 250 {
			ids = append(ids, itoa(i))
		}
		got, err := c.Missing(t.Context(), ids)
		if want := []string{"3", "4", "5", "150"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("gone are %v, %v; want %v", got, err, want)
		}
		for id, want := range map[string][]string{"1": nil, "3": {"3"}, "6": nil, "7": nil} { // asked for alone
			if got, err := c.Missing(t.Context(), []string{id}); err != nil || !slices.Equal(got, want) {
				t.Errorf("of %s gone are %v, %v; want %v", id, got, err, want)
			}
		}
		if got, err := c.Missing(t.Context(), nil); err != nil || got != nil {
			t.Errorf("of nothing %v, %v", got, err)
		}
		for name, c2 := range map[string]struct {
			status int
			body   string
			gone   bool
		}{
			"404 of the post":   {404, `{"errors":[{"value":"3","resource_id":"3","title":"Not Found Error","type":"https://api.x.com/2/problems/resource-not-found"}]}`, true},
			"404 at the top":    {404, `{"value":"3","title":"Not Found Error","type":"https://api.x.com/2/problems/resource-not-found"}`, true},
			"404 of the server": {404, `{"title":"Not Found","type":"about:blank"}`, false},
			"another post":      {404, `{"errors":[{"value":"4","type":"https://api.x.com/2/problems/resource-not-found"}]}`, false},
			"503":               {503, `over capacity`, false},
			"401":               {401, `{"title":"Unauthorized","errors":[{"value":"3","type":"https://api.x.com/2/problems/resource-not-found"}]}`, false},
		} {
			x.set(func() {
				x.answers["/2/tweets/3"] = func(w http.ResponseWriter, _ *http.Request) { x.answer(w, c2.status, c2.body) }
			})
			if got, err := c.Missing(t.Context(), []string{"3"}); (len(got) == 1) != c2.gone || (err == nil) != c2.gone {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	})
}

// stored are posts that are kept, and when each was last seen to be there.
type stored struct {
	mu      sync.Mutex
	checked map[string]time.Time
}

func (s *stored) DueForCheck(_ context.Context, source reaction.Source, before time.Time, limit int) (ids []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, at := range s.checked {
		if at.Before(before) && source == reaction.X {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return s.checked[a].Compare(s.checked[b]) })
	return ids[:min(limit, len(ids))], nil
}

func (s *stored) Checked(_ context.Context, _ reaction.Source, ids []string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.checked[id] = at
	}
	return nil
}

func (s *stored) all() map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.checked)
}

// monthly is a ledger of one month.
type monthly struct {
	collectors.Ledger
	mu   sync.Mutex
	left reaction.Micros
}

func (m *monthly) set(left reaction.Micros) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left = left
}

func (m *monthly) is() reaction.Micros {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.left
}

func (m *monthly) Reserve(_ context.Context, ask reaction.Ask) (reaction.Hold, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ask.Event != 0 || m.left < ask.Least {
		return reaction.Hold{}, &reaction.CapReached{Month: true}
	}
	h := reaction.Hold{Amount: min(ask.Want, m.left)}
	m.left -= h.Amount
	return h, nil
}

func (m *monthly) Settle(_ context.Context, h reaction.Hold, spent reaction.Micros) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left += h.Amount - spent
	return nil
}

// waits is a collector that hears nothing.
type waits struct{}

func (waits) Collect(ctx context.Context, _ collectors.Cursor, _ collectors.Emit) error {
	<-ctx.Done()
	return nil
}

func TestStoredPostsAreLookedUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		begin := time.Now()
		posts := &stored{checked: map[string]time.Time{}}
		for i := range 350 {
			posts.checked[itoa(i)] = begin.Add(time.Duration(i) * time.Second)
		}
		posts.checked["made-up"] = begin // pushed by somebody
		x.lookups = map[string]string{"7": "resource-not-found", "320": "not-authorized-for-resource"}
		money := &monthly{left: 1000 * collectors.PostRead}
		r := &Rechecks{Client: clientOf(t, x), Posts: posts, Ledger: money, MonthCap: reaction.Dollar}
		var gone []string
		ctx, cancel := context.WithCancel(t.Context())
		end := make(chan error)
		go func() {
			end <- r.Beside(waits{}).Collect(ctx, nil, func(_ context.Context, items ...collectors.Item) error {
				for _, it := range items {
					if err := it.Record.Check(); err != nil {
						t.Error(err)
					}
					gone = append(gone, it.Record.Delete.ID)
					posts.mu.Lock()
					delete(posts.checked, it.Record.Delete.ID)
					posts.mu.Unlock()
				}
				return nil
			})
		}()
		<-time.After(24 * time.Hour)
		synctest.Wait()
		if !slices.Equal(gone, []string{"7", "320"}) {
			t.Errorf("gone are %v", gone)
		}
		if left := money.is(); left != (1000-348)*collectors.PostRead {
			t.Errorf("%s are left", left)
		}
		for id, at := range posts.all() {
			if id != "7" && id != "320" && time.Since(at) > 24*time.Hour {
				t.Errorf("%s was last looked up %s ago", id, time.Since(at))
			}
		}
		money.set(0)
		asked := x.times("GET /2/tweets")
		<-time.After(48 * time.Hour)
		if n := x.times("GET /2/tweets") - asked; n > 0 {
			t.Errorf("without money X was asked %d times", n)
		}
		cancel()
		if err := <-end; err != nil {
			t.Error(err)
		}
	})
}

// An error of the line ends it, and is returned as it is.
func TestRechecksEndWithTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFakeX(t)
		x.lookups["1"] = "resource-not-found"
		posts := &stored{checked: map[string]time.Time{"1": time.Now().Add(-48 * time.Hour), "2": time.Now()}}
		over := errors.New("another process has it")
		r := &Rechecks{Client: clientOf(t, x), Posts: posts, Ledger: &monthly{left: reaction.Dollar}}
		if err := r.Run(t.Context(), func(context.Context, ...collectors.Item) error { return over }); !errors.Is(err, over) {
			t.Errorf("it ended with %v", err)
		}
	})
}
