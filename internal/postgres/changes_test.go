package postgres_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

// tell writes changes as one line: the event, its kinds and its spans in seconds after t0, "-" for
// an end that is open.
func tell(changes []reaction.Change) string {
	var out []string
	for _, c := range changes {
		text := fmt.Sprintf("%d:%d%v", c.Event, c.Kinds, c.Services)
		for _, s := range c.Spans {
			from, to := "-", "-"
			if !s.From.IsZero() {
				from = fmt.Sprint(s.From.Sub(t0).Seconds())
			}
			if !s.To.IsZero() {
				to = fmt.Sprint(s.To.Sub(t0).Seconds())
			}
			text += fmt.Sprintf(" %s..%s", from, to)
		}
		out = append(out, text)
	}
	return strings.Join(out, " | ")
}

// What an Append tells holds every bucket that it changed, and little more.
func TestAppendTellsWhatChanged(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "night")
	e2 := newEvent(t, s, "other")
	live := newChain("live/x/0")
	const posts, tags, heal, cover = reaction.ChangedPosts, reaction.ChangedTags, reaction.ChangedHealth, reaction.ChangedCoverage
	id := func(e *reaction.Event, k reaction.Changed) string { return fmt.Sprintf("%d:%d[]", e.ID, k) }
	for _, c := range []struct {
		name string
		env  reaction.Envelope
		tags []reaction.Tags
		want string
	}{
		{"a source that was never heard changes every bucket",
			reaction.Envelope{Listening: []int64{e.ID}, Clock: t0.Add(time.Minute), Coverage: covered(0, time.Minute)}, nil,
			id(e, cover) + " -..-"},
		{"posts, and the clock that closes buckets 30 s after their end",
			reaction.Envelope{Listening: []int64{e.ID}, Clock: t0.Add(70 * time.Second), Coverage: covered(time.Minute, 70*time.Second),
				Posts: []reaction.Matched{post(e, "a", 65*time.Second)}}, []reaction.Tags{complaint("t")},
			id(e, posts|tags|cover) + " 20..80"},
		{"coverage that is told from its beginning again is not new",
			reaction.Envelope{Listening: []int64{e.ID}, Coverage: covered(0, 80*time.Second)}, nil,
			id(e, cover) + " 70..80"},
		{"a late post far back is told apart",
			reaction.Envelope{Listening: []int64{e.ID}, Clock: t0.Add(600 * time.Second), Posts: []reaction.Matched{post(e, "b", -time.Hour)}}, []reaction.Tags{plain()},
			id(e, posts|cover) + " -3600..-3590 30..610"},
		{"a post that is stored already changes nothing",
			reaction.Envelope{Listening: []int64{e.ID}, Posts: []reaction.Matched{post(e, "b", -time.Hour)}}, []reaction.Tags{plain()}, ""},
		{"an edit changes the bucket of the post, not of the edit",
			reaction.Envelope{Listening: []int64{e.ID}, Posts: []reaction.Matched{func() reaction.Matched {
				p := post(e, "a", 500*time.Second)
				p.Edit, p.EditedAt = true, t0.Add(500*time.Second)
				return p
			}()}}, []reaction.Tags{plain()}, id(e, posts|tags) + " 60..70"},
		{"a deletion changes the bucket of the post",
			reaction.Envelope{Listening: []int64{e.ID, e2.ID}, Deletes: []reaction.Delete{{Source: reaction.X, ID: "b", At: t0.Add(600 * time.Second)}}}, nil,
			id(e, posts) + " -3600..-3590"},
		{"samples of a real service concern all events that name it",
			reaction.Envelope{Listening: []int64{e.ID}, Samples: []reaction.ScopedSample{
				{Sample: health.Sample{Service: "Rooms", At: t0.Add(65 * time.Second), State: health.Up}},
				{Sample: health.Sample{Service: "Rooms", At: t0.Add(85 * time.Second), State: health.Up}},
				{Event: e.ID, Sample: health.Sample{Service: "Rooms", At: t0, State: health.Up}},
				{Event: 999, Sample: health.Sample{Service: "Gone", At: t0, State: health.Up}}}}, nil,
			fmt.Sprintf("0:%d[Rooms] 60..985 | %s 0..900", heal, id(e, heal))},
		{"a feed that ends may close every bucket from its clock on",
			reaction.Envelope{Listening: []int64{e.ID}, Clock: t0.Add(600 * time.Second), Done: true}, nil, id(e, cover) + " 560..-"},
	} {
		env := c.env
		did := appendAll(t, s, live.commit(env, c.tags...))
		if got := tell(did.Changes); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		for _, x := range did.Changes {
			if x.Seq == 0 || x.Feed != "live/x/0" {
				t.Errorf("%s: %+v does not say where it comes from", c.name, x)
			}
		}
	}
}

// An envelope that comes again is told again, as widely as needs be: whoever committed it may have
// died before telling.
func TestAppendTellsAgainWhatItKnew(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "night")
	c := newChain("replay/1/a").commit(reaction.Envelope{Event: e.ID, Clock: t0, Posts: []reaction.Matched{post(e, "a", 0)}}, plain())
	appendAll(t, s, c)
	did := appendAll(t, s, c)
	if !did.Known || len(did.Changes) != 1 || did.Changes[0].Event != e.ID || did.Changes[0].Spans[0] != (reaction.Span{}) {
		t.Errorf("%+v", did)
	}
	// A deletion reaches events that nobody listens for any more, and it too is told again.
	live, other := newChain("live/x/0"), newEvent(t, s, "over")
	appendAll(t, s, live.commit(reaction.Envelope{Posts: []reaction.Matched{post(other, "b", 0)}}, plain()))
	c = live.commit(deletion("b"))
	for range 2 {
		if did = appendAll(t, s, c); len(did.Changes) != 1 || did.Changes[0].Event != other.ID {
			t.Errorf("%+v", did)
		}
	}
}

func TestHours(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "night", func(e *reaction.Event) { e.Services = []health.Service{{Name: "Rooms"}} })
	many, few := int64(500), int64(20)
	appendAll(t, s, newChain("replay/1/a").commit(reaction.Envelope{
		Event: e.ID, Clock: t0.Add(2 * time.Hour),
		Posts: []reaction.Matched{post(e, "a", 0), post(e, "b", time.Minute), post(e, "c", 70*time.Second), post(e, "d", 59*time.Minute+59*time.Second), post(e, "e", 61*time.Minute)},
		Samples: []reaction.ScopedSample{
			{Event: e.ID, Sample: health.Sample{Service: "Rooms", At: t0, Audience: &many}},
			{Event: e.ID, Sample: health.Sample{Service: "Rooms", At: t0.Add(time.Minute), Audience: &few}},
			{Event: e.ID, Sample: health.Sample{Service: "Other", At: t0, Audience: &many}}},
		Deletes: []reaction.Delete{{Source: reaction.X, ID: "e", At: t0.Add(2 * time.Hour)}},
	}, complaint(), complaint(), complaint(), plain(), complaint()))
	show := func(spans reaction.Spans) string {
		hours, err := s.Hours(t.Context(), e, spans)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, h := range hours {
			out = append(out, fmt.Sprint(h.From.Sub(t0), " ", h.Posts, h.Complaints, h.Deleted, " ", h.Peak.Sub(t0), " ", h.PeakComplaints, h.Audience))
		}
		return strings.Join(out, "; ")
	}
	want(t, "all", show(reaction.Whole()), "0s 4 3 0 1m0s 2 map[Rooms:500]; 1h0m0s 0 0 1 1h1m0s 0 map[]")
	want(t, "the second", show(reaction.Spans{{From: t0.Add(100 * time.Minute)}}), "1h0m0s 0 0 1 1h1m0s 0 map[]")
	want(t, "none", show(reaction.Spans{{To: t0}}), "")
}

func TestGlance(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "night", func(e *reaction.Event) { e.Services = []health.Service{{Name: "Rooms"}} })
	now := time.Now()
	g, err := s.Glance(t.Context(), e, now)
	if err != nil || !g.Clock.IsZero() || g.Moving || len(g.Heard) != 0 {
		t.Fatalf("of an event that was never heard: %+v, %v", g, err)
	}
	env := reaction.Envelope{Event: e.ID, Clock: t0.Add(607 * time.Second), Coverage: covered(0, 607*time.Second),
		Posts: []reaction.Matched{post(e, "a", 0), post(e, "b", 299*time.Second), post(e, "c", 300*time.Second), post(e, "d", 599*time.Second), post(e, "e", 601*time.Second)}}
	env.Posts[3].Kind = reaction.Repost
	env.Coverage[0].State = reaction.CoverageRecorded
	env.Coverage = append(env.Coverage, reaction.Coverage{Source: reaction.Bluesky, From: t0, To: t0.Add(450 * time.Second), State: reaction.CoverageLive},
		reaction.Coverage{Source: reaction.Bluesky, From: t0.Add(450 * time.Second), To: t0.Add(607 * time.Second), State: reaction.CoverageGap, Reason: "broke off"})
	env.Samples = []reaction.ScopedSample{{Event: e.ID, Sample: health.Sample{Service: "Rooms", At: t0, State: health.Down}},
		{Sample: health.Sample{Service: "Rooms", At: t0.Add(time.Minute), State: health.Up}},
		{Sample: health.Sample{Service: "Rooms", At: t0.Add(time.Hour), State: health.Up}}}
	appendAll(t, s, newChain("replay/1/a").commit(env, complaint(), complaint(), complaint(), complaint(), complaint()))
	if g, err = s.Glance(t.Context(), e, now); err != nil {
		t.Fatal(err)
	}
	want(t, "clock", fmt.Sprint(g.Clock.Sub(t0), g.Moving, g.From.Sub(t0), g.To.Sub(t0), g.Recorded), "10m7s true 5m0s 10m0s true")
	want(t, "stretches", len(g.Stretches), 2)
	before, lately := g.Stretches[0], g.Stretches[1]
	want(t, "before", fmt.Sprint(g.Stretches[0].From.Sub(t0), before.Posts, before.Reposts, before.Complaints), "0s 2 0 2")
	want(t, "lately", fmt.Sprint(g.Stretches[1].From.Sub(t0), lately.Posts, lately.Reposts, lately.Complaints), "5m0s 2 1 1")
	want(t, "symptoms", g.Symptoms, map[string]int64{"audio": 1})
	want(t, "heard", len(g.Heard), 2)
	if h := g.Heard[0]; h.Source != reaction.Bluesky || !h.Last.Equal(t0.Add(450*time.Second)) || h.Covered != 0.5 || h.Reason != "broke off" {
		t.Errorf("bluesky: %+v", h)
	}
	want(t, "samples", len(g.Samples), 2)
	if g.Samples[0].State != health.Down || g.Samples[1].State != health.Up {
		t.Errorf("samples %+v", g.Samples)
	}
}
