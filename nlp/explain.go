package nlp

import (
	"cmp"
	"slices"

	"outcry/internal/reaction"
	"outcry/nlp/feature"
	"outcry/nlp/linear"
)

// Of the reasons of a post: how many are kept, how many of one tag the model gives, and the rule they name.
const (
	maxReasons  = 24
	modelWords  = 3
	modelRule   = "model"
	leastWeight = 0.02 // in log-odds; less says nothing
)

// explain gives the words that made each tag: what the lexicon found, and where it found nothing, the words that
// weighed most in the model.
func (s *search) explain(p *reaction.Post, tags *reaction.Tags) {
	e := &s.evidence
	for i, h := range s.complaints {
		if s.outdone(h, s.complaints[:i]) {
			continue
		}
		r := &s.rules.all[h.rule]
		if r.symptom == 0 {
			s.reason(p, tags, "complaint", h, r.weight)
		}
		for b, tag := range symptomTags {
			if r.symptom&(1<<b) != 0 {
				s.reason(p, tags, tag, h, r.weight)
			}
		}
	}
	for _, h := range s.hits {
		switch r := &s.rules.all[h.rule]; {
		case r.label == recovery:
			s.reason(p, tags, "recovery", h, r.weight)
		case r.label == personal && tags.FirstHand:
			s.reason(p, tags, "first_hand", h, 0)
		case r.label == reported && tags.IsComplaint && !tags.FirstHand:
			s.reason(p, tags, "reported", h, 0)
		}
	}
	if tags.IsComplaint && s.context >= 0 {
		h := s.hits[s.context]
		s.reason(p, tags, "context", h, s.rules.all[h.rule].weight)
	}
	if tags.IsComplaint && len(s.complaints) == 0 {
		s.learnt(p, tags, "complaint", headOutage, float32(s.models.outage.Weights[headOutage]))
	}
	if tags.Recovery && e.recovery == 0 {
		s.learnt(p, tags, "recovery", headRecovery, float32(s.models.recovery.Weights[headRecovery]))
	}
	for i, tag := range symptomTags {
		if bit := reaction.Symptoms(1) << i; tags.Symptoms&bit != 0 && e.symptoms&bit == 0 {
			s.learnt(p, tags, tag, headSymptom+i, float32(s.models.symptom.Weights[0]))
		}
	}
	switch {
	case tags.FirstHand && !e.personal:
		s.learnt(p, tags, "first_hand", headFirst, float32(s.models.first.Weights[headFirst]))
	case tags.IsComplaint && !tags.FirstHand && !e.reported:
		s.learnt(p, tags, "reported", headFirst, -float32(s.models.first.Weights[headFirst]))
	}
	slices.SortStableFunc(tags.Reasons, func(a, b reaction.Reason) int { return cmp.Compare(a.Start, b.Start) })
}

func (s *search) reason(p *reaction.Post, tags *reaction.Tags, tag string, h hit, weight float32) {
	start, end := s.text.Source(h.start, h.end)
	keep(tags, reaction.Reason{Tag: tag, Match: p.Text[start:end], Start: start, End: end, Rule: s.rules.all[h.rule].name, Weight: weight})
}

func keep(tags *reaction.Tags, r reaction.Reason) {
	if len(tags.Reasons) >= maxReasons {
		return
	}
	for _, o := range tags.Reasons {
		if o.Tag == r.Tag && o.Start == r.Start && o.End == r.End && o.Rule == r.Rule {
			return
		}
	}
	tags.Reasons = append(tags.Reasons, r)
}

// said is a stretch of the text and what its features add to a head, together.
type said struct {
	feature.Span
	sum float32
}

// learnt gives the words that added most to a head's log-odds, which the last layer multiplies by weight.
func (s *search) learnt(p *reaction.Post, tags *reaction.Tags, tag string, head int, weight float32) {
	s.said = s.said[:0]
	features, spans := s.features.Trace(s.text.Text())
	for i, f := range features {
		w := s.models.heads.Weight(head, f)
		if w == 0 {
			continue
		}
		// The features of a word stand together, but for its pair with the word before.
		at := len(s.said) - 1
		for stop := max(0, len(s.said)-3); at >= stop && s.said[at].Span != spans[i]; at-- {
		}
		if at < 0 || at < len(s.said)-3 {
			s.said = append(s.said, said{Span: spans[i]})
			at = len(s.said) - 1
		}
		s.said[at].sum += w
	}
	scale := weight * linear.Norm(len(features))
	for range modelWords {
		best := -1
		for i := range s.said {
			if s.said[i].sum*scale > leastWeight && (best < 0 || s.said[i].sum*scale > s.said[best].sum*scale) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		top := s.said[best]
		start, end := s.text.Source(top.Start, top.End)
		keep(tags, reaction.Reason{Tag: tag, Match: p.Text[start:end], Start: start, End: end, Rule: modelRule, Weight: top.sum * scale})
		for i := range s.said {
			if s.said[i].Start < top.End && top.Start < s.said[i].End {
				s.said[i].sum = 0
			}
		}
	}
}
