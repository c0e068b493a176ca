package collectors

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

// lists is a Wanted that gives one answer after the other, the last one for ever.
type lists struct {
	mu      sync.Mutex
	answers []int // how many events there are
}

func (w *lists) Events() []reaction.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.answers[0]
	if len(w.answers) > 1 {
		w.answers = w.answers[1:]
	}
	return make([]reaction.Event, n)
}

func (*lists) Changed() <-chan struct{} { return nil }

// gated is a platform that takes its time to be dialled.
type gated struct {
	*platform
	gate func(n int) time.Duration // for the nth dial, counted from 1
}

func (g gated) Dial(ctx context.Context, after Cursor) (Conn, error) {
	g.mu.Lock()
	n := len(g.dials) + 1
	g.mu.Unlock()
	if err := sleep(ctx, g.gate(n)); err != nil {
		return nil, err
	}
	return g.platform.Dial(ctx, after)
}

// A source that nobody asked for during a moment is dialled again, and is not connected while it is.
func TestARedialIsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traits := plain
		traits.OnDemand = true
		p := newPlatform(traits)
		from := gated{p, func(n int) time.Duration { return time.Duration(n-1) * 20 * time.Second }}
		// Asked for when it is dialled and at two words, not at the third, and again at once.
		l := started(t, p, from, nil, StationOptions{Wanted: &lists{answers: []int{1, 1, 1, 0, 1}}})
		for i := range 3 {
			l.until(float64(i + 1))
			p.say <- Heard{Beat: true}
		}
		l.until(5)
		l.is(reaction.FeedConnecting, "not connected yet")
		l.until(24)
		l.is(reaction.FeedLive, "")
		if got := l.drawn(24); got != "LLLgggggggggggggggggggg." {
			t.Errorf("heard as %s", got)
		}
	})
}

// credentials are what a platform is dialled with, of which there are ever new ones.
type credentials struct {
	mu      sync.Mutex
	changed chan struct{}
}

func (c *credentials) get() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

func (c *credentials) change() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.changed)
	c.changed = make(chan struct{})
}

// A change of credentials is of use to whoever was refused with the ones before, and to nobody else.
func TestTheNewestCredentialCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := &Fault{Kind: Refused, Err: errors.New("it refuses the token"), Mend: "make a new one"}
		dials := func(p *platform, want int, when string) {
			t.Helper()
			synctest.Wait()
			if n, _ := p.dialled(); n != want {
				t.Errorf("%s it has dialled %d times, want %d", when, n, want)
			}
		}
		c := &credentials{changed: make(chan struct{})}
		p := newPlatform(quiet)
		from := gated{p, func(n int) time.Duration {
			if n == 4 {
				return 10 * time.Second
			}
			return 0
		}}
		c.change() // before anybody asked
		l := started(t, p, from, nil, StationOptions{Mended: c.get})
		l.until(10)
		c.change() // nobody waits for it: the connection is good
		c.change()
		l.until(20)
		dials(p, 1, "while the connection is good")
		p.mu.Lock()
		p.refuse = refused
		p.conn.gone <- refused // which was dialled with one that is none any more
		p.mu.Unlock()
		l.until(30)
		dials(p, 2, "once the old one is refused")
		l.is(reaction.FeedStopped, "it refuses the token")
		l.until(3600)
		dials(p, 2, "while the newest is refused")
		c.change()
		l.until(3610)
		dials(p, 3, "with a new one")
		c.change()
		l.until(3615) // during the fourth dial there is another one
		c.change()
		l.until(3625)
		dials(p, 5, "with one that came while it was dialled")
	})
}

// Once there is a new credential the source is not stopped any more, whatever keeps it away now.
func TestAStopThatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &credentials{changed: make(chan struct{})}
		p := newPlatform(quiet)
		p.refuse = &Fault{Kind: Refused, Err: errors.New("it refuses the token"), Mend: "make a new one"}
		from := gated{p, func(n int) time.Duration { return time.Duration(n-1) * 20 * time.Second }}
		l := started(t, p, from, nil, StationOptions{Mended: c.get})
		l.until(5)
		l.is(reaction.FeedStopped, "it refuses the token")
		c.change()
		l.until(10)
		l.is(reaction.FeedConnecting, "it refuses the token")
	})
}

// However long a dial takes that comes to nothing, no connection has held.
func TestASlowDialIsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traits := plain
		traits.DialTimeout = 5 * time.Minute
		p := newPlatform(traits)
		p.refuse = busy
		l := started(t, p, gated{p, func(int) time.Duration { return time.Minute }}, nil, StationOptions{})
		l.until(3600)
		if n, _ := p.dialled(); n > 15 {
			t.Errorf("in an hour it dialled %d times", n)
		}
	})
}
