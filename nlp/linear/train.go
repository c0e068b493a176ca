package linear

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Example is a text that somebody judged.
type Example struct {
	Features []uint32
	Labels   []int8  // by head: 1 yes, 0 no, Unknown
	Weight   float32 // how much it counts; 0 is 1
}

// Unknown is the label of a head that nobody judged.
const Unknown int8 = -1

// Options of a training. The zero value of each means its default.
type Options struct {
	Epochs int     // passes over the examples; 5
	Rate   float32 // of AdaGrad; 0.2
	Seed   uint64  // of the order of examples

	// Features are trusted by how differently the two classes use them, as in NB-SVM (Wang and Manning, 2012): each
	// counts as Plain + (1 - Plain) |log ratio of its counts|, which are smoothed by Smooth.
	Smooth float32 // 1
	Plain  float32 // 0.25

	Least float64 // texts that a feature must be in to count at all; 2
}

func (o *Options) defaults() {
	if o.Epochs == 0 {
		o.Epochs = 5
	}
	if o.Rate == 0 {
		o.Rate = 0.2
	}
	if o.Smooth == 0 {
		o.Smooth = 1
	}
	if o.Plain == 0 {
		o.Plain = 0.25
	}
	if o.Least == 0 {
		o.Least = 2
	}
}

// Train fits one logistic regression a head by AdaGrad (Duchi, Hazan and Singer, 2011) and rounds it to a
// Model. The same examples, options and architecture give the same bytes.
func Train(heads []string, examples []Example, o Options) (*Model, error) {
	if len(heads) == 0 || len(heads) > MaxHeads {
		return nil, fmt.Errorf("%d heads: a model has 1 to %d", len(heads), MaxHeads)
	}
	for i := range examples {
		if len(examples[i].Labels) != len(heads) {
			return nil, fmt.Errorf("example %d has %d labels for %d heads", i, len(examples[i].Labels), len(heads))
		}
	}
	if len(examples) == 0 {
		return nil, errors.New("no examples to train on")
	}
	o.defaults()
	m := empty(heads)
	var fit fitting
	for h := range heads {
		fit.run(h, examples, o)
		m.round(h, fit.folded(), fit.bias)
	}
	return m, nil
}

func empty(heads []string) *Model {
	m := &Model{heads: slices.Clone(heads), bias: make([]float32, len(heads)), scale: make([]float32, len(heads)), width: (len(heads) + lanes - 1) / lanes}
	m.rows = make([]uint64, size*m.width)
	for i := range m.rows {
		m.rows[i] = 0x8080808080808080
	}
	return m
}

// fitting is one head as it is being trained.
type fitting struct {
	weights, squares []float32
	trust            []float32 // by feature
	bias, biasSquare float32
}

func (f *fitting) run(head int, examples []Example, o Options) {
	if f.weights == nil {
		f.weights, f.squares, f.trust = make([]float32, size), make([]float32, size), make([]float32, size)
	}
	clear(f.weights)
	clear(f.squares)
	f.bias, f.biasSquare = 0, 0
	order := make([]int, 0, len(examples))
	for i := range examples {
		if examples[i].Labels[head] != Unknown {
			order = append(order, i)
		}
	}
	f.weigh(head, examples, order, o)
	r := rand.New(rand.NewPCG(o.Seed, uint64(head)))
	for range o.Epochs {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			f.learn(&examples[i], examples[i].Labels[head], o)
		}
	}
}

// spread is how many features share the smoothing, about as many as a text of a post has.
const spread = 1000

// weigh sets how far each feature is trusted, by the texts of each class that have it.
func (f *fitting) weigh(head int, examples []Example, order []int, o Options) {
	var counts [2][]float64
	var all [2]float64
	counts[0], counts[1] = make([]float64, size), make([]float64, size)
	last := make([]int, size) // the text that counted the feature last
	for n, i := range order {
		label := examples[i].Labels[head]
		for _, x := range examples[i].Features {
			if last[x] != n+1 {
				last[x] = n + 1
				counts[label][x]++
				all[label]++
			}
		}
	}
	smooth := float64(o.Smooth)
	for x := range f.trust {
		yes := (counts[1][x] + smooth) / (all[1] + spread*smooth)
		no := (counts[0][x] + smooth) / (all[0] + spread*smooth)
		if counts[0][x]+counts[1][x] < o.Least {
			f.trust[x] = 0
			continue
		}
		f.trust[x] = o.Plain + float32((1-o.Plain)*float32(math.Abs(math.Log(yes/no))))
	}
}

// learn takes one step. Products are rounded before they are added, so that machines which can do both at
// once come to the same.
func (f *fitting) learn(e *Example, label int8, o Options) {
	norm := Norm(len(e.Features))
	var sum float32
	for _, x := range e.Features {
		sum += float32(f.weights[x] * f.trust[x])
	}
	step := Probability(float32(sum*norm)+f.bias) - float32(label)
	if e.Weight != 0 {
		step *= e.Weight
	}
	f.biasSquare += float32(step * step)
	f.bias -= float32(o.Rate * step / root(f.biasSquare))
	step *= norm
	for _, x := range e.Features {
		g := float32(step * f.trust[x])
		f.squares[x] += float32(g * g)
		f.weights[x] -= float32(o.Rate * g / root(f.squares[x]))
	}
}

// folded is the weights with the trust in their features, which nothing needs to know of afterwards.
func (f *fitting) folded() []float32 {
	for x := range f.weights {
		f.weights[x] *= f.trust[x]
	}
	return f.weights
}

func root(x float32) float32 { return float32(math.Sqrt(float64(x) + 1e-8)) }

// least is the largest byte that is not kept.
const least = 1

// clip is the share of weights, the largest, that may be cut to the largest byte.
const clip = 0.0005

// round keeps a head's weights in bytes.
func (m *Model) round(head int, weights []float32, bias float32) {
	var sizes []float32
	for _, w := range weights {
		if w != 0 {
			sizes = append(sizes, float32(math.Abs(float64(w))))
		}
	}
	m.bias[head] = bias
	if len(sizes) == 0 {
		return
	}
	slices.Sort(sizes)
	top := sizes[len(sizes)-1-int(clip*float64(len(sizes)))]
	scale := top / 127
	m.scale[head] = scale
	for f, w := range weights {
		q := int(math.Round(float64(max(-127, min(127, w/scale)))))
		if q >= -least && q <= least {
			continue // says nothing, and takes room
		}
		m.set(f, head, byte(none+q))
	}
}
