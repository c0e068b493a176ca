package linear

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"outcry/internal/match"
	"outcry/nlp/feature"
)

// lesson is a small world that can be learnt: bread is bad, soup is hot, and nobody knows of the rest.
func lesson() []Example {
	var e feature.Extractor
	var out []Example
	for _, food := range []string{"bread", "soup", "rice", "tea", "빵", "국"} {
		for _, say := range []string{"this % was on the table", "we had % again", "% for me", "I like % at noon", "%"} {
			x := Example{Features: append([]uint32(nil), e.Extract([]byte(match.Fold(strings.ReplaceAll(say, "%", food))))...), Labels: []int8{0, 0, Unknown}}
			switch food {
			case "bread", "빵":
				x.Labels[0], x.Labels[2] = 1, 0
			case "soup", "국":
				x.Labels[1], x.Labels[2] = 1, 1
			}
			out = append(out, x)
		}
	}
	return out
}

var heads = []string{"bad", "hot", "known"}

func trained(t testing.TB) *Model {
	t.Helper()
	m, err := Train(heads, lesson(), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTrainLearns(t *testing.T) {
	m := trained(t)
	scores := make([]float32, len(heads))
	var e feature.Extractor
	for _, c := range []struct {
		text string
		head string
		yes  bool
	}{{"more bread please", "bad", true}, {"more soup please", "bad", false}, {"hot soup", "hot", true}, {"빵 먹자", "bad", true}, {"국", "known", true}, {"빵", "known", false}} {
		m.Scores(e.Extract([]byte(match.Fold(c.text))), scores)
		h, err := m.Head(c.head)
		if err != nil {
			t.Fatal(err)
		}
		if scores[h] > 0 != c.yes {
			t.Errorf("%q: %s %v", c.text, c.head, scores)
		}
	}
	if _, err := m.Head("cold"); err == nil || !strings.Contains(err.Error(), "known") {
		t.Errorf("a head that is not there: %v", err)
	}
}

// TestScoresAreSumsOfWeights holds the sums by lanes to a plain sum, for more features than a lane can hold.
func TestScoresAreSumsOfWeights(t *testing.T) {
	m := trained(t)
	r := rand.New(rand.NewPCG(7, 7))
	out := make([]float32, len(heads))
	for _, n := range []int{0, 1, 255, 256, 257, 3000} {
		features := make([]uint32, n)
		known := lesson()[0].Features
		for i := range features {
			if features[i] = known[r.IntN(len(known))]; i%3 == 0 {
				features[i] = r.Uint32N(size)
			}
		}
		m.Scores(features, out)
		for h := range heads {
			var sum float64
			for _, f := range features {
				sum += float64(m.Weight(h, f))
			}
			want := float64(m.bias[h]) + sum*float64(Norm(n))
			if math.Abs(want-float64(out[h])) > 1e-3*(1+math.Abs(want)) {
				t.Errorf("%d features, head %d: %v, want %v", n, h, out[h], want)
			}
		}
	}
}

func TestTrainingIsRepeatable(t *testing.T) {
	a, b := trained(t).Append(nil), trained(t).Append(nil)
	if !bytes.Equal(a, b) {
		t.Error("two trainings on the same examples differ")
	}
	m, err := Train(heads, lesson(), Options{Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(a, m.Append(nil)) {
		t.Error("another seed gives the same model")
	}
}

func TestModelIsReadAsItWasWritten(t *testing.T) {
	raw := trained(t).Append(nil)
	m, err := Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Append(nil), raw) {
		t.Error("a model read and written again differs")
	}
	for _, cut := range []int{0, 5, len(magic) + 1, len(raw) / 2, len(raw) - 1} {
		if _, err := Read(raw[:cut]); err == nil {
			t.Errorf("a model of %d bytes of %d was read", cut, len(raw))
		}
	}
	bad := bytes.Clone(raw)
	bad[len(bad)/2] ^= 1
	if _, err := Read(bad); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a model with one bit turned: %v", err)
	}
}

func TestTrainRefuses(t *testing.T) {
	if _, err := Train(nil, lesson(), Options{}); err == nil {
		t.Error("no heads were taken")
	}
	if _, err := Train(heads[:2], lesson(), Options{}); err == nil {
		t.Error("labels for other heads were taken")
	}
	if _, err := Train(heads, nil, Options{}); err == nil {
		t.Error("no examples were taken")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(trained(f).Append(nil))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := read(b); err == nil && !bytes.HasPrefix(m.Append(nil), []byte(magic)) {
			t.Error("what was read cannot be written")
		}
	})
}

func BenchmarkScores(b *testing.B) {
	m := trained(b)
	features := make([]uint32, 250)
	for i := range features {
		features[i] = uint32(i*7919) % size
	}
	out := make([]float32, len(heads))
	b.ReportAllocs()
	for b.Loop() {
		m.Scores(features, out)
	}
}
