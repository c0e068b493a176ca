package drill

import (
	"math"
	"slices"
	"time"
)

// react adds what people write because something fails: each topic follows the fault by the
// injected lag or a slower one of its own.
func (p *plan) react(sc *script) {
	s := &p.story
	ours, other := p.upset(sc.services[0]), p.upset(sc.other)
	lag := func(times, sigma float64) []float64 { return kernel(p.lag.MedianSeconds*times, sigma) }

	p.add(trouble, 4.6, convolve(ours, lag(1, p.lag.Sigma)))
	p.add(report, 1.1, convolve(ours, lag(2, 0.8)))
	p.add(joke, 1.5, convolve(ours, lag(5, 1)))
	p.add(news, 0.45, convolve(ours, lag(10, 0.9)))
	p.add(elsewhere, 3.2, convolve(other, lag(1, p.lag.Sigma)))

	soon := lag(1, p.lag.Sigma)
	p.add(recovered, 180, convolve(p.moment(s.recovery, 60), soon))
	p.add(claim, 260, convolve(p.moment(s.claimed, 120), soon))
	p.add(claim, 90, convolve(p.moment(s.postponed, 60), soon))
	p.add(calledOff, 420, convolve(p.moment(s.cancelled, 90), soon))
	if s.coined[0] != never {
		for i := range p.seconds {
			if x := (p.offset(i) - s.coined[0]).Seconds(); x >= 0 {
				p.rates[coined][i] = 1.2 * (0.02 + 0.98*(1-math.Exp(-x/300))) * (0.08 + 0.92*math.Exp(-x/1500))
			}
		}
	}
	// People who cannot listen say less about what there is to hear.
	for i := range p.seconds {
		if p.story.felt(sc.services[0], p.offset(i)) != nil {
			p.rates[before][i] *= 0.5
			p.rates[during][i] *= 0.35
			p.rates[praise][i] = 0
		}
	}
}

func (p *plan) add(t topic, times float64, rate []float64) {
	for i, v := range rate {
		p.rates[t][i] += times * v
	}
}

// felt is the fault of a service at t, nil for none.
func (s *story) felt(service string, t time.Duration) *fault {
	for i := range s.faults {
		if f := &s.faults[i]; f.service == service && t >= f.from && t < f.to {
			return f
		}
	}
	return nil
}

// upset is how strongly a service's faults move people in each second: the weight of the fault,
// times the crowd that came for the event (who left in the last twenty minutes still counts), less
// as people tire of saying so.
func (p *plan) upset(service string) []float64 {
	out := make([]float64, p.seconds)
	if service == "" {
		return out
	}
	crowd, most := 0.0, slices.Max(p.audience)
	if f := p.story.faults; len(f) > 0 && f[0].service == service {
		most = slices.Max(p.audience[:max(1, min(p.seconds, p.index(f[len(f)-1].to)))])
	}
	began := never
	for i := range out {
		crowd = max(p.audience[i], crowd*math.Exp2(-1.0/1200))
		t := p.offset(i)
		f := p.story.felt(service, t)
		if f == nil {
			continue
		}
		if began == never {
			began = t
		}
		tired := (0.6 + 0.4*math.Exp(-(t-f.from).Seconds()/120)) * (0.55 + 0.45*math.Exp(-(t-began).Seconds()/700))
		out[i] = f.kind.weight * tired * crowd / most
	}
	return out
}

// moment is a weight of 1 that begins at t and fades within about fade seconds.
func (p *plan) moment(t time.Duration, fade float64) []float64 {
	out := make([]float64, p.seconds)
	if t == never {
		return out
	}
	for i := max(0, p.index(t)); i < p.seconds; i++ {
		out[i] = math.Exp(-(p.offset(i)-t).Seconds()/fade) / fade
	}
	return out
}

// kernel is a lognormal density by the second, cut where little is left and summing to 1.
func kernel(median, sigma float64) []float64 {
	k := make([]float64, int(median*math.Exp(2.6*sigma)))
	var sum float64
	for i := range k {
		x := float64(i) + 0.5
		z := math.Log(x/median) / sigma
		k[i] = math.Exp(-z*z/2) / x
		sum += k[i]
	}
	for i := range k {
		k[i] /= sum
	}
	return k
}

// convolve spreads each value of x over the seconds that follow it, as k says.
func convolve(x, k []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		if v < 1e-9 {
			continue
		}
		for j := range min(len(k), len(x)-i) {
			out[i+j] += v * k[j]
		}
	}
	return out
}
