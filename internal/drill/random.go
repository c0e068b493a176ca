package drill

import (
	"math"
	"math/rand/v2"
)

// stream is a source of chance for one concern. Concerns draw from their own streams, so that,
// for example, adding a gap changes no post's words.
type stream uint64

const (
	streamStory stream = iota + 1
	streamGaps
	streamCounts
	streamPosts
	streamHealth
)

func newRand(seed uint64, s stream) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(s))) }

// poisson draws a count with the given mean: Knuth's product of uniforms, in pieces small enough
// that exp(-mean) keeps its precision.
func poisson(r *rand.Rand, mean float64) int {
	n := 0
	for ; mean > 0; mean -= 20 {
		limit := math.Exp(-math.Min(mean, 20))
		for p := r.Float64(); p > limit; p *= r.Float64() {
			n++
		}
	}
	return n
}

// gamma draws from the gamma distribution with the given shape and mean 1 (Marsaglia and Tsang,
// 2000). The shape is at least 1 wherever it is used here.
func gamma(r *rand.Rand, shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < x*x/2+d*(1-v+math.Log(v)) {
			return d * v / shape
		}
	}
}

func lognormal(r *rand.Rand, median, sigma float64) float64 {
	return median * math.Exp(sigma*r.NormFloat64())
}

// pareto draws from a Pareto distribution with the given mean; alpha is over 1, and the smaller
// the heavier the tail.
func pareto(r *rand.Rand, mean, alpha float64) float64 {
	return mean * (alpha - 1) / alpha * math.Pow(1-r.Float64(), -1/alpha)
}

// wander is a factor around 1 that drifts: exp of an AR(1) walk.
type wander struct {
	x    float64
	keep float64 // share of the deviation kept each step
	sd   float64 // standard deviation of the walk
}

// newWander forgets all but 1/e of its deviation in so many steps.
func newWander(steps, sd float64) wander { return wander{keep: math.Exp(-1 / steps), sd: sd} }

func (w *wander) step(r *rand.Rand) float64 {
	w.x = w.keep*w.x + w.sd*math.Sqrt(1-w.keep*w.keep)*r.NormFloat64()
	return math.Exp(w.x - w.sd*w.sd/2)
}

// pick draws an index with probability in proportion to its weight.
func pick[T any](r *rand.Rand, list []T, weight func(T) float64) T {
	var sum float64
	for _, v := range list {
		sum += weight(v)
	}
	u := r.Float64() * sum
	for _, v := range list {
		if u -= weight(v); u < 0 {
			return v
		}
	}
	return list[len(list)-1]
}

func one[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }
