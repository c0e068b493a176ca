package stream

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"outcry/internal/reaction"
)

// outside runs a NATS server on a port of this machine, as an operator would.
func outside(t *testing.T, o server.Options) *server.Server {
	t.Helper()
	o.Host, o.JetStream, o.NoLog, o.NoSigs = "127.0.0.1", true, true, true
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	if o.MaxPayload == 0 {
		o.MaxPayload = maxPayload
	}
	if o.StoreDir == "" {
		o.StoreDir = t.TempDir()
	}
	s, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		t.Fatal("the NATS server does not become ready")
	}
	t.Cleanup(func() { halt(s) })
	return s
}

func halt(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

func TestOutsideServer(t *testing.T) {
	s := outside(t, server.Options{})
	one := open(t, Options{URL: s.ClientURL()})
	two := open(t, Options{URL: s.ClientURL()})
	if one.Epoch() != two.Epoch() {
		t.Errorf("two processes see epochs %q and %q", one.Epoch(), two.Epoch())
	}
	f := feed(t, one, "live/x/0")
	if _, err := f.Publish(soon(t), heavy("live/x/0", 7)); err != nil {
		t.Fatal(err)
	}
	late := feed(t, two, "live/x/0")
	say(t, f, "2")
	if _, err := late.Publish(soon(t), saying("live/x/0", "3")); !errors.Is(err, ErrFenced) {
		t.Errorf("the other process's writer is told %v", err)
	}

	// What one tagger took and gives back at its end, the other gets.
	first := read(t, one, ConsumeOptions{})
	ack(t, next(t, first))
	expect(t, first, "2")
	first.Close()
	ack(t, expect(t, read(t, two, ConsumeOptions{}), "2")...)
	settle(t, two, 0)
}

func TestDeadTaggersEnvelopesComeToAnother(t *testing.T) {
	s := outside(t, server.Options{})
	o := Options{URL: s.ClientURL(), ackWait: time.Second}
	dead, alive := open(t, o), open(t, o)
	say(t, feed(t, dead, "live/x/0"), "left behind")
	expect(t, read(t, dead, ConsumeOptions{}), "left behind")
	dead.nc.Close() // no acknowledgement leaves it any more
	del := expect(t, read(t, alive, ConsumeOptions{}), "left behind")[0]
	if !del.Again {
		t.Error("it is not marked as delivered before")
	}
	ack(t, del)
	settle(t, alive, 0)
}

func TestServerThatTakesTooLittle(t *testing.T) {
	s := outside(t, server.Options{MaxPayload: 1 << 20})
	if _, err := Open(soon(t), Options{URL: s.ClientURL()}); err == nil || !strings.Contains(err.Error(), "max_payload") {
		t.Errorf("Open says %v", err)
	}
}

func TestServerRestarts(t *testing.T) {
	dir := t.TempDir()
	s := outside(t, server.Options{StoreDir: dir})
	port := s.Addr().(*net.TCPAddr).Port
	l := open(t, Options{URL: s.ClientURL(), answerWait: 2 * time.Second})
	f := feed(t, l, "live/x/0")
	d := read(t, l, ConsumeOptions{})
	say(t, f, "before")
	ack(t, expect(t, d, "before")...)
	settle(t, l, 0)

	halt(s)
	if _, err := l.Feed(soon(t), "live/x/0"); !errors.Is(err, reaction.ErrAway) {
		t.Errorf("a feed opened meanwhile: %v", err)
	}
	done := make(chan error)
	go func() {
		_, err := f.Publish(soon(t), saying("live/x/0", "during"))
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("Publish returned without a server: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	outside(t, server.Options{StoreDir: dir, Port: port})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	say(t, f, "after")
	got := expect(t, d, "during", "after")
	if got[0].Prev != 1 || got[1].Prev != got[0].Seq {
		t.Errorf("%d follows %d, and %d follows %d", got[0].Seq, got[0].Prev, got[1].Seq, got[1].Prev)
	}
}

// TestLostAnswer loses the server's answer to a publish: the envelope is in the log, the
// publisher does not know, tries again, and must neither double it nor think itself fenced.
func TestLostAnswer(t *testing.T) {
	s := outside(t, server.Options{})
	p := newProxy(t, s.Addr().String())
	l := open(t, Options{URL: "nats://" + p.addr(), answerWait: time.Second})
	f := feed(t, l, "live/x/0")
	say(t, f, "one")

	watch := feed(t, open(t, Options{URL: s.ClientURL()}), "live/x/0")
	p.hold()
	done := make(chan error)
	go func() {
		_, err := f.Publish(soon(t), saying("live/x/0", "two"))
		done <- err
	}()
	for pause := (backoff{}); ; { // until the log has it
		m, err := watch.log.lastOf(soon(t), watch.subject)
		if err != nil {
			t.Fatal(err)
		}
		if m.Sequence == 2 {
			break
		}
		if err := pause.wait(soon(t)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-done:
		t.Fatalf("Publish returned without an answer: %v", err)
	case <-time.After(1500 * time.Millisecond): // longer than it waits for one answer
	}
	p.release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if f.LastSeq() != 2 {
		t.Errorf("the feed is at sequence %d, want 2", f.LastSeq())
	}
	say(t, f, "three")
	expect(t, read(t, watch.log, ConsumeOptions{}), "one", "two", "three")
	settle(t, watch.log, 3)
}

func TestInterruptedPublishFencesTheFeed(t *testing.T) {
	s := outside(t, server.Options{})
	p := newProxy(t, s.Addr().String())
	l := open(t, Options{URL: "nats://" + p.addr(), answerWait: time.Second})
	f := feed(t, l, "live/x/0")
	say(t, f, "one")
	p.hold()
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	if _, err := f.Publish(ctx, saying("live/x/0", "two")); !errors.Is(err, ctx.Err()) || err == nil {
		t.Fatalf("Publish says %v", err)
	}
	p.release()
	if _, err := f.Publish(soon(t), saying("live/x/0", "two")); !errors.Is(err, ErrFenced) {
		t.Errorf("the next Publish says %v", err)
	}
	if last := feed(t, l, "live/x/0").Last(); string(last.Cursor) != `"two"` {
		t.Errorf("the feed opened again resumes from %s", last.Cursor)
	}
}

func TestDeletedStream(t *testing.T) {
	s := outside(t, server.Options{})
	l := open(t, Options{URL: s.ClientURL()})
	f, d := feed(t, l, "live/x/0"), read(t, l, ConsumeOptions{})
	say(t, f, "one")
	expect(t, d, "one")
	if err := l.js.DeleteStream(soon(t), streamName); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Publish(soon(t), saying("live/x/0", "two")); !errors.Is(err, ErrLost) {
		t.Errorf("Publish says %v", err)
	}
	if _, err := d.Next(soon(t)); !errors.Is(err, ErrLost) {
		t.Errorf("Next says %v", err)
	}
	anew := open(t, Options{URL: s.ClientURL()})
	if anew.Epoch() == l.Epoch() {
		t.Errorf("the epoch is still %q", anew.Epoch())
	}
	if _, err := l.Feed(soon(t), "live/bluesky/0"); !errors.Is(err, ErrLost) {
		t.Errorf("Feed says %v", err)
	}
}

func TestStreamOfAnother(t *testing.T) {
	s := outside(t, server.Options{})
	l := open(t, Options{URL: s.ClientURL()})
	if err := l.js.DeleteStream(soon(t), streamName); err != nil {
		t.Fatal(err)
	}
	if _, err := l.js.CreateStream(soon(t), jetstream.StreamConfig{Name: streamName, Subjects: []string{"else.>"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(soon(t), Options{URL: s.ClientURL()}); err == nil || !strings.Contains(err.Error(), "not made by Outcry") {
		t.Errorf("Open says %v", err)
	}
}

func TestOperatorsLimitsAreUndone(t *testing.T) {
	s := outside(t, server.Options{})
	l := open(t, Options{URL: s.ClientURL()})
	c := l.stream.CachedInfo().Config
	c.MaxAge, c.MaxMsgs, c.Discard = time.Hour, 10, jetstream.DiscardOld // would lose envelopes
	c.Description = "theirs to choose"
	if _, err := l.js.UpdateStream(soon(t), c); err != nil {
		t.Fatal(err)
	}
	c = open(t, Options{URL: s.ClientURL()}).stream.CachedInfo().Config
	if c.MaxAge != 0 || c.MaxMsgs != -1 || c.Discard != jetstream.DiscardNew || c.Description == "" ||
		!slices.Equal(c.Subjects, []string{allSubjects}) {
		t.Errorf("the stream is %+v", c)
	}
}
