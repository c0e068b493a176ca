package stream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"outcry/internal/reaction"
)

// follow follows a log's notices until the test ends, or until stop is called.
func follow(t testing.TB, l *Log) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Notices().Follow(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// heard is what a watcher was told.
type heard struct {
	mu    sync.Mutex
	list  []string
	at    string
	moved chan struct{}
}

func watch(t testing.TB, l *Log, event int64) *heard {
	t.Helper()
	h := &heard{moved: make(chan struct{}, 1)}
	t.Cleanup(l.Notices().Watch(event, func(at string, c reaction.Change) {
		h.mu.Lock()
		defer h.mu.Unlock()
		text := fmt.Sprint(c.Seq)
		if c.Kinds.Has(reaction.ChangedAll) {
			text = "all"
		}
		h.list, h.at = append(h.list, text), at
		select {
		case h.moved <- struct{}{}:
		default:
		}
	}))
	return h
}

// wait waits until the watcher was told so much, and returns the position after it.
func (h *heard) wait(t testing.TB, want string) (at string) {
	t.Helper()
	ctx := soon(t)
	for {
		h.mu.Lock()
		got, at := strings.Join(h.list, " "), h.at
		h.mu.Unlock()
		if got == want {
			return at
		}
		select {
		case <-h.moved:
		case <-ctx.Done():
			t.Fatalf("told %q, want %q", got, want)
		}
	}
}

func change(event int64, seq uint64, minute int) reaction.Change {
	from := evening.Add(time.Duration(minute) * time.Minute)
	return reaction.Change{Event: event, Seq: seq, Kinds: reaction.ChangedPosts, Spans: reaction.Spans{{From: from, To: from.Add(time.Minute)}}}
}

func announce(t testing.TB, l *Log, changes ...reaction.Change) {
	t.Helper()
	if err := l.Notices().Announce(soon(t), changes...); err != nil {
		t.Fatal(err)
	}
}

func since(t testing.TB, l *Log, event int64, after string) (c []reaction.Change, at string, known bool) {
	t.Helper()
	c, at, known, err := l.Notices().Since(soon(t), event, after)
	if err != nil {
		t.Fatal(err)
	}
	return c, at, known
}

func TestNoticesAreFollowedAndResumed(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	follow(t, l)
	one, other := watch(t, l, 1), watch(t, l, 2)
	_, begin, _ := since(t, l, 1, "")
	announce(t, l, change(1, 10, 0), change(2, 10, 0))
	first := one.wait(t, "10")
	announce(t, l, change(1, 11, 5))
	announce(t, l, reaction.Change{Services: []string{"Rooms"}, Seq: 12, Kinds: reaction.ChangedHealth})
	last := one.wait(t, "10 11 12")
	other.wait(t, "10 12")

	c, at, known := since(t, l, 1, first)
	if !known || at != last || len(c) != 2 || c[0].Seq != 11 || len(c[0].Spans) != 1 || c[1].Services[0] != "Rooms" {
		t.Errorf("since the first: %+v at %s (%v)", c, at, known)
	}
	if c, _, known := since(t, l, 1, begin); !known || len(c) != 2 || len(c[0].Spans) != 2 {
		t.Errorf("since the beginning: %+v (%v)", c, known)
	}
	if c, _, known := since(t, l, 1, last); !known || len(c) != 0 {
		t.Errorf("since the last: %+v (%v)", c, known)
	}
	if c, _, known := since(t, l, 1, ""); !known || len(c) != 2 {
		t.Errorf("of the last minute: %+v (%v)", c, known)
	}
}

func TestPositionsThatMeanNothing(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	follow(t, l)
	one := watch(t, l, 1)
	announce(t, l, change(1, 10, 0))
	at := one.wait(t, "10") // before it is read the position ends in 0, and so does one with more zeros
	for _, bad := range []string{"x", ".", ".1", "another.1", at + "0000", at + "x", strings.Repeat("9", 300), at[:len(at)-1] + "-1"} {
		if _, now, known := since(t, l, 1, bad); known || now == "" {
			t.Errorf("%q is taken for a position", bad)
		}
	}
}

// What a feed had left open when a follower went away is told when it comes back, even if the feed
// said nothing since: it may have fallen silent and let the watermark go.
func TestSinceTellsWhatWasOpen(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	follow(t, l)
	one := watch(t, l, 1)
	c := change(1, 10, 0)
	c.Feed, c.Clock, c.Open = "live/x/0", evening.Add(time.Minute), evening
	announce(t, l, c)
	at := one.wait(t, "10")
	got, _, known := since(t, l, 1, at)
	if !known || len(got) != 1 || len(got[0].Spans) != 1 || got[0].Spans[0] != (reaction.Span{From: evening}) {
		t.Errorf("since then: %+v (%v)", got, known)
	}
}

func TestNoticesSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Options{Dir: dir})
	stop := follow(t, l)
	one := watch(t, l, 1)
	announce(t, l, change(1, 10, 0))
	at := one.wait(t, "10")
	announce(t, l, change(1, 11, 1))
	one.wait(t, "10 11")
	stop()
	shut(t, l)

	l = open(t, Options{Dir: dir})
	follow(t, l)
	if c, _, known := since(t, l, 1, at); !known || len(c) != 1 || c[0].Seq != 11 {
		t.Errorf("after a restart: %+v (%v)", c, known)
	}
}

// Several nodes of one server follow the same notices, each from its own Log.
func TestNoticesReachEveryNode(t *testing.T) {
	s := outside(t, server.Options{})
	a, b := open(t, Options{URL: s.ClientURL(), Database: "one"}), open(t, Options{URL: s.ClientURL(), Database: "one"})
	alien := open(t, Options{URL: s.ClientURL(), Database: "two"})
	for _, l := range []*Log{a, b, alien} {
		follow(t, l)
	}
	atA, atB, atAlien := watch(t, a, 1), watch(t, b, 1), watch(t, alien, 1)
	announce(t, a, change(1, 10, 0))
	announce(t, alien, change(1, 99, 0))
	announce(t, b, change(1, 11, 0))
	at := atA.wait(t, "10 11")
	atB.wait(t, "10 11")
	atAlien.wait(t, "99")
	// A position of one node is one of the other, too.
	if c, _, known := since(t, b, 1, at); !known || len(c) != 0 {
		t.Errorf("%+v (%v)", c, known)
	}
}

// Who follows learns that the stream was made anew, and goes on with the new one.
func TestFollowerOfALostStream(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	follow(t, l)
	one := watch(t, l, 1)
	announce(t, l, change(1, 10, 0))
	old := one.wait(t, "10")
	if err := l.js.DeleteStream(soon(t), liveStream); err != nil {
		t.Fatal(err)
	}
	one.wait(t, "10 all")
	announce(t, l, change(1, 11, 0))
	one.wait(t, "10 all 11")
	if _, _, known := since(t, l, 1, old); known {
		t.Error("a position of the lost stream is taken for one of the new")
	}
}

func TestWithoutAFollowerNothingIsKnown(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	if _, _, _, err := l.Notices().Since(soon(t), 1, ""); !errors.Is(err, reaction.ErrAway) {
		t.Errorf("Since says %v", err)
	}
	l.nc.Close()
	if err := l.Notices().Announce(soon(t), change(1, 1, 0)); err == nil {
		t.Error("a change is announced without a connection")
	}
}

func TestHubForgetsTheOldest(t *testing.T) {
	var h hub
	h.begin("e", 1, 0)
	for i := range uint64(maxKept + 10) {
		h.take(i+1, evening, []reaction.Change{change(1, i+1, 0)})
	}
	if len(h.kept) > maxKept || h.floor != h.kept[0].seq-1 || h.last != maxKept+10 {
		t.Errorf("%d are kept from %d on, floor %d, last %d", len(h.kept), h.kept[0].seq, h.floor, h.last)
	}
}

func BenchmarkAnnounce(b *testing.B) {
	l := open(b, Options{Dir: b.TempDir()})
	for b.Loop() {
		announce(b, l, change(1, 1, 0))
	}
}
