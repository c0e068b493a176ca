package trend

import (
	"fmt"
	"time"
)

// StepText writes a step as the API reads it: "10s", "1m", "1h", "1d".
func StepText(d time.Duration) string {
	switch {
	case d > 0 && d%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d > 0 && d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d > 0 && d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

// ParseStep reads what StepText writes, and any Go duration.
func ParseStep(s string) (time.Duration, error) {
	var n int
	if c, err := fmt.Sscanf(s, "%dd", &n); err == nil && c == 1 && s == fmt.Sprintf("%dd", n) {
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration like 10s, 1m or 1d", s)
	}
	return d, nil
}

// DefaultStep is the narrowest step that cuts a window into no more than 600 buckets.
func DefaultStep(window time.Duration) time.Duration {
	for _, s := range Steps {
		if window <= 600*s {
			return s
		}
	}
	return Steps[len(Steps)-1]
}

// Grid puts a window on the grid of a step, counted from midnight UTC: from is rounded down and
// to is rounded up.
func Grid(from, to time.Time, step time.Duration) (time.Time, time.Time) {
	from = from.UTC().Truncate(step)
	end := to.UTC().Truncate(step)
	if end.Before(to) {
		end = end.Add(step)
	}
	return from, end
}
