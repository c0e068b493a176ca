package pipeline

import "time"

// Patience sets how long a full log is waited for, and the wall clock.
func (p *Pushes) Patience(wait time.Duration, now func() time.Time) {
	p.wait = wait
	if now != nil {
		p.now = now
	}
}
