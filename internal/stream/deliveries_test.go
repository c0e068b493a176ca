package stream

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func TestDeliveryInOrderAndOnce(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	a, b := feed(t, l, "live/x/0"), feed(t, l, "live/bluesky/0")
	say(t, a, "1")
	say(t, b, "2")
	d := read(t, l, ConsumeOptions{Ahead: 2})
	got := expect(t, d, "1", "2")
	say(t, a, "3")
	silence(t, d, 100*time.Millisecond) // no more than two ahead
	ack(t, got[1])
	got = append(got, expect(t, d, "3")...)
	ack(t, got...)
	ack(t, got...) // twice does no harm
	settle(t, l, 0)
	say(t, b, "4")
	ack(t, expect(t, d, "4")...)
	silence(t, d, 300*time.Millisecond) // nothing again
}

func TestLongWorkIsNotRedelivered(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir(), ackWait: time.Second})
	say(t, feed(t, l, "live/x/0"), "slow")
	d := read(t, l, ConsumeOptions{})
	got := expect(t, d, "slow")
	silence(t, d, 3*time.Second)
	ack(t, got...)
	settle(t, l, 0)
}

func TestUnacknowledgedComesAgainAfterRestartInOrder(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Options{Dir: dir})
	f := feed(t, l, "live/x/0")
	for _, s := range []string{"1", "2", "3", "4"} {
		say(t, f, s)
	}
	got := expect(t, read(t, l, ConsumeOptions{}), "1", "2", "3")
	ack(t, got[0], got[2])
	settle(t, l, 2)
	shut(t, l)

	l = open(t, Options{Dir: dir})
	say(t, feed(t, l, "live/x/0"), "5")
	d := read(t, l, ConsumeOptions{})
	if first := next(t, d); first.Envelope.Posts[0].ID != "2" {
		t.Fatalf("the first after the restart is %q", first.Envelope.Posts[0].ID)
	}
	expect(t, d, "3", "4", "5") // 3 again: it is behind one that was not acknowledged
}

func TestReadingAgainWithinAProcess(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	f := feed(t, l, "live/x/0")
	say(t, f, "1")
	say(t, f, "2")
	d := read(t, l, ConsumeOptions{})
	if _, err := l.Deliveries(soon(t), ConsumeOptions{}); err == nil {
		t.Error("the log is read twice at a time")
	}
	got := expect(t, d, "1", "2")
	d.Close()
	d.Close()
	again := read(t, l, ConsumeOptions{})
	ack(t, got[0]) // too late, and harmless
	ack(t, expect(t, again, "1", "2")...)
	settle(t, l, 0)
}

func TestNakDeliversAgain(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	say(t, feed(t, l, "live/x/0"), "twice")
	d := read(t, l, ConsumeOptions{})
	first := expect(t, d, "twice")[0]
	if err := first.Nak(); err != nil {
		t.Fatal(err)
	}
	second := expect(t, d, "twice")[0]
	if second.Seq != first.Seq || second.Epoch != first.Epoch || !second.Again || first.Again {
		t.Errorf("delivered %+v and %+v", first, second)
	}
	ack(t, second)
	settle(t, l, 0)
}

func TestUnreadableMessageStopsTheReading(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Options{Dir: dir})
	f := feed(t, l, "live/x/0")
	say(t, f, "good")
	foul := &nats.Msg{Subject: f.subject, Data: []byte("\x01foul"), Header: nats.Header{headerPrev: {"1"}}}
	if _, err := l.js.PublishMsg(soon(t), foul); err != nil {
		t.Fatal(err)
	}
	say(t, feed(t, l, "live/bluesky/0"), "behind")

	d := read(t, l, ConsumeOptions{})
	expect(t, d, "good")
	for range 2 {
		del, err := d.Next(soon(t))
		if err == nil || !strings.Contains(err.Error(), "sequence 2") || !strings.Contains(err.Error(), f.subject) {
			t.Fatalf("delivered %+v, %v", del, err)
		}
	}
	if _, err := l.Feed(soon(t), "live/x/0"); err == nil || !strings.Contains(err.Error(), "sequence 2") {
		t.Errorf("the feed opens on an unreadable envelope: %v", err)
	}
	settle(t, l, 3) // it is not skipped
}

func TestManyAndLarge(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir()})
	f := feed(t, l, "live/x/0")
	d := read(t, l, ConsumeOptions{Ahead: 64})
	const n = 14 // together more than the server queues for one client
	for range n {
		if _, err := f.Publish(soon(t), heavy("live/x/0", 6)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		if del := next(t, d); del.Seq != uint64(i+1) || del.Again {
			t.Fatalf("delivery %d is sequence %d, again %v", i+1, del.Seq, del.Again)
		}
	}
}
