package stream

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"outcry/internal/reaction"
)

// held is how many messages each feed has in the log.
func held(t *testing.T, l *Log) map[reaction.Feed]uint64 {
	t.Helper()
	info, err := l.stream.Info(soon(t), jetstream.WithSubjectFilter(allSubjects))
	if err != nil {
		t.Fatal(err)
	}
	out := map[reaction.Feed]uint64{}
	for s, n := range info.State.Subjects {
		out[reaction.Feed(strings.ReplaceAll(strings.TrimPrefix(s, subjectStart), ".", "/"))] = n
	}
	return out
}

func TestTrimKeepsTheLastAndTheUnacknowledged(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	x, b := feed(t, l, "live/x/0"), feed(t, l, "live/bluesky/0")
	for range 3 {
		say(t, x, "x")
	}
	say(t, b, "b")
	say(t, x, "x") // sequence 5
	say(t, b, "b")
	say(t, b, "b")

	trim := func(want map[reaction.Feed]uint64) {
		t.Helper()
		if err := l.Trim(soon(t)); err != nil {
			t.Fatal(err)
		}
		if got := held(t, l); got["live/x/0"] != want["live/x/0"] || got["live/bluesky/0"] != want["live/bluesky/0"] {
			t.Errorf("the log holds %v, want %v", got, want)
		}
	}
	trim(map[reaction.Feed]uint64{"live/x/0": 4, "live/bluesky/0": 3})

	d := read(t, l, ConsumeOptions{})
	got := expect(t, d, "x", "x", "x", "b", "x", "b", "b")
	ack(t, got[0], got[1], got[3], got[4], got[5], got[6]) // all but sequence 3
	settle(t, l, 1)
	trim(map[reaction.Feed]uint64{"live/x/0": 2, "live/bluesky/0": 3})

	ack(t, got[2])
	settle(t, l, 0)
	trim(map[reaction.Feed]uint64{"live/x/0": 1, "live/bluesky/0": 1})
	trim(map[reaction.Feed]uint64{"live/x/0": 1, "live/bluesky/0": 1})

	// The feeds go on behind what was kept.
	if seq := say(t, x, "on"); seq != 8 {
		t.Errorf("the next sequence is %d", seq)
	}
	if del := expect(t, d, "on")[0]; del.Prev != 5 {
		t.Errorf("the one before is %d, want 5", del.Prev)
	}
}

func TestEndedReplaysAreDropped(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	end := func(name reaction.Feed) {
		t.Helper()
		f := feed(t, l, name)
		say(t, f, "begun")
		e := saying(name, "ended")
		e.Done = true
		if _, err := f.Publish(soon(t), e); err != nil {
			t.Fatal(err)
		}
	}
	end("replay/show/a")
	end("live/x/0") // a live feed that ended is what the next collector resumes from
	say(t, feed(t, l, "live/bluesky/0"), "live")
	d := read(t, l, ConsumeOptions{})
	for range 5 {
		ack(t, next(t, d))
	}
	end("replay/show/b") // not acknowledged
	settle(t, l, 2)

	check := func(after time.Duration, want ...uint64) {
		t.Helper()
		if err := l.trim(soon(t), time.Now().Add(after)); err != nil {
			t.Fatal(err)
		}
		got := held(t, l)
		for i, name := range []reaction.Feed{"replay/show/a", "live/x/0", "live/bluesky/0", "replay/show/b"} {
			if got[name] != want[i] {
				t.Errorf("after %s the log holds %d of %s, want %d", after, got[name], name, want[i])
			}
		}
	}
	check(23*time.Hour, 1, 1, 1, 2)
	check(25*time.Hour, 0, 1, 1, 2)

	f := feed(t, l, "replay/show/a")
	if f.Last() != nil || f.LastSeq() != 0 {
		t.Errorf("a dropped replay resumes at %+v, %d", f.Last(), f.LastSeq())
	}
	say(t, f, "anew")
}
