package collectors

import (
	"math/rand/v2"
	"time"
)

// Step is how the wait grows while one kind of fault goes on: First, then more by Add and times
// Times, at most Most. A zero Times is 1.
type Step struct {
	First time.Duration
	Add   time.Duration
	Times float64
	Most  time.Duration
}

// Backoff is how long to wait before the next try, by the kind of fault. Waits are counted for each
// kind on its own, and begin anew once a connection has held for Steady.
type Backoff struct {
	Network, Server, Limited Step
	// Jitter is the share of a wait that is left to chance, 0 to 1: nodes that lost the same server
	// at the same moment do not come back at the same moment.
	Jitter float64
	Steady time.Duration
}

// DefaultBackoff is what X asks of its clients, which is patient enough for every platform: at once
// the first time, then 250 ms more each time up to 16 s for faults of the network, 5 s doubling to
// 320 s for answers that it cannot, and a minute doubling where it is asked too much.
// https://docs.x.com/x-api/fundamentals/handling-disconnections
var DefaultBackoff = Backoff{
	Network: Step{First: 0, Add: 250 * time.Millisecond, Most: 16 * time.Second},
	Server:  Step{First: 5 * time.Second, Times: 2, Most: 320 * time.Second},
	Limited: Step{First: time.Minute, Times: 2, Most: 15 * time.Minute},
	Jitter:  0.2,
	Steady:  time.Minute,
}

// after is the nth wait, counted from 0, without jitter.
func (s Step) after(n int) time.Duration {
	d := s.First
	for range n {
		if s.Times > 1 {
			d = time.Duration(float64(d) * s.Times)
		}
		if d += s.Add; d >= s.Most {
			return s.Most
		}
	}
	return min(d, s.Most)
}

// patience counts the faults of one station.
type patience struct {
	policy Backoff
	random func() float64 // 0 to 1
	tries  [Ours + 1]int
}

func newPatience(b Backoff) *patience {
	if b == (Backoff{}) {
		b = DefaultBackoff
	}
	return &patience{policy: b, random: rand.Float64}
}

// wait is how long to wait after a fault.
func (p *patience) wait(f *Fault, now time.Time) time.Duration {
	step := p.policy.Network
	switch f.Kind {
	case Server:
		step = p.policy.Server
	case Limited:
		step = p.policy.Limited
	}
	d := step.after(p.tries[f.Kind])
	p.tries[f.Kind]++
	d += time.Duration(p.random() * p.policy.Jitter * float64(d))
	if until := f.RetryAt.Sub(now); until > d { // its word on when is the last
		d = until + time.Duration(p.random()*float64(time.Second))
	}
	return d
}

// held is told how long a connection held before it ended.
func (p *patience) held(d time.Duration) {
	if d >= p.policy.Steady {
		p.tries = [Ours + 1]int{}
	}
}
