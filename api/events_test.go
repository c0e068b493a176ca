package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"outcry/internal/reaction"
)

const goodEvent = `{"slug":"show","title":"A show","starts_at":"2026-03-02T20:00:00+09:00","ends_at":"2026-03-02T22:00:00+09:00",
	"match":{"any":["show","#쇼"]},"services":[{"name":"Stage","probes":[{"kind":"http","url":"https://example.org","expect":{"status":200}}]}],
	"entities":[{"name":"Ann","kind":"person"}],"spend":{"x":{"usd":5}},"retention":"7d"}`

func TestEventLife(t *testing.T) {
	h := start(t)
	made := h.post(t, "/v1/events", "application/json", goodEvent).want(t, 201)
	if l := made.Header.Get("Location"); l != "/v1/events/show" {
		t.Errorf("Location is %q", l)
	}
	got := read[map[string]any](t, h.get(t, "/v1/events/show").want(t, 200))
	for name, want := range map[string]any{
		"starts_at": "2026-03-02T11:00:00Z", "listen_from": "2026-03-02T10:00:00Z", "status": "scheduled", "retention": "7d",
		"endless": false, "recorded": false,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if l := got["links"].(map[string]any)["chart"]; l != "/v1/events/show/trend.svg" {
		t.Errorf("link to the chart is %v", l)
	}

	h.post(t, "/v1/events", "application/json", goodEvent).problem(t, 409, `"show"`)

	// What was read can be changed and sent back, with what only answers have.
	got["title"] = "Another show"
	delete(got, "ends_at")
	body, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	changed := read[map[string]any](t, h.do(t, "PUT", "/v1/events/show", "application/json", string(body)).want(t, 200))
	if changed["title"] != "Another show" || changed["endless"] != true {
		t.Errorf("after PUT: %v", changed)
	}

	h.do(t, "DELETE", "/v1/events/show", "", "").want(t, 204)
	h.get(t, "/v1/events/show").problem(t, 404, `"show"`)
	h.do(t, "DELETE", "/v1/events/show", "", "").problem(t, 404)
	h.do(t, "PUT", "/v1/events/show", "application/json", goodEvent).problem(t, 404, "POST /v1/events adds one")
}

func TestEventAsYAML(t *testing.T) {
	h := start(t)
	const file = "slug: show\ntitle: A show\nstarts_at: 2026-03-02T20:00:00+09:00\nmatch:\n  any: [show]\n"
	h.post(t, "/v1/events", "application/yaml", file).want(t, 201)
	h.post(t, "/v1/events", "application/yaml", file+"colour: red\n").problem(t, 422, "colour")
	h.post(t, "/v1/events", "application/yaml", strings.Replace(file, "A show", `"A \0 show"`, 1)).problem(t, 422, "U+0000")
	h.post(t, "/v1/events", "application/yaml", file+"services: [{name: a, probes: [{kind: http, expect: {latency: .inf}}]}]\n").problem(t, 422, "JSON has no form")
	h.post(t, "/v1/events", "text/plain", file).problem(t, 415, "application/json or application/yaml")
	h.post(t, "/v1/events", "application/json; charset=latin1", goodEvent).problem(t, 415, "UTF-8")
}

func TestEventMistakes(t *testing.T) {
	h := start(t)
	for name, c := range map[string]struct {
		body   string
		status int
		has    []string
	}{
		"empty":         {"", 400, []string{"no body"}},
		"blank":         {" \n", 400, []string{"no body"}},
		"not JSON":      {`{"slug": nope}`, 422, []string{"body", "not JSON"}},
		"broken off":    {`{"slug": "a"`, 422, []string{"breaks off"}},
		"more":          {goodEvent + `{}`, 422, []string{"more follows"}},
		"unknown field": {`{"slgu":"a"}`, 422, []string{`"slgu"`}},
		"wrong type":    {`{"match":{"any":"x"}}`, 422, []string{"body.match.any", "string"}},
		"no time":       {`{"starts_at":"tomorrow"}`, 422, []string{"tomorrow"}},
		"NUL":           {strings.Replace(goodEvent, "A show", `A \u0000 show`, 1), 422, []string{"U+0000"}},
		"invalid": {`{"slug":"A B","title":"t","starts_at":"2026-03-02T20:00:00Z","match":{"any":[" "]},"services":[{"name":""}]}`, 422,
			[]string{"body.slug", "body.match.any[0]", "body.services[0].name"}},
	} {
		t.Run(name, func(t *testing.T) {
			h.post(t, "/v1/events", "application/json", c.body).problem(t, c.status, c.has...)
		})
	}
	h.post(t, "/v1/events", "application/json", strings.Replace(goodEvent, "A show", `\\u0000 is only text`, 1)).want(t, 201)
	h.do(t, "PUT", "/v1/events/show", "application/json", strings.Replace(goodEvent, `"show"`, `"other"`, 1)).
		problem(t, 422, "body.slug", `"other"`, `"show"`)
	h.do(t, "PUT", "/v1/events/show", "application/json", strings.Replace(goodEvent, `"slug":"show",`, ``, 1)).want(t, 200)
	h.post(t, "/v1/events", "application/json", `{"title":"`+strings.Repeat("x", 1<<20)+`"}`).problem(t, 413, "1024 KiB")
	lines := strings.NewReplacer("A show", `A show\u001b[2J`, "Stage", `Stage\ndata: x`).Replace(goodEvent)
	h.post(t, "/v1/events", "application/json", lines).problem(t, 422, "body.title", "body.services[0].name", "in one line")
	h.do(t, "POST", "/v1/events", "application/json", goodEvent, "Content-Encoding", "gzip").problem(t, 415)
}

func TestEventPages(t *testing.T) {
	h := start(t)
	var want []string
	for i := range 7 {
		e := reaction.Event{Slug: fmt.Sprintf("e%d", i), Title: "t", StartsAt: noon.Add(-time.Duration(i/2) * time.Hour), Match: reaction.Match{Any: []string{"x"}}}
		e.Normalise()
		if err := h.CreateEvent(t.Context(), &e); err != nil {
			t.Fatal(err)
		}
		want = append(want, e.Slug)
	}
	var got []string
	pages := follow(t, h, "/v1/events?limit=3", func(a answer) {
		for _, e := range read[struct{ Events []struct{ Slug string } }](t, a).Events {
			got = append(got, e.Slug)
		}
	})
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d pages with %v, want %v", pages, got, want)
	}
	h.get(t, "/v1/events?limit=0").problem(t, 422, "query.limit")
	h.get(t, "/v1/events?limit=501").problem(t, 422, "query.limit")
	h.get(t, "/v1/events?limit=ten").problem(t, 422, "query.limit", "integer")
	h.get(t, "/v1/events?cursor=nonsense").problem(t, 422, "query.cursor")
}

// follow reads a list to its end by its Link headers, and counts its pages.
func follow(t *testing.T, h *house, path string, each func(answer)) (pages int) {
	t.Helper()
	for path != "" {
		if pages++; pages > 100 {
			t.Fatal("the list has no end")
		}
		a := h.get(t, path).want(t, http.StatusOK)
		each(a)
		link := a.Header.Get("Link")
		if link == "" {
			return pages
		}
		next, rest, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
		if !ok || rest != `; rel="next"` {
			t.Fatalf("Link is %q", link)
		}
		path = next
	}
	return pages
}
