package collectors

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"outcry/internal/reaction"
)

// fragile is a platform whose decoder fails at messages of the topic "poison".
type fragile struct{ *platform }

type fragileConn struct{ Conn }

func (f fragile) Dial(ctx context.Context, after Cursor) (Conn, error) {
	c, err := f.platform.Dial(ctx, after)
	if err != nil {
		return nil, err
	}
	return fragileConn{c}, nil
}

func (c fragileConn) Next(ctx context.Context) (Heard, error) {
	h, err := c.Conn.Next(ctx)
	if h.Topic == "poison" {
		panic("cannot read what did:plc:somebody wrote")
	}
	return h, err
}

// A message at which the program fails is refused, loudly and without a word of it, and all others
// are heard, also where it comes again.
func TestAMessageAtWhichTheProgramFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		p := newPlatform(replays)
		l := started(t, p, fragile{p}, nil, StationOptions{Log: slog.New(slog.NewTextHandler(&said, nil))})
		l.words(3, "")
		l.word(4, "poison", "nobody")
		if cursor := string(l.told().cursor); !strings.Contains(cursor, `"source":3`) {
			t.Errorf("it goes on after %s", cursor)
		}
		p.down(busy) // before anything else came: it comes again
		l.until(4.5)
		p.down(nil)
		l.until(20)
		if _, last := p.dialled(); last != "3" {
			t.Fatalf("it goes on after %q", last)
		}
		l.word(4, "poison", "nobody")
		l.word(5, "", "somebody")
		n, _ := p.dialled()
		got := l.told()
		if !slices.Equal(got.posts, []string{"somebody"}) || !slices.Equal(got.refused, []string{RefusedFault, RefusedFault}) {
			t.Errorf("posts %v, refused %v", got.posts, got.refused)
		}
		p.down(busy)
		l.until(25)
		p.down(nil)
		l.until(60)
		if m, last := p.dialled(); m == n || last != "5" {
			t.Errorf("it does not come to an end: it goes on after %q", last)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
		text := said.String()
		if !strings.Contains(text, "please report it") || !strings.Contains(text, "fragileConn") || strings.Contains(text, "did:plc") {
			t.Errorf("it logs %s", text)
		}
	})
}

// hopeless is a platform of which nothing can be read.
type hopeless struct{ *platform }

type hopelessConn struct{ Conn }

func (h hopeless) Dial(ctx context.Context, after Cursor) (Conn, error) {
	c, err := h.platform.Dial(ctx, after)
	return hopelessConn{c}, err
}

func (hopelessConn) Next(context.Context) (Heard, error) {
	panic("before it has taken anything")
}

// A connection that fails whatever is done is dialled again, ever less often.
func TestAConnectionThatFailsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		p := newPlatform(replays)
		l := started(t, p, hopeless{p}, nil, StationOptions{Log: slog.New(slog.NewTextHandler(&said, nil))})
		l.until(3600)
		if n, _ := p.dialled(); n < 3 || n > 25 {
			t.Errorf("in an hour it dialled %d times", n)
		}
		l.is(reaction.FeedBlind, errFails.Err.Error())
		if err := l.stop(); err != nil {
			t.Error(err)
		}
		if n := strings.Count(said.String(), "the program failed at"); n > 25 {
			t.Errorf("it was logged %d times", n)
		}
	})
}

// A dial at which the program fails is one that came to nothing.
func TestADialAtWhichTheProgramFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(plain)
		l := started(t, p, undialable{p}, nil, StationOptions{})
		l.until(60)
		l.is(reaction.FeedBlind, errFails.Err.Error())
	})
}

type undialable struct{ *platform }

func (undialable) Dial(context.Context, Cursor) (Conn, error) { panic("no") }

func TestBlame(t *testing.T) {
	var none []int
	failed := Safely(7, func() { _ = none[len(none)] })
	if failed == nil || failed.Size != 7 || failed.Fault != "runtime error: index out of range [0] with length 0" {
		t.Errorf("%+v", failed)
	}
	for _, v := range []any{"did:plc:x", errors.New("did:plc:x"), time.Now()} {
		if got := Safely(0, func() { panic(v) }); got == nil || strings.Contains(got.Fault, "did:plc") {
			t.Errorf("a panic with %T says %+v", v, got)
		}
	}
	if Safely(0, func() {}) != nil {
		t.Error("what does not fail is told as failed")
	}
}
