package training

import (
	"fmt"

	"outcry/internal/reaction"
	"outcry/nlp"
	"outcry/nlp/fusion"
	"outcry/nlp/linear"
)

// plain is what speaks for a complaint being the writer's own where nothing else does, in log-odds: who passes on
// another's says so.
const plain = 1.0

// ridge of the last layers.
const ridge = 1e-3

// fitLayers fits the last layers on the evidence of models that have not seen the texts.
func fitLayers(posts []post, unseen []nlp.Evidence) (map[string]*fusion.Layer, error) {
	inputs := nlp.Layers()
	out := map[string]*fusion.Layer{}
	for _, name := range []string{"outage", "first", "recovery"} {
		var x [][]float32
		var y []int8
		var weight []float64
		for i := range posts {
			if l := posts[i].labels[head(name)]; posts[i].last > 0 && l != linear.Unknown {
				x, y, weight = append(x, unseen[i].Inputs), append(y, l), append(weight, posts[i].last)
			}
		}
		l, err := fusion.Fit(inputs[name], x, y, weight, ridge)
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", name, err)
		}
		if name == "first" {
			l.Bias -= threshold(l, x, y, weight) - plain
		}
		out[name] = l
	}
	var x [][]float32
	var y []int8
	for i := range posts {
		if posts[i].last == 0 || posts[i].labels[head("outage")] != 1 {
			continue
		}
		for bit, s := range reaction.SymptomNames() {
			x, y = append(x, unseen[i].Symptom(bit)), append(y, posts[i].labels[head(reaction.SymptomPrefix+s)])
		}
	}
	l, err := fusion.Fit(inputs["symptom"], x, y, nil, ridge)
	if err != nil {
		return nil, fmt.Errorf("layer symptom: %w", err)
	}
	l.Bias -= threshold(l, x, y, nil)
	out["symptom"] = l
	return out, nil
}

// threshold is the log-odds from which saying yes gives the highest F1. Labels of which no probability is published
// are decided by it; that of an outage is published, and stays as it was fitted.
func threshold(l *fusion.Layer, x [][]float32, y []int8, weight []float64) float64 {
	top, found := -1.0, 0.0
	for t := -2.5; t <= 1.5; t += 0.05 {
		var right, said, is float64
		for i := range x {
			w := 1.0
			if weight != nil {
				w = weight[i]
			}
			yes := float64(l.LogOdds(x[i])) >= t
			if yes {
				said += w
			}
			if y[i] == 1 {
				is += w
			}
			if yes && y[i] == 1 {
				right += w
			}
		}
		if f := 2 * right / max(said+is, 1e-9); f > top {
			top, found = f, t
		}
	}
	return found
}
