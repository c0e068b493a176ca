package names

import (
	"context"
	"time"
)

const (
	// PostsPerSecond is how many texts are looked at in a second at most.
	PostsPerSecond = 150
	// workShare is how much of the time may be spent on looking: on a machine that is slow or busy,
	// fewer texts are looked at rather than more of its time taken.
	workShare = 0.4
)

// pace lets one turn begin every so often, and rests after long ones.
type pace struct {
	began, next time.Time
}

// turn waits until the next text may be looked at.
func (p *pace) turn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if wait := time.Until(p.next); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
	}
	p.began = time.Now()
	return nil
}

// done ends a turn.
func (p *pace) done() {
	took := time.Since(p.began)
	p.next = p.began.Add(max(time.Second/PostsPerSecond, time.Duration(float64(took)/workShare)))
}
