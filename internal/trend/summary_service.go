package trend

import (
	"slices"
	"time"

	"outcry/internal/health"
)

// ServiceState is how a service is.
type ServiceState struct {
	Service      string     `json:"service"`
	State        string     `json:"state" enum:"up,degraded,down,unknown"`
	Since        *time.Time `json:"since" doc:"Since when it has been so; null where the state is unknown. No further back than three hours."`
	LatencyMS    *float64   `json:"latency_ms" doc:"The last response time measured; null where none is recent."`
	Audience     *int64     `json:"audience" doc:"The last audience it reported; null where none is recent."`
	AudiencePeak *int64     `json:"audience_peak" doc:"The greatest audience it reported in the event; null where it reported none."`

	known   health.State
	further bool // it was so for longer than is looked back
	mended  bool // it is up, and was not within the last half hour
}

const (
	// stateWindow smooths states: a probe that misses one fault, or fails once, changes nothing.
	stateWindow = time.Minute
	stateStep   = 10 * time.Second
	partlyShare = 1.0 / 3 // of probes that say otherwise than up
	mendedAfter = 30 * time.Minute
	recentValue = 2 * time.Minute
)

// serviceStates works out how the event's services are at the end of the window.
func serviceStates(g *Glance, hours []Hour) []ServiceState {
	out := make([]ServiceState, len(g.Event.Services))
	for i, svc := range g.Event.Services {
		samples := slices.DeleteFunc(slices.Clone(g.Samples), func(x health.Sample) bool {
			return x.Service != svc.Name || x.At.After(g.serviceTime())
		})
		slices.SortStableFunc(samples, func(a, b health.Sample) int { return a.At.Compare(b.At) })
		out[i] = serviceState(g, svc.Name, samples)
		for _, h := range hours {
			if n, ok := h.Audience[svc.Name]; ok && (out[i].AudiencePeak == nil || n > *out[i].AudiencePeak) {
				out[i].AudiencePeak = &n
			}
		}
	}
	return out
}

// serviceTime is the time at which states are asked for. Services are measured whether or not
// anybody posts: where no source has a clock, or all have fallen silent, it is the present.
func (g *Glance) serviceTime() time.Time {
	if g.Clock.IsZero() || g.Silent {
		return g.Now
	}
	return g.Clock
}

func serviceState(g *Glance, name string, samples []health.Sample) ServiceState {
	at := g.serviceTime()
	s := ServiceState{Service: name}
	for _, x := range samples {
		if at.Sub(x.At) > recentValue {
			continue
		}
		if x.LatencyMS != nil {
			s.LatencyMS = x.LatencyMS
		}
		if x.Audience != nil {
			s.Audience = x.Audience
		}
	}
	line := newStateLine(samples)
	s.known = line.at(at)
	s.State = s.known.String()
	if s.known == health.Unknown {
		return s
	}
	since, edge := at, at.Add(-SummaryServices)
	for since.After(edge) && line.at(since.Add(-stateStep)) == s.known {
		since = since.Add(-stateStep)
	}
	s.further = !since.After(edge)
	if s.known == health.Up {
		for t := since; t.After(at.Add(-mendedAfter)); t = t.Add(-stateStep) {
			if st := line.at(t.Add(-stateStep)); st == health.Down || st == health.Degraded {
				s.mended = true
				break
			}
		}
	}
	since = line.began(since, s.known)
	s.Since = &since
	return s
}

// stateLine is the state of one service over time, from the samples of all its vantage points.
type stateLine struct {
	vantages [][]health.Sample   // samples that state something, in order of time
	held     [][]health.Interval // while no sample is as near as stateWindow
}

func newStateLine(samples []health.Sample) *stateLine {
	by := map[string][]health.Sample{}
	var order []string
	for _, x := range samples {
		if x.State == health.Unknown {
			continue
		}
		if by[x.Vantage] == nil {
			order = append(order, x.Vantage)
		}
		by[x.Vantage] = append(by[x.Vantage], x)
	}
	l := &stateLine{}
	for _, v := range order {
		l.vantages, l.held = append(l.vantages, by[v]), append(l.held, health.Timeline(by[v]))
	}
	return l
}

// at joins what the vantage points say: down where more than half of what they saw in the last
// minute was, degraded where a third was not up.
func (l *stateLine) at(t time.Time) health.State {
	var known, down, partly float64
	for i, samples := range l.vantages {
		end, _ := slices.BinarySearchFunc(samples, t, func(x health.Sample, t time.Time) int {
			if x.At.After(t) {
				return 1
			}
			return -1
		})
		var n, d, p float64
		for j := end - 1; j >= 0 && samples[j].At.After(t.Add(-stateWindow)); j-- {
			n++
			switch samples[j].State {
			case health.Down:
				d++
			case health.Degraded:
				p++
			}
		}
		if n == 0 {
			switch inForce(l.held[i], t) {
			case health.Unknown:
				continue
			case health.Down:
				d = 1
			case health.Degraded:
				p = 1
			}
			n = 1
		}
		known++
		down += d / n
		partly += (d + p) / n
	}
	switch {
	case known == 0:
		return health.Unknown
	case down/known > 0.5:
		return health.Down
	case partly/known >= partlyShare:
		return health.Degraded
	}
	return health.Up
}

func inForce(held []health.Interval, t time.Time) health.State {
	i, _ := slices.BinarySearchFunc(held, t, func(x health.Interval, t time.Time) int {
		if x.To.After(t) {
			return 1
		}
		return -1
	})
	if i < len(held) && !held[i].From.After(t) {
		return held[i].State
	}
	return health.Unknown
}

// began is the first sample of a state that was found to hold from about t on: the smoothing has
// made it late.
func (l *stateLine) began(t time.Time, state health.State) time.Time {
	best := t
	for _, samples := range l.vantages {
		for _, x := range samples {
			if x.State == state && x.At.After(t.Add(-stateWindow)) && x.At.Before(best) {
				best = x.At
			}
		}
	}
	return best.UTC().Truncate(time.Second)
}
