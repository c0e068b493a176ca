package postgres_test

import (
	"testing"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

func TestCountsOfASourceAreKeptApartAndRevised(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "counted")
	feed := newChain("live/x/1")
	minute := func(m int, posts int64) reaction.PlatformCount {
		at := t0.Add(time.Duration(m) * time.Minute)
		return reaction.PlatformCount{Event: e.ID, Source: reaction.X, From: at, To: at.Add(time.Minute), Posts: posts}
	}
	hour := reaction.PlatformCount{Event: e.ID, Source: reaction.X, From: t0.Add(-time.Hour), To: t0, Posts: 90}
	first := feed.commit(reaction.Envelope{Listening: []int64{e.ID}, Counts: []reaction.PlatformCount{
		hour, minute(0, 10), minute(1, 20), minute(1, 25), minute(2, -1), {Event: 99_999, Source: reaction.X, From: t0, To: t0.Add(time.Minute), Posts: 5}}})
	did := appendAll(t, s, first)
	if len(did.Changes) != 1 || did.Changes[0].Event != e.ID || !did.Changes[0].Kinds.Has(reaction.ChangedPosts) ||
		len(did.Changes[0].Spans.Within(t0, t0.Add(2*time.Minute))) == 0 {
		t.Errorf("followers are told %+v", did.Changes)
	}
	appendAll(t, s, feed.commit(reaction.Envelope{Listening: []int64{e.ID}, Counts: []reaction.PlatformCount{minute(0, 12)}}))
	if did := appendAll(t, s, first); !did.Known { // delivered again: the revision stands
		t.Errorf("an envelope was stored twice: %+v", did)
	}
	r, err := s.Trend(t.Context(), trend.Query{Event: e, Series: []trend.Name{trend.Posts, "counts:x"}, From: t0.Add(-2 * time.Hour), To: t0.Add(3 * time.Minute), Step: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range r.Series[1].Points {
		switch {
		case i == 120 && p.Value != nil && *p.Value == 12, i == 121 && p.Value != nil && *p.Value == 25:
		case i < 120 && p.Value == nil, i == 122 && p.Value == nil: // hours are not spread over minutes
		default:
			t.Errorf("minute %d is %v", i-120, p.Value)
		}
		if q := r.Series[0].Points[i]; q.Value != nil || q.AtLeast != nil {
			t.Errorf("minute %d: counts became posts", i-120)
		}
	}
	past, err := s.PastCounts(t.Context(), e.ID, reaction.X, t0.Add(-7*24*time.Hour))
	if err != nil || len(past) != 1 || past[0] != hour {
		t.Errorf("the hours before are %+v, %v", past, err)
	}
}
