package drill

import (
	"math"
	"testing"
	"time"

	"outcry/internal/health"
)

// moments are the mean and the variance of draws.
func moments(n int, draw func() float64) (mean, variance float64) {
	for i := range n {
		x := draw()
		d := x - mean
		mean += d / float64(i+1)
		variance += d * (x - mean)
	}
	return mean, variance / float64(n-1)
}

func TestDraws(t *testing.T) {
	r := newRand(7, streamCounts)
	const n = 100_000
	near := func(what string, got, want, slack float64) {
		if math.Abs(got-want) > slack*want {
			t.Errorf("%s is %.4f, not %.4f", what, got, want)
		}
	}
	for _, mean := range []float64{0.05, 3, 20, 75} {
		m, v := moments(n, func() float64 { return float64(poisson(r, mean)) })
		near("Poisson mean", m, mean, 0.04)
		near("Poisson variance", v, mean, 0.05)
	}
	for _, shape := range []float64{1, 5, 40} {
		m, v := moments(n, func() float64 { return gamma(r, shape) })
		near("gamma mean", m, 1, 0.02)
		near("gamma variance", v, 1/shape, 0.05)
	}
	m, _ := moments(n, func() float64 { return pareto(r, 2, 3) })
	near("Pareto mean", m, 2, 0.03)
	w := newWander(20, 0.3)
	m, v := moments(n, func() float64 { return w.step(r) })
	near("wander mean", m, 1, 0.03)
	near("wander variance", v, math.Exp(0.09)-1, 0.15)
}

// The kernel is the injected lag: half of what it spreads has come by the median.
func TestKernelMedian(t *testing.T) {
	for _, median := range []float64{20, 44, 300} {
		k := kernel(median, 0.6)
		var sum, half float64
		for i, v := range k {
			sum += v
			if i < int(median) {
				half += v
			}
		}
		if math.Abs(sum-1) > 1e-9 || math.Abs(half-0.5) > 0.02 {
			t.Errorf("kernel of median %v sums to %v, %v of it by the median", median, sum, half)
		}
	}
}

// Counts are restless as the noise says: about Poisson without it, well over with it.
func TestNoise(t *testing.T) {
	for noise, want := range map[float64][2]float64{0: {0.8, 1.25}, 1: {1.3, 8}, 3: {2, 30}} {
		o := Defaults(Calm)
		o.Scale, o.Noise, o.Reposts, o.Copies = 4, noise, 0, 0
		tr := make1(t, o).Truth()
		var ratio, n float64
		for from := tr.Planned.Add(-50 * time.Minute); from.Before(tr.Planned.Add(-12 * time.Minute)); from = from.Add(2 * time.Minute) {
			i := int(from.Sub(tr.Buckets[0].At) / (10 * time.Second))
			j := i
			mean, variance := moments(12, func() float64 { j++; return float64(tr.Buckets[j-1].Posts) })
			ratio += variance / mean
			n++
		}
		if ratio /= n; ratio < want[0] || ratio > want[1] {
			t.Errorf("noise %v: variance over mean is %.2f, not within %v", noise, ratio, want)
		}
	}
}

// Without noise every probe that can see a fault sees it, none is lost and none fails otherwise.
func TestQuietProbes(t *testing.T) {
	o := Defaults(Launch)
	o.Scale, o.Noise = 0.05, 0
	d := make1(t, o)
	tr := d.Truth()
	probes, counts := map[string]int{}, 0
	for r := range d.Records(0) {
		s := r.Sample
		switch {
		case s == nil:
		case s.Audience != nil:
			counts++
			if s.State != health.Unknown || r.At.Sub(tr.From)%(30*time.Second) != 0 {
				t.Errorf("%+v counts listeners", s)
			}
		default:
			probes[s.Service+" "+s.Vantage]++
			fault := s.Service == "Twitter Spaces" && !s.At.Before(tr.FirstFault) && s.At.Before(tr.Recovery.Truncate(time.Second))
			if fault != (s.State != health.Up) || (s.LatencyMS == nil) != (s.State == health.Down) {
				t.Errorf("%+v, fault %v", s, fault)
			}
		}
	}
	want := int(tr.To.Sub(tr.From) / (10 * time.Second))
	for _, who := range []string{"Twitter Spaces sim-east", "Twitter Spaces sim-west", "Twitter web sim-east"} {
		if probes[who] != want {
			t.Errorf("%s: %d samples in %d times ten seconds", who, probes[who], want)
		}
	}
	if counts < 150 {
		t.Errorf("listeners are counted %d times", counts)
	}
}
