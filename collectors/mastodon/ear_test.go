package mastodon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"outcry/collectors"
	"outcry/internal/reaction"
)

// wanted is what is listened for.
type wanted struct {
	mu      sync.Mutex
	events  []reaction.Event
	changed chan struct{}
}

func want(events ...reaction.Event) *wanted {
	return &wanted{events: events, changed: make(chan struct{})}
}

func (w *wanted) Events() []reaction.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.events
}

func (w *wanted) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

func (w *wanted) set(events ...reaction.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = events
	close(w.changed)
	w.changed = make(chan struct{})
}

func event(id int64, terms ...string) reaction.Event {
	e := reaction.Event{ID: id, Slug: fmt.Sprintf("e%d", id), Sources: []reaction.Source{reaction.Mastodon}}
	for _, t := range terms {
		if strings.HasPrefix(t, "@") {
			e.Match.Accounts = append(e.Match.Accounts, t)
		} else {
			e.Match.Any = append(e.Match.Any, t)
		}
	}
	return e
}

// ear is a Station on a server and what it emitted.
type ear struct {
	mu     sync.Mutex
	items  []collectors.Item
	cursor collectors.Cursor
	states []reaction.FeedState
	stop   func() error
	server *Server
}

// hear runs a Station until stop is called.
func hear(t *testing.T, f *fake, w *wanted, after collectors.Cursor, set func(*Options)) *ear {
	t.Helper()
	o := Options{Server: "http://" + f.host, Token: func() string { return goodToken }, Wanted: w, Client: f.client()}
	if set != nil {
		set(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	e := &ear{server: s}
	st := collectors.NewStation(reaction.Mastodon, s, collectors.StationOptions{Wanted: w, Host: s.Host})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- st.Collect(ctx, after, e.emit) }()
	e.stop = func() error {
		cancel()
		err := <-done
		o.Client.CloseIdleConnections()
		return err
	}
	return e
}

func (e *ear) emit(ctx context.Context, items ...collectors.Item) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, it := range items {
		if it.State != nil {
			e.states = append(e.states, *it.State)
		}
		if it.Cursor != nil {
			e.cursor = append(collectors.Cursor(nil), it.Cursor...)
		}
		e.items = append(e.items, it)
	}
	return ctx.Err()
}

// told is what was emitted, a line each: posts, edits, deletions, refusals.
func (e *ear) told() (out []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, it := range e.items {
		switch r := it.Record; {
		case r.Post != nil && r.Edit:
			out = append(out, "edit "+words(r.Post))
		case r.Post != nil:
			out = append(out, words(r.Post))
		case r.Delete != nil:
			out = append(out, "delete "+r.Delete.ID)
		case it.Refused != "":
			out = append(out, "refused "+it.Refused)
		}
	}
	return out
}

// words is a post's text without the hashtags behind it.
func words(p *reaction.Post) string {
	text, _, _ := strings.Cut(p.Text, " #")
	return text
}

func (e *ear) posts() (out []*reaction.Post) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, it := range e.items {
		if it.Record.Post != nil {
			out = append(out, it.Record.Post)
		}
	}
	return out
}

// coverage is what was told of a state, in seconds.
func (e *ear) coverage(state reaction.CoverageState) (d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, it := range e.items {
		for _, c := range it.Coverage {
			if c.State == state {
				d += c.To.Sub(c.From)
			}
		}
	}
	return d
}

func (e *ear) state() reaction.FeedState {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.states) == 0 {
		return reaction.FeedState{}
	}
	return e.states[len(e.states)-1]
}

func (e *ear) where() collectors.Cursor {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.cursor
}

// play runs a test in a bubble, where time passes when nobody has anything to do.
func play(t *testing.T, run func(t *testing.T, f *fake)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		defer synctest.Wait()
		defer f.stop()
		run(t, f)
	})
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
