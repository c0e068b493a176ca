package collectors

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"outcry/internal/reaction"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// platform is a source that says what a test has it say.
type platform struct {
	traits Traits
	say    chan Heard // taken by the connection there is

	mu     sync.Mutex
	dials  []Cursor
	refuse error // what Dial answers
	conn   *conn
}

func newPlatform(t Traits) *platform { return &platform{traits: t, say: make(chan Heard)} }

func (p *platform) Traits() Traits { return p.traits }

func (p *platform) Dial(_ context.Context, after Cursor) (Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dials = append(p.dials, slices.Clone(after))
	if p.refuse != nil {
		return nil, p.refuse
	}
	p.conn = &conn{say: p.say, gone: make(chan error, 1), closed: make(chan struct{})}
	return p.conn, nil
}

// down hangs up and answers with err from now on; nil is up again.
func (p *platform) down(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = err
	if err != nil && p.conn != nil {
		p.conn.gone <- io.EOF
	}
}

func (p *platform) dialled() (n int, last string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.dials), string(p.dials[len(p.dials)-1])
}

type conn struct {
	say    chan Heard
	gone   chan error
	closed chan struct{}
	once   sync.Once
}

func (c *conn) Next(ctx context.Context) (Heard, error) {
	select {
	case h := <-c.say:
		return h, nil
	case err := <-c.gone:
		return Heard{}, err
	case <-c.closed:
		return Heard{}, io.ErrClosedPipe
	case <-ctx.Done():
		return Heard{}, ctx.Err()
	}
}

func (c *conn) Close() { c.once.Do(func() { close(c.closed) }) }

// listener keeps what a station emits, in the bubble of a test.
type listener struct {
	t     *testing.T
	p     *platform
	begin time.Time
	stop  func() error

	mu       sync.Mutex
	posts    []string
	refused  []string
	coverage []reaction.Coverage
	states   []reaction.FeedState
	clock    time.Time
	cursor   Cursor
}

// started runs a station until the test ends.
func started(t *testing.T, p *platform, from Source, after Cursor, o StationOptions) *listener {
	t.Helper()
	l := &listener{t: t, p: p, begin: time.Now()}
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan error, 1)
	s := NewStation(reaction.X, from, o)
	go func() { end <- s.Collect(ctx, after, l.emit) }()
	l.stop = sync.OnceValue(func() error { cancel(); return <-end })
	t.Cleanup(func() { _ = l.stop() })
	synctest.Wait()
	return l
}

func (l *listener) emit(_ context.Context, items ...Item) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, it := range items {
		if it.Record.Post != nil {
			l.posts = append(l.posts, it.Record.Post.ID)
		}
		if it.Refused != "" {
			l.refused = append(l.refused, it.Refused)
		}
		if it.Broken != nil {
			l.t.Error("what the program failed at is handed to the line")
		}
		l.coverage = append(l.coverage, it.Coverage...)
		if it.State != nil {
			l.states = append(l.states, *it.State)
		}
		if !it.Clock.IsZero() && it.Clock.Before(l.clock) {
			l.t.Errorf("the clock goes back from %s to %s", l.clock, it.Clock)
		}
		l.clock = latest(l.clock, it.Clock)
		if it.Cursor != nil {
			l.cursor = it.Cursor
		}
	}
	return nil
}

// told is what was emitted last, and all posts.
func (l *listener) told() (x struct {
	clock    time.Time
	posts    []string
	cursor   Cursor
	mend     string
	refused  []string
	coverage []reaction.Coverage
}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x.clock, x.posts, x.cursor = l.clock, slices.Clone(l.posts), l.cursor
	x.refused, x.coverage = slices.Clone(l.refused), slices.Clone(l.coverage)
	if n := len(l.states); n > 0 {
		x.mend = l.states[n-1].Mend
	}
	return x
}

// at is the second of the test that a time is in.
func (l *listener) at(s float64) time.Time {
	return l.begin.Add(time.Duration(s * float64(time.Second)))
}

// until lets time pass to a second of the test.
func (l *listener) until(s float64) {
	<-time.After(time.Until(l.at(s)))
	synctest.Wait()
}

// word has the source say something of a second of the test; the cursor is that second.
func (l *listener) word(s float64, topic string, posts ...string) {
	h := Heard{Upto: l.at(s), Cursor: fmt.Append(nil, s), Topic: topic}
	for _, id := range posts {
		h.Items = append(h.Items, Item{Record: reaction.Record{Post: &reaction.Post{Source: reaction.X, ID: id}}})
	}
	l.p.say <- h
	synctest.Wait()
}

// words has the source say something at every second up to one.
func (l *listener) words(upto int, topic string) {
	for i := int(time.Since(l.begin)/time.Second) + 1; i <= upto; i++ {
		l.until(float64(i))
		l.word(float64(i), topic)
	}
}

// drawn is the coverage as one letter a second: what was said last of a second stands, but for
// what was heard, which nothing takes away.
func (l *listener) drawn(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	letters := map[reaction.CoverageState]byte{
		reaction.CoverageLive: 'L', reaction.CoverageFilled: 'f', reaction.CoverageGap: 'g', reaction.CoverageLate: 't', reaction.CoverageCapped: 'c',
	}
	out := make([]byte, n)
	for i := range out {
		out[i] = '.'
		for _, c := range l.coverage {
			if at := l.at(float64(i) + 0.5); !at.Before(c.From) && at.Before(c.To) && out[i] != 'L' && out[i] != 'f' {
				out[i] = letters[c.State]
			}
		}
	}
	return string(out)
}

func (l *listener) draws(want string) {
	l.t.Helper()
	if got := l.drawn(len(want)); got != want {
		l.t.Errorf("after %s heard as\n%s, want\n%s", time.Since(l.begin), got, want)
	}
}

func (l *listener) is(state reaction.ListeningState, reason string) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.states[len(l.states)-1]; s.State != state || s.Reason != reason {
		l.t.Errorf("after %s the state is %s, %q; want %s, %q", time.Since(l.begin), s.State, s.Reason, state, reason)
	}
}
