package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/health"
	"outcry/internal/reaction"
)

func TestTags(t *testing.T) {
	h := start(t)
	h.launch(t)
	type tags struct {
		Tags []struct {
			Tag, Display string
			Posts, Gross int
			Sources      []string
			Authors      *int
		}
	}
	got := read[tags](t, h.get(t, "/v1/events/launch/tags").want(t, 200)).Tags
	if len(got) != 2 || got[0].Display != "LaunchFail" || got[0].Posts != 1 || got[0].Gross != 2 || got[0].Authors != nil {
		t.Errorf("tags are %+v", got)
	}
	var all []string
	pages := follow(t, h, "/v1/events/launch/tags?limit=1", func(a answer) { all = append(all, read[tags](t, a).Tags[0].Tag) })
	if pages != 2 || !slices.Equal(all, []string{"launchfail", "먹통"}) {
		t.Errorf("%d pages with %v", pages, all)
	}
	// 10:00:15 rounds down to 10:00:10, where the first use is.
	got = read[tags](t, h.get(t, "/v1/events/launch/tags?source=x&from=2026-03-01T10:00:15Z&to=2026-03-01T10:00:16Z").want(t, 200)).Tags
	if len(got) != 1 || got[0].Tag != "launchfail" {
		t.Errorf("tags of a window are %+v", got)
	}
	h.get(t, "/v1/events/none/tags").problem(t, 404)
	h.get(t, "/v1/events/launch/tags?cursor=eyJsIjoicG9zdHMifQ").problem(t, 422, "query.cursor")
}

type postsBody struct {
	Posts []struct {
		ID   string
		Text *string
		URL  string
		Kind string
		Tags struct {
			Hashtags []reaction.Hashtag
			Symptoms []string
			Reasons  []reaction.Reason
		}
		DeletedAt *time.Time `json:"deleted_at"`
	}
}

func ids(b postsBody) (out []string) {
	for _, p := range b.Posts {
		out = append(out, p.ID)
	}
	return out
}

func TestPosts(t *testing.T) {
	h := start(t)
	h.launch(t)
	for query, want := range map[string][]string{
		"":                 {"5", "6", "4", "3", "2", "1"},
		"label=complaints": {"4", "3", "2"},
		"label=posts":      {"5", "6", "4", "3", "2", "1"},
		"symptom=audio":    {"4", "2"},
		"tag=%23먹통":        {"3"},
		"tag=LAUNCHFAIL":   {"4", "2"},
		"q=Sound+LAUNCH":   {"4", "2"},
		"source=bluesky":   {"4", "3"},
		"lang=ko":          {"3"},
		"from=2026-03-01T10:00:12Z&to=2026-03-01T10:00:15Z": {"2"},
		"q=nothing+like+it": nil,
	} {
		t.Run(query, func(t *testing.T) {
			a := h.get(t, "/v1/events/launch/posts?"+query).want(t, 200)
			if got := ids(read[postsBody](t, a)); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	var all []string
	pages := follow(t, h, "/v1/events/launch/posts?limit=1&q=launch", func(a answer) { all = append(all, ids(read[postsBody](t, a))...) })
	if pages != 5 || !slices.Equal(all, []string{"5", "6", "4", "2", "1"}) {
		t.Errorf("%d pages with %v", pages, all)
	}
	for query, has := range map[string]string{
		"label=angry": "query.label", "symptom=headache": "query.symptom", "tag=%23": "query.tag", "source=A": "query.source",
		"q=" + strings.Repeat("a", 201): "query.q", "from=now": "query.from", "step=1m": "query.step there is no such parameter: use limit, cursor",
	} {
		h.get(t, "/v1/events/launch/posts?"+query).problem(t, 422, has)
	}
}

func TestPostTexts(t *testing.T) {
	h := start(t)
	h.launch(t)
	a := h.get(t, "/v1/events/launch/posts").want(t, 200)
	b := read[postsBody](t, a)
	if p := b.Posts[0]; *p.Text != "launch \u202egnihtemos\u202c with <b>marks</b>\a" || p.Kind != "original" {
		t.Errorf("a text changed on its way: %q", *p.Text)
	}
	if p := b.Posts[2]; p.Text != nil || p.URL != "" || p.DeletedAt == nil || len(p.Tags.Hashtags) != 0 || len(p.Tags.Reasons) != 0 {
		t.Errorf("a deleted post still tells %+v", p)
	}
	if strings.Contains(string(a.body), "I say so") {
		t.Error("the text of a deleted post is in the answer")
	}
	if p := b.Posts[4]; !slices.Equal(p.Tags.Symptoms, []string{"join", "audio"}) || p.Tags.Reasons[0].Match != "no sound" {
		t.Errorf("a tagged post tells %+v", p.Tags)
	}
}

func TestCoverage(t *testing.T) {
	h := start(t)
	h.launch(t)
	type body struct {
		From, To time.Time
		Spans    []struct{ Source, State, Reason string }
	}
	got := read[body](t, h.get(t, "/v1/events/launch/coverage").want(t, 200))
	if len(got.Spans) != 3 || !got.From.Equal(noon.Add(-2*time.Hour)) {
		t.Errorf("coverage is %+v", got)
	}
	got = read[body](t, h.get(t, "/v1/events/launch/coverage?from=2026-03-01T10:02:30Z&to=2026-03-01T10:03:00Z").want(t, 200))
	if len(got.Spans) != 2 || got.Spans[1].State != "gap" || got.Spans[1].Reason == "" {
		t.Errorf("coverage of a window is %+v", got)
	}
	h.get(t, "/v1/events/launch/coverage?from=2026-03-01T10:02:30Z&to=2026-03-01T10:02:00Z").problem(t, 422, "query.to")
	h.get(t, "/v1/events/launch/coverage?cursor=e30").problem(t, 422, "query.cursor")
}

// Pages of coverage come to what one page says: each span once, and each source heard without a gap.
func TestCoverageInPages(t *testing.T) {
	h := start(t)
	e := h.launch(t)
	begin := noon.Add(-2 * time.Hour)
	h.coverage[e.ID] = nil
	say := func(source reaction.Source, feed reaction.Feed, from, to int, state reaction.CoverageState) {
		h.coverage[e.ID] = append(h.coverage[e.ID], reaction.CoverageSpan{Feed: feed, Coverage: reaction.Coverage{
			Source: source, From: begin.Add(time.Duration(from) * time.Minute), To: begin.Add(time.Duration(to) * time.Minute), State: state}})
	}
	for _, feed := range []reaction.Feed{"live/mastodon/a", "live/mastodon/b", "live/mastodon/c"} {
		say(reaction.Mastodon, feed, -5, 7, reaction.CoverageLive) // began before, and three at once
		say(reaction.Mastodon, feed, 7, 60, reaction.CoverageLive)
	}
	for i := 10; i < 40; i += 3 {
		say(reaction.X, "live/x/0", i, i+2, reaction.CoverageLive)
		say(reaction.X, "live/x/0", i+2, i+3, reaction.CoverageGap)
	}
	say("zine", "replay/1/a", 55, 58, reaction.CoverageRecorded)
	const window = "/v1/events/launch/coverage?from=2026-03-01T10:00:00Z&to=2026-03-01T11:00:00Z"
	type body struct {
		From, To time.Time
		Spans    []struct {
			Source, Feed, State string
			From, To            time.Time
		}
		Heard []struct {
			Source, State string
			From, To      time.Time
		}
	}
	tell := func(limit int) (spans, heard []string, pages int) {
		last := begin
		ends, states := map[string]time.Time{}, map[string]string{}
		pages = follow(t, h, fmt.Sprint(window, "&limit=", limit), func(a answer) {
			b := read[body](t, a)
			if !b.From.Equal(last) || !b.From.Before(b.To) {
				t.Errorf("a page from %s to %s comes after %s", b.From, b.To, last)
			}
			last = b.To
			if len(b.Spans) > max(limit, 3) {
				t.Errorf("%d spans on a page of %d", len(b.Spans), limit)
			}
			for _, x := range b.Spans {
				spans = append(spans, fmt.Sprint(x.Source, x.Feed, x.State, x.From, x.To))
			}
			for _, x := range b.Heard {
				if end, ok := ends[x.Source]; ok && !end.Equal(x.From) {
					t.Errorf("nothing is said of %s between %s and %s", x.Source, end, x.From)
				}
				if ends[x.Source] = x.To; states[x.Source] != x.State {
					states[x.Source] = x.State
					heard = append(heard, fmt.Sprint(x.Source, x.State, x.From))
				}
			}
		})
		if len(ends) != 3 || !last.Equal(begin.Add(time.Hour)) {
			t.Errorf("of %v, up to %s", ends, last)
		}
		slices.Sort(spans)
		slices.Sort(heard)
		return spans, heard, pages
	}
	spans, heard, pages := tell(500)
	if pages != 1 || len(spans) != 27 {
		t.Fatalf("%d spans on %d pages", len(spans), pages)
	}
	for _, limit := range []int{1, 2, 3, 5, 26, 27} {
		s, g, pages := tell(limit)
		if !slices.Equal(s, spans) || !slices.Equal(g, heard) || limit < 27 && pages == 1 {
			t.Errorf("%d at a time, on %d pages: %q, heard %q", limit, pages, s, g)
		}
	}
}

func TestHealth(t *testing.T) {
	h := start(t)
	h.launch(t)
	type body struct {
		Samples []struct {
			At      time.Time
			Service string
			Vantage string
			State   string
			Latency *float64 `json:"latency_ms"`
		}
	}
	got := read[body](t, h.get(t, "/v1/events/launch/health").want(t, 200)).Samples
	if len(got) != 3 || *got[0].Latency != 120.5 || got[2].State != "down" {
		t.Errorf("samples are %+v", got)
	}
	// Many samples of one instant: pages neither lose nor repeat any.
	h.memory.samples = nil
	var want []string
	for i := range 10 {
		at := noon.Add(-2*time.Hour + time.Duration(i/7)*time.Minute)
		v := fmt.Sprintf("v%d", i)
		want = append(want, v)
		h.memory.samples = append(h.memory.samples, health.Sample{Service: "Big Stage", At: at, Vantage: v, State: health.Up})
	}
	for limit := 1; limit < 11; limit++ {
		var all []string
		follow(t, h, fmt.Sprintf("/v1/events/launch/health?limit=%d", limit), func(a answer) {
			for _, s := range read[body](t, a).Samples {
				all = append(all, s.Vantage)
			}
		})
		if !slices.Equal(all, want) {
			t.Errorf("in pages of %d: %v, want %v", limit, all, want)
		}
	}
}

// A reader learns which probes measure and which are not built; a stranger learns nothing about
// the inside.
func TestHealthTellsWhatItsProbesDo(t *testing.T) {
	h := start(t)
	e := h.launch(t)
	e.Public = true
	e.Services[0].Probes = []health.Probe{{Kind: "http", URL: "https://inner.example/?token=hunter2", Every: "5s"}, {Kind: "hls", URL: "https://inner.example/"}, {Kind: "push"}, {Kind: "audience", Space: "1"}}
	if err := h.ReplaceEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	h.memory.samples = []health.Sample{
		{Service: "Big Stage", At: noon.Add(-2 * time.Hour), Vantage: "host7/http-abcdef", Detail: "not asked: 10.1.2.3 is refused"},
		{Service: "Big Stage", At: noon.Add(-119 * time.Minute), Vantage: "host7/http-abcdef", State: health.Down, Detail: "status 503"},
	}
	type body struct {
		Probes []struct {
			Service, Kind, Every, Note string
			Measures                   bool
		}
		Samples []struct{ Vantage, State, Detail string }
	}
	const path = "/v1/events/launch/health"
	got := read[body](t, h.get(t, path).want(t, 200))
	p := got.Probes
	if len(p) != 4 || !p[0].Measures || p[0].Every != "5s" || p[0].Note != "" || p[1].Measures || !strings.Contains(p[1].Note, "not built yet") || p[1].Every != "10s" || p[2].Measures || !p[3].Measures || !strings.Contains(p[3].Note, "spend.x.usd") {
		t.Errorf("probes are %+v", p)
	}
	if s := got.Samples; s[0].State != "unknown" || s[0].Vantage != "host7/http-abcdef" || s[0].Detail == "" {
		t.Errorf("samples are %+v", s)
	}
	open := h.as("").get(t, path).want(t, 200)
	for _, secret := range []string{"hunter2", "inner.example", "host7", "10.1.2.3"} {
		if strings.Contains(string(open.body), secret) {
			t.Errorf("a stranger reads %s in %s", secret, open.body)
		}
	}
	if s := read[body](t, open).Samples; s[0].State != "unknown" || s[1].Detail != "status 503" || s[1].Vantage != "http-abcdef" {
		t.Errorf("a stranger sees %+v", s)
	}
	e = &reaction.Event{Slug: "drill", Title: "A drill", StartsAt: noon, Simulated: true, Match: reaction.Match{Any: []string{"x"}}, Services: e.Services}
	e.Normalise()
	if err := h.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	for _, p := range read[body](t, h.get(t, "/v1/events/drill/health").want(t, 200)).Probes {
		if p.Measures || p.Note == "" {
			t.Errorf("a probe of a drill: %+v", p)
		}
	}
}
