package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/api"
	"outcry/internal/auth"
	"outcry/internal/reaction"
)

type sourcesBody struct {
	Sources []struct {
		Source, State string
		Since         time.Time
		Feeds         []struct {
			Feed, Host, State, Reason, Mend string
			Since                           time.Time
			LastWord                        *time.Time `json:"last_word"`
			Clock                           *time.Time
			Committed                       *time.Time `json:"committed_at"`
		}
	}
}

func TestSources(t *testing.T) {
	h := start(t)
	const path = "/v1/sources"
	if got := read[sourcesBody](t, h.get(t, path).want(t, 200)); got.Sources == nil || len(got.Sources) != 0 {
		t.Errorf("where nothing was told: %+v", got)
	}
	report := func(feed reaction.Feed, source reaction.Source, s reaction.ListeningState, silent time.Duration) reaction.FeedReport {
		return reaction.FeedReport{Feed: feed, Committed: noon.Add(-silent), ToldAt: noon.Add(-silent),
			FeedState: reaction.FeedState{Source: source, State: s, Since: noon.Add(-time.Hour), Host: "host.example"}}
	}
	blind := report("live/bluesky/0", reaction.Bluesky, reaction.FeedBlind, time.Second)
	blind.Reason, blind.Mend, blind.LastWord, blind.Clock = "no answer", "wait", noon.Add(-2*time.Hour), noon.Add(-time.Minute)
	h.reports = []reaction.FeedReport{
		blind,
		report("live/mastodon/a", reaction.Mastodon, reaction.FeedLive, time.Second),
		report("live/mastodon/b", reaction.Mastodon, reaction.FeedLive, 10*time.Minute),
		report("live/x/0", reaction.X, reaction.FeedLive, 48*time.Hour),
	}
	got := read[sourcesBody](t, h.get(t, path).want(t, 200)).Sources
	var states []string
	for _, s := range got {
		for _, f := range s.Feeds {
			states = append(states, fmt.Sprint(s.Source, " ", s.State, ", ", f.Feed, " ", f.State))
		}
	}
	if want := []string{"bluesky blind, live/bluesky/0 blind", "mastodon blind, live/mastodon/a live", "mastodon blind, live/mastodon/b blind", "x off, live/x/0 off"}; !slices.Equal(states, want) {
		t.Errorf("states are %q, want %q", states, want)
	}
	if f := got[0].Feeds[0]; f.Reason != "no answer" || f.Mend != "wait" || f.Host != "host.example" || !f.LastWord.Equal(noon.Add(-2*time.Hour)) || !f.Clock.Equal(noon.Add(-time.Minute)) || f.Committed == nil {
		t.Errorf("a blind feed is told as %+v", f)
	}
	if f := got[1].Feeds; f[0].LastWord != nil || f[0].Clock != nil || f[1].Reason == "" || f[1].Mend == "" || !f[1].Since.Equal(noon.Add(-10*time.Minute)) {
		t.Errorf("a feed whose collector died is told as %+v", f)
	}
	h.as("").get(t, path).problem(t, 401)
	_, key := h.makeKey(t, time.Time{}, auth.Ingest)
	h.as(key).get(t, path).problem(t, 403)
	h.fault = reaction.ErrAway
	h.get(t, path).problem(t, 503)
}

func TestNodesWithoutListeningHaveNoSources(t *testing.T) {
	h := start(t, func(o *api.Options) { o.Listening = nil })
	h.get(t, "/v1/sources").problem(t, 404)
}

// What figures follow is told with what each feed says: all servers of a source together.
func TestCoverageSaysHowEachSourceWasHeard(t *testing.T) {
	h := start(t)
	e := h.launch(t)
	e.Public = true
	if err := h.ReplaceEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	begin := noon.Add(-2 * time.Hour)
	span := func(feed reaction.Feed, from, to int, state reaction.CoverageState) {
		h.coverage[e.ID] = append(h.coverage[e.ID], reaction.CoverageSpan{Feed: feed, Coverage: reaction.Coverage{Source: reaction.Mastodon,
			From: begin.Add(time.Duration(from) * time.Minute), To: begin.Add(time.Duration(to) * time.Minute), State: state}})
	}
	span("live/mastodon/a", 0, 60, reaction.CoverageLive)
	span("live/mastodon/b", 0, 10, reaction.CoverageLive)
	span("live/mastodon/b", 10, 12, reaction.CoverageFilled)
	span("live/mastodon/b", 12, 20, reaction.CoverageCapped)
	span("live/mastodon/b", 20, 50, reaction.CoverageLive)
	span("live/mastodon/c", -60, -30, reaction.CoverageLive) // fell silent before the window
	type body struct {
		Spans []struct{ Source, Feed string }
		Heard []struct {
			Source, State, Reason string
			From, To              time.Time
			Partly                bool
		}
	}
	got := read[body](t, h.as("").get(t, "/v1/events/launch/coverage?from=2026-03-01T10:00:00Z&to=2026-03-01T11:00:00Z").want(t, 200))
	var heard []string
	for _, x := range got.Heard {
		heard = append(heard, fmt.Sprintf("%s %s %v-%v %v%s", x.Source, x.State, x.From.Sub(begin).Minutes(), x.To.Sub(begin).Minutes(), x.Partly, x.Reason))
	}
	want := []string{
		"bluesky recorded 0-3 false", "bluesky gap 3-60 false",
		"mastodon gap 0-60 true",
		"x recorded 0-2 false", "x gap 2-3 falsethe stream broke off", "x gap 3-60 false",
	}
	if !slices.Equal(heard, want) {
		t.Errorf("heard is %q, want %q", heard, want)
	}
	h.coverage[e.ID] = h.coverage[e.ID][:len(h.coverage[e.ID])-1]
	got = read[body](t, h.get(t, "/v1/events/launch/coverage?from=2026-03-01T10:00:00Z&to=2026-03-01T11:00:00Z").want(t, 200))
	heard = nil
	for _, x := range got.Heard {
		if x.Source == "mastodon" {
			heard = append(heard, fmt.Sprintf("%s %v-%v %v", x.State, x.From.Sub(begin).Minutes(), x.To.Sub(begin).Minutes(), x.Partly))
		}
	}
	if want := []string{"live 0-10 false", "filled 10-12 false", "capped 12-20 true", "live 20-50 false", "gap 50-60 true"}; !slices.Equal(heard, want) {
		t.Errorf("heard is %q, want %q", heard, want)
	}
	r := h.get(t, "/v1/events/launch/trend.csv?source=mastodon&step=1m&from=2026-03-01T10:00:00Z&to=2026-03-01T11:00:00Z").want(t, 200)
	if r.Header.Get("Outcry-Filled") != "0.03333333333333333" || r.Header.Get("Outcry-Deleted") != "0" {
		t.Errorf("headers are %v", r.Header)
	}
}

// Why a source is not heard names servers and addresses, which are nobody's business who has not
// signed in.
func TestStrangersAreNotToldWhyASourceIsNotHeard(t *testing.T) {
	h := start(t)
	e := h.launch(t)
	e.Public = true
	if err := h.ReplaceEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	for i, feed := range []reaction.Feed{"live/mastodon/a", "push/posts/node"} {
		h.coverage[e.ID] = append(h.coverage[e.ID], reaction.CoverageSpan{Feed: feed, Coverage: reaction.Coverage{
			Source: []reaction.Source{reaction.Mastodon, "nostr"}[i], From: noon.Add(-2 * time.Hour), To: noon.Add(-time.Hour),
			State: reaction.CoverageGap, Reason: "dial tcp 10.1.2.3:443"}})
	}
	const path = "/v1/events/launch/coverage?from=2026-03-01T10:00:00Z&to=2026-03-01T11:00:00Z"
	if n := strings.Count(string(h.get(t, path).want(t, 200).body), "10.1.2.3"); n != 4 {
		t.Errorf("members are told %d times why", n)
	}
	if body := string(h.as("").get(t, path).want(t, 200).body); strings.Contains(body, "10.1.2.3") || !strings.Contains(body, "the stream broke off") {
		t.Errorf("strangers are told %s", body)
	}
}
