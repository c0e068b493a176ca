package play

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Pace says when records are due. The zero Pace sends as fast as it goes.
type Pace struct {
	speed float64 // seconds of the recording a second; 0 for no limit

	began time.Time // wall clock of the first record
	first time.Time // its event time
}

// together is how much earlier than due a record may be sent, so that records close to each other
// travel together.
const together = 200 * time.Millisecond

// ParseSpeed reads "max" or a factor like "1x", "60x" or "0.5x".
func ParseSpeed(s string) (Pace, error) {
	if s == "max" {
		return Pace{}, nil
	}
	f, err := strconv.ParseFloat(strings.TrimSuffix(s, "x"), 64)
	if err != nil || !(f > 0 && f <= 1e6) {
		return Pace{}, fmt.Errorf("%q is neither max nor a factor like 1x or 60x", s)
	}
	return Pace{speed: f}, nil
}

// String writes the speed as ParseSpeed reads it.
func (p Pace) String() string {
	if p.speed == 0 {
		return "max"
	}
	return strconv.FormatFloat(p.speed, 'f', -1, 64) + "x"
}

// wait is how long after now a record of event time at is due; zero or less if it is.
func (p *Pace) wait(at, now time.Time) time.Duration {
	if p.speed == 0 {
		return 0
	}
	if p.began.IsZero() {
		p.began, p.first = now, at
	}
	due := p.began.Add(time.Duration(float64(at.Sub(p.first)) / p.speed))
	if wait := due.Sub(now); wait > together {
		return wait
	}
	return 0
}

// clock is the event time that has come by now, once a record was waited for.
func (p *Pace) clock(now time.Time) time.Time {
	return p.first.Add(time.Duration(float64(now.Sub(p.began)) * p.speed))
}
