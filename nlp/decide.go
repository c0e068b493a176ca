package nlp

import (
	"math"

	"outcry/internal/reaction"
	"outcry/nlp/linear"
)

// Threshold is the probability from which a post counts as a complaint, and has any other label.
const Threshold = 0.5

// symptomTags are the tags of the reasons of each symptom, by its bit.
var symptomTags = func() []string {
	tags := reaction.SymptomNames()
	for i := range tags {
		tags[i] = reaction.SymptomPrefix + tags[i]
	}
	return tags
}()

// decide turns the evidence into labels.
func (s *search) decide(p *reaction.Post, tags *reaction.Tags) {
	e := &s.evidence
	x := e.inputs()
	tags.Complaint = linear.Probability(e.outage(s.models.outage.LogOdds(x[:])))
	tags.IsComplaint = tags.Complaint >= Threshold
	tags.Recovery = e.recovers(s.models.recovery.LogOdds(x[:]))
	tags.FirstHand = tags.IsComplaint && p.Kind != reaction.Repost && s.models.first.LogOdds(x[:]) >= 0
	tags.Sentiment = linear.Probability(e.scores[headPositive]) - linear.Probability(e.scores[headNegative])
	tags.Anger = linear.Probability(e.scores[headAngry])
	if !tags.IsComplaint {
		return
	}
	for i := range symptomTags {
		in := e.symptomInputs(i)
		if e.shows(i, s.models.symptom.LogOdds(in[:])) {
			tags.Symptoms |= 1 << i
		}
	}
}

// Of what the model says beside the lexicon, in log-odds: how sure it must be where the lexicon found no complaint, and
// where it found a guard besides; that things work again where the lexicon did not find that; of a symptom where the lexicon found
// another; and how far the words of a post must move a symptom at all, since a post of unknown words has none.
const (
	alone        = 0.6
	againstGuard = 1.5
	aloneAgain   = 1.2
	another      = 2.0
	leastLift    = 0.7
)

// outage gives the log-odds of an outage. What the lexicon is sure of by itself stands: the model knows fewer ways to
// speak than people have. What it only fears, next to a figure of speech, does not.
func (e *evidence) outage(model float32) float32 {
	switch {
	case e.complain == 0 && e.guarded:
		return model - againstGuard
	case e.complain == 0:
		return model - alone
	}
	return atLeast(model, e.complain)
}

// recovers reports whether a post says that things work again.
func (e *evidence) recovers(model float32) bool {
	if e.recovery > 0 {
		return atLeast(model, e.recovery) >= 0
	}
	return !e.guarded && model >= aloneAgain
}

// shows reports whether a post of an outage tells of symptom i.
func (e *evidence) shows(i int, model float32) bool {
	switch {
	case e.symptoms&(1<<i) != 0:
		return true
	case e.lift[i] < leastLift:
		return false
	case e.symptoms != 0:
		return model >= another
	}
	return model >= 0
}

// atLeast is log-odds, but no less than those of the lexicon where it is sure.
func atLeast(logOdds, lexicon float32) float32 {
	if lexicon < sure {
		return logOdds
	}
	lexicon = min(0.99, lexicon)
	return max(logOdds, float32(math.Log(float64(lexicon/(1-lexicon)))))
}
