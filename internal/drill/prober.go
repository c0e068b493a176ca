package drill

import (
	"math"
	"math/rand/v2"
	"time"

	"outcry/internal/health"
)

// How often services are probed, and their listeners counted.
const (
	probeEvery = 10 * time.Second
	countEvery = 30 * time.Second
)

// prober measures the services of the event: the first one from two places and its listeners, the
// others from one place.
type prober struct {
	d     *Drill
	r     *rand.Rand
	looks []look
}

// look is one service seen from one place.
type look struct {
	service, vantage string
	after            time.Duration // into the ten seconds
	latency          float64       // usual, in milliseconds
	drift            wander
}

func newProber(d *Drill) *prober {
	p := &prober{d: d, r: newRand(d.opts.Seed, streamHealth)}
	for i, s := range d.script.services {
		p.looks = append(p.looks, look{s, "sim-east", 0, 90 + 60*p.r.Float64(), newWander(200, 0.15*d.opts.Noise)})
		if i == 0 {
			p.looks = append(p.looks, look{s, "sim-west", 4 * time.Second, 140 + 60*p.r.Float64(), newWander(200, 0.15*d.opts.Noise)})
		}
	}
	return p
}

// second returns the samples taken in second i.
func (p *prober) second(i int) []health.Sample {
	var out []health.Sample
	t := p.d.plan.offset(i)
	for k := range p.looks {
		l := &p.looks[k]
		drift := l.drift.step(p.r)
		if mod(t, probeEvery) != l.after || chance(p.r, 0.005*p.d.opts.Noise) { // a probe is lost now and then
			continue
		}
		out = append(out, p.probe(l, t, drift))
	}
	if n := p.d.plan.audience[i]; mod(t, countEvery) == 0 && n > 0 {
		count := int64(math.Round(n * math.Exp(0.003*p.d.opts.Noise*p.r.NormFloat64())))
		out = append(out, health.Sample{Service: p.d.script.services[0], At: p.d.plan.at(t), Vantage: "sim-count", Audience: &count})
	}
	return out
}

func mod(t, every time.Duration) time.Duration { return ((t % every) + every) % every }

// probe measures one service at t. Probes do not see everything people hear: a fault shows as
// often as its kind says, and without any a probe fails now and then.
func (p *prober) probe(l *look, t time.Duration, drift float64) health.Sample {
	noise := p.d.opts.Noise
	s := health.Sample{Service: l.service, Vantage: l.vantage, State: health.Up,
		At: p.d.plan.at(t).Add(time.Duration(p.r.Int64N(400_000)) * time.Microsecond)}
	ms := l.latency * drift * lognormal(p.r, 1, 0.12*max(noise, 0.1))
	f := p.d.plan.story.felt(l.service, t)
	sees := f != nil && f.kind.state != health.Up && (noise == 0 && f.kind.seen > 0.5 || chance(p.r, f.kind.seen))
	switch {
	case sees:
		s.State, s.Detail = f.kind.state, "simulated: "+f.kind.name
		ms *= 2.5 + 3*p.r.Float64()
	case f != nil:
		ms *= 1.2 + p.r.Float64() // strained, though it answers
	case chance(p.r, 0.002*noise):
		s.State, s.Detail = health.Degraded, "simulated: slow answer"
		ms *= 6
	}
	if s.State != health.Down { // nothing came back to be timed
		ms = math.Round(ms*10) / 10
		s.LatencyMS = &ms
	}
	return s
}
