package health

import (
	"cmp"
	"slices"
	"time"
)

// How long a sample stays in force without a newer one: twice the usual spacing of its series,
// within these bounds. After that nothing is known.
const (
	MinHold = time.Minute
	MaxHold = 15 * time.Minute
)

// Interval is a time during which one vantage point's last word on a service was State.
type Interval struct {
	Service string
	Vantage string
	From    time.Time
	To      time.Time
	State   State
}

// Timeline turns samples, in any order, into intervals of state, ordered by service, vantage
// point and time. Each sample is in force until the next one from the same vantage point of the
// same service, but no longer than twice the median spacing of that series (at least MinHold, at
// most MaxHold): no news is not good news. A sample which says that the measuring failed ends what
// was known before it; one that brings a figure and no state does not take part. No interval of
// the unknown is listed.
func Timeline(samples []Sample) []Interval {
	s := slices.DeleteFunc(slices.Clone(samples), func(x Sample) bool { return x.State == Unknown && x.measured() })
	slices.SortStableFunc(s, func(a, b Sample) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Vantage, b.Vantage), a.At.Compare(b.At))
	})
	var out []Interval
	for len(s) > 0 {
		n := 1
		for n < len(s) && s[n].Service == s[0].Service && s[n].Vantage == s[0].Vantage {
			n++
		}
		out = appendSeries(out, s[:n])
		s = s[n:]
	}
	return out
}

func appendSeries(out []Interval, s []Sample) []Interval {
	hold := hold(s)
	first := len(out)
	for i, x := range s {
		if x.State == Unknown {
			continue
		}
		to := x.At.Add(hold)
		if i+1 < len(s) && s[i+1].At.Before(to) {
			to = s[i+1].At
		}
		if n := len(out); n > first && out[n-1].State == x.State && out[n-1].To.Equal(x.At) {
			out[n-1].To = to
			continue
		}
		out = append(out, Interval{x.Service, x.Vantage, x.At, to, x.State})
	}
	return out
}

// hold is how long a sample of a series in order of time stays in force.
func hold(s []Sample) time.Duration {
	gaps := make([]time.Duration, 0, len(s))
	for i := 1; i < len(s); i++ {
		gaps = append(gaps, s[i].At.Sub(s[i-1].At))
	}
	if len(gaps) == 0 {
		return MinHold
	}
	slices.Sort(gaps)
	return min(max(2*gaps[(len(gaps)-1)/2], MinHold), MaxHold)
}
