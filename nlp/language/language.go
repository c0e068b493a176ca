// Package language tells the languages of Latin letters apart, by the same hashed n-grams that everything else reads.
package language

import (
	"outcry/nlp/linear"
)

// Undetermined is the language of a text that does not show one (BCP 47).
const Undetermined = "und"

// Identifier tells languages apart. It is immutable and safe for concurrent use.
type Identifier struct {
	model *linear.Model
	langs []string
}

// New makes an identifier of a model whose heads are languages.
func New(m *linear.Model) *Identifier { return &Identifier{m, m.Heads()} }

// Langs lists the languages that are told apart.
func (id *Identifier) Langs() []string { return append([]string(nil), id.langs...) }

// few is how many features a text must have before one language is believed to stand far enough before the others;
// lead is by how much, in log-odds.
const (
	few  = 12
	lead = 0.35
)

// Identify gives the language of a text by its features, or Undetermined where the text is short or no language stands
// out. It does not allocate.
func (id *Identifier) Identify(features []uint32) string {
	if len(features) < few {
		return Undetermined
	}
	var scores [linear.MaxHeads]float32
	id.model.Scores(features, scores[:])
	best, second := 0, -1
	for i := 1; i < len(id.langs); i++ {
		if scores[i] > scores[best] {
			best, second = i, best
		} else if second < 0 || scores[i] > scores[second] {
			second = i
		}
	}
	if second >= 0 && scores[best]-scores[second] < lead {
		return Undetermined
	}
	return id.langs[best]
}
