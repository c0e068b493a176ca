package api_test

import (
	"strings"
	"testing"

	"outcry/internal/health"
)

const stage = "/v1/services/Big%20Stage/samples"

func TestPushSamples(t *testing.T) {
	h := start(t)
	h.launch(t)
	for name, c := range map[string]struct {
		kind, body string
		want       int
	}{
		"an object":        {"application/json", `{"state":"up"}`, 1},
		"a list":           {"application/json", ` [{"state":"up"},{"state":"degraded","detail":"slow"}]`, 2},
		"lines":            {"application/x-ndjson", "{\"state\":\"up\"}\n\n{\"audience\":5}\n", 2},
		"as curl sends it": {"application/x-www-form-urlencoded", `{"latency_ms":12.5}`, 1},
		"no type":          {"", `{"state":"outage"}`, 1},
		"does not know":    {"", `{"state":"unknown","detail":"our monitor has no network"}`, 1},
		"a little ahead":   {"", `{"state":"up","at":"2026-03-01T12:05:00Z","service":"Big Stage","vantage":"lab"}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h.memory.samples = nil
			got := read[struct{ Accepted int }](t, h.post(t, stage, c.kind, c.body).want(t, 202))
			if got.Accepted != c.want || len(h.memory.samples) != c.want {
				t.Errorf("accepted %d, stored %d, want %d", got.Accepted, len(h.memory.samples), c.want)
			}
		})
	}
	h.memory.samples = nil
	h.post(t, stage, "", `{"state":"major_outage"}`).want(t, 202)
	if s := h.memory.samples[0]; s.State != health.Down || !s.At.Equal(noon) || s.Vantage != "push" || s.Service != "Big Stage" {
		t.Errorf("stored %+v", s)
	}
}

func TestPushMistakes(t *testing.T) {
	h := start(t)
	h.launch(t)
	before := len(h.memory.samples)
	for name, c := range map[string]struct {
		body   string
		status int
		has    []string
	}{
		"each by its place": {`[{"state":"up"},{"state":"fine"},{"audience":-1},{"state":"up","vantag":"x"},7]`, 422,
			[]string{`body[1] state "fine"`, "body[2].audience", `body[3] there is no field "vantag"`, "body[4] a sample is a JSON object"}},
		"says nothing":   {`{"detail":"hm"}`, 422, []string{"body[0] it says nothing"}},
		"unknown, why?":  {`{"state":"unknown"}`, 422, []string{"body[0] it says nothing", "why in detail"}},
		"too far ahead":  {`{"state":"up","at":"2026-03-01T12:05:01Z"}`, 422, []string{"body[0].at", "5 minutes ahead"}},
		"ancient":        {`{"state":"up","at":"1969-03-01T12:05:01Z"}`, 422, []string{"body[0].at"}},
		"another":        {`{"state":"up","service":"Small Stage"}`, 422, []string{"body[0].service", `"Small Stage"`}},
		"a long vantage": {`{"state":"up","vantage":"` + strings.Repeat("v", 65) + `"}`, 422, []string{"body[0].vantage"}},
		"negative":       {`{"latency_ms":-0.5}`, 422, []string{"body[0].latency_ms"}},
		"NUL":            {`{"state":"up","detail":"a\u0000"}`, 422, []string{"U+0000"}},
		"no items":       {`[]`, 422, []string{"no samples"}},
		"broken":         {`[{"state":"up"}`, 422, []string{"breaks off"}},
		"too large":      {`{"state":"up","detail":"` + strings.Repeat("d", 1<<20) + `"}`, 413, []string{"1024 KiB"}},
	} {
		t.Run(name, func(t *testing.T) { h.post(t, stage, "application/json", c.body).problem(t, c.status, c.has...) })
	}
	p := h.post(t, stage, "", "["+strings.Repeat("{},", 99)+"{}]").problem(t, 422, "and 50 more")
	if len(p.Errors) != 51 {
		t.Errorf("%d errors are listed", len(p.Errors))
	}
	h.post(t, "/v1/services/Nobody/samples", "", `{"state":"up"}`).problem(t, 404, `no event names a service "Nobody"`[3:])
	h.post(t, "/v1/services/a%00b/samples", "", `{"state":"up"}`).problem(t, 422, "path.name")
	h.post(t, stage, "text/csv", "up").problem(t, 415, "application/x-ndjson")
	if len(h.memory.samples) != before {
		t.Errorf("%d samples were taken from wrong requests", len(h.memory.samples)-before)
	}
}
