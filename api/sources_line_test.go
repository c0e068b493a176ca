package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/internal/trend"
)

// A source that falls silent is told to followers as soon as its collector tells, with why; what is
// fetched afterwards revises their figures; and both are told the same by everything that is asked.
func TestASourceThatGoesBlindIsTold(t *testing.T) {
	l := startLine(t, testdb.New(t), t.TempDir())
	now := time.Now().UTC().Truncate(10 * time.Second)
	e := &reaction.Event{Slug: "night", Title: "A night", StartsAt: now.Add(-time.Hour), EndsAt: now.Add(time.Hour), Status: reaction.Live,
		Public: true, Match: reaction.Match{Any: []string{"rooms"}}, Sources: []reaction.Source{reaction.Bluesky}}
	e.Normalise()
	if err := l.store.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	feed, err := l.log.Feed(t.Context(), "live/bluesky/0")
	if err != nil {
		t.Fatal(err)
	}
	say := func(state reaction.ListeningState, reason string, posts int, coverage ...reaction.Coverage) {
		env := &reaction.Envelope{Feed: "live/bluesky/0", Listening: []int64{e.ID}, Coverage: coverage, Clock: now, Made: time.Now().UTC()}
		if state != "" {
			env.State = &reaction.FeedState{Source: reaction.Bluesky, State: state, Since: time.Now().UTC(), LastWord: now.Add(-2 * time.Minute), Reason: reason, Host: "jetstream2.example"}
		}
		for i := range posts {
			env.Posts = append(env.Posts, reaction.Matched{
				Post:   reaction.Post{Source: reaction.Bluesky, ID: fmt.Sprint(reason, posts, i), At: now.Add(-100 * time.Second), Text: "no sound in the rooms", Lang: "en"},
				Events: []reaction.Membership{{Event: e.ID, Author: reaction.Person{byte(i), byte(posts)}}}})
		}
		if _, err := feed.Publish(t.Context(), env); err != nil {
			t.Fatal(err)
		}
	}
	span := func(state reaction.CoverageState, from, to time.Duration, reason string) reaction.Coverage {
		return reaction.Coverage{Source: reaction.Bluesky, From: now.Add(from), To: now.Add(to), State: state, Reason: reason}
	}
	say(reaction.FeedLive, "", 3, span(reaction.CoverageLive, -5*time.Minute, 0, ""))
	f := newFollower(t, l.house, "/v1/events/night/stream?series=posts&step=10s").connect()
	stranger := newFollower(t, l.house, "/v1/events/night/stream?series=posts&step=10s")
	stranger.key = ""
	stranger.connect()
	f.until("heard", 20*time.Second, summarised(f, func(s *trend.Summary) string {
		if s.Posts == nil || *s.Posts != 3 || len(s.Blind) != 0 {
			return fmt.Sprintf("the summary is %+v", s)
		}
		return ""
	}))

	// Its last words are taken back: a part of it was dead.
	say(reaction.FeedBlind, "no answer from jetstream2.example", 0, span(reaction.CoverageGap, -2*time.Minute, 0, "no answer"))
	f.until("blind", 2*time.Second, summarised(f, func(s *trend.Summary) string {
		if len(s.Blind) != 1 || s.Blind[0].Source != reaction.Bluesky || s.Blind[0].Why != reaction.CoverageGap ||
			s.Blind[0].Reason != "no answer from jetstream2.example" || s.Blind[0].Since == nil || !s.Blind[0].Since.Equal(now.Add(-2*time.Minute)) {
			return fmt.Sprintf("the summary's blind is %+v", s.Blind)
		}
		return ""
	}))
	stranger.until("blind, to a stranger", 2*time.Second, summarised(stranger, func(s *trend.Summary) string {
		if len(s.Blind) != 1 || s.Blind[0].Why != reaction.CoverageGap || s.Blind[0].Reason != "" {
			return fmt.Sprintf("the summary's blind is %+v", s.Blind)
		}
		return ""
	}))
	if a := l.as("").get(t, "/v1/events/night/summary").want(t, 200); strings.Contains(string(a.body), "jetstream2") {
		t.Errorf("a stranger is told %s", a.body)
	}
	at := "posts " + now.Add(-100*time.Second).Format(time.RFC3339)
	f.until("its buckets are not known", 2*time.Second, func() string {
		var p trend.Point
		if err := json.Unmarshal(f.points[at], &p); err != nil || p.Value != nil || p.AtLeast == nil || *p.AtLeast != 3 || len(p.Blind) != 1 {
			return fmt.Sprintf("%s is %s", at, f.points[at])
		}
		return ""
	})
	// Another reason alone is told, too.
	say(reaction.FeedBlind, "HTTP 503", 0)
	f.until("another reason", 2*time.Second, summarised(f, func(s *trend.Summary) string {
		if len(s.Blind) != 1 || s.Blind[0].Reason != "HTTP 503" {
			return fmt.Sprintf("the summary's blind is %+v", s.Blind)
		}
		return ""
	}))

	say(reaction.FeedLive, "", 2, span(reaction.CoverageFilled, -2*time.Minute, 0, ""))
	f.until("filled", 2*time.Second, func() string {
		var p trend.Point
		if err := json.Unmarshal(f.points[at], &p); err != nil || p.Value == nil || *p.Value != 5 || p.Covered != 1 || len(p.Filled) != 1 {
			return fmt.Sprintf("%s is %s", at, f.points[at])
		}
		return ""
	})
	turns, err := l.store.FeedTurns(t.Context(), reaction.FeedTurnQuery{Source: reaction.Bluesky, Limit: 10})
	if err != nil || len(turns) != 3 || turns[1].State != reaction.FeedBlind || turns[1].Reason != "no answer from jetstream2.example" {
		t.Errorf("the history is %+v, %v", turns, err)
	}
	var body struct{ Passport trend.Passport }
	a := l.get(t, "/v1/events/night/trend?step=10s&from="+now.Add(-5*time.Minute).Format(time.RFC3339)+"&to="+now.Format(time.RFC3339)).want(t, 200)
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Fatal(err)
	}
	if p := body.Passport; p.Coverage != 1 || p.Filled < 0.4-1e-9 || p.Filled > 0.4+1e-9 || p.Late != 2 || p.Sources[0].Filled != p.Filled {
		t.Errorf("the passport is %+v", p)
	}
}

func summarised(f *follower, wrong func(*trend.Summary) string) func() string {
	return func() string {
		var s trend.Summary
		if err := json.Unmarshal([]byte(f.last["summary"]), &s); err != nil {
			return err.Error()
		}
		return wrong(&s)
	}
}
