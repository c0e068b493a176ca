package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"outcry/internal/reaction"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		publishForEver(dir)
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what must happen.
const patience = time.Minute

func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// open opens a log that is closed at the end of the test, if not before.
func open(t testing.TB, o Options) *Log {
	t.Helper()
	l, err := Open(soon(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, l) })
	return l
}

func shut(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func feed(t testing.TB, l *Log, name reaction.Feed) *Feed {
	t.Helper()
	f, err := l.Feed(soon(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// say publishes an envelope with one post, whose id is text.
func say(t testing.TB, f *Feed, text string) uint64 {
	t.Helper()
	seq, err := f.Publish(soon(t), saying(f.name, text))
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func saying(name reaction.Feed, text string) *reaction.Envelope {
	return &reaction.Envelope{
		Feed: name, Made: evening, Cursor: []byte(`"` + text + `"`),
		Posts: []reaction.Matched{{Post: reaction.Post{ID: text}}},
	}
}

// heavy is an envelope with mib MiB of noise, which is not compressed much.
func heavy(name reaction.Feed, mib int) *reaction.Envelope {
	raw := make([]byte, mib<<19)
	_, _ = rand.NewChaCha8([32]byte{byte(mib)}).Read(raw)
	return &reaction.Envelope{
		Feed: name, Made: evening,
		Posts: []reaction.Matched{{Post: reaction.Post{Text: fmt.Sprintf("%x", raw)}}},
	}
}

func read(t testing.TB, l *Log, o ConsumeOptions) *Deliveries {
	t.Helper()
	d, err := l.Deliveries(soon(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func next(t testing.TB, d *Deliveries) *Delivery {
	t.Helper()
	del, err := d.Next(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	return del
}

// expect takes deliveries and checks what they say, in order.
func expect(t testing.TB, d *Deliveries, texts ...string) []*Delivery {
	t.Helper()
	var out []*Delivery
	for _, want := range texts {
		del := next(t, d)
		if got := del.Envelope.Posts[0].ID; got != want {
			t.Fatalf("sequence %d says %q, want %q", del.Seq, got, want)
		}
		out = append(out, del)
	}
	return out
}

func ack(t testing.TB, dels ...*Delivery) {
	t.Helper()
	for _, del := range dels {
		if err := del.Ack(); err != nil {
			t.Fatal(err)
		}
	}
}

// silence checks that nothing is delivered for a while.
func silence(t testing.TB, d *Deliveries, while time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), while)
	defer cancel()
	if del, err := d.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("delivered %+v, %v; want nothing", del, err)
	}
}

// settle waits until the server knows of every acknowledgement but pending ones.
func settle(t testing.TB, l *Log, pending uint64) {
	t.Helper()
	ctx := soon(t)
	var pause backoff
	for {
		n, _, err := l.Pending(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == pending {
			return
		}
		if err := pause.wait(ctx); err != nil {
			t.Fatalf("%d envelopes are pending, want %d", n, pending)
		}
	}
}
