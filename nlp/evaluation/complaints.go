package evaluation

import (
	"math/rand/v2"
	"slices"

	"outcry/internal/match"
	"outcry/nlp/cue"
	"outcry/nlp/feature"
	"outcry/nlp/fusion"
	"outcry/nlp/linear"
	"outcry/nlp/training"
)

// complaintSet is complaints-acl2019 as the recipe of the tagger sees it: hashed n-grams for a linear head, and beside
// its score the scores of a sentiment model from other data, and the cues.
type complaintSet struct {
	texts    []training.Text
	examples []linear.Example
	beside   [][]float32
	is       []int8
}

func readComplaints(d *Data) (*complaintSet, error) {
	texts, err := training.Complaints(d.Dir)
	if err != nil {
		return nil, err
	}
	sentiment, err := sentimentModel(d)
	if err != nil {
		return nil, err
	}
	s := &complaintSet{texts: texts}
	var e feature.Extractor
	for _, t := range texts {
		folded := []byte(match.Fold(t.Text))
		features := slices.Clone(e.Extract(folded))
		scores := make([]float32, 2)
		sentiment.Scores(features, scores)
		cues := cue.Of(t.Text, folded)
		s.examples = append(s.examples, linear.Example{Features: features, Labels: []int8{int8(t.Label)}})
		s.beside = append(s.beside, append(scores, cues[:]...))
		s.is = append(s.is, int8(t.Label))
	}
	return s, nil
}

// sentimentModel is trained on English and Spanish posts of xlm-t-umsab.
func sentimentModel(d *Data) (*linear.Model, error) {
	texts, err := training.Sentiments(d.Dir, "train")
	if err != nil {
		return nil, err
	}
	var e feature.Extractor
	var examples []linear.Example
	for _, t := range texts {
		labels := []int8{0, 0}
		switch t.Label {
		case 0:
			labels[0] = 1
		case 2:
			labels[1] = 1
		}
		examples = append(examples, linear.Example{Features: slices.Clone(e.Extract([]byte(match.Fold(t.Text)))), Labels: labels})
	}
	return linear.Train([]string{"negative", "positive"}, examples, linear.Options{Seed: training.Seed})
}

// inner is how many parts a fold's training texts are cut into for the last layer and its threshold.
const inner = 5

// cross scores each text by what was learnt from the texts of other folds; the last layer and the threshold are fitted
// inside each fold, on scores of models that have not seen the text.
func (s *complaintSet) cross(fold []int) ([]Scored, error) {
	out := make([]Scored, len(s.texts))
	inputs := append([]string{"complaint", "negative", "positive"}, cue.Names[:]...)
	for k := range slices.Max(fold) + 1 {
		var x [][]float32
		var y []int8
		for part := range inner {
			held := func(i int) bool { return fold[i] != k && i*7919%inner == part }
			m, err := s.train(func(i int) bool { return fold[i] != k && !held(i) })
			if err != nil {
				return nil, err
			}
			for i := range s.texts {
				if held(i) {
					x, y = append(x, s.inputs(m, i)), append(y, s.is[i])
				}
			}
		}
		layer, err := fusion.Fit(inputs, x, y, nil, 1e-3)
		if err != nil {
			return nil, err
		}
		inside := make([]Scored, len(x))
		for i := range x {
			inside[i] = Scored{float64(layer.LogOdds(x[i])), y[i] == 1}
		}
		threshold := best(inside)
		m, err := s.train(func(i int) bool { return fold[i] != k })
		if err != nil {
			return nil, err
		}
		for i := range s.texts {
			if fold[i] == k {
				out[i] = Scored{float64(layer.LogOdds(s.inputs(m, i))) - threshold, s.is[i] == 1}
			}
		}
	}
	return out, nil
}

func (s *complaintSet) train(use func(i int) bool) (*linear.Model, error) {
	var part []linear.Example
	for i := range s.examples {
		if use(i) {
			part = append(part, s.examples[i])
		}
	}
	return linear.Train([]string{"complaint"}, part, linear.Options{Seed: training.Seed})
}

func (s *complaintSet) inputs(m *linear.Model, i int) []float32 {
	score := make([]float32, 1, 1+len(s.beside[i]))
	m.Scores(s.examples[i].Features, score)
	return append(score, s.beside[i]...)
}

func complaintsNested(d *Data) ([]Row, error) {
	s, err := readComplaints(d)
	if err != nil {
		return nil, err
	}
	fold := make([]int, len(s.texts))
	for i := range fold {
		fold[i] = i % 10
	}
	rand.New(rand.NewPCG(training.Seed, 10)).Shuffle(len(fold), func(i, j int) { fold[i], fold[j] = fold[j], fold[i] })
	scored, err := s.cross(fold)
	if err != nil {
		return nil, err
	}
	return []Row{
		{What: "macro-F1", Value: at(scored, 0).MacroF1(), Floor: 0.82, N: len(scored), Compare: "features of the paper 0.79, later transformers 0.87, VADER 0.63"},
		{What: "AUC", Value: AUC(scored), Floor: 0.91, N: len(scored)},
	}, nil
}

// complaintsByDomain leaves one domain of companies out at a time; the random posts, which are of none, are left out
// in turn with the domains, in ten parts.
func complaintsByDomain(d *Data) ([]Row, error) {
	s, err := readComplaints(d)
	if err != nil {
		return nil, err
	}
	var domains []string
	fold := make([]int, len(s.texts))
	for i, t := range s.texts {
		if t.Domain == "random_tweet" || t.Domain == "random_reply" {
			continue
		}
		at := slices.Index(domains, t.Domain)
		if at < 0 {
			at, domains = len(domains), append(domains, t.Domain)
		}
		fold[i] = at
	}
	for i, t := range s.texts {
		if t.Domain == "random_tweet" || t.Domain == "random_reply" {
			fold[i] = i % len(domains)
		}
	}
	scored, err := s.cross(fold)
	if err != nil {
		return nil, err
	}
	rows := []Row{{What: "macro-F1, mean over domains", Floor: 0.72, N: len(domains), Compare: "hashed n-grams alone 0.70"}}
	for k, domain := range domains {
		var part []Scored
		for i, t := range s.texts {
			if fold[i] == k && t.Domain == domain {
				part = append(part, scored[i])
			}
		}
		f := at(part, 0).MacroF1()
		rows[0].Value += f / float64(len(domains))
		rows = append(rows, Row{What: "  " + domain, Value: f, N: len(part)})
	}
	return rows, nil
}
