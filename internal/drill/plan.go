package drill

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// plan is a drill worked out second by second: how many posts of each topic to expect, and how
// many people listen. Index 0 is the second that begins at from.
type plan struct {
	from, to time.Time
	before   time.Duration
	seconds  int
	story    story
	lag      Lag
	gaps     []Gap
	rates    [topicCount][]float64 // expected posts, reposts aside, in each second
	idle     [topicCount]bool      // nothing is ever written on it
	audience []float64
}

// Lag is how long people take to write about what they notice: a lognormal distribution.
type Lag struct {
	Distribution  string  `json:"distribution"` // "lognormal"
	MedianSeconds float64 `json:"median_seconds"`
	Sigma         float64 `json:"sigma"` // standard deviation of the logarithm
}

func newPlan(sc *script, o Options) (*plan, error) {
	r := newRand(o.Seed, streamStory)
	p := &plan{
		from:    o.Start.Add(-sc.before),
		to:      o.Start.Add(sc.after),
		before:  sc.before,
		seconds: int((sc.before + sc.after) / time.Second),
		story:   sc.story(r),
		lag:     Lag{"lognormal", math.Round(25 + 30*r.Float64()), 0.6},
	}
	gaps, err := makeGaps(newRand(o.Seed, streamGaps), sc, o.Gaps, p.from, p.to)
	if err != nil {
		return nil, err
	}
	p.gaps = gaps
	p.audience = p.listeners()
	for t := range p.rates {
		p.rates[t] = make([]float64, p.seconds)
	}
	p.talk()
	p.react(sc)
	p.lookalikes()

	var sum float64
	for t, rate := range p.rates {
		soFar := sum
		for _, v := range rate {
			sum += v
		}
		p.idle[t] = sum == soFar
	}
	k := sc.posts * o.Scale * (1 - o.Reposts) / sum
	for _, rate := range p.rates {
		for i := range rate {
			rate[i] *= k
		}
	}
	return p, nil
}

// offset is the time of second i, relative to the planned start.
func (p *plan) offset(i int) time.Duration { return time.Duration(i)*time.Second - p.before }

// index is the second that the offset at falls in; it may lie outside the plan.
func (p *plan) index(at time.Duration) int { return int((at + p.before) / time.Second) }

// at is the time of an offset; zero for never.
func (p *plan) at(d time.Duration) time.Time {
	if d == never {
		return time.Time{}
	}
	return p.from.Add(p.before + d)
}

func (p *plan) listeners() []float64 {
	out := make([]float64, p.seconds)
	pts := p.story.audience
	for i := range out {
		t := p.offset(i)
		j, exact := slices.BinarySearchFunc(pts, t, func(l listeners, t time.Duration) int { return cmp.Compare(l.at, t) })
		switch {
		case exact:
			out[i] = pts[j].count
		case j > 0 && j < len(pts):
			a, b := pts[j-1], pts[j]
			out[i] = a.count + (b.count-a.count)*float64(t-a.at)/float64(b.at-a.at)
		}
	}
	return out
}

// listening reports whether the programme runs at t.
func (s *story) listening(t time.Duration) bool {
	return s.opens != never && t >= s.opens && t < s.over
}

// talk is what people write on any such evening. The figures are posts a second on a scale of
// their own; only their proportions matter.
func (p *plan) talk() {
	s := &p.story
	peak := slices.Max(p.audience)
	for i := range p.seconds {
		t := p.offset(i)
		sec := t.Seconds()
		switch {
		case t < 0:
			p.rates[before][i] = 0.15 + 0.75*math.Exp(sec/700)
		case !s.listening(t) && (s.opens != never && t < s.opens):
			p.rates[before][i] = 0.3
		case s.listening(t):
			p.rates[during][i] = 0.35 + 0.75*p.audience[i]/peak
			p.rates[praise][i] = 0.06
		default:
			p.rates[afterward][i] = 0.2 + 1.1*math.Exp(-(t-s.over).Seconds()/700)
		}
		p.rates[arriving][i] = 4.5 * hump(sec-40, 70, 150)
		for _, b := range s.pauses {
			if t >= b.from && t < b.to {
				p.rates[during][i] *= 0.6
				p.rates[pause][i] = 0.7
			}
		}
		for _, at := range s.applause {
			p.rates[applause][i] += 5.5 * hump((t-at).Seconds(), 6, 45)
		}
	}
}

// hump rises to 1 at x = 0 within about rise and falls within about fall.
func hump(x, rise, fall float64) float64 {
	if x < 0 {
		return math.Exp(-x * x / (2 * rise * rise))
	}
	return math.Exp(-x / fall)
}

// lookalikes adds what grows with all harmless talk: words that sound like a failure, and the
// troubles that one person or another always has.
func (p *plan) lookalikes() {
	for i := range p.seconds {
		calm := p.rates[before][i] + p.rates[arriving][i] + p.rates[during][i] + p.rates[applause][i] + p.rates[afterward][i]
		p.rates[lookalike][i] = 0.04 * calm
		p.rates[grumble][i] = 0.012 * calm
	}
}
