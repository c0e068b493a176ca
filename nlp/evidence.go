package nlp

import (
	"cmp"
	"math"
	"slices"

	"outcry/internal/reaction"
	"outcry/nlp/cue"
	"outcry/nlp/entity"
	"outcry/nlp/linear"
)

// evidence is what speaks for and against the labels of one post.
type evidence struct {
	scores   [linear.MaxHeads]float32 // log-odds by head of the linear model
	lift     [maxSymptoms]float32     // by symptom: how far its words move it from what all outages have
	complain float32                  // 0 to 1: complaints of the lexicon, with their context
	context  float32                  // the weight of the context among them
	recovery float32                  // weight of the surest recovery of the lexicon
	reported bool
	personal bool
	guarded  bool
	names    bool              // a service
	symptoms reaction.Symptoms // of the lexicon
	cues     cue.Set
}

// maxSymptoms is how many symptoms a set has room for.
const maxSymptoms = 16

// weighed is how many inputs the layers of a post have.
const weighed = headSymptom + 6 + 6

// inputs are the numbers that the layers for outage, voice and recovery weigh, as Layers lists them.
func (e *evidence) inputs() (x [weighed]float32) {
	copy(x[:], e.scores[:headSymptom])
	lexicon := x[headSymptom:]
	lexicon[0] = float32(-math.Log(float64(max(1-e.complain, 0.01))))
	lexicon[1] = flag(e.complain >= sure)
	lexicon[2] = e.recovery
	lexicon[3] = flag(e.reported)
	lexicon[4] = flag(e.personal)
	lexicon[5] = flag(e.guarded)
	for i, c := range [...]cue.Kind{cue.Asks, cue.I, cue.You, cue.Links} {
		lexicon[6+i] = min(1, e.cues[c])
	}
	if e.names {
		lexicon[10] = linear.Probability(e.scores[headNegative])
		lexicon[11] = lexicon[0]
	}
	return x
}

// symptomInputs are the numbers that decide whether symptom i is told of by a post of an outage.
func (e *evidence) symptomInputs(i int) [4]float32 {
	mine := e.symptoms & (1 << i)
	return [4]float32{e.scores[headSymptom+i], e.lift[i], flag(mine != 0), flag(e.symptoms&^mine != 0)}
}

func flag(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

// sure is the weight from which the lexicon alone would call a post a complaint.
const sure = 0.5

// gather reads s.hits, of which it drops what others make void, and s.text into s.evidence.
func (s *search) gather(p *reaction.Post) {
	s.evidence = evidence{}
	e := &s.evidence
	for _, h := range s.hits {
		e.guarded = e.guarded || s.rules.all[h.rule].label == guard
	}
	s.void()
	s.weigh()
	for _, h := range s.hits {
		switch r := &s.rules.all[h.rule]; r.label {
		case recovery:
			e.recovery = max(e.recovery, r.weight)
		case reported:
			e.reported = true
		case personal:
			e.personal = true
		case complaint:
			e.personal = e.personal || r.first
		case blame:
			e.names = true
		}
	}
	for i, h := range s.complaints {
		if !s.outdone(h, s.complaints[:i]) {
			e.symptoms |= s.rules.all[h.rule].symptom
		}
	}
	s.grams = s.features.Extract(s.text.Text())
	s.models.heads.Scores(s.grams, e.scores[:])
	for i := range symptomTags {
		e.lift[i] = e.scores[headSymptom+i] - s.models.heads.Bias(headSymptom+i)
	}
	e.cues = cue.Of(p.Text, s.text.Text())
}

// void drops complaints and recoveries that a guard overlaps or that lie in an address or
// mention, and complaints that a recovery overlaps.
func (s *search) void() {
	kept := s.order[:0]
	for i, h := range s.hits {
		switch s.rules.all[h.rule].label {
		case complaint:
			if s.overlaps(h, guard) || s.overlaps(h, recovery) || s.inEntity(h) {
				continue
			}
		case recovery:
			if s.overlaps(h, guard) || s.inEntity(h) {
				continue
			}
		}
		kept = append(kept, i)
	}
	for i, k := range kept {
		s.hits[i] = s.hits[k]
	}
	s.hits, s.order = s.hits[:len(kept)], kept
}

// overlaps reports whether a hit of that label overlaps h.
func (s *search) overlaps(h hit, l label) bool {
	for _, o := range s.hits {
		if s.rules.all[o.rule].label == l && o.start < h.end && h.start < o.end {
			return true
		}
	}
	return false
}

// inEntity reports whether h lies inside an address or mention: words its writer did not choose.
func (s *search) inEntity(h hit) bool {
	start, end := s.text.Source(h.start, h.end)
	for i := range s.entities {
		if e := &s.entities[i]; (e.Kind == entity.URL || e.Kind == entity.Mention) && e.Start <= start && end <= e.End {
			return true
		}
	}
	return false
}

// weigh finds the complaints, the strongest first, and weighs those in separate places, each rule once, and one
// context, taken as independent pieces of evidence.
func (s *search) weigh() {
	s.complaints, s.context = s.complaints[:0], -1
	e := &s.evidence
	for i, h := range s.hits {
		switch r := &s.rules.all[h.rule]; r.label {
		case complaint:
			s.complaints = append(s.complaints, h)
		case contextual:
			if r.weight > e.context {
				e.context, s.context = r.weight, i
			}
		}
	}
	if len(s.complaints) == 0 {
		s.context = -1
		return
	}
	slices.SortStableFunc(s.complaints, s.stronger)
	not := 1 - e.context
	for i, h := range s.complaints {
		if !s.counted(h, s.complaints[:i]) {
			not *= 1 - s.rules.all[h.rule].weight
		}
	}
	e.complain = 1 - not
	s.lang = s.rules.all[s.complaints[0].rule].lang
}

func (s *search) stronger(a, b hit) int {
	return cmp.Or(cmp.Compare(s.rules.all[b.rule].weight, s.rules.all[a.rule].weight), cmp.Compare(b.end-b.start, a.end-a.start))
}

// counted reports whether a complaint is of a rule or place that a stronger one has spoken for.
func (s *search) counted(h hit, stronger []hit) bool {
	for _, o := range stronger {
		if o.rule == h.rule || o.start < h.end && h.start < o.end {
			return true
		}
	}
	return false
}

// outdone reports whether a stronger complaint reads the same words as another symptom: in "audio
// keeps cutting out" the sound is gone, not the picture.
func (s *search) outdone(h hit, stronger []hit) bool {
	mine := s.rules.all[h.rule].symptom
	for _, o := range stronger {
		if theirs := s.rules.all[o.rule].symptom; theirs != 0 && theirs != mine && o.start < h.end && h.start < o.end {
			return true
		}
	}
	return false
}
