package trend

import (
	"slices"
	"time"

	"outcry/internal/health"
)

// healthSeries makes a series of state, latency or audience from samples. A bucket is known while
// a sample is in force (see health.Timeline); what is in force longest does not matter: the worst
// state, the greatest latency and the last audience of the bucket are shown.
func healthSeries(q *Query, in *Inputs, n Name) Series {
	kind, service := n.Split()
	s := Series{Name: n, Points: make([]Point, q.Buckets())}
	of := "of " + service
	if service == "" {
		of = "of the event's services"
	}
	samples := slices.DeleteFunc(slices.Clone(in.Samples), func(x health.Sample) bool {
		return service != "" && x.Service != service
	})
	values := make([]*float64, q.Buckets())
	switch Name(kind) {
	case Health:
		s.Unit, s.Counts = "state", "the worst state "+of+" in the bucket: 0 up, 1 degraded, 2 down"
		stateBins(q, samples, values)
	case Latency:
		s.Unit, s.Counts = "ms", "the greatest response time "+of+" measured in the bucket"
		fold(q, samples, values, func(x health.Sample) (float64, bool) {
			if x.LatencyMS == nil {
				return 0, false
			}
			return *x.LatencyMS, true
		}, func(old, x float64) float64 { return max(old, x) })
	default:
		s.Unit, s.Counts = "people", "the last audience that "+orService(service)+" reported in the bucket"
		fold(q, samples, values, func(x health.Sample) (float64, bool) {
			if x.Audience == nil {
				return 0, false
			}
			return float64(*x.Audience), true
		}, func(_, x float64) float64 { return x })
	}
	for i, v := range values {
		p := Point{Bucket: q.From.Add(time.Duration(i) * q.Step), Value: v}
		if v != nil {
			p.Covered = 1
		}
		s.Points[i] = p
	}
	return s
}

func orService(name string) string {
	if name == "" {
		return "the service"
	}
	return name
}

func fold(q *Query, samples []health.Sample, into []*float64, get func(health.Sample) (float64, bool), join func(old, x float64) float64) {
	for _, s := range samples {
		i := q.index(s.At)
		x, ok := get(s)
		if i < 0 || !ok {
			continue
		}
		if into[i] != nil {
			x = join(*into[i], x)
		}
		into[i] = &x
	}
}

// stateBins writes the worst state in force in each bucket.
func stateBins(q *Query, samples []health.Sample, into []*float64) {
	for _, iv := range health.Timeline(samples) {
		from, to := later(iv.From, q.From), earlier(iv.To, q.To)
		if iv.State == health.Unknown || !from.Before(to) {
			continue
		}
		x := float64(iv.State - health.Up)
		for i := q.index(from); i < q.Buckets() && q.From.Add(time.Duration(i)*q.Step).Before(to); i++ {
			if into[i] == nil || *into[i] < x {
				v := x
				into[i] = &v
			}
		}
	}
}
