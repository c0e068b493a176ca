package wire

import (
	"time"

	"outcry/internal/reaction"
)

// Found is one thing that a message held: a Record, or the Local id of a deleted post where Gone
// is set, or why something was Refused.
type Found struct {
	// Record is ordered by its At, which is zero for a deletion whose time the message does not tell.
	Record  reaction.Record
	Local   string // the id that the server's deletions name a post by; "" where that is its own
	Gone    bool
	Refused string // a reason of the closed list
	Detail  string // for people
}

// Catch is a Sink that keeps what it is given, tidy and checked. Whether times can be believed is
// left to the line. Use it for one message after the other by cutting Found to nothing.
type Catch struct {
	Now   time.Time // when posts were received, where the platform does not say or cannot be believed
	Found []Found
}

// Post keeps a post that can be carried and kept. An edit after which no words are left is the
// deletion of those there were.
func (c *Catch) Post(p *reaction.Post, order time.Time, edit bool, local string) {
	if p.Received.IsZero() || p.Received.After(c.Now.Add(MaxAhead)) && !c.Now.IsZero() {
		p.Received = c.Now.UTC()
	}
	Tidy(p)
	reason, detail := Unfit(p)
	if reason == "" && p.ID == "" {
		reason = ReasonNoID
	}
	switch {
	case reason == ReasonNoText && edit: // its words are withdrawn
		c.Delete(&reaction.Delete{Source: p.Source, ID: p.ID, At: order, Author: p.Author})
		return
	case reason != "":
		c.Refuse(reason, detail)
		return
	}
	if len(local) > MaxNames {
		local = ""
	}
	c.Found = append(c.Found, Found{Record: reaction.Record{At: stamp(order), Post: p, Edit: edit}, Local: local})
}

// Delete keeps a deletion.
func (c *Catch) Delete(d *reaction.Delete) {
	TidyDelete(d)
	if reason, detail := UnfitDelete(d); reason != "" {
		c.Refuse(reason, detail)
		return
	}
	c.Found = append(c.Found, Found{Record: reaction.Record{At: d.At, Delete: d}})
}

// DeleteLocal keeps the id that a server gives to a post that is gone.
func (c *Catch) DeleteLocal(_ reaction.Source, local string) {
	c.Found = append(c.Found, Found{Local: local, Gone: true})
}

// Refuse keeps why something was not taken.
func (c *Catch) Refuse(reason, detail string) {
	c.Found = append(c.Found, Found{Refused: reason, Detail: detail})
}
