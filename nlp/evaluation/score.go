package evaluation

import (
	"cmp"
	"slices"
)

// Counts are the four of a decision that can be right or wrong in two ways, weighted.
type Counts struct{ TP, FP, FN, TN float64 }

// Add counts one decision.
func (c *Counts) Add(said, is bool, weight float64) {
	switch {
	case said && is:
		c.TP += weight
	case said:
		c.FP += weight
	case is:
		c.FN += weight
	default:
		c.TN += weight
	}
}

// Precision is the share of what was said that is so.
func (c Counts) Precision() float64 { return ratio(c.TP, c.TP+c.FP) }

// Recall is the share of what is so that was said.
func (c Counts) Recall() float64 { return ratio(c.TP, c.TP+c.FN) }

// F1 is the harmonic mean of both.
func (c Counts) F1() float64 { return ratio(2*c.TP, 2*c.TP+c.FP+c.FN) }

// MacroF1 is the mean of F1 and of the F1 of the opposite.
func (c Counts) MacroF1() float64 { return (c.F1() + Counts{c.TN, c.FN, c.FP, c.TP}.F1()) / 2 }

// Accuracy is the share of right decisions.
func (c Counts) Accuracy() float64 { return ratio(c.TP+c.TN, c.TP+c.TN+c.FP+c.FN) }

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Scored is a score and whether it should be high.
type Scored struct {
	Score float64
	Is    bool
}

// AUC is the area under the curve of the receiver's operation: how often a random positive scores above a random
// negative, ties as a half (Mann and Whitney, 1947).
func AUC(list []Scored) float64 {
	list = slices.SortedFunc(slices.Values(list), func(a, b Scored) int { return cmp.Compare(a.Score, b.Score) })
	var ranks, yes float64
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && list[j].Score == list[i].Score {
			j++
		}
		for ; i < j; i++ {
			if list[i].Is {
				yes++
				ranks += float64(j+1+firstOf(list, i)) / 2
			}
		}
	}
	no := float64(len(list)) - yes
	return ratio(ranks-yes*(yes+1)/2, yes*no)
}

// firstOf is the place of the first score that equals that at i.
func firstOf(list []Scored, i int) int {
	for i > 0 && list[i-1].Score == list[i].Score {
		i--
	}
	return i
}

// Brier is the mean square of how far probabilities were from what came (Brier, 1950).
func Brier(list []Scored) float64 {
	sum := 0.0
	for _, s := range list {
		far := s.Score
		if s.Is {
			far = 1 - s.Score
		}
		sum += far * far
	}
	return ratio(sum, float64(len(list)))
}

// at counts decisions at a threshold.
func at(list []Scored, threshold float64) (c Counts) {
	for _, s := range list {
		c.Add(s.Score > threshold, s.Is, 1)
	}
	return c
}

// best is the threshold with the highest macro-F1.
func best(list []Scored) float64 {
	top, found := -1.0, 0.0
	for t := -2.0; t <= 2; t += 0.05 {
		if f := at(list, t).MacroF1(); f > top {
			top, found = f, t
		}
	}
	return found
}
