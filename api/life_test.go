package api_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"outcry/api"
	"outcry/internal/reaction"
)

// book remembers what was announced.
type book struct {
	mu     sync.Mutex
	events []int64
}

func (b *book) Announce(_ context.Context, changes ...reaction.Change) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range changes {
		b.events = append(b.events, c.Event)
	}
	return nil
}

func (b *book) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.events)
}

func TestStatusMovesAndIsSetDown(t *testing.T) {
	var told book
	h := start(t, func(o *api.Options) { o.Changes = &told })
	h.post(t, "/v1/events", "application/json", goodEvent).want(t, 201)

	moved := read[map[string]any](t, h.post(t, "/v1/events/show/status", "application/json",
		`{"status":"postponed","starts_at":"2026-03-03T20:00:00+09:00","note":"fog"}`).want(t, 200))
	if moved["status"] != "postponed" || moved["starts_at"] != "2026-03-03T11:00:00Z" || moved["ends_at"] != "2026-03-03T13:00:00Z" {
		t.Errorf("answered %v", moved)
	}
	h.post(t, "/v1/events/show/status", "application/json", `{"status":"postponed","until_further_notice":true}`).want(t, 200)
	h.post(t, "/v1/events/show/status", "application/json", `{"status":"cancelled","at":"2026-03-01T11:59:00Z"}`).problem(t, 409, "cannot have been so before")
	h.post(t, "/v1/events/show/status", "application/json", `{"status":"cancelled"}`).want(t, 200)
	if told.len() != 3 {
		t.Errorf("%d changes were announced", told.len())
	}

	type change struct {
		Status, By, Note string
		Starts           string `json:"starts_at"`
		At               time.Time
		Said             time.Time `json:"said_at"`
	}
	life := read[struct{ Life []change }](t, h.get(t, "/v1/events/show/life").want(t, 200)).Life
	if len(life) != 4 || life[0].Status != "scheduled" || life[0].By != "operator" || life[0].Starts != "2026-03-02T11:00:00Z" {
		t.Fatalf("life %+v", life)
	}
	if c := life[1]; c.Note != "fog" || c.Starts != "2026-03-03T11:00:00Z" || !c.At.Equal(noon) || !c.Said.Equal(noon) {
		t.Errorf("%+v", c)
	}
	if c := life[2]; c.Starts != "" || c.Note != "until further notice" {
		t.Errorf("%+v", c)
	}
	h.get(t, "/v1/events/none/life").problem(t, 404, `"none"`)
	if e := h.audit(t)[0]; e.Action != "event.status" || e.Target != "show cancelled" || e.Actor != "operator" {
		t.Errorf("audited as %+v", e)
	}

	// PUT says the rest of it: the default status changes nothing, another one must be allowed.
	h.do(t, "PUT", "/v1/events/show", "application/json", goodEvent).want(t, 200)
	if got := read[map[string]any](t, h.get(t, "/v1/events/show")); got["status"] != "scheduled" {
		t.Errorf("a start that is still to come leaves it %v", got["status"])
	}
	if told.len() != 4 {
		t.Errorf("%d changes were announced", told.len())
	}
	h.do(t, "PUT", "/v1/events/show", "application/json", strings.Replace(goodEvent, `"title"`, `"status":"ended","title"`, 1)).problem(t, 409, "has not begun")
}

func TestStatusMistakes(t *testing.T) {
	h := start(t)
	h.post(t, "/v1/events", "application/json", goodEvent).want(t, 201)
	for body, c := range map[string]struct {
		status int
		has    []string
	}{
		``:                       {400, []string{"no body"}},
		`{"status":"paused"}`:    {422, []string{"body.status", "paused"}},
		`{}`:                     {422, []string{"body.status"}},
		`{"state":"live"}`:       {422, []string{`"state"`}},
		`{"status":"postponed"}`: {409, []string{"until when", "starts_at"}},
		`{"status":"live","at":"2026-03-02T00:00:00Z"}`:                  {422, []string{"body.at", "still to come"}},
		`{"status":"live","starts_at":"2026-03-02T00:00:00Z"}`:           {422, []string{"body.starts_at"}},
		`{"status":"live","note":"a\u0007b"}`:                            {422, []string{"body.note"}},
		`{"status":"live","note":"` + strings.Repeat("x", 501) + `"}`:    {422, []string{"body.note", "500"}},
		`{"status":"live","note":"` + strings.Repeat("x", 17<<10) + `"}`: {413, []string{"16 KiB"}},
		`{"status":"ended"}`: {409, []string{"has not begun"}},
	} {
		h.post(t, "/v1/events/show/status", "application/json", body).problem(t, c.status, c.has...)
	}
	h.post(t, "/v1/events/none/status", "application/json", `{"status":"live"}`).problem(t, 404, `"none"`)
	h.post(t, "/v1/events/show/status", "application/yaml", "status: live").problem(t, 415)
	h.fault = reaction.ErrAway
	h.post(t, "/v1/events/show/status", "application/json", `{"status":"live"}`).problem(t, 503)
	h.get(t, "/v1/events/show/life").problem(t, 503)
}

func TestAnEventMayBePublic(t *testing.T) {
	h := start(t)
	h.post(t, "/v1/events", "application/json", strings.Replace(goodEvent, `"title"`, `"public":true,"title"`, 1)).want(t, 201)
	if got := read[map[string]any](t, h.get(t, "/v1/events/show")); got["public"] != true {
		t.Errorf("public is %v", got["public"])
	}
	h.do(t, "PUT", "/v1/events/show", "application/json", goodEvent).want(t, 200)
	if got := read[map[string]any](t, h.get(t, "/v1/events/show")); got["public"] != nil {
		t.Errorf("public stays %v", got["public"])
	}
}

// Strangers see what became of a public event, and not who of the house said so in which words.
func TestStrangersSeeALifeWithoutNames(t *testing.T) {
	h := start(t)
	h.post(t, "/v1/events", "application/json", goodEvent).want(t, 201)
	h.as("").get(t, "/v1/events/show/life").problem(t, 401)
	h.do(t, "PUT", "/v1/events/show", "application/json", strings.Replace(goodEvent, `"title"`, `"public":true,"title"`, 1)).want(t, 200)
	h.post(t, "/v1/events/show/status", "application/json", `{"status":"cancelled","note":"between us"}`).want(t, 200)
	got := string(h.as("").get(t, "/v1/events/show/life").want(t, 200).body)
	if strings.Contains(got, "operator") || strings.Contains(got, "between us") || !strings.Contains(got, `"status":"cancelled"`) || !strings.Contains(got, `"by":"somebody"`) {
		t.Errorf("strangers see %s", got)
	}
	for path, body := range map[string]string{"/v1/events/show/status": `{"status":"live"}`, "/v1/drafts": goodEvent, "/v1/trials": `{"match":{"any":["a"]}}`} {
		h.as("").post(t, path, "application/json", body).problem(t, 401)
	}
	h.as("").get(t, "/v1/templates").problem(t, 401)
}

// A figure marks when the event took another status, without who said so and why.
func TestAFigureMarksWhatBecameOfItsEvent(t *testing.T) {
	h := start(t)
	e := h.launch(t)
	for _, body := range []string{`{"status":"live","at":"2026-03-01T11:50:00Z"}`, `{"status":"live","note":"still"}`, `{"status":"ended","note":"the host left"}`} {
		h.life[e.ID][0].At = e.StartsAt
		h.post(t, "/v1/events/launch/status", "application/json", body).want(t, 200)
	}
	a := h.get(t, "/v1/events/launch/trend?step=1m&from=2026-03-01T09:00:00Z&to=2026-03-01T13:00:00Z").want(t, 200)
	var got []string
	for _, m := range read[trendBody](t, a).Marks {
		got = append(got, m.At.Format("15:04 ")+m.Kind+" "+m.Text)
	}
	if want := "10:00 planned_start planned start, 11:50 status live, 12:00 status ended, 12:00 planned_end planned end"; strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
	if strings.Contains(string(a.body), "the host left") {
		t.Error("a note is told with the figure")
	}
}

// Terms that could match nothing are refused at the door, before they stop a run.
func TestUselessTermsAreRefused(t *testing.T) {
	h := start(t)
	h.post(t, "/v1/events", "application/json", strings.Replace(goodEvent, `"#쇼"`, `"#2024"`, 1)).problem(t, 422, "body.match.any[1]", "not a hashtag")
	h.post(t, "/v1/events", "application/json", strings.Replace(goodEvent, `"#쇼"`, `"<SERVICE> down"`, 1)).problem(t, 422, "body.match.any[1]", "stands for")
}

func TestTemplates(t *testing.T) {
	h := start(t)
	type template struct {
		Name, Title, About, YAML string
		BuiltIn                  bool `json:"built_in"`
		Event                    map[string]any
	}
	list := func() []template {
		return read[struct{ Templates []template }](t, h.get(t, "/v1/templates").want(t, 200)).Templates
	}
	builtIn := list()
	if len(builtIn) < 6 || builtIn[0].Name != "audio-launch" || !builtIn[0].BuiltIn || builtIn[0].Event["match"] == nil {
		t.Fatalf("%+v", builtIn)
	}
	h.post(t, "/v1/events", "application/json", goodEvent).want(t, 201)
	h.post(t, "/v1/events", "application/json", strings.NewReplacer(`"show"`, `"drill"`, `"title"`, `"simulated":true,"title"`).Replace(goodEvent)).want(t, 201)
	h.post(t, "/v1/events", "application/json", strings.Replace(goodEvent, `"slug":"show"`, `"slug":"is-it-down"`, 1)).want(t, 201)
	all := list()
	if len(all) != len(builtIn)+1 || all[len(builtIn)].Name != "show" || all[len(builtIn)].BuiltIn {
		t.Fatalf("%d templates, the last %+v", len(all), all[len(all)-1])
	}
	own := all[len(builtIn)]
	for _, name := range []string{"slug", "starts_at", "ends_at", "status", "listen_from", "public"} {
		if _, there := own.Event[name]; there {
			t.Errorf("the template has the event's %s", name)
		}
	}
	if own.Event["title"] != "A show" || own.Event["retention"] != "7d" || !strings.Contains(own.YAML, "name: Stage") {
		t.Errorf("%+v", own)
	}
}

type draftAnswer struct {
	Event    map[string]any
	YAML     string
	Problems []struct {
		Path, Text string
		Line       int
	}
}

func TestDrafts(t *testing.T) {
	h := start(t)
	draft := func(kind, body string) draftAnswer {
		t.Helper()
		return read[draftAnswer](t, h.post(t, "/v1/drafts", kind, body).want(t, 200))
	}
	good := draft("application/json", goodEvent)
	if len(good.Problems) != 0 || good.Event["slug"] != "show" || good.Event["listen_from"] != nil {
		t.Fatalf("%+v", good)
	}
	back := draft("application/yaml", good.YAML)
	a, _ := json.Marshal(good.Event)
	if b, _ := json.Marshal(back.Event); string(a) != string(b) || back.YAML != good.YAML || len(back.Problems) != 0 {
		t.Errorf("the file is read as\n%s, not\n%s", b, a)
	}
	h.post(t, "/v1/events", "application/yaml", good.YAML).want(t, 201)

	// What an event's answer has beside the event is no mistake in a form.
	answer := string(h.get(t, "/v1/events/show").body)
	if d := draft("application/json", answer); len(d.Problems) != 0 {
		t.Errorf("an answer sent back has %+v", d.Problems)
	}
	wrong := draft("application/yaml", "slug: show\ntitle: A show\nstarts_at: soon\nmatch:\n  any:\n    - show\n    - '#1'\n")
	if len(wrong.Problems) != 2 || wrong.Problems[0].Line != 3 || wrong.Problems[0].Path != "starts_at" ||
		wrong.Problems[1].Line != 7 || wrong.Problems[1].Path != "match.any[1]" || wrong.Event["title"] != "A show" || wrong.Event["starts_at"] != nil {
		t.Errorf("%+v", wrong)
	}
	if d := draft("application/yaml", "slug: [\n"); d.Event != nil || len(d.Problems) != 1 || d.Problems[0].Line == 0 {
		t.Errorf("%+v", d)
	}
	if d := draft("application/json", `{"title":1e999,"match":[]}`); len(d.Problems) == 0 {
		t.Errorf("%+v", d)
	}
	h.post(t, "/v1/drafts", "application/yaml", " ").problem(t, 400, "no body")
	h.post(t, "/v1/drafts", "text/plain", "slug: a").problem(t, 415)
	h.post(t, "/v1/drafts", "application/yaml", "title: "+strings.Repeat("x", 513<<10)).problem(t, 413, "512 KiB")
	if list := read[struct{ Events []any }](t, h.get(t, "/v1/events")).Events; len(list) != 1 {
		t.Errorf("%d events are stored", len(list))
	}
}
