package stream

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"outcry/internal/reaction"
)

// Delivery is an envelope on its way to the store. It may come more than once: whoever stores it
// records Epoch and Seq with it and knows it again.
type Delivery struct {
	Envelope *reaction.Envelope
	// Epoch and Seq are the envelope's place in the log. Sequences rise over all feeds.
	Epoch string
	Seq   uint64
	// Prev is the sequence of the feed's envelope before this one, 0 for none. A feed whose
	// committed sequence is Prev or more is contiguous up to Seq once this is committed.
	Prev uint64
	// Stored is when the log took the envelope, by the server's clock.
	Stored time.Time
	// Again is set where the envelope was delivered before.
	Again bool

	from *Deliveries
	msg  jetstream.Msg
}

// Ack says that the envelope is committed and need not come again. Should the acknowledgement get
// lost, the envelope comes again all the same. Only the first of Ack and Nak counts.
func (d *Delivery) Ack() error {
	if !d.from.settled(d.msg) {
		return nil
	}
	if err := d.msg.Ack(); err != nil {
		return explain(fmt.Sprintf("acknowledge sequence %d", d.Seq), err)
	}
	return nil
}

// Nak gives the envelope back: it is delivered again, after others that were already taken.
func (d *Delivery) Nak() error {
	if !d.from.settled(d.msg) {
		return nil
	}
	if err := d.msg.Nak(); err != nil {
		return explain(fmt.Sprintf("give back sequence %d", d.Seq), err)
	}
	return nil
}

// unpack reads a message. What it cannot read was written by a broken or a later Outcry.
func (d *Deliveries) unpack(m jetstream.Msg) (*Delivery, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, fmt.Errorf("read the log: a message on %s without a place in it: %w", m.Subject(), err)
	}
	seq := meta.Sequence.Stream
	bad := func(err error) error {
		return fmt.Errorf("read the log: sequence %d on %s: %w", seq, m.Subject(), err)
	}
	prev, err := strconv.ParseUint(m.Headers().Get(headerPrev), 10, 64)
	if err != nil {
		return nil, bad(fmt.Errorf("the header %s is not a sequence: %w", headerPrev, err))
	}
	e, err := Decode(m.Data())
	if err != nil {
		return nil, bad(err)
	}
	if d.log.subject(e.Feed) != m.Subject() {
		return nil, bad(errors.New("it holds an envelope of feed " + string(e.Feed)))
	}
	return &Delivery{
		Envelope: e, Epoch: d.log.epoch, Seq: seq, Prev: prev,
		Stored: meta.Timestamp, Again: meta.NumDelivered > 1, from: d, msg: m,
	}, nil
}
