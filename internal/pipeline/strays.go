package pipeline

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"outcry/internal/reaction"
)

// strays count what is not kept: posts that belong to no event, the hashtags they used, and what
// was refused.
type strays struct {
	unmatched map[minuteKey]int
	baseline  map[hourKey]int
	refused   map[refusal]int
	size      int // about how many bytes this takes in an envelope
}

// strayBytes is about what a count takes in an envelope, beside its hashtag.
const strayBytes = 128

type minuteKey struct {
	source reaction.Source
	minute int64
}

type hourKey struct {
	source reaction.Source
	hour   int64
	tag    string
}

type refusal struct {
	source reaction.Source
	reason string
}

func newStrays() strays {
	return strays{unmatched: map[minuteKey]int{}, baseline: map[hourKey]int{}, refused: map[refusal]int{}}
}

// miss counts a post that belongs to no event.
func (s *strays) miss(p *reaction.Post, tags Hashtags) {
	minute := minuteKey{p.Source, p.At.Truncate(time.Minute).Unix()}
	if s.unmatched[minute]++; s.unmatched[minute] == 1 {
		s.size += strayBytes
	}
	for _, tag := range tags(p) {
		hour := hourKey{p.Source, p.At.Truncate(time.Hour).Unix(), tag}
		if s.baseline[hour]++; s.baseline[hour] == 1 {
			s.size += strayBytes + len(tag)
		}
	}
}

// tell moves what was counted to an envelope, in an order that does not depend on chance.
func (s *strays) tell(env *reaction.Envelope) {
	for _, k := range slices.SortedFunc(maps.Keys(s.unmatched), func(x, y minuteKey) int {
		return cmp.Or(cmp.Compare(x.minute, y.minute), cmp.Compare(x.source, y.source))
	}) {
		env.Unmatched = append(env.Unmatched, reaction.UnmatchedCount{Source: k.source, Minute: time.Unix(k.minute, 0).UTC(), Posts: s.unmatched[k]})
	}
	for _, k := range slices.SortedFunc(maps.Keys(s.baseline), func(x, y hourKey) int {
		return cmp.Or(cmp.Compare(x.tag, y.tag), cmp.Compare(x.hour, y.hour), cmp.Compare(x.source, y.source))
	}) {
		env.Baseline = append(env.Baseline, reaction.BaselineCount{Source: k.source, Hour: time.Unix(k.hour, 0).UTC(), Tag: k.tag, Uses: s.baseline[k]})
	}
	for _, k := range slices.SortedFunc(maps.Keys(s.refused), func(x, y refusal) int {
		return cmp.Or(cmp.Compare(x.source, y.source), cmp.Compare(x.reason, y.reason))
	}) {
		env.Rejected = append(env.Rejected, reaction.RejectCount{Source: k.source, Reason: k.reason, Posts: s.refused[k]})
	}
	*s = newStrays()
}
