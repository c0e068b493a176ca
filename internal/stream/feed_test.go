package stream

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

func TestFeedResumesWhereItWas(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Options{Dir: dir})
	f := feed(t, l, "live/x/0")
	if f.Last() != nil || f.LastSeq() != 0 {
		t.Errorf("a new feed has a last envelope: %+v, %d", f.Last(), f.LastSeq())
	}
	say(t, f, "one")
	say(t, feed(t, l, "live/bluesky/0"), "other")
	seq := say(t, f, "two")
	shut(t, l)

	f = feed(t, open(t, Options{Dir: dir}), "live/x/0")
	if f.Last() == nil || string(f.Last().Cursor) != `"two"` || f.LastSeq() != seq {
		t.Errorf("the feed resumes at %+v, sequence %d", f.Last(), f.LastSeq())
	}
}

func TestPrevChain(t *testing.T) {
	dir := t.TempDir()
	var want, got [][2]uint64 // sequence and the one before
	last := map[reaction.Feed]uint64{}
	for range 3 {
		l := open(t, Options{Dir: dir})
		for _, name := range []reaction.Feed{"live/x/0", "replay/show/a", "live/x/0"} {
			f := feed(t, l, name)
			for range 2 {
				seq := say(t, f, "hello")
				want = append(want, [2]uint64{seq, last[name]})
				last[name] = seq
			}
		}
		shut(t, l)
	}
	l := open(t, Options{Dir: dir})
	d := read(t, l, ConsumeOptions{})
	for range want {
		del := next(t, d)
		got = append(got, [2]uint64{del.Seq, del.Prev})
		if del.Epoch != l.Epoch() || del.Stored.IsZero() || del.Again {
			t.Errorf("delivery %+v", del)
		}
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("sequences and the ones before are %v, want %v", got, want)
		}
	}
}

func TestSecondWriterFencesTheFirst(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	first, second := feed(t, l, "live/x/0"), feed(t, l, "live/x/0")
	say(t, first, "one")
	for range 2 { // and it stays so
		if _, err := second.Publish(soon(t), saying("live/x/0", "mine")); !errors.Is(err, ErrFenced) {
			t.Errorf("the second writer is told %v", err)
		}
	}
	say(t, first, "two")
	third := feed(t, l, "live/x/0")
	say(t, third, "three")
	if _, err := first.Publish(soon(t), saying("live/x/0", "four")); !errors.Is(err, ErrFenced) {
		t.Errorf("the first writer is told %v after the third took over", err)
	}
	expect(t, read(t, l, ConsumeOptions{}), "one", "two", "three")
	settle(t, l, 3) // and nothing more
}

func TestPublishRefuses(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	if _, err := l.Feed(soon(t), "live/x"); err == nil {
		t.Error("a feed without its third part is opened")
	}
	f := feed(t, l, "live/x/0")
	if _, err := f.Publish(soon(t), saying("live/x/1", "astray")); err == nil || !strings.Contains(err.Error(), "live/x/1") {
		t.Errorf("an envelope of another feed: %v", err)
	}
	if _, err := f.Publish(soon(t), heavy("live/x/0", 9)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("9 MiB of noise: %v", err)
	}
	if _, err := f.Publish(soon(t), heavy("live/x/0", 7)); err != nil {
		t.Errorf("7 MiB of noise: %v", err)
	}
}

func TestFullLogWaitsAndLosesNothing(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir(), MaxBytes: MinBytes})
	f := feed(t, l, "live/x/0")
	for full := false; !full; {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := f.Publish(ctx, heavy("live/x/0", 3))
		cancel()
		switch full = errors.Is(err, context.DeadlineExceeded) && isFull(err); {
		case err == nil, full:
		case errors.Is(err, context.DeadlineExceeded): // in the middle of an attempt: its fate is not known
			f = feed(t, l, "live/x/0")
		default:
			t.Fatal(err)
		}
	}
	stored := f.LastSeq()
	if stored < 3 || stored > 5 {
		t.Fatalf("%d envelopes of 3 MiB are in a log of %d bytes", stored, int64(MinBytes))
	}

	// The feed is not fenced by having waited in vain: it goes on where there is room.
	waiting := make(chan error)
	go func() {
		_, err := f.Publish(soon(t), heavy("live/x/0", 3))
		waiting <- err
	}()
	d := read(t, l, ConsumeOptions{})
	first := next(t, d)
	select {
	case err := <-waiting:
		t.Fatalf("Publish went through a full log: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	ack(t, first)
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	for range stored { // the others, and the one that waited
		ack(t, next(t, d))
	}
	settle(t, l, 0)
}

func TestBrokenDirectoryIsLoud(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	f := feed(t, l, "live/x/0")
	say(t, f, "one")
	if err := l.own.nats.ShutdownJetStream(); err != nil { // what the server does on a full disk
		t.Fatal(err)
	}
	if _, err := f.Publish(soon(t), saying("live/x/0", "two")); !errors.Is(err, ErrBroken) {
		t.Errorf("Publish says %v", err)
	}
}
