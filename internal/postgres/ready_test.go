package postgres_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"outcry/internal/reaction"
	"outcry/internal/trend"
)

func TestTheReadyEventIsMadeOnce(t *testing.T) {
	s, _ := open(t)
	ready := func() *reaction.Event {
		e := &reaction.Event{Slug: "is-it-down", Title: "Is it down?", StartsAt: t0, Status: reaction.Live, Match: reaction.Match{Any: []string{"x"}}}
		e.Normalise()
		return e
	}
	var made atomic.Int64
	var wg sync.WaitGroup
	for range 4 { // nodes that start at once
		wg.Go(func() {
			did, err := s.MakeOnce(t.Context(), ready())
			if err != nil {
				t.Error(err)
			}
			if did {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	want(t, "made", made.Load(), 1)
	if err := s.DeleteEvent(t.Context(), "is-it-down"); err != nil {
		t.Fatal(err)
	}
	did, err := s.MakeOnce(t.Context(), ready())
	want(t, "made after it was deleted", []any{did, err}, []any{false, nil})

	used, _ := open(t)
	newEvent(t, used, "theirs")
	did, err = used.MakeOnce(t.Context(), ready())
	want(t, "made where there are events", []any{did, err}, []any{false, nil})
	if err := used.DeleteEvent(t.Context(), "theirs"); err != nil {
		t.Fatal(err)
	}
	did, _ = used.MakeOnce(t.Context(), ready())
	want(t, "made once it was decided against", did, false)
}

// What a post is counted for is about the services of its own event.
func TestServicesAreCountedByEvent(t *testing.T) {
	s, url := open(t)
	named := func(names ...string) func(*reaction.Event) {
		return func(e *reaction.Event) {
			for _, n := range names {
				e.Entities = append(e.Entities, reaction.Entity{Name: n, Kind: "service"})
			}
		}
	}
	e, other := newEvent(t, s, "both", named("Spotify", "Zoom (meetings)")), newEvent(t, s, "one", named("Spotify"))
	tags := complaint()
	tags.Services, tags.Blamed, tags.Accused = []string{"Zoom (meetings)", "Spotify", "Elsewhere"}, "Zoom (meetings)", []string{"Zoom (meetings)"}
	praise := plain()
	praise.Services = []string{"Spotify"}
	p, q, r := post(e, "a", 0), post(e, "b", 0), post(e, "c", 0)
	p.Events = append(p.Events, reaction.Membership{Event: other.ID})
	r.Kind = reaction.Repost
	appendAll(t, s, newChain("live/x/0").commit(reaction.Envelope{Posts: []reaction.Matched{p, q, r}, Coverage: covered(0, 3600e9)}, tags, praise, tags))
	for name, n := range map[string]int{"service:Spotify": 2, "complaint:Spotify": 0, "service:Zoom (meetings)": 1, "complaint:Zoom (meetings)": 1} {
		want(t, name, sum(t, s, e, trend.Name(name)), n)
	}
	want(t, "in the event of one service", sum(t, s, other, "service:Spotify"), 1)
	want(t, "labels of what no event follows", count(t, url, "SELECT count(*) FROM rollups WHERE label LIKE '%Elsewhere'"), 0)
	want(t, "Zoom in the event of one service", count(t, url, "SELECT count(*) FROM rollups WHERE event_id = 2 AND label LIKE '%Zoom%'"), 0)
	want(t, "sketches of services", count(t, url, "SELECT count(*) FROM crowds WHERE label LIKE '%:Spotify'"), 0)

	// A definition that follows another service counts for it from then on.
	named("Elsewhere")(other)
	if err := s.ReplaceEvent(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	later := post(other, "d", 0)
	appendAll(t, s, newChain("live/x/1").commit(reaction.Envelope{Posts: []reaction.Matched{later}}, tags))
	want(t, "after the change", sum(t, s, other, "service:Elsewhere"), 1)
	counts, err := s.ServiceCounts(t.Context(), e, t0.Add(-3600e9), t0.Add(3600e9))
	if err != nil || len(counts) != 2 || counts[0] != (reaction.ServiceCount{Service: "Spotify", Posts: 2}) ||
		counts[1] != (reaction.ServiceCount{Service: "Zoom (meetings)", Posts: 1, Complaints: 1}) {
		t.Errorf("counts by service: %+v, %v", counts, err)
	}
}
