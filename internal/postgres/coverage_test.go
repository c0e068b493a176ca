package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/trend"
)

// told is what a feed is held to have said of one second.
type told struct {
	state  reaction.CoverageState
	reason string
	own    bool
}

const heardSeconds = 120

// model is the plainest way to keep coverage: what was said last of each second, but that what was
// said of one event is not changed by what is said of all.
type model map[int64]*[heardSeconds]told

func (m model) take(env *reaction.Envelope) {
	for _, c := range env.Coverage {
		events, own := env.Listening, c.Own
		if len(c.Events) > 0 {
			events = c.Events
		}
		for _, event := range events {
			for s := range heardSeconds {
				at := t0.Add(time.Duration(s) * time.Second)
				if !at.Before(c.From) && at.Before(c.To) && (own || !m[event][s].own) {
					m[event][s] = told{c.State, c.Reason, own}
				}
			}
		}
	}
}

func randomCoverage(r *rand.Rand, events []int64) reaction.Coverage {
	states := []reaction.CoverageState{reaction.CoverageLive, reaction.CoverageRecorded, reaction.CoverageFilled, reaction.CoverageLate, reaction.CoverageCapped, reaction.CoverageGap}
	from := r.IntN(heardSeconds)
	c := reaction.Coverage{
		Source: reaction.X, From: t0.Add(time.Duration(from) * time.Second), To: t0.Add(time.Duration(from+r.IntN(30)) * time.Second),
		State: states[r.IntN(len(states))], Reason: []string{"", "away", "full"}[r.IntN(3)],
	}
	if c.To.After(t0.Add(heardSeconds * time.Second)) {
		c.To = t0.Add(heardSeconds * time.Second)
	}
	if r.IntN(3) == 0 {
		c.Events, c.Own = events[:1+r.IntN(len(events))], r.IntN(2) == 0
	}
	return c
}

// Whatever a feed says, in whatever order its envelopes are committed, what is kept is what it said
// last of each moment, told once; and every moment that changed is announced.
func TestCoverageSettles(t *testing.T) {
	s, url := open(t)
	for round := range 25 {
		r := rand.New(rand.NewPCG(uint64(round), 4))
		a, b := newEvent(t, s, fmt.Sprint("a", round)), newEvent(t, s, fmt.Sprint("b", round))
		events := map[int64]*reaction.Event{a.ID: a, b.ID: b}
		m := model{a.ID: {}, b.ID: {}}
		ch := newChain(fmt.Sprintf("live/x/%d", round))
		var commits []postgres.Commit
		for range 20 {
			env := reaction.Envelope{Listening: []int64{a.ID, b.ID}[:1+r.IntN(2)]}
			for range r.IntN(4) {
				env.Coverage = append(env.Coverage, randomCoverage(r, []int64{a.ID, b.ID}))
			}
			m.take(&env)
			commits = append(commits, ch.commit(env))
		}
		for i := range commits { // some overtake others, by a few places
			j := min(len(commits)-1, i+r.IntN(3))
			commits[i], commits[j] = commits[j], commits[i]
		}
		seen := map[int64]map[time.Time]told{a.ID: {}, b.ID: {}}
		for _, c := range commits {
			changes := appendAll(t, s, c).Changes
			for id, e := range events {
				now := bySecond(t, s, e)
				for sec := range heardSeconds {
					at := t0.Add(time.Duration(sec) * time.Second)
					if now[at] != seen[id][at] && !announced(changes, id, at) {
						t.Fatalf("round %d: %v of event %d became %v, and %s was announced", round, at.Sub(t0), id, now[at], tell(changes))
					}
				}
				seen[id] = now
			}
		}
		for id := range events {
			for sec := range heardSeconds {
				at := t0.Add(time.Duration(sec) * time.Second)
				want := m[id][sec]
				want.own = false
				if got := seen[id][at]; got != want {
					t.Fatalf("round %d: second %d of event %d is kept as %v, and %v was said", round, sec, id, got, want)
				}
			}
		}
	}
	if n := count(t, url, `SELECT count(*) FROM coverage a JOIN coverage b USING (event_id, source, feed)
		WHERE a.from_at < b.from_at AND (b.from_at < a.to_at
			OR b.from_at = a.to_at AND a.state = b.state AND a.reason = b.reason AND a.own = b.own)`); n != 0 {
		t.Errorf("%d pairs of rows overlap, or say one thing in two", n)
	}
	if n := count(t, url, `SELECT count(*) FROM feed_ahead`); n != 0 {
		t.Errorf("%d envelopes still wait for their turn", n)
	}
}

func announced(changes []reaction.Change, event int64, at time.Time) bool {
	return slices.ContainsFunc(changes, func(c reaction.Change) bool {
		return c.Event == event && c.Kinds.Has(reaction.ChangedCoverage) && len(c.Spans.Within(at, at.Add(time.Second))) > 0
	})
}

// bySecond reads what is kept of each second, and fails where two spans say something of one.
func bySecond(t *testing.T, s *postgres.Store, e *reaction.Event) map[time.Time]told {
	t.Helper()
	spans, err := s.Coverage(t.Context(), e, t0, t0.Add(heardSeconds*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	out := map[time.Time]told{}
	for _, c := range spans {
		for at := c.From; at.Before(c.To); at = at.Add(time.Second) {
			if _, twice := out[at]; twice {
				t.Fatalf("%v is told twice in %v", at, spans)
			}
			out[at] = told{state: c.State, reason: c.Reason}
		}
	}
	return out
}

// coverageOf writes down what is kept, in seconds after t0.
func coverageOf(t *testing.T, s *postgres.Store, e *reaction.Event) (out []string) {
	t.Helper()
	spans, err := s.Coverage(t.Context(), e, t0.Add(-time.Hour), t0.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range spans {
		out = append(out, fmt.Sprintf("%s %v-%v %s", c.State, c.From.Sub(t0).Seconds(), c.To.Sub(t0).Seconds(), c.Reason))
	}
	return out
}

func TestAGapThatGoesOnIsOneRowAndIsFilled(t *testing.T) {
	s, _ := open(t)
	e, other := newEvent(t, s, "e"), newEvent(t, s, "other")
	ch := newChain("live/x/0")
	say := func(events []int64, state reaction.CoverageState, from, to float64, reason string) {
		appendAll(t, s, ch.commit(reaction.Envelope{Listening: []int64{e.ID, other.ID}, Coverage: []reaction.Coverage{{
			Source: reaction.X, From: t0.Add(time.Duration(from * float64(time.Second))), To: t0.Add(time.Duration(to * float64(time.Second))),
			State: state, Reason: reason, Events: events, Own: events != nil}}}))
	}
	say(nil, reaction.CoverageLive, 0, 10.000000400, "")
	say(nil, reaction.CoverageGap, 10.000000400, 20.000000400, "no answer")
	say(nil, reaction.CoverageGap, 20.000000400, 30, "no answer")
	want(t, "a gap that goes on", coverageOf(t, s, e), []string{"live 0-10 ", "gap 10-30 no answer"})
	say(nil, reaction.CoverageGap, 30, 35, "HTTP 503\x00\n from it")
	want(t, "another reason", coverageOf(t, s, e), []string{"live 0-10 ", "gap 10-30 no answer", "gap 30-35 HTTP 503   from it"})
	say(nil, reaction.CoverageFilled, 15, 25, "no answer")
	want(t, "filled in the middle", coverageOf(t, s, e),
		[]string{"live 0-10 ", "gap 10-15 no answer", "filled 15-25 no answer", "gap 25-30 no answer", "gap 30-35 HTTP 503   from it"})
	say([]int64{e.ID, 999}, reaction.CoverageCapped, 35, 45, "as much as was to be spent")
	say(nil, reaction.CoverageLive, 33, 50, "")
	want(t, "capped for one", coverageOf(t, s, e)[4:],
		[]string{"gap 30-33 HTTP 503   from it", "live 33-35 ", "capped 35-45 as much as was to be spent", "live 45-50 "})
	want(t, "and not for the other", coverageOf(t, s, other)[4:], []string{"gap 30-33 HTTP 503   from it", "live 33-50 "})
	say([]int64{e.ID}, reaction.CoverageFilled, 35, 40, "")
	want(t, "and filled for that one", coverageOf(t, s, e)[6:], []string{"filled 35-40 ", "capped 40-45 as much as was to be spent", "live 45-50 "})
}

// What a replay says of its coverage stays with its event, as all it brings.
func TestAReplaysCoverageStaysWithItsEvent(t *testing.T) {
	s, _ := open(t)
	e, other := newEvent(t, s, "e"), newEvent(t, s, "other")
	c := covered(0, time.Minute)
	c[0].Events = []int64{e.ID, other.ID}
	appendAll(t, s, newChain("replay/1/a").commit(reaction.Envelope{Event: e.ID, Coverage: c}))
	want(t, "its own", coverageOf(t, s, e), []string{"live 0-60 "})
	want(t, "another", coverageOf(t, s, other), []string(nil))
}

// A live feed that fell silent before a window is missed in it, for as long as it is expected back.
func TestAFeedThatFellSilentBeforeTheWindowIsMissed(t *testing.T) {
	s, _ := open(t)
	e := newEvent(t, s, "e")
	a, b := newChain("live/mastodon/a"), newChain("live/mastodon/b")
	b.next = a.next
	say := func(c *chain, from, to time.Duration) {
		appendAll(t, s, c.commit(reaction.Envelope{Listening: []int64{e.ID}, Coverage: []reaction.Coverage{{
			Source: reaction.Mastodon, From: t0.Add(from), To: t0.Add(to), State: reaction.CoverageLive}}}))
	}
	say(a, 0, 26*time.Hour)
	say(b, 0, time.Minute)
	covered := func(from time.Duration) float64 {
		r, err := s.Trend(t.Context(), trend.Query{Event: e, Series: []trend.Name{trend.Posts}, From: t0.Add(from), To: t0.Add(from + time.Minute), Step: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if p := r.Series[0].Points[0]; p.Value == nil {
			t.Errorf("what one server heard has no value %v later", from)
		}
		return r.Series[0].Points[0].Covered
	}
	want(t, "covered while both speak", covered(0), 1)
	want(t, "an hour later", covered(time.Hour), 0)
	want(t, "a day later", covered(25*time.Hour), 1)
}
