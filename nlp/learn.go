package nlp

import "outcry/internal/reaction"

// Evidence is what the last layers weigh of one post. Training fits them on the evidence of a linear model that has
// not seen the post.
type Evidence struct {
	Inputs []float32 // of the layers for outage, first and recovery, as Layers lists them
	of     evidence
}

// Symptom gives the inputs of the layer for symptoms, for the symptom of that bit.
func (e *Evidence) Symptom(bit int) []float32 {
	x := e.of.symptomInputs(bit)
	return x[:]
}

// Evidence gathers what speaks for the labels of p, without deciding.
func (t *Tagger) Evidence(p *reaction.Post) Evidence {
	s := t.scratch.Get().(*search)
	defer t.scratch.Put(s)
	var tags reaction.Tags
	reset(&tags)
	s.read(p, &tags)
	x := s.evidence.inputs()
	return Evidence{Inputs: x[:], of: s.evidence}
}
