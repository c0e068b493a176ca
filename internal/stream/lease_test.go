package stream

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestALeaseHasOneHolder(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	a, err := l.Lease(t.Context(), "live/x/0", "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Lease(t.Context(), "live/bluesky/0", "b"); err != nil {
		t.Errorf("another feed is held too: %v", err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := l.Lease(soon, "live/x/0", "b"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second holder: %v", err)
	}
	took := make(chan *Lease)
	go func() {
		b, err := l.Lease(t.Context(), "live/x/0", "b")
		if err != nil {
			t.Error(err)
		}
		took <- b
	}()
	a.Release()
	b := <-took
	select {
	case <-a.Lost():
	default:
		t.Error("a lease that was released is not lost")
	}
	select {
	case <-b.Lost():
		t.Error("a lease is lost at once")
	default:
	}
	if err := b.kv.Delete(t.Context(), b.key); err != nil { // as if it had lapsed while its holder slept
		t.Fatal(err)
	}
	select {
	case <-b.Lost():
	case <-time.After(leaseTTL + 5*time.Second):
		t.Error("whoever slept through its lease does not notice")
	}
}

func TestLeasesEndWithTheLog(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	a, err := l.Lease(t.Context(), "live/x/0", "a")
	if err != nil {
		t.Fatal(err)
	}
	shut(t, l)
	<-a.Lost()
	a.Release()
	if _, err := l.Lease(t.Context(), "live/x/0", "a"); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed log gives a lease: %v", err)
	}
}
