package x

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"outcry/collectors"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func asID(n int) wire.LooseID { return wire.LooseID(itoa(n)) }

// pipes is a network of one server in the bubble of a test: real HTTP, whose waiting the clock of
// the bubble knows.
type pipes struct {
	conns chan net.Conn
	gone  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.gone:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.gone) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.gone:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// clientOf serves X in the bubble of a test, and makes a client of it.
func clientOf(t *testing.T, x http.Handler) *Client {
	t.Helper()
	network := &pipes{conns: make(chan net.Conn), gone: make(chan struct{})}
	server := &http.Server{Handler: x, ReadHeaderTimeout: time.Minute}
	served := make(chan error)
	go func() { served <- server.Serve(network) }()
	h := collectors.Client()
	tr := h.Transport.(*http.Transport)
	tr.DialContext, tr.Proxy = network.dial, nil
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		_ = server.Close()
		<-served
	})
	c, err := NewClient(Options{URL: "http://127.0.0.1:1", Token: func() string { return rightToken }, HTTP: h})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// list is a list of events that changes: what is wanted, and as a purse what is paid for.
type list struct {
	mu      sync.Mutex
	events  []reaction.Event
	changed chan struct{}
}

func listOf(events ...reaction.Event) *list {
	return &list{events: events, changed: make(chan struct{})}
}

func (l *list) Events() []reaction.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events
}

func (l *list) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

func (l *list) set(events ...reaction.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = events
	close(l.changed)
	l.changed = make(chan struct{})
}

// purse pays for posts as long as there is money for them.
type purse struct {
	*list
	money  map[int64]int // posts that are paid for, by event; others without end
	bought map[string][]int64
	spans  []reaction.Coverage
}

func purseOf(events ...reaction.Event) *purse {
	return &purse{list: listOf(events...), money: map[int64]int{}, bought: map[string][]int64{}}
}

func (p *purse) Bought(id string, events []int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, again := p.bought[id]; again {
		return true
	}
	p.bought[id] = events
	more := true
	for _, e := range events {
		if n, ok := p.money[e]; ok {
			p.money[e] = n - 1
			more = more && n > 1
		}
	}
	return more
}

func (p *purse) Allow(_ context.Context, event int64, n int) (int, func([]string), error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if left, ok := p.money[event]; ok {
		if n = min(n, left); n <= 0 {
			return 0, nil, &reaction.CapReached{}
		}
		p.money[event] -= n
	}
	return n, func(ids []string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if left, ok := p.money[event]; ok {
			p.money[event] = left + n - len(ids)
		}
		for _, id := range ids {
			p.bought[id] = append(p.bought[id], event)
		}
	}, nil
}

func (p *purse) Skipped(time.Time) []reaction.Coverage {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.spans
	p.spans = nil
	return out
}

// sold is how many posts were paid for.
func (p *purse) sold() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.bought)
}

func (p *purse) left(event int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.money[event]
}

// pays has an event pay for so many posts.
func (p *purse) pays(event int64, posts int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.money[event] = posts
}

func (p *purse) skip(spans []reaction.Coverage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spans = spans
}

// event is an event that may spend.
func event(id int64, terms ...string) reaction.Event {
	return reaction.Event{
		ID: id, Slug: "event-" + itoa(int(id)), Match: reaction.Match{Any: terms},
		Spend: map[reaction.Source]reaction.Cap{reaction.X: {USD: 50}},
	}
}

// listener runs a Station of X and keeps what it emits.
type listener struct {
	t      *testing.T
	x      *fakeX
	from   *Source
	wanted *list
	purse  *purse
	begin  time.Time
	slow   time.Duration // what the line takes for each call

	mu       sync.Mutex
	posts    []string
	byID     map[string]reaction.Post
	refused  []string
	coverage []reaction.Coverage
	states   []reaction.FeedState
	station  *collectors.Station
}

// listen runs a Station until the test ends.
func listen(t *testing.T, x *fakeX, events ...reaction.Event) *listener {
	t.Helper()
	l := &listener{t: t, x: x, wanted: listOf(events...), purse: purseOf(events...), begin: time.Now(), byID: map[string]reaction.Post{}}
	l.start(clientOf(t, x))
	return l
}

func (l *listener) start(c *Client) {
	l.from = NewSource(SourceOptions{Client: c, Wanted: l.wanted, Purse: l.purse})
	l.station = collectors.NewStation(reaction.X, l.from, collectors.StationOptions{Wanted: l.wanted})
	ctx, cancel := context.WithCancel(l.t.Context())
	end := make(chan error, 1)
	go func() { end <- l.station.Collect(ctx, nil, l.emit) }()
	l.t.Cleanup(func() {
		cancel()
		if err := <-end; err != nil {
			l.t.Errorf("the station ended with %v", err)
		}
	})
}

func (l *listener) emit(ctx context.Context, items ...collectors.Item) error {
	l.mu.Lock()
	slow := l.slow
	l.mu.Unlock()
	if slow > 0 && !pause(ctx, nil, slow) {
		return ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, it := range items {
		if p := it.Record.Post; p != nil {
			l.posts = append(l.posts, p.ID)
			l.byID[p.ID] = *p
		}
		if it.Refused != "" {
			l.refused = append(l.refused, it.Refused)
		}
		for _, c := range it.Coverage {
			if c.Events == nil { // as the line does
				for _, e := range l.wanted.Events() {
					if l.from.Listens(e.ID) {
						c.Events = append(c.Events, e.ID)
					}
				}
			}
			l.coverage = append(l.coverage, c)
		}
		if it.State != nil {
			l.states = append(l.states, *it.State)
		}
	}
	return nil
}

// until lets time pass to a moment after the beginning of the test.
func (l *listener) until(d time.Duration) {
	<-time.After(time.Until(l.begin.Add(d)))
	synctest.Wait()
}

func (l *listener) pass(d time.Duration) { l.until(time.Since(l.begin) + d) }

// heard are the posts that were emitted, in order.
func (l *listener) heard() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.posts)
}

func (l *listener) takes(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow = d
}

func (l *listener) refusals() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.refused)
}

// post is a post as it was emitted last.
func (l *listener) post(id string) reaction.Post {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byID[id]
}

func (l *listener) state() reaction.FeedState {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.states) == 0 {
		return reaction.FeedState{}
	}
	return l.states[len(l.states)-1]
}

// is how an event was heard at a moment, after the beginning: seen wins over left out, that over a gap.
func (l *listener) is(id int64, d time.Duration) (state reaction.CoverageState, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.begin.Add(d)
	for _, c := range l.coverage {
		if at.Before(c.From) || !at.Before(c.To) || !slices.Contains(c.Events, id) || state.Seen() {
			continue
		}
		if state != reaction.CoverageCapped || c.State.Seen() {
			state, reason = c.State, c.Reason
		}
	}
	return state, reason
}

// same holds that exactly these posts were emitted, each once.
func (l *listener) same(want []string) {
	l.t.Helper()
	got := l.heard()
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		l.t.Errorf("%d posts were emitted, want %d: %s, want %s", len(got), len(want), brief(got), brief(want))
	}
}

func brief(s []string) string { return strings.Join(s[:min(len(s), 30)], " ") }
