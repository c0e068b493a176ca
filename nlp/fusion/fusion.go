// Package fusion weighs a few dense numbers into one calibrated probability: logistic regression on standardised
// inputs, fitted by Newton's method (iteratively reweighted least squares) with a little ridge, after the idea of
// stacking (Wolpert, 1992). What it is fitted on must be scores of models that have not seen the example.
package fusion

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Layer is a fitted regression. Weights are for the inputs as they are given, not standardised.
type Layer struct {
	Inputs  []string  `json:"inputs"`
	Weights []float64 `json:"weights"`
	Bias    float64   `json:"bias"`
}

// LogOdds weighs x, which has a number for each input. It does not allocate.
func (l *Layer) LogOdds(x []float32) float32 {
	z := l.Bias
	for i, w := range l.Weights {
		z += float64(w * float64(x[i]))
	}
	return float32(z)
}

// Check reports what is wrong with a layer that came from outside, for these inputs.
func (l *Layer) Check(inputs []string) error {
	if !slices.Equal(l.Inputs, inputs) || len(l.Weights) != len(inputs) {
		return fmt.Errorf("a layer of inputs %q and %d weights, not of %q", l.Inputs, len(l.Weights), inputs)
	}
	for _, w := range append([]float64{l.Bias}, l.Weights...) {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return errors.New("a weight is not a number")
		}
	}
	return nil
}

const (
	rounds = 50    // of Newton's method; it needs about eight
	enough = 1e-10 // the step at which it has arrived
)

// Fit fits a layer to examples: x by example and input, y 0 or 1, weight how much an example counts, nil for 1 each.
// Ridge is the penalty on the standardised weights, a share of the weight of all examples.
func Fit(inputs []string, x [][]float32, y []int8, weight []float64, ridge float64) (*Layer, error) {
	if len(x) == 0 || len(x) != len(y) || weight != nil && len(weight) != len(x) {
		return nil, fmt.Errorf("%d examples with %d labels and %d weights", len(x), len(y), len(weight))
	}
	d := len(inputs)
	mean, spread, total := moments(x, weight, d)
	w := make([]float64, d+1) // the last is the bias
	row := make([]float64, d+1)
	row[d] = 1
	for range rounds {
		gradient, hessian := make([]float64, d+1), square(d+1)
		for i := range x {
			for j := range d {
				row[j] = (float64(x[i][j]) - mean[j]) / spread[j]
			}
			p := 1 / (1 + math.Exp(-dot(w, row)))
			of := weightOf(weight, i) / total
			for j := range row {
				gradient[j] += of * (p - float64(y[i])) * row[j]
				for k := range j + 1 {
					hessian[j][k] += of * p * (1 - p) * row[j] * row[k]
				}
			}
		}
		for j := range d {
			gradient[j] += ridge * w[j]
			hessian[j][j] += ridge
		}
		hessian[d][d] += 1e-12
		step, err := solve(hessian, gradient)
		if err != nil {
			return nil, err
		}
		far := 0.0
		for j := range w {
			w[j] -= step[j]
			far = max(far, math.Abs(step[j]))
		}
		if far < enough {
			break
		}
	}
	l := &Layer{Inputs: slices.Clone(inputs), Weights: make([]float64, d), Bias: w[d]}
	for j := range d {
		l.Weights[j] = w[j] / spread[j]
		l.Bias -= l.Weights[j] * mean[j]
	}
	return l, nil
}

func weightOf(weight []float64, i int) float64 {
	if weight == nil {
		return 1
	}
	return weight[i]
}

// moments are the mean and spread of each input; an input that never varies has spread 1.
func moments(x [][]float32, weight []float64, d int) (mean, spread []float64, total float64) {
	mean, spread = make([]float64, d), make([]float64, d)
	for i := range x {
		of := weightOf(weight, i)
		total += of
		for j := range d {
			mean[j] += of * float64(x[i][j])
		}
	}
	for j := range d {
		mean[j] /= total
	}
	for i := range x {
		for j := range d {
			far := float64(x[i][j]) - mean[j]
			spread[j] += weightOf(weight, i) * far * far
		}
	}
	for j := range d {
		if spread[j] = math.Sqrt(spread[j] / total); spread[j] < 1e-9 {
			spread[j] = 1
		}
	}
	return mean, spread, total
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}

func square(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

// solve solves a x = b for a positive definite matrix given by its lower half, by Cholesky's decomposition.
func solve(a [][]float64, b []float64) ([]float64, error) {
	n := len(b)
	for j := range n {
		for k := range j {
			a[j][j] -= float64(a[j][k] * a[j][k])
		}
		if a[j][j] <= 0 {
			return nil, errors.New("the examples do not tell the inputs apart: give a ridge, or more examples")
		}
		a[j][j] = math.Sqrt(a[j][j])
		for i := j + 1; i < n; i++ {
			for k := range j {
				a[i][j] -= float64(a[i][k] * a[j][k])
			}
			a[i][j] /= a[j][j]
		}
	}
	x := slices.Clone(b)
	for i := range n {
		for k := range i {
			x[i] -= float64(a[i][k] * x[k])
		}
		x[i] /= a[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= float64(a[k][i] * x[k])
		}
		x[i] /= a[i][i]
	}
	return x, nil
}
