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

// The answer to a renewal may be lost after it went through: the lease is still held, and the next
// renewal goes on from what is there.
func TestARenewalWhoseAnswerWasLost(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	a, err := l.Lease(t.Context(), "live/x/0", "a")
	if err != nil {
		t.Fatal(err)
	}
	renewal := func(value []byte) (rev uint64) {
		t.Helper()
		e, err := a.kv.Get(t.Context(), a.key)
		if err == nil {
			rev, err = a.kv.Update(t.Context(), a.key, value, e.Revision())
		}
		if err != nil {
			t.Fatal(err)
		}
		return rev
	}
	lost := renewal(a.mine) // and a does not know of it
	watch, err := a.kv.Watch(soon(t), a.key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = watch.Stop() }()
	for renewed := false; !renewed; {
		select {
		case e := <-watch.Updates():
			renewed = e != nil && e.Revision() > lost
		case <-a.Lost():
			t.Fatal("a lease is taken for lost that its holder has renewed")
		}
	}
	renewal([]byte("a and another token")) // the same process took it anew, as if it had lapsed
	select {
	case <-a.Lost():
	case <-time.After(leaseRenew + 5*time.Second):
		t.Error("what another holds is taken for one's own")
	}
}

// So may the answer to the first try: the lease is not waited for until it has lapsed.
func TestALeaseThatWasTakenWithoutAnAnswer(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	a, err := l.lease(t.Context(), "live.x.0", []byte("a token"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := l.lease(t.Context(), "live.x.0", []byte("a token"))
	if err != nil || again.rev != a.rev {
		t.Fatalf("asked again: %v", err)
	}
	if _, err := l.lease(t.Context(), "live.x.0", []byte("another")); !errors.Is(err, errHeld) {
		t.Errorf("another has it too: %v", err)
	}
}
