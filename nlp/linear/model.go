// Package linear is logistic regression over hashed features, many heads at once: one walk over a text's
// features gives the log-odds of every label.
package linear

import (
	"fmt"
	"math"

	"outcry/nlp/feature"
)

// MaxHeads bounds how many labels one model may have.
const MaxHeads = 32

// lanes is how many heads share a word of a row.
const lanes = 8

// Model is a trained model. It is immutable and safe for concurrent use.
//
// Weights are kept in eight bits, 128 for none, with a scale for each head; those of one feature for all
// heads lie side by side, eight to a word, so that a feature costs one place of memory and a few additions
// however many heads there are.
type Model struct {
	heads []string
	bias  []float32
	scale []float32
	width int      // words of a row
	rows  []uint64 // by feature: width words
}

// Heads lists what the scores stand for, in their order.
func (m *Model) Heads() []string { return append([]string(nil), m.heads...) }

// Head is the place of a head among the scores, or an error that lists those there are.
func (m *Model) Head(name string) (int, error) {
	for i, h := range m.heads {
		if h == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("the model has no head %q: it has %q", name, m.heads)
}

// Bias is the log-odds of a head where a text has nothing that speaks for or against it.
func (m *Model) Bias(head int) float32 { return m.bias[head] }

// evenBytes masks every other byte of a word, which leaves its neighbour for carries.
const evenBytes = 0x00ff00ff00ff00ff

// spill is how often a byte may be added to sixteen bits before they are full.
const spill = 256

// Scores sets out to the log-odds of every head, given a text's features: the bias, and the sum of the
// weights times Norm, so that a long text does not count for more than a short one. out must have a place for each head. It does not allocate.
func (m *Model) Scores(features []uint32, out []float32) {
	var sums [MaxHeads]int32
	for from := 0; from < len(features); from += spill {
		part := features[from:min(from+spill, len(features))]
		w := 0
		for ; w+2 <= m.width; w += 2 {
			m.pair(part, w, &sums)
		}
		if w < m.width {
			var even, odd uint64
			for _, f := range part {
				x := m.rows[int(f)*m.width+w]
				even += x & evenBytes
				odd += x >> 8 & evenBytes
			}
			spread8(even, odd, w, &sums)
		}
	}
	norm := Norm(len(features))
	for h := range m.heads {
		out[h] = m.bias[h] + m.scale[h]*norm*float32(sums[h]-int32(none)*int32(len(features)))
	}
}

// pair adds the rows' words w and w+1, which are in one line of memory.
func (m *Model) pair(part []uint32, w int, sums *[MaxHeads]int32) {
	var even0, odd0, even1, odd1 uint64
	rows, width := m.rows, m.width
	for _, f := range part {
		at := int(f)*width + w
		two := rows[at : at+2 : at+2]
		x, y := two[0], two[1]
		even0 += x & evenBytes
		odd0 += x >> 8 & evenBytes
		even1 += y & evenBytes
		odd1 += y >> 8 & evenBytes
	}
	spread8(even0, odd0, w, sums)
	spread8(even1, odd1, w+1, sums)
}

// spread8 adds the eight sums of a word to those of the heads.
func spread8(even, odd uint64, w int, sums *[MaxHeads]int32) {
	for i := range lanes / 2 {
		sums[w*lanes+2*i] += int32(even >> (16 * i) & 0xffff)
		sums[w*lanes+2*i+1] += int32(odd >> (16 * i) & 0xffff)
	}
}

// none is the byte of a weight of nought.
const none = 128

// few is how many features are too few to be sure of: two words alone must not decide as a whole post does.
const few = 20

// Norm is what the sum of n features' weights is multiplied by: 1 over the root of n and few.
func Norm(n int) float32 { return float32(1 / math.Sqrt(float64(n+few))) }

// Weight is what one feature adds to a head's sum, before it is normed.
func (m *Model) Weight(head int, f uint32) float32 {
	return m.scale[head] * float32(int(m.at(int(f), head))-none)
}

// at is the byte of one weight.
func (m *Model) at(f, head int) byte {
	return byte(m.rows[f*m.width+head/lanes] >> (8 * (head % lanes)))
}

func (m *Model) set(f, head int, b byte) {
	shift := 8 * (head % lanes)
	at := &m.rows[f*m.width+head/lanes]
	*at = *at&^(0xff<<shift) | uint64(b)<<shift
}

// Probability is the logistic function of log-odds.
func Probability(logOdds float32) float32 {
	return float32(1 / (1 + math.Exp(-float64(logOdds))))
}

// size is how many rows a model has.
const size = 1 << feature.Bits
