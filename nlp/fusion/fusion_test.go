package fusion

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestFitFindsTheTruth draws labels from a known regression and holds that it is found again.
func TestFitFindsTheTruth(t *testing.T) {
	truth := Layer{Weights: []float64{2, -1, 0}, Bias: -0.5}
	r := rand.New(rand.NewPCG(3, 3))
	var x [][]float32
	var y []int8
	for range 20_000 {
		row := []float32{float32(r.NormFloat64()), float32(10 + 3*r.NormFloat64()), float32(r.IntN(2))}
		label := int8(0)
		if r.Float64() < 1/(1+math.Exp(-float64(truth.LogOdds([]float32{row[0], row[1] - 10, row[2]})))) {
			label = 1
		}
		x, y = append(x, row), append(y, label)
	}
	l, err := Fit([]string{"a", "b", "c"}, x, y, nil, 1e-6)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{2, -1, 0} {
		if math.Abs(l.Weights[i]-want) > 0.12 {
			t.Errorf("weight %d is %.3f, want %.1f", i, l.Weights[i], want)
		}
	}
	if bias := l.Bias - 10; math.Abs(bias+0.5) > 0.6 {
		t.Errorf("bias %.3f, want 9.5", l.Bias)
	}
}

// TestFitIsCalibrated holds that the mean probability is the share of yes, which the maximum of likelihood has.
func TestFitIsCalibrated(t *testing.T) {
	x := [][]float32{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}}
	y := []int8{0, 0, 1, 0, 1}
	l, err := Fit([]string{"a", "always"}, x, y, nil, 1e-4)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i := range x {
		sum += 1 / (1 + math.Exp(-float64(l.LogOdds(x[i]))))
	}
	if math.Abs(sum-2) > 0.01 {
		t.Errorf("probabilities sum to %.3f, want 2", sum)
	}
	if err := l.Check([]string{"a"}); err == nil {
		t.Error("a layer of other inputs was taken")
	}
	if err := l.Check([]string{"a", "always"}); err != nil {
		t.Error(err)
	}
}

func TestFitRefuses(t *testing.T) {
	if _, err := Fit([]string{"a"}, [][]float32{{1}}, nil, nil, 0); err == nil {
		t.Error("an example without a label was taken")
	}
	if _, err := Fit([]string{"a", "a again"}, [][]float32{{1, 1}, {2, 2}, {3, 3}}, []int8{0, 1, 0}, nil, 0); err == nil {
		t.Error("two inputs that are one were told apart")
	}
}
