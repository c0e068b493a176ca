package pipeline

import (
	"context"
	"time"
)

// Patience sets how long a full log is waited for, and the wall clock.
func (p *Pushes) Patience(wait time.Duration, now func() time.Time) {
	p.wait = wait
	if now != nil {
		p.now = now
	}
}

// Queue bounds how many posts wait to be asked for names.
func (n *Namer) Queue(posts int) { n.queue = make(chan namePost, posts) }

// Settle stores what was counted until now.
func (n *Namer) Settle(ctx context.Context) { n.settle(ctx) }

// Held is how many names are counted of an event.
func (n *Namer) Held(event int64) int {
	if e := n.events[event]; e != nil {
		return len(e.names)
	}
	return 0
}

// Waiting is how many posts wait to be asked.
func (n *Namer) Waiting() int { return len(n.queue) }
