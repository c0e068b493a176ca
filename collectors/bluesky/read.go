package bluesky

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"outcry/collectors"
	"outcry/collectors/wire"
	"outcry/internal/reaction"
)

const (
	// early and late are how far the time of a message may be from what it can be.
	early = time.Minute
	late  = wire.MaxAhead
	// mostStrange is how many messages in a row may be of a strange time, before the clocks are.
	mostStrange = 50
)

// read makes of a message what it brought. One at which the program fails brings a refusal.
func (c *conn) read(data []byte, now time.Time) (m message, err error) {
	failed := collectors.Safely(len(data), func() { m, err = c.decode(data, now) })
	if failed != nil {
		return message{Heard: collectors.Heard{Beat: true, Items: []collectors.Item{failed.Item()}}}, nil
	}
	return m, err
}

func (c *conn) decode(data []byte, now time.Time) (message, error) {
	found := wire.Catch{Now: now}
	ev := wire.Sky{Passed: c.s.passed()}.Read(data, &found)
	m := message{Heard: collectors.Heard{Beat: true}}
	switch ev.Kind {
	case "": // no message of Jetstream
		m.Items = c.s.items(found.Found, true, now)
		return m, nil
	case "commit":
		m.name = [4]string{ev.DID, ev.Collection, ev.RKey, ev.Rev}
		if ev.Rev == "" {
			m.name[3] = strconv.FormatInt(ev.TimeUS, 10)
		}
	case "account":
		// A Jetstream that was killed gives what it hears again another time. Whoever was away and has
		// come back since would lose what was written in between.
		m.name = [4]string{ev.DID, "account", ev.Status, strconv.FormatInt(cmp.Or(ev.AccountSeq, ev.TimeUS), 10)}
	case "identity": // a change of name is nothing to us
		return m, nil
	}
	at := time.UnixMicro(ev.TimeUS).UTC()
	believed, err := c.believe(at, now)
	if err != nil {
		return message{}, err
	}
	m.Items = c.s.items(found.Found, believed, now)
	if len(m.Items) == 1 && m.Items[0].Refused == wire.ReasonUnknown {
		m.name[3] += "?" // when it comes again, what it passes on may be known
	}
	if ev.Kind == "commit" && believed {
		m.Beat, m.Topic, m.Upto = false, ev.Collection, at
		c.lookAgain(ev.TimeUS, now)
		if pin := c.pinned.Load(); pin == 0 || ev.TimeUS <= pin {
			m.Cursor = cursorAt(c.quoted, ev.TimeUS)
		}
	}
	return m, nil
}

// believe reports whether a message can be of such a time. One that cannot moves neither clock nor
// cursor: a cursor in the future would be the present, and one in the past all that the host has.
// Where no message can, it is the clocks that differ, and nothing would ever be heard.
func (c *conn) believe(at, now time.Time) (bool, error) {
	floor := c.dialed.Add(-time.Hour)
	if c.begin > 0 {
		floor = time.UnixMicro(c.begin).Add(-early)
	}
	if at.After(floor) && at.Before(now.Add(late)) {
		c.strange = 0
		return true, nil
	}
	if c.strange++; c.strange < mostStrange {
		return false, nil
	}
	return false, &collectors.Fault{
		Kind: collectors.Network, Err: fmt.Errorf("%s says that it is %s", c.h.name, at.Format(time.RFC3339)),
		Mend: "set the clock of this machine, if it is that which is wrong",
	}
}

// items are what was found in a message, and remembers words that may be passed on.
func (s *Source) items(found []wire.Found, believed bool, now time.Time) []collectors.Item {
	if len(found) == 0 {
		return nil
	}
	items := make([]collectors.Item, 0, len(found))
	for _, f := range found {
		switch r := f.Record; {
		case f.Refused != "":
			items = append(items, collectors.Item{Refused: f.Refused})
			continue
		case r.Post != nil:
			if !believed {
				distrust(r.Post, now)
			}
			if r.Post.Kind != reaction.Repost {
				s.words.keep(r.Post)
			}
		case r.Delete != nil:
			s.words.forget(r.Delete)
		}
		items = append(items, collectors.Item{Record: f.Record})
	}
	return items
}

// distrust takes a post of a message whose time cannot be as one that came just now.
func distrust(p *reaction.Post, now time.Time) {
	if now = now.UTC().Truncate(time.Microsecond); p.Retimed {
		p.At = now
	}
	p.Received = now
}

func (s *Source) passed() func(string) (*reaction.Post, bool) {
	if s.o.NoReposts {
		return nil
	}
	return s.words.find
}
