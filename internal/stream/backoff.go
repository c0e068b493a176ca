package stream

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstWait = 20 * time.Millisecond
	longWait  = 2 * time.Second
)

// backoff spaces attempts: twice as long each time up to longWait, and never in step with others.
type backoff struct{ tries int }

// wait waits until the next attempt is due, or returns ctx's error.
func (b *backoff) wait(ctx context.Context) error {
	d := min(firstWait<<min(b.tries, 10), longWait)
	b.tries++
	t := time.NewTimer(d/2 + rand.N(d/2))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// worthTelling reports whether the operator should hear of the wait: not of a blip, and not of
// every attempt.
func (b *backoff) worthTelling() bool { return b.tries%30 == 6 } // after about a second, then every minute
